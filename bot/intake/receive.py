"""One message on its way in: redact, understand, take the turn, commit everything at once, answer."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Literal

import structlog

from bot.actions.facts_json import facts_to_json
from bot.actions.runner import effects_in
from bot.dialogue import Dialogue
from bot.effects import Facts, HandOff, Say
from bot.intake import plan
from bot.intake.facts import FactSource
from bot.intake.keyed import KeyedQueue
from bot.intake.plan import Arrival
from bot.message import Inbound, Receipt
from bot.second_opinion import SecondOpinion
from bot.turn import turn
from config.clock import Clock
from config.labels import FeedbackChannel, HandoffReason, Holder, Priority
from config.settings import Settings
from config.speakable import speakable
from handoff.tickets.clocks import Clocks
from intents.redact import redact
from intents.understanding import Found, Redacted
from store import conversations, queue, ratings, turns
from store.bell import QUEUE, Bell
from store.conversations import Loaded, Protected
from store.customers import external_hmac
from store.engine import Store, Tx
from store.errors import Conflict, Stale, StoreBusy, StoreError
from store.model import Message
from store.turns import PendingTurn, TurnPlan

log = structlog.get_logger(__name__)

Status = Literal["answered", "held", "unanswered"]
Also = Callable[[Tx, str], None]  # more to write in the same transaction, given the conversation's id

MAX_STALE = 8  # another process keeps winning: more tries would only add load
RETRY_AFTER_S = 1.0


class UnknownAction(LookupError):
    """No action of that name is registered."""


class Intake:
    """Takes customers' messages in, in order within a conversation, and answers them."""

    def __init__(
        self,
        *,
        settings: Settings,
        store: Store,
        bell: Bell,
        clock: Clock,
        understander: SecondOpinion,
        dialogue: Dialogue,
        facts: FactSource,
        clocks: Clocks,
    ) -> None:
        self._settings = settings
        self._store = store
        self._bell = bell
        self._clock = clock
        self._understander = understander
        self._dialogue = dialogue
        self._facts = facts
        self._clocks = clocks
        self._queue = KeyedQueue()

    async def receive(self, inbound: Inbound, also: Also | None = None) -> Receipt:
        """Store and answer one message. When this returns anything but ``rejected``, the message survives any crash.

        What *also* writes is committed with the message; a duplicate or rejected one commits nothing.
        Raises ``StoreBusy`` or ``StoreUnavailable`` when it could not be stored: then it must not be acknowledged.
        """
        text = speakable(inbound.text)
        if text != inbound.text:
            inbound = replace(inbound, text=text)
        has_content = inbound.text.strip() or inbound.attachments or inbound.pending_media or inbound.type != "text"
        if not has_content:
            return Receipt("rejected", reason="empty")
        if len(inbound.text) > self._settings.turn.max_text_chars:
            return Receipt("rejected", reason="too_long")
        async with self._queue.turn_of((inbound.account, inbound.customer)):
            for _ in range(MAX_STALE):
                try:
                    receipt = await self._receive(inbound, also)
                except (Conflict, Stale):
                    receipt = None
                if receipt is not None:
                    return receipt
            raise StoreBusy("the conversation keeps changing")

    async def _receive(self, inbound: Inbound, also: Also | None) -> Receipt | None:
        """One try; None when the conversation moved on meanwhile."""
        fingerprint = external_hmac(self._store.crypto, inbound.account, inbound.customer)
        loaded = await self._store.peek(lambda tx: conversations.load(tx, inbound.account, fingerprint, inbound.message_id))
        if loaded.duplicate is not None:
            return await self._seen_before(*loaded.duplicate)
        now = self._clock.now()
        state = loaded.conversation.state if loaded.conversation else {}
        inbound = plan.at_branch(inbound, state)
        redacted = redact(inbound.text, expecting=self._dialogue.expecting(state))
        arrival = Arrival(inbound, loaded, redacted, now)
        status, todo = await self._decide(arrival)
        if not await self._commit(todo, also):
            return None
        return Receipt(
            status=status,
            conversation_id=todo.conversation.id,
            seq=todo.conversation.last_seq - len(todo.messages) + 1,
            replies=plan.outbound_of_plan(todo),
        )

    async def _seen_before(self, conversation_id: str, seq: int) -> Receipt:
        answers = await self._store.read(lambda tx: conversations.answers_to(tx, conversation_id, seq))
        return Receipt(
            "duplicate", conversation_id, seq, tuple(plan.outbound_of(message, message.seq, message.at) for message in answers)
        )

    async def _decide(self, arrival: Arrival) -> tuple[Status, TurnPlan]:
        """What to write. A turn that fails or takes too long leaves the message stored and unanswered, never lost."""
        conversation = arrival.loaded.conversation
        state = conversation.state if conversation else {}
        try:
            async with asyncio.timeout(self._settings.turn.budget_s):
                arrival = await self._understood(arrival, state)
                if conversation is not None and conversation.holder is Holder.HUMAN:
                    return "held", plan.held(arrival)
                if conversation is not None and conversation.holder is Holder.QUEUED:
                    return await self._while_queued(arrival)
                if not state.get(plan.UNANSWERED):
                    return "answered", await self._take_turn(arrival)
        except StoreError:
            raise
        except Exception:
            # Without the message: an exception's text may quote the customer.
            log.exception("turn_failed", account=arrival.inbound.account)
        due_at = arrival.now + timedelta(seconds=RETRY_AFTER_S)
        return "unanswered", plan.unanswered(arrival, due_at)

    async def _understood(self, arrival: Arrival, state: dict[str, object]) -> Arrival:
        expecting = self._dialogue.expecting(state)
        understanding = await self._understander.understand(arrival.redacted, arrival.now, expecting=expecting)
        return Arrival(arrival.inbound, arrival.loaded, arrival.redacted, arrival.now, understanding)

    async def _take_turn(self, arrival: Arrival, *, pending_seq: int | None = None) -> TurnPlan:
        understanding = arrival.understanding
        assert understanding is not None  # noqa: S101 -- _understood was called just before
        before = plan.conversation_for(arrival)
        query = self._dialogue.ticket_query(before.state, understanding)
        facts = await self._facts.for_turn(
            arrival.inbound, arrival.loaded, arrival.now, query=query, has_secret=arrival.redacted.has_secret
        )
        # From here to the end nothing awaits: the ticket number that the turn was shown is still ours when it is taken.
        outcome = turn(self._dialogue, before.state, arrival.inbound, understanding, facts)
        todo = plan.answered(
            arrival,
            before,
            outcome.state,
            outcome.effects,
            facts,
            self._clocks,
            privacy_notice_version=self._settings.privacy_notice_version,
            pending_seq=pending_seq,
        )
        if todo.ticket is not None:
            self._facts.use_up_number(arrival.now)
        return todo

    async def _while_queued(self, arrival: Arrival) -> tuple[Status, TurnPlan]:
        conversation, understanding = arrival.loaded.conversation, arrival.understanding
        assert conversation is not None and understanding is not None  # noqa: S101 -- the caller saw both
        facts = await self._facts.for_turn(
            arrival.inbound, arrival.loaded, arrival.now, query=None, has_secret=arrival.redacted.has_secret
        )
        if self._dialogue.tells_place(conversation.state):  # counting who is ahead costs more than the rest of this
            position = await self._store.peek(lambda tx: queue.position(tx, conversation.id))
            facts = FactSource.waiting_at(facts, position)
        outcome = self._dialogue.while_queued(conversation.state, arrival.inbound, understanding, facts)
        says = tuple(effect for effect in outcome.effects if isinstance(effect, Say))
        if outcome.cancel or outcome.leave_message:
            return "answered", plan.held(arrival, says=says, state=outcome.state, holder=Holder.BOT, leave_queue=True)
        return "held", plan.held(arrival, says=says, state=outcome.state)

    async def _commit(self, todo: TurnPlan, also: Also | None = None) -> bool:
        """Write the plan and tell everybody. False when the conversation moved on since it was loaded."""
        conversation = todo.conversation
        if self._settings.wechat.staffed_elsewhere(conversation.account):
            todo = plan.kept_for_the_platform(todo)
        prepared = turns.prepare(self._store.crypto, todo)

        def write(tx: Tx) -> turns.Outcome:
            outcome = turns.commit(tx, prepared)
            if also is not None and outcome == "ok":
                also(tx, conversation.id)
            return outcome

        if await self._store.write(write, key=conversation.id) == "stale":
            return False
        self._bell.ring(conversation.id, conversation.last_seq)
        if todo.rating is not None and (rated := ratings.conversation_of(todo.rating.subject)):
            self._bell.ring(rated)
        if todo.enter_queue or todo.leave_queue or todo.raise_priority:
            self._bell.ring(QUEUE)
        return True

    # --- actions that a Rasa server asks for -----------------------------------------------------------------------------

    async def act(self, inbound: Inbound, action: str, tracker: dict[str, Any]) -> dict[str, Any]:
        """Run *action* on a Rasa server's tracker with our facts, commit its effects, and return its answer.

        Raises ``UnknownAction``. A message that was acted on before is answered again and commits nothing.
        """
        if action not in self._dialogue.runner.names:
            raise UnknownAction(action)
        async with self._queue.turn_of((inbound.account, inbound.customer)):
            for _ in range(MAX_STALE):
                with suppress(Conflict, Stale):
                    result = await self._act(inbound, action, tracker)
                    if result is not None:
                        return result
            raise StoreBusy("the conversation keeps changing")

    async def _act(self, inbound: Inbound, action: str, tracker: dict[str, Any]) -> dict[str, Any] | None:
        fingerprint = external_hmac(self._store.crypto, inbound.account, inbound.customer)
        loaded = await self._store.peek(lambda tx: conversations.load(tx, inbound.account, fingerprint, inbound.message_id))
        arrival = Arrival(inbound, loaded, redact(inbound.text), self._clock.now())
        facts = await self._facts.for_turn(inbound, loaded, arrival.now, query=None, has_secret=False)
        latest = tracker.get("latest_message") or {}
        metadata = {**(latest.get("metadata") or {}), "facts": facts_to_json(facts)}
        result = self._dialogue.runner.raw(action, {**tracker, "latest_message": {**latest, "metadata": metadata}})
        effects = tuple(effects_in(result))
        if not effects or loaded.duplicate is not None:
            return result
        before = plan.conversation_for(arrival)
        todo = plan.answered(
            arrival,
            before,
            before.state,
            effects,
            facts,
            self._clocks,
            privacy_notice_version=self._settings.privacy_notice_version,
        )
        if todo.ticket is not None:
            self._facts.use_up_number(arrival.now)
        return result if await self._commit(todo) else None

    # --- messages whose turn did not finish ------------------------------------------------------------------------------

    async def answer_pending(self) -> int:
        """Take the turns that are due of messages stored without an answer, in order; returns how many were settled."""
        now = self._clock.now()
        due = await self._store.read(lambda tx: turns.pending(tx, now))
        settled = 0
        for item in sorted(due, key=lambda pending: (pending.conversation_id, pending.seq)):
            try:
                settled += await self._answer_one(item)
            except StoreError:
                raise
            except Exception:
                log.exception("pending_turn_failed", attempts=item.attempts)
                due_at = now + timedelta(seconds=RETRY_AFTER_S * 2**item.attempts)
                await self._store.write(partial(turns.postpone, item=item, due_at=due_at))
        return settled

    async def _answer_one(self, item: PendingTurn) -> bool:
        found = await self._reload(item)
        if found is None:
            return False
        async with self._queue.turn_of((found[0].inbound.account, found[0].inbound.customer)):
            found = await self._reload(item)
            if found is None:
                return False
            arrival, said_at = found
            try:
                todo = await self._retake(arrival, item)
            except StoreError:
                raise
            except Exception:
                log.exception("turn_failed_again", account=arrival.inbound.account, attempts=item.attempts)
                person_at = said_at + timedelta(seconds=self._settings.turn.person_within_s)
                if item.attempts < self._settings.turn.max_failures and arrival.now < person_at:
                    due_at = min(arrival.now + timedelta(seconds=RETRY_AFTER_S * 2**item.attempts), person_at)
                    await self._store.write(lambda tx: turns.postpone(tx, item, due_at), key=item.conversation_id)
                    return False
                todo = await self._to_a_person(arrival, item)
            try:
                return await self._commit(todo)
            except (Conflict, Stale):
                return False  # it is still pending and comes again

    async def _retake(self, arrival: Arrival, item: PendingTurn) -> TurnPlan:
        conversation = arrival.loaded.conversation
        assert conversation is not None  # noqa: S101 -- _reload gives none without
        if conversation.holder is not Holder.BOT:
            # A person has it or will have it: they see the message; the bot keeps silent.
            facts = await self._facts.for_turn(arrival.inbound, arrival.loaded, arrival.now, query=None, has_secret=False)
            return self._settle(arrival, item, (), facts)
        async with asyncio.timeout(self._settings.turn.budget_s):
            return await self._take_turn(await self._understood(arrival, conversation.state), pending_seq=item.seq)

    async def _to_a_person(self, arrival: Arrival, item: PendingTurn) -> TurnPlan:
        """The bot failed twice: say so and let a person see it."""
        facts = await self._facts.for_turn(arrival.inbound, arrival.loaded, arrival.now, query=None, has_secret=False)
        somebody = facts.agents_on_duty > 0 and facts.open_now
        apology = self._dialogue.apology(
            "failure" if somebody else "failure_nobody", arrival.inbound.language, opening_hours=facts.opening_hours
        )
        effects = (
            Say(apology, system=True),
            HandOff(HandoffReason.FAILURE, Priority.NORMAL, brief={"reasons": ["failure"]}),
        )
        return self._settle(arrival, item, effects, facts)

    def _settle(self, arrival: Arrival, item: PendingTurn, effects: tuple[Say | HandOff, ...], facts: Facts) -> TurnPlan:
        before = plan.conversation_for(arrival)
        return plan.answered(
            arrival,
            before,
            before.state,
            effects,
            facts,
            self._clocks,
            privacy_notice_version=self._settings.privacy_notice_version,
            pending_seq=item.seq,
        )

    async def _reload(self, item: PendingTurn) -> tuple[Arrival, datetime] | None:
        """The stored message as if it came in now, and when it was said; None when nothing is to be done any more."""

        def load(tx: Tx) -> tuple[Loaded, Message, tuple[Protected, ...]] | None:
            conversation = conversations.get(tx, item.conversation_id)
            stored = conversations.messages(tx, item.conversation_id, after=item.seq - 1, limit=1)
            if conversation is None or not stored or not turns.is_pending(tx, item):
                return None
            customer = conversations.customer_of(tx, item.conversation_id)
            known = conversations.tickets_of(tx, customer)
            hidden = conversations.protected_in(tx, item.conversation_id, item.seq)
            return Loaded(customer, conversation, None, None, known), stored[0], hidden

        found = await self._store.read(load)
        if found is None:
            return None
        loaded, message, hidden = found
        assert loaded.customer is not None  # noqa: S101 -- loaded above
        inbound = Inbound(
            account=loaded.customer.account,
            channel=FeedbackChannel(loaded.conversation.channel) if loaded.conversation else FeedbackChannel.API,
            customer=loaded.customer.external_id,
            text=message.text,
            message_id=message.external_id,
            type=message.type,  # type: ignore[arg-type]  # stored from the same set
            payload=message.payload,
            signed_customer=loaded.customer.signed_id,
            signed_name=loaded.customer.name,
            signed_phone=loaded.customer.phone,
            language=loaded.conversation.language if loaded.conversation else None,
        )
        inbound = plan.at_branch(inbound, loaded.conversation.state if loaded.conversation else {})
        return Arrival(inbound, loaded, _restored(message.text, hidden), self._clock.now()), message.at


def _restored(text: str, hidden: tuple[Protected, ...]) -> Redacted:
    """The redaction of a stored text, with the positions of its tokens found again."""
    found, start = [], 0
    for value in hidden:
        start = text.find(value.token, start)
        if start < 0:
            break
        found.append(Found(value.kind, value.token, value.original, start, start + len(value.token)))
        start += len(value.token)
    return Redacted(text, tuple(found))
