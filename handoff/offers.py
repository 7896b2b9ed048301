"""A conversation that is offered to an agent calls for them at once, and comes back when they do not answer in time."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from config.catalogue import Catalogue
from config.clock import Clock
from config.labels import Audience, Speaker
from config.queueing import queueing
from handoff.frames import instant
from store import agents, conversations, offers
from store.bell import QUEUE, Bell
from store.conversations import MessageDraft
from store.engine import Store, Tx
from store.model import Agent
from store.offers import Offer

OFFERED = "offered"  # signals, and the frames that desks are sent
OFFER_OVER = "offer_over"
ASSIGNED = "assigned"
TAKEN = "taken"

Names = Mapping[str, str]


def offered_frame(offer: Offer, names: Names) -> dict[str, Any]:
    """What the desk of the colleague who is asked is told."""
    by = {"id": offer.by, "name": names.get(offer.by, "")}
    return {"type": OFFERED, "conversation": offer.conversation_id, "by": by, "until": instant(offer.until)}


def signal_offer(bell: Bell, offer: Offer, names: Names) -> None:
    """Call for the colleague who is asked."""
    bell.signal(OFFERED, offer.conversation_id, to=[offer.to], frame=offered_frame(offer, names))


def signal_over(bell: Bell, conversation_id: str, outcome: str, colleague: Agent, to: Sequence[str]) -> None:
    """Tell those who asked and were asked that it is over: ``refused`` or ``unanswered``."""
    who = {"id": colleague.id, "name": colleague.name}
    frame = {"type": OFFER_OVER, "conversation": conversation_id, "outcome": outcome, "agent": who}
    bell.signal(OFFER_OVER, conversation_id, to=list(to), frame=frame)


def signal_assigned(bell: Bell, conversation_id: str, agent_id: str, by: Agent | None = None) -> None:
    """Call for an agent who was given a conversation, by a supervisor or by the service itself."""
    giver = {"id": by.id, "name": by.name} if by else None
    bell.signal(ASSIGNED, conversation_id, to=[agent_id], frame={"type": ASSIGNED, "conversation": conversation_id, "by": giver})


def signal_taken(bell: Bell, conversation_id: str, agent_id: str | None, by: Agent, to: Agent | None = None) -> None:
    """Tell the agent whose conversation it was that *by* gave it to *to*, or (None) back to the queue. Who did so knows."""
    if agent_id is None or agent_id == by.id:
        return
    goes_to = {"id": to.id, "name": to.name} if to else None
    frame = {"type": TAKEN, "conversation": conversation_id, "by": {"id": by.id, "name": by.name}, "to": goes_to}
    bell.signal(TAKEN, conversation_id, to=[agent_id], frame=frame)


class Offers:
    """Ends offers whose time is over, and knows which ones stand."""

    def __init__(self, store: Store, bell: Bell, clock: Clock, catalogue: Catalogue) -> None:
        self._store = store
        self._bell = bell
        self._clock = clock
        self._catalogue = catalogue

    async def standing(self) -> tuple[tuple[Offer, ...], Names]:
        """The offers that may still be taken, and the names of the staff."""
        now = self._clock.now()

        def look(tx: Tx) -> tuple[tuple[Offer, ...], Names]:
            found = tuple(offer for offer in offers.standing(tx) if offer.until > now)
            return found, {item.id: item.name for item in agents.all(tx)} if found else {}

        return await self._store.read(look)

    async def sweep(self) -> int:
        """Make everybody's what nobody answered in time, with a note; returns how many that were."""
        now = self._clock.now()
        over = [offer for offer in await self._store.peek(offers.standing) if offer.until <= now]
        ended = 0
        for offer in over:
            colleague = await self._store.write(self._ending(offer), key=offer.conversation_id)
            if colleague is not None:
                ended += 1
                self._bell.ring(offer.conversation_id)
                signal_over(self._bell, offer.conversation_id, "unanswered", colleague, (offer.by, offer.to))
        if ended:
            self._bell.ring(QUEUE)
        return ended

    def _ending(self, offer: Offer) -> Callable[[Tx], Agent | None]:
        now, seconds = self._clock.now(), int(queueing().offer_seconds)

        def end(tx: Tx) -> Agent | None:
            colleague = agents.get(tx, offer.to)
            if colleague is None or not offers.end(tx, offer):
                return None
            text = self._catalogue.text("desk.note.unanswered", name=colleague.name, seconds=seconds)
            note = MessageDraft(Speaker.SYSTEM, text, type="note", audience=Audience.DESK)
            conversations.append(tx, offer.conversation_id, note, now=now)
            return colleague

        return end
