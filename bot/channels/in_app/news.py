"""What a window has not seen yet, read in one snapshot."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from bot.channels.in_app.frames import Frame, message_frame
from config.labels import Audience, Holder
from handoff.parcel import Parcel
from handoff.waiting import Pace
from store import agents, conversations, following, queue
from store.engine import Tx

STATE_OF_NOBODY = {
    "type": "state",
    "conversation": None,
    "holder": Holder.BOT.value,
    "position": 0,
    "wait_minutes": None,
    "agent": None,
}
PAGE = 200  # messages a read: a long history comes in several, so that others get their turn


@dataclass(frozen=True, slots=True)
class Place:
    """How far a window has got: the conversation it shows and the last number it was sent."""

    conversation_id: str | None = None
    seq: int = 0


@dataclass(frozen=True)
class News:
    """Frames for a window that stood at ``origin``, where it stands afterwards, and whether there is more to read at once."""

    origin: Place
    frames: tuple[Frame, ...]
    place: Place
    state: Frame | None = None
    seen: tuple[int, str] = (0, "")  # last seq (notes of the desk included) and holder at that moment
    more: bool = False

    @property
    def waits(self) -> bool:
        """Whether the customer has a place in the queue."""
        return self.state is not None and self.state["position"] > 0

    def parcel(self, told: Frame | None) -> Parcel:
        """What to send to a window that was *told* that state last. Windows that were told the same get the same parcel."""
        return self._frames_alone if self.state is None or self.state == told else self._with_state

    @cached_property
    def _frames_alone(self) -> Parcel:
        return Parcel(self.frames)

    @cached_property
    def _with_state(self) -> Parcel:
        return Parcel((*self.frames, self.state or {}))


@dataclass(frozen=True, slots=True)
class Start:
    """Where a window goes on, who speaks there, and whether there are conversations from before."""

    place: Place = Place()
    holder: Holder = Holder.BOT
    has_earlier: bool = False
    language: str | None = None  # in which that conversation was spoken last


def start(tx: Tx, account: str, fingerprint: str, wanted: Place) -> Start:
    """Where a window may go on: where it says if that conversation is its customer's, else at the newest one's beginning."""
    found = following.arriving(tx, account, fingerprint, wanted.conversation_id) if wanted.conversation_id else None
    if found is not None:
        seq = wanted.seq if wanted.seq <= found.shown.last_seq else 0
        return Start(Place(found.shown.id, seq), found.shown.holder, found.has_earlier, found.shown.language)
    newest = following.arriving(tx, account, fingerprint)
    if newest is None:
        return Start()
    return Start(Place(newest.shown.id), newest.shown.holder, newest.has_earlier, newest.shown.language)


def read(tx: Tx, account: str, fingerprint: str, place: Place) -> News:
    """Everything that the customer may see after *place*, and who speaks with them now."""
    origin = place
    shown = following.own(tx, account, fingerprint, place.conversation_id)
    if shown is None:
        return News(origin, (), Place(), STATE_OF_NOBODY)
    place = place if place.conversation_id else Place(shown.id)
    fresh = conversations.messages(tx, shown.id, after=place.seq, limit=PAGE, audience=Audience.ALL)
    names = names_of(tx, {m.agent_id for m in fresh} | {shown.agent_id})
    prev = conversations.previous_seq(tx, shown.id, place.seq, Audience.ALL) if fresh and place.seq else 0
    frames = []
    for message in fresh:
        frames.append(message_frame(message, prev, names))
        prev = message.seq
    if fresh:
        place = replace(place, seq=fresh[-1].seq)
    if len(fresh) == PAGE:
        return News(origin, tuple(frames), place, more=True)
    if shown.holder is Holder.ENDED and (later := following.following(tx, account, fingerprint, shown)):
        return News(origin, tuple(frames), Place(later.id), more=True)
    return News(origin, tuple(frames), place, _state(tx, shown, names), (shown.last_seq, shown.holder.value))


def with_wait(found: News, pace: Pace | None) -> News:
    """News for somebody who ``waits``, saying also about how long, if that can be told honestly."""
    if pace is None or found.state is None:
        return found
    return replace(found, state={**found.state, "wait_minutes": pace.minutes(found.state["position"] - 1)})


def _state(tx: Tx, shown: following.Followed, names: dict[str, str]) -> dict[str, Any]:
    return {
        "type": "state",
        "conversation": shown.id,
        "holder": shown.holder.value,
        "position": queue.position(tx, shown.id) if shown.holder is Holder.QUEUED else 0,
        "wait_minutes": None,
        "agent": names.get(shown.agent_id or "") if shown.holder is Holder.HUMAN else None,
    }


def names_of(tx: Tx, agent_ids: Iterable[str | None]) -> dict[str, str]:
    """What customers are told that these agents are called; "" for one who is unknown by now."""
    found = {agent_id: agents.get(tx, agent_id) for agent_id in agent_ids if agent_id}
    return {agent_id: agent.name if agent else "" for agent_id, agent in found.items()}
