"""Filing a ticket from a conversation, or writing down why none is filed."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from config.catalogue import Catalogue
from config.clock import Clock
from config.labels import Audience, Priority, Speaker, TicketKind
from config.problem import Problem
from handoff import policy
from handoff.holding import MAX_TEXT_CHARS, Holdings, Write, append_unchanged
from handoff.tickets.clocks import Clocks
from handoff.tickets.draft import Filing, build_draft
from handoff.tickets.views import day_for_people
from intents.redact import redact
from store import audit, conversations, tickets
from store.conversations import Appended, MessageDraft
from store.engine import Store, Tx
from store.errors import Conflict
from store.model import Agent, Conversation, Customer
from store.numbers import TicketNumbers


@dataclass(frozen=True, slots=True)
class TicketForm:
    """What the agent files, after looking over the bot's draft."""

    kind: TicketKind
    product: str
    priority: Priority
    content: str
    demand: str | None = None  # None: as the draft has it
    phone: str = ""  # empty: the number that is known already
    record: dict[str, Any] = field(default_factory=dict)  # what the agent put right; a value of None removes the field
    client_id: str | None = None  # sent again under the same one, it is filed once


class FilingDesk:
    """Settles the bot's draft: it becomes a ticket, or a note says why not."""

    def __init__(
        self, store: Store, clock: Clock, catalogue: Catalogue, numbers: TicketNumbers, clocks: Clocks, holdings: Holdings
    ) -> None:
        self._store = store
        self._clock = clock
        self._catalogue = catalogue
        self._numbers = numbers
        self._clocks = clocks
        self._holdings = holdings

    async def file(self, agent: Agent, conversation_id: str, form: TicketForm) -> str:
        """File a ticket, tell the customer its number and when to expect an answer; returns the number.

        409 ``draft_settled`` when the draft that the form was filled in from was filed or declined meanwhile.
        """
        if not form.content.strip() or len(form.content) > MAX_TEXT_CHARS:
            raise Problem(422, "bad_request", self._catalogue.sentence("desk.problem.no_content"))
        if not policy.may_give(agent, form.priority):
            raise Problem(403, "not_allowed", self._catalogue.sentence("desk.problem.not_allowed"))
        now = self._clock.now()
        first = await self._holdings.of(agent, conversation_id)
        customer = await self._store.read(lambda tx: conversations.customer_of(tx, conversation_id))
        external_id = f"ticket:{agent.id}:{conversation_id}:{form.client_id}" if form.client_id else None
        if told := await self._number_told(conversation_id, external_id):
            return told
        await self._numbers.ready(now)
        number = self._numbers.take(now)  # one that comes to nothing leaves a gap, and gaps are allowed

        def filing(seen: Conversation) -> Write:
            if seen.state.get("draft") != first.state.get("draft"):
                raise Problem(409, "draft_settled", self._catalogue.sentence("desk.problem.draft_settled"))
            return self._write(agent, seen, customer, form, number, now, external_id)

        try:
            await self._holdings.change(agent, conversation_id, filing)
        except (Conflict, Problem):
            # The same form sent twice at once: the other one was first.
            if told := await self._number_told(conversation_id, external_id):
                return told
            raise
        return number

    async def _number_told(self, conversation_id: str, external_id: str | None) -> str:
        if external_id is None:
            return ""
        return await self._store.read(lambda tx: _number_told(tx, conversation_id, external_id))

    def _write(
        self,
        agent: Agent,
        seen: Conversation,
        customer: Customer,
        form: TicketForm,
        number: str,
        now: datetime,
        external_id: str | None,
    ) -> Write:
        ticket = build_draft(_filing(agent, seen, customer, form, number, now), self._clocks)
        words = self._catalogue.speaking(seen.language)
        due = day_for_people(ticket.due_at, words) if ticket.due_at else ""
        notice = MessageDraft(
            Speaker.SYSTEM,
            words.text("desk.ticket_filed", ticket_no=number, due=due),
            type="notice",
            payload={"custom": {"tickets": [{"no": number, "state": "pending"}]}},
            external_id=external_id,
        )
        state = conversations.sealed_state(self._store.crypto, seen.id, _without_draft(seen.state))

        def write(tx: Tx) -> Appended:
            done = append_unchanged(tx, seen, notice, now)
            if not tickets.file(tx, ticket, now):
                raise Conflict(number)
            conversations.set_ticket(tx, seen.id, number)
            conversations.set_state(tx, seen.id, state)
            return done

        return write

    async def decline(self, agent: Agent, conversation_id: str, reason: str) -> None:
        """Write down for colleagues why the draft is not filed, and drop it."""
        now = self._clock.now()
        text = self._catalogue.text("desk.declined", reason=reason)
        note = self._holdings.message(agent, text, type="note", audience=Audience.DESK)

        def declining(seen: Conversation) -> Write:
            state = conversations.sealed_state(self._store.crypto, seen.id, _without_draft(seen.state))

            def write(tx: Tx) -> Appended:
                done = append_unchanged(tx, seen, note, now)
                conversations.set_state(tx, seen.id, state)
                audit.record(tx, agent.id, "declined_to_file", seen.id, {}, now)
                return done

            return write

        await self._holdings.change(agent, conversation_id, declining)


def _filing(agent: Agent, seen: Conversation, customer: Customer, form: TicketForm, number: str, now: datetime) -> Filing:
    draft: dict[str, Any] = seen.state.get("draft") or {}
    return Filing(
        no=number,
        kind=form.kind,
        priority=form.priority,
        product=form.product,
        content=redact(form.content.strip(), expecting="amount_yuan").text,
        channel=seen.channel,
        received_at=now,
        record=_record(draft.get("record") or {}, form),
        asked=draft.get("asked", {}),
        signs=tuple((seen.state.get("understood") or {}).get("escalation_signs", ())),
        contact_phone=form.phone.strip() or draft.get("contact_phone") or customer.phone,
        customer_name=customer.name,
        account=seen.account,
        customer_id=seen.customer_id,
        signed_id=customer.signed_id,
        conversation_id=seen.id,
        filed_by=agent.id,
    )


def _record(drafted: dict[str, Any], form: TicketForm) -> dict[str, Any]:
    """What the bot collected, with what the agent put right laid over it."""
    record = {name: value for name, value in drafted.items() if name != "problem"}
    changes = {**form.record, **({} if form.demand is None else {"demand": form.demand.strip() or None})}
    for name, value in changes.items():
        if value is None:
            record.pop(name, None)
        else:
            record[name] = redact(value, expecting="amount_yuan").text if isinstance(value, str) else value
    return record


def _number_told(tx: Tx, conversation_id: str, external_id: str) -> str:
    """The ticket number in the notice that was written under *external_id*, empty if there is none."""
    seq = conversations.seq_of(tx, conversation_id, external_id)
    found = conversations.messages(tx, conversation_id, seq - 1, 1) if seq else ()
    return str(found[0].payload["custom"]["tickets"][0]["no"]) if found else ""


def _without_draft(state: dict[str, Any]) -> dict[str, Any]:
    dropped = ("draft", "slots", "form", "requested_slot", "back_to", "asked", "offered")
    return {key: value for key, value in state.items() if key not in dropped}
