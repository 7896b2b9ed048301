"""What an agent does with a conversation: take it, answer, write notes, end it."""

from dataclasses import replace
from datetime import datetime
from typing import Literal

from config.catalogue import Catalogue
from config.clock import Clock
from config.labels import Audience, Holder, Speaker
from config.problem import Problem
from config.queueing import queueing
from config.settings import Settings
from handoff import policy, rating, sight
from handoff.assignment import OnDuty, may_take
from handoff.duty import on_duty
from handoff.holding import Holdings, Unseen, Write, append_unchanged
from handoff.spoken import notice, spoken
from handoff.taking import take, welcome
from store import conversations, handling, queue, ratings, servings
from store.conversations import Appended, MessageDraft
from store.engine import Store, Tx
from store.errors import Conflict
from store.model import Agent, Conversation, Message, QueueEntry
from store.ratings import of_conversation


class Service:
    """The verbs of the desk."""

    def __init__(self, settings: Settings, store: Store, clock: Clock, catalogue: Catalogue, holdings: Holdings) -> None:
        self._settings = settings
        self._store = store
        self._clock = clock
        self._catalogue = catalogue
        self._holdings = holdings

    async def claim(self, agent: Agent, conversation_id: str) -> None:
        """Take a waiting conversation; taking one's own again changes nothing. 409 ``taken`` tells the loser who has it.

        409 also when the agent holds as many as they may (``full``), a colleague is asked first (``reserved``), it needs a
        skill that the agent lacks (``skill``), and when conversations are assigned (``assigned_only``).
        """
        if not policy.takes_conversations(agent):
            raise Problem(403, "not_allowed", self._catalogue.sentence("desk.problem.administrator"))
        now, supervises = self._clock.now(), policy.supervises(agent)
        entry, there = await self._store.read(lambda tx: self._queued(tx, agent, conversation_id, now))
        if entry is not None and not supervises:
            self._check_turn(agent, entry, there, now)
        greeting = welcome(self._catalogue, agent)
        outcome = await self._store.write(
            lambda tx: take(tx, conversation_id, agent, greeting, now, how="pulled", reserved_too=supervises), key=conversation_id
        )
        if isinstance(outcome, Agent):
            if outcome.id != agent.id:
                raise self._taken(outcome)
            return
        if isinstance(outcome, str):
            raise Problem(404 if outcome == "missing" else 409, outcome, self._catalogue.sentence(f"desk.problem.{outcome}"))
        self._holdings.ring(conversation_id)

    def _queued(self, tx: Tx, agent: Agent, conversation_id: str, now: datetime) -> tuple[QueueEntry | None, tuple[OnDuty, ...]]:
        if not sight.sees(tx, agent, conversation_id):
            raise Problem(404, "missing", self._catalogue.sentence("desk.problem.missing"))
        entry = queue.entry(tx, conversation_id)
        if entry is None or not entry.waits:
            return None, ()
        return entry, on_duty(tx, now, self._settings.desk.presence_timeout_s)

    def _check_turn(self, agent: Agent, entry: QueueEntry, there: tuple[OnDuty, ...], now: datetime) -> None:
        """Refuse what is for somebody else to take."""
        if entry.reserved_at(now) == agent.id:
            return
        if self._settings.desk.assignment == "automatic":
            raise Problem(409, "assigned_only", self._catalogue.sentence("desk.problem.assigned_only"))
        if not may_take(entry, agent, there, now, queueing()):
            skill = queueing().skill_name(entry.skill or "")
            raise Problem(409, "skill", self._catalogue.sentence("desk.problem.skill", skill=skill))

    def _taken(self, winner: Agent) -> Problem:
        told = self._catalogue.sentence("desk.problem.taken_by", name=winner.name)
        return Problem(409, "taken", told, agent={"id": winner.id, "name": winner.name})

    async def reply(
        self,
        agent: Agent,
        conversation_id: str,
        text: str,
        client_id: str | None = None,
        *,
        seen: int | None = None,
        outcome: bool = False,
    ) -> int:
        """Say *text* to the customer and return its seq. The same *client_id* is said once.

        409 ``unseen`` when a colleague has said something after *seen*, the last message that the page shows; who has not said
        what it shows is not asked. An *outcome* may use the last message that a platform allows; the others leave it.
        """
        draft = self._holdings.message(agent, text, payload={"outcome": True} if outcome else {})
        policy_of_bank = self._settings.desk.blind_reply
        if seen is None or policy_of_bank == "off":
            return await self._once(agent, conversation_id, draft, "reply", client_id)
        speakers = (Speaker.AGENT,) if policy_of_bank == "staff" else (Speaker.AGENT, Speaker.CUSTOMER)
        external_id = _external_id("reply", agent, conversation_id, client_id) if client_id else None

        def unseen(tx: Tx) -> tuple[Message, ...]:
            if external_id is not None and conversations.seq_of(tx, conversation_id, external_id):
                return ()  # it was said already, and is only asked for once more
            return handling.said_after(tx, conversation_id, seen, but=agent.id, speakers=speakers)

        return await self._once(agent, conversation_id, draft, "reply", client_id, unseen=unseen)

    async def note(self, agent: Agent, conversation_id: str, text: str, client_id: str | None = None) -> int:
        """Write *text* down for colleagues and return its seq; the customer never sees it."""
        draft = self._holdings.message(agent, text, type="note", audience=Audience.DESK)
        return await self._once(agent, conversation_id, draft, "note", client_id)

    async def _once(
        self,
        agent: Agent,
        conversation_id: str,
        draft: MessageDraft,
        verb: Literal["reply", "note"],
        client_id: str | None,
        *,
        unseen: Unseen | None = None,
    ) -> int:
        now = self._clock.now()
        external_id = _external_id(verb, agent, conversation_id, client_id) if client_id else None
        draft = replace(draft, external_id=external_id)
        try:
            if verb == "note":
                return await self._holdings.note(agent, conversation_id, draft, now)
            return await self._holdings.append(agent, conversation_id, draft, now, unseen=unseen)
        except Conflict:
            return await self._store.read(lambda tx: conversations.seq_of(tx, conversation_id, external_id or ""))

    async def end(self, agent: Agent, conversation_id: str) -> None:
        """End the conversation. 409 ``draft_open`` while the bot's draft is neither filed nor declined."""
        now = self._clock.now()
        farewell, asking = notice(self._catalogue, "desk.ended"), spoken(self._catalogue, rating.question)
        asks, crypto, subject = self._settings.desk.ask_satisfaction, self._store.crypto, of_conversation(conversation_id)

        def ending(seen: Conversation) -> Write:
            if seen.state.get("draft"):
                raise Problem(409, "draft_open", self._catalogue.sentence("desk.problem.draft_open"))
            plain, question = farewell.in_language(seen.language), asking.in_language(seen.language)
            state = conversations.sealed_state(crypto, seen.id, rating.asked(seen.state, seen.id, question))

            def write(tx: Tx) -> Appended:
                servings.close(tx, conversation_id, "ended", now)
                asked = asks and ratings.ask(tx, subject, now, conversation_id=conversation_id, agent_id=agent.id)
                done = append_unchanged(tx, seen, question if asked else plain, now, new_holder=Holder.ENDED)
                if asked:
                    conversations.set_state(tx, conversation_id, state)
                return done

            return write

        await self._holdings.change(agent, conversation_id, ending)


def _external_id(verb: str, agent: Agent, conversation_id: str, client_id: str) -> str:
    return f"{verb}:{agent.id}:{conversation_id}:{client_id}"
