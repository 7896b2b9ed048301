"""From what a turn decided to what is written. Pure: values in, a ``TurnPlan`` out."""

from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from bot.effects import Effect, EndConversation, Facts, FileTicket, HandOff, RateService, Say, SupplementTicket, WithdrawTicket
from bot.message import Attachment, Button, Inbound, Outbound
from config.labels import Audience, Holder, Priority, Speaker
from handoff.rating import PENDING
from handoff.shapes import UnderstoodMessage
from handoff.tickets.clocks import Clocks
from handoff.tickets.draft import Filing, build_draft
from intents.understanding import Redacted, Understanding
from store.conversations import Loaded, MessageDraft, Protected, preview_of
from store.ids import new_id
from store.model import Conversation, Customer, Message, QueueEntry
from store.ratings import Rating
from store.tickets import TicketDraft
from store.turns import Media, Supplement, TurnPlan, Withdrawal

THE_PLATFORM = "platform"  # for whom a place in the queue may be kept, beside our agents
KEPT_FOR_THE_PLATFORM = timedelta(minutes=10)
CARRIED = ("draft", "matters")  # what the next conversation knows of the one before
RATED_WITHIN = timedelta(days=3)
UNANSWERED = "unanswered"  # in the state: messages that still wait for their turn
BRANCH = "branch"  # in the state: the branch that the conversation belongs to
BRAND = "brand"  # in the state: the brand that the customer turned to


@dataclass(frozen=True, slots=True)
class Arrival:
    """A message that came in, redacted and perhaps understood, with what was known at that moment."""

    inbound: Inbound
    loaded: Loaded
    redacted: Redacted
    now: datetime
    understanding: Understanding | None = None


def at_branch(inbound: Inbound, state: dict[str, Any]) -> Inbound:
    """*inbound* with the branch that it belongs to: of a code just scanned, of one scanned before, or the account's own."""
    branch = inbound.branch or state.get(BRANCH) or inbound.home_branch
    brand = inbound.brand or state.get(BRAND)
    if (branch, brand) == (inbound.branch, inbound.brand):
        return inbound  # as most are, and copying takes longer than looking
    return replace(inbound, branch=branch, brand=brand)


def conversation_for(arrival: Arrival) -> Conversation:
    """The conversation that the message belongs to: the open one, or a new one that knows an unfinished draft."""
    loaded, inbound, now = arrival.loaded, arrival.inbound, arrival.now
    if loaded.conversation is not None:
        return loaded.conversation
    previous = loaded.previous
    carried = {key: previous.state[key] for key in CARRIED if previous.state.get(key)} if previous else {}
    if previous and previous.ended_at and (question := previous.state.get(PENDING)) and now - previous.ended_at <= RATED_WITHIN:
        carried |= {"rate": question["subject"], "offered": question["offered"]}
    customer = loaded.customer
    return Conversation(
        id=new_id(now),
        account=inbound.account,
        channel=inbound.channel,
        customer_id=customer.id if customer else new_id(now),
        holder=Holder.BOT,
        version=0,
        last_seq=0,
        state=carried,
        agent_id=None,
        ticket_no=None,
        urgent=False,
        preview="",
        created_at=now,
        updated_at=now,
        last_customer_at=None,
        ended_at=None,
        language=inbound.language,
    )


def customer_message(arrival: Arrival) -> MessageDraft:
    """The customer's message as it is kept: redacted, with its protected values beside it."""
    inbound = arrival.inbound
    payload: dict[str, Any] = dict(inbound.payload)
    if inbound.attachments:
        payload["attachments"] = [asdict(item) for item in inbound.attachments]
    if inbound.pending_media:
        payload["pending_media"] = len(inbound.pending_media)
    return MessageDraft(
        speaker=Speaker.CUSTOMER,
        text=arrival.redacted.text,
        type=inbound.type,
        payload=payload,
        external_id=inbound.message_id,
        understanding=noted(arrival.understanding) if arrival.understanding else None,
        protected=tuple(
            Protected(item.kind, item.token, item.original) for item in arrival.redacted.found if item.kind != "secret"
        ),
    )


def noted(u: Understanding) -> UnderstoodMessage:
    """What the desk is told of an understanding; words as they stand in the redacted text, never the originals."""
    return {
        "intent": u.intent,
        "confidence": round(u.confidence, 3),
        "kind": u.kind,
        "product": u.product,
        "urgent": u.urgent,
        "urgent_reasons": list(u.urgent_reasons),
        "emotion": u.emotion,
        "escalation_signs": list(u.escalation_signs),
        "understood": u.understood,
        "entities": [{"entity": item.entity, "text": item.text} for item in u.entities],
        "heard": [{"rule": item.rule, "text": u.text[item.start : item.end]} for item in u.reasons],
    }


def held(
    arrival: Arrival,
    *,
    says: tuple[Say, ...] = (),
    state: dict[str, Any] | None = None,
    holder: Holder | None = None,
    leave_queue: bool = False,
) -> TurnPlan:
    """Store a message that the bot does not answer: a person holds the conversation, or it waits for one."""
    u = arrival.understanding
    urgent = u is not None and (u.urgent or u.in_danger)
    before = conversation_for(arrival)
    return _plan(
        arrival,
        before,
        [_said(say, before.last_seq + 1) for say in says],
        holder=holder or before.holder,
        state=before.state if state is None else state,
        urgent=before.urgent or urgent,
        raise_priority=urgent,
        leave_queue=leave_queue,
    )


def unanswered(arrival: Arrival, due_at: datetime) -> TurnPlan:
    """Store a message whose turn did not finish: a worker answers it from *due_at* on."""
    before = conversation_for(arrival)
    state = {**before.state, UNANSWERED: before.state.get(UNANSWERED, 0) + 1}
    return _plan(arrival, before, [], holder=before.holder, state=state, unanswered_due=due_at)


def answered(
    arrival: Arrival,
    before: Conversation,
    state: dict[str, Any],
    effects: tuple[Effect, ...],
    facts: Facts,
    clocks: Clocks,
    *,
    privacy_notice_version: str,
    pending_seq: int | None = None,
) -> TurnPlan:
    """Everything that the turn's effects bring to the conversation *before*, together with the message that caused them.

    With *pending_seq* the message is stored already under that number, and only what answers it is added.
    """
    cause = pending_seq or before.last_seq + 1
    filed = next((effect for effect in effects if isinstance(effect, FileTicket)), None)
    handed = next((effect for effect in effects if isinstance(effect, HandOff)), None)
    holder = Holder.QUEUED if handed else before.holder
    if any(isinstance(effect, EndConversation) for effect in effects):
        holder = Holder.ENDED
    state = _count_down(state, before.state, pending_seq)
    ticket = _ticket(filed, arrival, before, facts, clocks, state) if filed else None
    version = privacy_notice_version if facts.privacy_notice_due else None
    return _plan(
        arrival,
        before,
        [_said(effect, cause) for effect in effects if isinstance(effect, Say)],
        holder=holder,
        state=state,
        store_message=pending_seq is None,
        urgent=before.urgent or (handed is not None and handed.priority is not Priority.NORMAL),
        ticket=ticket,
        customer=_taught(arrival, before.customer_id, filed, version),
        withdrawals=_withdrawals(effects, facts),
        supplements=tuple(Supplement(e.ticket_no, e.text) for e in effects if isinstance(e, SupplementTicket)),
        rating=next((Rating(e.subject, e.score, e.comment) for e in effects if isinstance(e, RateService)), None),
        enter_queue=_entry(handed, before.id, arrival.now) if handed else None,
        answers_pending=pending_seq,
    )


def _count_down(state: dict[str, Any], before: dict[str, Any], pending_seq: int | None) -> dict[str, Any]:
    left = before.get(UNANSWERED, 0) - (1 if pending_seq else 0)
    rest = {key: value for key, value in state.items() if key != UNANSWERED}
    return {**rest, UNANSWERED: left} if left > 0 else rest


def _said(say: Say, cause_seq: int) -> MessageDraft:
    payload: dict[str, Any] = {}
    if say.buttons:
        payload["buttons"] = [{"title": button.title, "payload": button.payload} for button in say.buttons]
    if say.custom:
        payload["custom"] = say.custom
    return MessageDraft(
        speaker=Speaker.SYSTEM if say.system else Speaker.BOT,
        text=say.text,
        type="notice" if say.system else "text",
        payload=payload,
        cause_seq=cause_seq,
    )


def _plan(
    arrival: Arrival,
    before: Conversation,
    says: list[MessageDraft],
    *,
    holder: Holder,
    state: dict[str, Any],
    store_message: bool = True,
    urgent: bool | None = None,
    ticket: TicketDraft | None = None,
    customer: Customer | None = None,
    **rest: Any,
) -> TurnPlan:
    """The part that all plans share: numbers, version, preview, and who the customer is; *rest* is the plan's own."""
    inbound, now = arrival.inbound, arrival.now
    state = {**state, **{name: value for name, value in ((BRANCH, inbound.branch), (BRAND, inbound.brand)) if value}}
    drafts = (*((customer_message(arrival),) if store_message else ()), *says)
    # Once a person is waited for, a list tells what it is about and what the customer says, not how they were put off.
    telling = [draft.text for draft in drafts if draft.text and (holder is Holder.BOT or draft.speaker is Speaker.CUSTOMER)]
    entry: QueueEntry | None = rest.get("enter_queue")
    matter = entry.brief.get("summary") if entry else None
    shown = matter or (telling[-1] if telling else before.preview)
    known = arrival.loaded.customer
    customer = customer or known or _new_customer(before.customer_id, inbound)
    return TurnPlan(
        conversation=replace(
            before,
            holder=holder,
            version=before.version + 1,
            last_seq=before.last_seq + len(drafts),
            state=state,
            urgent=before.urgent if urgent is None else urgent,
            ticket_no=ticket.no if ticket else before.ticket_no,
            preview=preview_of(shown),
            updated_at=now,
            last_customer_at=now,
            ended_at=now if holder is Holder.ENDED else None,
            language=inbound.language,
        ),
        expected_version=None if arrival.loaded.conversation is None else before.version,
        messages=drafts,
        now=now,
        new_customer=None if known else customer,
        changed_customer=customer if known and customer != known else None,
        ticket=ticket,
        media=tuple(Media(item.media_id, item.media_type) for item in inbound.pending_media) if store_message else (),
        lease_s=inbound.hold_for_passive_reply_s,
        allowance=inbound.allowance if store_message else None,
        **rest,
    )


def _new_customer(customer_id: str, inbound: Inbound) -> Customer:
    return Customer(
        id=customer_id,
        account=inbound.account,
        external_id=inbound.customer,
        signed_id=inbound.signed_customer,
        name=inbound.signed_name,
        phone=inbound.signed_phone,
    )


def _taught(arrival: Arrival, customer_id: str, filed: FileTicket | None, privacy_notice_version: str | None) -> Customer:
    """The customer with what the turn taught us: the notice shown, a phone number, a signed identity."""
    inbound, known = arrival.inbound, arrival.loaded.customer
    return Customer(
        id=customer_id,
        account=inbound.account,
        external_id=inbound.customer,
        signed_id=inbound.signed_customer or (known.signed_id if known else None),
        name=inbound.signed_name or (known.name if known else None),
        phone=(filed.contact_phone if filed else None) or inbound.signed_phone or (known.phone if known else None),
        privacy_notice_version=privacy_notice_version or (known.privacy_notice_version if known else None),
    )


def _ticket(
    filed: FileTicket, arrival: Arrival, before: Conversation, facts: Facts, clocks: Clocks, state: dict[str, Any]
) -> TicketDraft:
    inbound = arrival.inbound
    known = arrival.loaded.customer
    record = {key: value for key, value in filed.record.items() if key != "asked"}
    if inbound.branch and not record.get("branch"):
        record["branch"] = inbound.branch
    if inbound.brand:
        record["brand"] = inbound.brand
    signs = (state.get("understood") or {}).get("escalation_signs", ())
    return build_draft(
        Filing(
            no=facts.next_ticket_no,
            kind=filed.kind,
            priority=filed.priority,
            product=filed.product,
            content=filed.content,
            channel=before.channel,
            received_at=arrival.now,
            record=record,
            asked=filed.record.get("asked", {}),
            nature=filed.nature,
            signs=tuple(signs),
            contact_phone=filed.contact_phone or facts.known_phone,
            customer_name=facts.customer_name,
            confirmed_text=filed.confirmed_text,
            account=before.account,
            customer_id=before.customer_id,
            signed_id=inbound.signed_customer or (known.signed_id if known else None),
            conversation_id=before.id,
        ),
        clocks,
    )


def _withdrawals(effects: tuple[Effect, ...], facts: Facts) -> tuple[Withdrawal, ...]:
    versions = {ticket.no: ticket.version for ticket in facts.tickets}
    return tuple(
        Withdrawal(effect.ticket_no, versions[effect.ticket_no], effect.statement)
        for effect in effects
        if isinstance(effect, WithdrawTicket) and effect.ticket_no in versions
    )


def _entry(handed: HandOff, conversation_id: str, now: datetime) -> QueueEntry:
    return QueueEntry(
        conversation_id=conversation_id,
        reason=handed.reason.value,
        priority=handed.priority,
        queued_at=now,
        skill=handed.skill,
        brief=handed.brief,
    )


def kept_for_the_platform(todo: TurnPlan) -> TurnPlan:
    """The same, where people at the platform's own desk take over: ours may only if those have not for a while."""
    if todo.enter_queue is None:
        return todo
    until = todo.now + KEPT_FOR_THE_PLATFORM
    return replace(todo, enter_queue=replace(todo.enter_queue, reserved_for=THE_PLATFORM, reserved_until=until))


def outbound_of(said: Message | MessageDraft, seq: int, at: datetime) -> Outbound:
    """A committed message as channels send it."""
    payload = said.payload
    return Outbound(
        seq=seq,
        text=said.text,
        speaker=said.speaker.value,
        buttons=tuple(Button(item["title"], item["payload"]) for item in payload.get("buttons", ())),
        attachments=tuple(Attachment(**item) for item in payload.get("attachments", ())),
        custom=payload.get("custom", {}),
        at=at,
    )


def outbound_of_plan(plan: TurnPlan) -> tuple[Outbound, ...]:
    """What a committed plan says to the customer."""
    first_seq = plan.conversation.last_seq - len(plan.messages) + 1
    return tuple(
        outbound_of(draft, seq, plan.now)
        for seq, draft in enumerate(plan.messages, first_seq)
        if draft.speaker is not Speaker.CUSTOMER and draft.audience is Audience.ALL
    )
