"""What an agent does with a conversation: take it, answer, write notes, give it back, end it."""

from dataclasses import replace

from config.catalogue import Catalogue
from config.clock import Clock
from config.labels import Audience, HandoffReason, Holder, Speaker
from config.problem import Problem
from handoff import policy
from handoff.holding import Holdings, Write, append_unchanged
from store import agents, conversations, queue
from store.conversations import Appended, MessageDraft
from store.engine import Store, Tx
from store.errors import Conflict
from store.model import Agent, Conversation
from store.queue import Claimed


class Service:
    """The verbs of the desk."""

    def __init__(self, store: Store, clock: Clock, catalogue: Catalogue, holdings: Holdings) -> None:
        self._store = store
        self._clock = clock
        self._catalogue = catalogue
        self._holdings = holdings

    async def claim(self, agent: Agent, conversation_id: str) -> None:
        """Take a waiting conversation; taking one's own again changes nothing. 409 ``taken`` tells the loser who has it."""
        if not policy.takes_conversations(agent):
            raise Problem(403, "not_allowed", self._catalogue.text("desk.problem.administrator"))
        now = self._clock.now()
        welcome = MessageDraft(Speaker.SYSTEM, self._catalogue.text("desk.joined", name=agent.name), type="notice")

        def take(tx: Tx) -> Claimed | str | Agent:
            claimed = queue.claim(tx, conversation_id, agent.id, now)
            if isinstance(claimed, Claimed):
                conversations.append(tx, conversation_id, welcome, now=now, holder=Holder.HUMAN, agent_id=agent.id)
            if claimed != "taken":
                return claimed
            found = conversations.get(tx, conversation_id)
            return (agents.get(tx, found.agent_id) if found and found.agent_id else None) or claimed

        outcome = await self._store.write(take, key=conversation_id)
        if isinstance(outcome, Agent):
            if outcome.id != agent.id:
                raise self._taken(outcome)
            return
        if isinstance(outcome, str):
            raise Problem(404 if outcome == "missing" else 409, outcome, self._catalogue.text(f"desk.problem.{outcome}"))
        self._holdings.ring(conversation_id)

    def _taken(self, winner: Agent) -> Problem:
        told = self._catalogue.text("desk.problem.taken_by", name=winner.name)
        return Problem(409, "taken", told, agent={"id": winner.id, "name": winner.name})

    async def reply(
        self, agent: Agent, conversation_id: str, text: str, client_id: str | None = None, *, outcome: bool = False
    ) -> int:
        """Say *text* to the customer and return its seq. The same *client_id* is said once.

        An *outcome* may use the last message that a platform allows; the others leave it.
        """
        draft = self._holdings.message(agent, text, payload={"outcome": True} if outcome else {})
        return await self._once(agent, conversation_id, draft, "reply", client_id)

    async def note(self, agent: Agent, conversation_id: str, text: str, client_id: str | None = None) -> int:
        """Write *text* down for colleagues and return its seq; the customer never sees it."""
        draft = self._holdings.message(agent, text, type="note", audience=Audience.DESK)
        return await self._once(agent, conversation_id, draft, "note", client_id)

    async def _once(self, agent: Agent, conversation_id: str, draft: MessageDraft, verb: str, client_id: str | None) -> int:
        now = self._clock.now()
        if client_id is None:
            return await self._holdings.append(agent, conversation_id, draft, now)
        external_id = f"{verb}:{agent.id}:{conversation_id}:{client_id}"
        try:
            return await self._holdings.append(agent, conversation_id, replace(draft, external_id=external_id), now)
        except Conflict:
            return await self._store.read(lambda tx: conversations.seq_of(tx, conversation_id, external_id))

    async def end(self, agent: Agent, conversation_id: str) -> None:
        """End the conversation. 409 ``draft_open`` while the bot's draft is neither filed nor declined."""
        now = self._clock.now()
        notice = MessageDraft(Speaker.SYSTEM, self._catalogue.text("desk.ended"), type="notice")

        def ending(seen: Conversation) -> Write:
            if seen.state.get("draft"):
                raise Problem(409, "draft_open", self._catalogue.text("desk.problem.draft_open"))
            return lambda tx: append_unchanged(tx, seen, notice, now, new_holder=Holder.ENDED)

        await self._holdings.change(agent, conversation_id, ending)

    async def requeue(self, agent: Agent, conversation_id: str, reason: str) -> None:
        """Give the conversation back to the queue with a note why."""
        now = self._clock.now()
        note = self._holdings.message(agent, reason, type="note", audience=Audience.DESK)
        notice = MessageDraft(Speaker.SYSTEM, self._catalogue.text("desk.requeued"), type="notice")

        def give_back(tx: Tx) -> bool:
            first = conversations.append(tx, conversation_id, note, now=now, holder=Holder.HUMAN, agent_id=agent.id)
            if not isinstance(first, Appended):
                return False
            conversations.append(tx, conversation_id, notice, now=now)
            return queue.requeue(tx, conversation_id, HandoffReason.POLICY.value, now)

        if not await self._store.write(give_back, key=conversation_id):
            raise self._holdings.not_holder()
        self._holdings.ring(conversation_id)
