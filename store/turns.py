"""Everything that one turn changes, committed at once or not at all."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import bindparam, delete, insert, select, update

from config.labels import Holder, Priority, TicketState
from store import customers as customer_rows
from store import queue, ratings, tickets, webhooks, windows
from store.conversations import (
    INSERT_MESSAGES,
    INSERT_OUTBOX,
    INSERT_PROTECTED,
    PUSH_CHANNELS,
    MessageDraft,
    message_rows,
    outbox_rows,
    sealed_state,
    understood_columns,
)
from store.crypto import Crypto
from store.engine import Tx
from store.errors import Stale
from store.model import Allowance, Conversation, Customer, QueueEntry
from store.prepared import Prepared
from store.ratings import Rating
from store.tables import conversations, customers, pending_media, pending_turns

Outcome = Literal["ok", "stale"]


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """A ticket that its customer takes back."""

    ticket_no: str
    expected_version: int
    statement: str


@dataclass(frozen=True, slots=True)
class Supplement:
    """Something that a customer adds to a ticket of their own."""

    ticket_no: str
    text: str


@dataclass(frozen=True, slots=True)
class Media:
    """A file that still lies with the platform; it belongs to the first message of the turn."""

    media_id: str
    media_type: str


@dataclass(frozen=True, slots=True)
class TurnPlan:
    """The conversation as it shall be after the turn, and what came with it."""

    conversation: Conversation  # with the new holder, state, version and last_seq
    expected_version: int | None  # None: the conversation is new
    messages: tuple[MessageDraft, ...]  # numbered up to conversation.last_seq
    now: datetime
    new_customer: Customer | None = None
    changed_customer: Customer | None = None
    ticket: tickets.TicketDraft | None = None
    withdrawals: tuple[Withdrawal, ...] = ()
    supplements: tuple[Supplement, ...] = ()
    enter_queue: QueueEntry | None = None
    leave_queue: bool = False
    raise_priority: bool = False
    rating: Rating | None = None
    media: tuple[Media, ...] = ()
    lease_s: float = 0.0  # the channel answers in its response: hold the outbox rows this long
    unanswered_due: datetime | None = None  # the turn did not finish: a worker takes it from here
    answers_pending: int | None = None  # this turn answers a message that was left unanswered
    allowance: Allowance | None = None  # what the customer's message lets us send by the platform's API


@dataclass(frozen=True, slots=True)
class PreparedTurn:
    """A plan as rows, sealed: nothing is left to compute inside the transaction."""

    plan: TurnPlan
    conversation_row: dict[str, Any]
    customer_row: dict[str, Any] | None
    message_rows: list[dict[str, Any]]
    protected_rows: list[dict[str, Any]]
    outbox_rows: list[dict[str, Any]]
    media_rows: list[dict[str, Any]]
    ticket_row: dict[str, Any] | None


def prepare(crypto: Crypto, plan: TurnPlan) -> PreparedTurn:
    """Turn *plan* into rows."""
    after = plan.conversation
    first_seq = after.last_seq - len(plan.messages) + 1
    rows, hidden = message_rows(crypto, after.id, after.account, first_seq, plan.messages, plan.now)
    lease_until = plan.now + timedelta(seconds=plan.lease_s) if plan.lease_s else None
    customer = plan.new_customer or plan.changed_customer
    return PreparedTurn(
        plan=plan,
        conversation_row={
            "id": after.id,
            "account": after.account,
            "channel": after.channel.value,
            "customer_id": after.customer_id,
            "holder": after.holder.value,
            "version": after.version,
            "last_seq": after.last_seq,
            "state_enc": sealed_state(crypto, after.id, after.state),
            "agent_id": after.agent_id,
            "ticket_no": after.ticket_no,
            "urgent": after.urgent,
            **understood_columns(after.state),
            "preview": after.preview,
            "department": after.department,
            "language": after.language,
            "created_at": after.created_at,
            "updated_at": after.updated_at,
            "last_customer_at": after.last_customer_at,
            "ended_at": after.ended_at,
            "erased_at": None,
        },
        customer_row=customer_rows.sealed_row(crypto, customer) if customer else None,
        message_rows=rows,
        protected_rows=hidden,
        outbox_rows=outbox_rows(after.id, after.account, rows, plan.now, lease_until) if after.channel in PUSH_CHANNELS else [],
        media_rows=[
            {
                "conversation_id": after.id,
                "seq": first_seq,
                "n": n,
                "account": after.account,
                "media_id": item.media_id,
                "media_type": item.media_type,
                "status": "pending",
                "attempts": 0,
                "due_at": plan.now,
            }
            for n, item in enumerate(plan.media)
        ],
        ticket_row=tickets.sealed_row(crypto, plan.ticket) if plan.ticket else None,
    )


_INSERT_CUSTOMER = Prepared(insert(customers))
_INSERT_CONVERSATION = Prepared(insert(conversations))
_INSERT_MEDIA = insert(pending_media)
_INSERT_PENDING = insert(pending_turns)
_CHANGED = (
    "holder",
    "version",
    "last_seq",
    "state_enc",
    "agent_id",
    "ticket_no",
    "urgent",
    "kind",
    "product",
    "emotion",
    "preview",
    "language",
    "updated_at",
    "last_customer_at",
    "ended_at",
)
_UPDATE_CONVERSATION = Prepared(
    update(conversations)
    .where(
        conversations.c.id == bindparam("b_id"),
        conversations.c.version == bindparam("b_expected"),
    )
    .values({name: bindparam(f"b_{name}") for name in _CHANGED})
)
_UPDATE_CUSTOMER = Prepared(
    update(customers)
    .where(customers.c.id == bindparam("b_id"))
    .values(
        {
            name: bindparam(f"b_{name}")
            for name in (
                "signed_hmac",
                "profile_enc",
                "phone_hmac",
                "name_hmac",
                "privacy_notice_version",
            )
        }
    )
)
_DELETE_PENDING = delete(pending_turns).where(
    pending_turns.c.conversation_id == bindparam("id"),
    pending_turns.c.seq == bindparam("seq"),
)


def commit(tx: Tx, turn: PreparedTurn) -> Outcome:
    """Write the turn. ``stale``, and nothing written, when the conversation moved on since it was loaded.

    A message that is stored already raises through the unique index and becomes ``Conflict`` for the caller; a ticket that
    moved on raises ``Stale``. Either way nothing of the turn is kept.
    """
    plan, row = turn.plan, turn.conversation_row
    if plan.expected_version is not None:
        values = {f"b_{name}": row[name] for name in _CHANGED}
        keys = {"b_id": row["id"], "b_expected": plan.expected_version}
        if _UPDATE_CONVERSATION.run(tx, {**keys, **values}) == 0:
            return "stale"
    with tx.at_once():
        _commit_rows(tx, turn)
    if turn.media_rows:
        tx.conn.execute(_INSERT_MEDIA, turn.media_rows)
    _commit_tickets(tx, turn)
    _commit_queue(tx, plan)
    if plan.rating is not None:
        ratings.answer(tx, plan.rating, plan.now)
    if plan.unanswered_due is not None:
        tx.conn.execute(
            _INSERT_PENDING,
            {
                "conversation_id": row["id"],
                "seq": row["last_seq"],
                "attempts": 1,
                "due_at": plan.unanswered_due,
            },
        )
    if plan.allowance is not None:
        windows.grant(tx, plan.conversation.customer_id, plan.allowance, plan.now)
    if plan.answers_pending is not None:
        tx.conn.execute(_DELETE_PENDING, {"id": row["id"], "seq": plan.answers_pending})
    return "ok"


def _commit_rows(tx: Tx, turn: PreparedTurn) -> None:
    """What nearly every turn writes, beside the conversation that it goes on with."""
    plan = turn.plan
    if plan.new_customer is not None and turn.customer_row is not None:
        _INSERT_CUSTOMER.run(tx, {**turn.customer_row, "created_at": plan.now, "erased_at": None})
    if plan.expected_version is None:
        _INSERT_CONVERSATION.run(tx, turn.conversation_row)
    if plan.changed_customer is not None and turn.customer_row is not None:
        _UPDATE_CUSTOMER.run(tx, {f"b_{name}": value for name, value in turn.customer_row.items()})
    if turn.message_rows:
        INSERT_MESSAGES.run(tx, turn.message_rows)
    if turn.protected_rows:
        INSERT_PROTECTED.run(tx, turn.protected_rows)
    if turn.outbox_rows:
        INSERT_OUTBOX.run(tx, turn.outbox_rows)


def _commit_tickets(tx: Tx, turn: PreparedTurn) -> None:
    plan = turn.plan
    if plan.ticket is not None and turn.ticket_row is not None:
        tickets.insert_sealed(
            tx,
            turn.ticket_row,
            filed_by=plan.ticket.filed_by,
            dispatch_rule=plan.ticket.dispatch_rule,
        )
    for withdrawal in plan.withdrawals:
        moved = tickets.move(
            tx,
            withdrawal.ticket_no,
            TicketState.WITHDRAWN,
            expected_version=withdrawal.expected_version,
            actor="customer",
            role="customer",
            now=plan.now,
            detail={"statement": withdrawal.statement},
        )
        if isinstance(moved, str):
            raise Stale(withdrawal.ticket_no)
    for supplement in plan.supplements:
        tickets.note(
            tx,
            supplement.ticket_no,
            "customer",
            tickets.SUPPLEMENTED,
            {"text": supplement.text},
            plan.now,
        )


def _commit_queue(tx: Tx, plan: TurnPlan) -> None:
    if plan.leave_queue or plan.conversation.holder is Holder.ENDED:
        queue.leave(tx, plan.conversation.id, plan.now)
    if plan.conversation.holder is Holder.ENDED:
        webhooks.emit_ended(tx, plan.conversation.id, plan.conversation.channel, plan.now)
    if plan.enter_queue is not None:
        queue.enter(tx, plan.enter_queue)
    elif plan.raise_priority:
        queue.raise_priority(tx, plan.conversation.id, Priority.URGENT)


@dataclass(frozen=True, slots=True)
class PendingTurn:
    """A customer's message that was stored without an answer."""

    conversation_id: str
    seq: int
    attempts: int


_PENDING = select(pending_turns).where(pending_turns.c.due_at <= bindparam("now")).order_by(pending_turns.c.due_at).limit(50)


def pending(tx: Tx, now: datetime) -> tuple[PendingTurn, ...]:
    """Messages waiting for an answer whose time has come, oldest first."""
    rows = tx.conn.execute(_PENDING, {"now": now})
    return tuple(PendingTurn(row.conversation_id, row.seq, row.attempts) for row in rows)


def is_pending(tx: Tx, item: PendingTurn) -> bool:
    """Whether nobody has answered it meanwhile."""
    mine = pending_turns.c.conversation_id == item.conversation_id, pending_turns.c.seq == item.seq
    return tx.conn.execute(select(pending_turns.c.seq).where(*mine)).first() is not None


def postpone(tx: Tx, item: PendingTurn, due_at: datetime) -> None:
    """Count one more failed attempt and try again at *due_at*."""
    tx.conn.execute(
        update(pending_turns)
        .where(
            pending_turns.c.conversation_id == item.conversation_id,
            pending_turns.c.seq == item.seq,
        )
        .values(attempts=item.attempts + 1, due_at=due_at)
    )
