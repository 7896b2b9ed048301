"""What an agent does with a conversation. Every verb checks in its own transaction that the conversation is still theirs."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from config.catalogue import Catalogue
from config.clock import Clock
from config.labels import Audience, HandoffReason, Holder, Priority, Speaker, TicketKind
from config.problem import Problem
from handoff.tickets.clocks import Clocks
from handoff.tickets.draft import Filing, build_draft
from handoff.tickets.views import day_for_people
from intents.redact import redact
from store import audit, conversations, queue, tickets
from store.bell import QUEUE, Bell
from store.conversations import Appended, MessageDraft, Protected
from store.engine import Store, Tx
from store.errors import Conflict
from store.model import Agent, Conversation, Customer
from store.numbers import TicketNumbers
from store.queue import Claimed

MAX_TEXT_CHARS = 8000
PRIORITIES = frozenset({Priority.NORMAL, Priority.URGENT})  # major needs a supervisor's word


@dataclass(frozen=True, slots=True)
class TicketForm:
    """What the agent files, after looking over the bot's draft."""

    kind: TicketKind
    product: str
    priority: Priority
    content: str
    demand: str = ""
    phone: str = ""  # empty: the number that is known already


class Service:
    """The verbs of the desk."""

    def __init__(
        self, store: Store, bell: Bell, clock: Clock, catalogue: Catalogue, numbers: TicketNumbers, clocks: Clocks
    ) -> None:
        self._store = store
        self._bell = bell
        self._clock = clock
        self._catalogue = catalogue
        self._numbers = numbers
        self._clocks = clocks

    async def claim(self, agent: Agent, conversation_id: str) -> None:
        """Take a waiting conversation. 409 ``taken`` for whoever comes second, with the winner's id."""
        now = self._clock.now()
        welcome = MessageDraft(Speaker.SYSTEM, self._catalogue.text("desk.joined", name=agent.name), type="notice")

        def take(tx: Tx) -> Claimed | str:
            claimed = queue.claim(tx, conversation_id, agent.id, now)
            if isinstance(claimed, Claimed):
                conversations.append(tx, conversation_id, welcome, now=now, holder=Holder.HUMAN, agent_id=agent.id)
            return claimed

        outcome = await self._store.write(take, key=conversation_id)
        if isinstance(outcome, str):
            raise Problem(404 if outcome == "missing" else 409, outcome, self._catalogue.text(f"desk.problem.{outcome}"))
        self._rung(conversation_id)

    async def reply(self, agent: Agent, conversation_id: str, text: str, client_id: str | None = None) -> int:
        """Say *text* to the customer and return its seq. The same *client_id* is said once."""
        external_id = f"reply:{agent.id}:{client_id}"[:128] if client_id else None
        draft = self._draft(agent, text, external_id=external_id)
        try:
            return await self._append(agent, conversation_id, draft)
        except Conflict:
            return await self._store.read(lambda tx: conversations.seq_of(tx, conversation_id, external_id or ""))

    async def note(self, agent: Agent, conversation_id: str, text: str) -> int:
        """Write *text* down for colleagues; the customer never sees it."""
        return await self._append(agent, conversation_id, self._draft(agent, text, type="note", audience=Audience.DESK))

    async def end(self, agent: Agent, conversation_id: str) -> None:
        """End the conversation. 409 ``draft_open`` while the bot's draft is neither filed nor declined."""
        conversation = await self._mine(agent, conversation_id)
        if conversation.state.get("draft"):
            raise Problem(409, "draft_open", self._catalogue.text("desk.problem.draft_open"))
        notice = MessageDraft(Speaker.SYSTEM, self._catalogue.text("desk.ended"), type="notice")
        await self._append(agent, conversation_id, notice, new_holder=Holder.ENDED)

    async def requeue(self, agent: Agent, conversation_id: str, reason: str) -> None:
        """Give the conversation back to the queue with a note why."""
        now = self._clock.now()
        note = self._draft(agent, reason, type="note", audience=Audience.DESK)
        notice = MessageDraft(Speaker.SYSTEM, self._catalogue.text("desk.requeued"), type="notice")

        def give_back(tx: Tx) -> bool:
            first = conversations.append(tx, conversation_id, note, now=now, holder=Holder.HUMAN, agent_id=agent.id)
            if not isinstance(first, Appended):
                return False
            conversations.append(tx, conversation_id, notice, now=now)
            return queue.requeue(tx, conversation_id, HandoffReason.POLICY.value, now)

        if not await self._store.write(give_back, key=conversation_id):
            raise self._not_holder()
        self._rung(conversation_id)

    async def file_ticket(self, agent: Agent, conversation_id: str, form: TicketForm) -> str:
        """File a ticket from the conversation, tell the customer its number and when to expect an answer; returns the number."""
        if not form.content.strip() or len(form.content) > MAX_TEXT_CHARS:
            raise Problem(422, "bad_request", self._catalogue.text("desk.problem.no_content"))
        if form.priority not in PRIORITIES and agent.role == "agent":
            raise Problem(403, "not_allowed", self._catalogue.text("desk.problem.not_allowed"))
        now = self._clock.now()
        await self._numbers.ready(now)
        conversation = await self._mine(agent, conversation_id)
        customer = await self._store.read(lambda tx: conversations.customer_of(tx, conversation_id))
        number = self._numbers.take(now)
        ticket = build_draft(self._filing(agent, conversation, customer, form, number, now), self._clocks)
        due = day_for_people(ticket.due_at, self._catalogue) if ticket.due_at else ""
        notice = MessageDraft(
            Speaker.SYSTEM,
            self._catalogue.text("desk.ticket_filed", ticket_no=number, due=due),
            type="notice",
            payload={"custom": {"tickets": [{"no": number, "state": "pending"}]}},
        )
        state = conversations.sealed_state(self._store.crypto, conversation_id, _without_draft(conversation.state))

        def write(tx: Tx) -> bool:
            done = conversations.append(tx, conversation_id, notice, now=now, holder=Holder.HUMAN, agent_id=agent.id)
            if not isinstance(done, Appended):
                return False
            tickets.file(tx, ticket, now)
            conversations.set_ticket(tx, conversation_id, number)
            conversations.set_state(tx, conversation_id, state)
            return True

        if not await self._store.write(write, key=conversation_id):
            raise self._not_holder()
        self._rung(conversation_id)
        return number

    def _filing(
        self, agent: Agent, conversation: Conversation, customer: Customer, form: TicketForm, number: str, now: datetime
    ) -> Filing:
        draft: dict[str, Any] = conversation.state.get("draft") or {}
        record = {key: value for key, value in (draft.get("record") or {}).items() if key != "problem"}
        if form.demand.strip():
            record["demand"] = redact(form.demand.strip(), expecting="amount_yuan").text
        return Filing(
            no=number,
            kind=form.kind,
            priority=form.priority,
            product=form.product,
            content=redact(form.content.strip(), expecting="amount_yuan").text,
            channel=conversation.channel,
            received_at=now,
            record=record,
            asked=draft.get("asked", {}),
            signs=tuple((conversation.state.get("understood") or {}).get("escalation_signs", ())),
            contact_phone=form.phone.strip() or draft.get("contact_phone") or customer.phone,
            customer_name=customer.name,
            account=conversation.account,
            customer_id=conversation.customer_id,
            signed_id=customer.signed_id,
            conversation_id=conversation.id,
            filed_by=agent.id,
        )

    async def decline_to_file(self, agent: Agent, conversation_id: str, reason: str) -> None:
        """Record why the draft is not filed, and drop it."""
        conversation = await self._mine(agent, conversation_id)
        now = self._clock.now()
        text = self._catalogue.text("desk.declined", reason=reason)
        note = self._draft(agent, text, type="note", audience=Audience.DESK)
        state = conversations.sealed_state(self._store.crypto, conversation_id, _without_draft(conversation.state))

        def write(tx: Tx) -> bool:
            done = conversations.append(tx, conversation_id, note, now=now, holder=Holder.HUMAN, agent_id=agent.id)
            if not isinstance(done, Appended):
                return False
            conversations.set_state(tx, conversation_id, state)
            audit.record(tx, agent.id, "declined_to_file", conversation_id, {}, now)
            return True

        if not await self._store.write(write, key=conversation_id):
            raise self._not_holder()
        self._rung(conversation_id)

    def _draft(self, agent: Agent, text: str, **more: Any) -> MessageDraft:
        """A message of the agent's. People write numbers too: what is protected is protected here as well."""
        if not text.strip():
            raise Problem(422, "empty", self._catalogue.text("desk.problem.empty"))
        if len(text) > MAX_TEXT_CHARS:
            raise Problem(422, "too_long", self._catalogue.text("desk.problem.too_long", limit=MAX_TEXT_CHARS))
        safe = redact(text, expecting="amount_yuan")
        hidden = tuple(Protected(item.kind, item.token, item.original) for item in safe.found if item.kind != "secret")
        return MessageDraft(Speaker.AGENT, safe.text, agent_id=agent.id, protected=hidden, **more)

    async def _append(self, agent: Agent, conversation_id: str, draft: MessageDraft, *, new_holder: Holder | None = None) -> int:
        now = self._clock.now()

        def write(tx: Tx) -> Appended | str:
            done = conversations.append(
                tx, conversation_id, draft, now=now, holder=Holder.HUMAN, agent_id=agent.id, new_holder=new_holder
            )
            if isinstance(done, Appended) and draft.audience is Audience.ALL:
                conversations.mark_read(tx, conversation_id, agent.id, done.seq)
            return done

        outcome = await self._store.write(write, key=conversation_id)
        if not isinstance(outcome, Appended):
            raise self._not_holder()
        self._rung(conversation_id, outcome.seq)
        return outcome.seq

    async def _mine(self, agent: Agent, conversation_id: str) -> Conversation:
        found = await self._store.read(lambda tx: conversations.get(tx, conversation_id))
        if found is None or found.holder is not Holder.HUMAN or found.agent_id != agent.id:
            raise self._not_holder()
        return found

    def _not_holder(self) -> Problem:
        return Problem(409, "not_holder", self._catalogue.text("desk.problem.not_holder"))

    def _rung(self, conversation_id: str, seq: int = 0) -> None:
        self._bell.ring(conversation_id, seq)
        self._bell.ring(QUEUE)


def _without_draft(state: dict[str, Any]) -> dict[str, Any]:
    dropped = ("draft", "slots", "form", "requested_slot", "back_to", "asked", "offered")
    return {key: value for key, value in state.items() if key not in dropped}
