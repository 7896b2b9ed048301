"""Conversations and their messages: loading, reading on, and what people other than the bot add to them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import and_, bindparam, func, select, update

from config.labels import Audience, FeedbackChannel, Holder, Speaker
from store import customers as customer_rows
from store import tickets as ticket_rows
from store import webhooks
from store.engine import Tx
from store.model import Conversation, Customer, Message, Ticket
from store.prepared import Prepared, PreparedRows, constant
from store.tables import (
    conversations,
    customers,
    outbox,
    protected_values,
)
from store.tables import messages as lines

COMPACT = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))  # made once: making one costs more than encoding
PREVIEW_CHARS = 60

# Channels that we send to. The others come and fetch by seq, so their messages need no outbox row.
PUSH_CHANNELS = frozenset(
    {
        FeedbackChannel.WECHAT_OFFICIAL,
        FeedbackChannel.WECHAT_MINI,
        FeedbackChannel.WECHAT_KF,
    }
)


@dataclass(frozen=True, slots=True)
class Protected:
    """A card, ID or phone number that a message held: the text has ``token`` in its place."""

    kind: str
    token: str
    original: str


@dataclass(frozen=True, slots=True)
class MessageDraft:
    """A message that has no number yet."""

    speaker: Speaker
    text: str
    type: str = "text"
    audience: Audience = Audience.ALL
    payload: dict[str, Any] = field(default_factory=dict)
    external_id: str | None = None
    agent_id: str | None = None
    cause_seq: int | None = None
    understanding: Mapping[str, Any] | None = None
    protected: tuple[Protected, ...] = ()


@dataclass(frozen=True, slots=True)
class Loaded:
    """What intake needs to know about a customer before a turn."""

    customer: Customer | None
    conversation: Conversation | None  # the one that is not ended
    previous: Conversation | None  # the latest ended one, only when none is open
    duplicate: tuple[str, int] | None  # conversation and seq of a message with the same external id
    tickets: tuple[Ticket, ...] = ()  # the customer's own, newest first


@dataclass(frozen=True, slots=True)
class Appended:
    """A message took its number."""

    seq: int
    version: int


OWNER = [column.label(f"owner_{column.name}") for column in customers.c]
_OPEN = Prepared(
    select(conversations, *OWNER)
    .select_from(
        customers.outerjoin(
            conversations,
            and_(
                conversations.c.customer_id == customers.c.id,
                conversations.c.holder != constant("ended"),
            ),
        )
    )
    .where(
        customers.c.account == bindparam("account"),
        customers.c.external_hmac == bindparam("external_hmac"),
    )
)
_LATEST = select(conversations).where(conversations.c.customer_id == bindparam("customer_id"))
_LATEST_ONE = Prepared(_LATEST.order_by(conversations.c.created_at.desc()).limit(1))
_DUPLICATE = Prepared(
    select(lines.c.conversation_id, lines.c.seq).where(
        lines.c.account == bindparam("account"),
        lines.c.external_id == bindparam("external_id"),
    )
)
_ONE = select(conversations).where(conversations.c.id == bindparam("id"))
_BY_ID = Prepared(_ONE)
_LOCKED = _ONE.with_for_update()
_CUSTOMER_OF = Prepared(
    select(customers)
    .join(conversations, conversations.c.customer_id == customers.c.id)
    .where(conversations.c.id == bindparam("id"))
)
_MESSAGES = (
    select(lines, outbox.c.status.label("delivery"), outbox.c.error.label("delivery_reason"))
    .outerjoin(
        outbox,
        and_(
            outbox.c.conversation_id == lines.c.conversation_id,
            outbox.c.seq == lines.c.seq,
        ),
    )
    .where(lines.c.conversation_id == bindparam("id"), lines.c.seq > bindparam("after"))
    .order_by(lines.c.seq)
)
_PROTECTED = (
    select(protected_values)
    .where(protected_values.c.conversation_id == bindparam("id"), protected_values.c.seq == bindparam("seq"))
    .order_by(protected_values.c.n)
)
_PUBLIC = _MESSAGES.where(lines.c.audience == Audience.ALL)
_PAGE = Prepared(_MESSAGES.limit(bindparam("limit")))
_PUBLIC_PAGE = Prepared(_PUBLIC.limit(bindparam("limit")))
_ANSWERS = select(lines).where(
    lines.c.conversation_id == bindparam("id"),
    lines.c.cause_seq == bindparam("seq"),
    lines.c.audience == Audience.ALL,
)
_ANSWERS_IN_ORDER = _ANSWERS.order_by(lines.c.seq)
_BEFORE = select(func.max(lines.c.seq).label("seq")).where(
    lines.c.conversation_id == bindparam("id"), lines.c.seq <= bindparam("after")
)
_PREVIOUS_SEQ = Prepared(_BEFORE)
_PREVIOUS_PUBLIC_SEQ = Prepared(_BEFORE.where(lines.c.audience == Audience.ALL))
_CHANGED = select(conversations.c.id, conversations.c.last_seq, conversations.c.holder).where(
    conversations.c.updated_at >= bindparam("moment")
)


def from_row(tx: Tx, row: Any) -> Conversation:
    """The conversation in a row, its state opened."""
    return Conversation(
        id=row.id,
        account=row.account,
        channel=FeedbackChannel(row.channel),
        customer_id=row.customer_id,
        holder=Holder(row.holder),
        version=row.version,
        last_seq=row.last_seq,
        state=json.loads(tx.crypto.decrypt(row.state_enc, f"conversations.state_enc.{row.id}")),
        agent_id=row.agent_id,
        ticket_no=row.ticket_no,
        urgent=row.urgent,
        preview=row.preview,
        created_at=row.created_at,
        updated_at=row.updated_at,
        last_customer_at=row.last_customer_at,
        ended_at=row.ended_at,
        department=row.department,
        erased_at=row.erased_at,
        language=row.language,
    )


def message_from_row(row: Any) -> Message:
    """The message in a row."""
    return Message(
        conversation_id=row.conversation_id,
        seq=row.seq,
        speaker=Speaker(row.speaker),
        type=row.type,
        text=row.text,
        at=row.at,
        audience=Audience(row.audience),
        payload=row.payload or {},
        external_id=row.external_id,
        agent_id=row.agent_id,
        cause_seq=row.cause_seq,
        understanding=row.understanding,
        delivery=getattr(row, "delivery", None),
        delivery_reason=getattr(row, "delivery_reason", None),
    )


def load(tx: Tx, account: str, external_hmac: str, message_id: str | None) -> Loaded:
    """The customer with that id on that account, the open conversation, and whether the message is known already."""
    duplicate = None
    if message_id is not None:
        known = _DUPLICATE.first(tx, {"account": account, "external_id": message_id})
        duplicate = (known.conversation_id, known.seq) if known else None
    row = _OPEN.first(tx, {"account": account, "external_hmac": external_hmac})
    if row is None:
        return Loaded(None, None, None, duplicate)
    customer = customer_rows.from_row(tx.crypto, CustomerView(row))
    tickets = tickets_of(tx, customer)
    if row.id is not None:
        return Loaded(customer, from_row(tx, row), None, duplicate, tickets)
    latest = _LATEST_ONE.first(tx, {"customer_id": customer.id})
    return Loaded(customer, None, from_row(tx, latest) if latest else None, duplicate, tickets)


class CustomerView:
    """The customer's columns of a joined row under their own names."""

    def __init__(self, row: Any) -> None:
        self._row = row

    def __getattr__(self, name: str) -> Any:
        return getattr(self._row, f"owner_{name}")


def get(tx: Tx, conversation_id: str) -> Conversation | None:
    """The conversation with that id."""
    row = _BY_ID.first(tx, {"id": conversation_id})
    return from_row(tx, row) if row else None


def of_customer(tx: Tx, account: str, external_id: str) -> Conversation | None:
    """The customer's conversation that is not ended."""
    fingerprint = customer_rows.external_hmac(tx.crypto, account, external_id)
    return load(tx, account, fingerprint, None).conversation


def customer_of(tx: Tx, conversation_id: str) -> Customer:
    """Whose conversation it is. Raises ``LookupError`` for an unknown conversation."""
    row = _CUSTOMER_OF.first(tx, {"id": conversation_id})
    if row is None:
        raise LookupError(conversation_id)
    return customer_rows.from_row(tx.crypto, row)


def tickets_of(tx: Tx, customer: Customer) -> tuple[Ticket, ...]:
    """The customer's own tickets, newest first."""
    return ticket_rows.of_customer(tx, customer.id, customer.signed_id)


def earlier(tx: Tx, customer_id: str, limit: int = 20) -> tuple[Conversation, ...]:
    """The customer's conversations, newest first."""
    latest = _LATEST.order_by(conversations.c.created_at.desc()).limit(limit)
    rows = tx.conn.execute(latest, {"customer_id": customer_id})
    return tuple(from_row(tx, row) for row in rows)


def messages(
    tx: Tx,
    conversation_id: str,
    after: int = 0,
    limit: int | None = None,
    audience: Audience | None = None,
) -> tuple[Message, ...]:
    """Messages with a seq greater than *after*, in order; with ``Audience.ALL`` only what the customer may see."""
    key = {"id": conversation_id, "after": after}
    if limit:
        page = _PUBLIC_PAGE if audience is Audience.ALL else _PAGE
        return tuple(message_from_row(row) for row in page.all(tx, {**key, "limit": limit}))
    rows = tx.conn.execute(_PUBLIC if audience is Audience.ALL else _MESSAGES, key)
    return tuple(message_from_row(row) for row in rows)


def protected_in(tx: Tx, conversation_id: str, seq: int) -> tuple[Protected, ...]:
    """The protected values of one message, opened: for taking its turn again, never for showing."""
    return tuple(
        Protected(
            row.kind, row.token, tx.crypto.decrypt(row.value_enc, f"protected_values.value_enc.{conversation_id}:{seq}:{row.n}")
        )
        for row in tx.conn.execute(_PROTECTED, {"id": conversation_id, "seq": seq})
    )


def previous_seq(tx: Tx, conversation_id: str, after: int, audience: Audience | None = None) -> int:
    """The last seq up to and including *after* that this audience sees, 0 before the first: the start of a chain."""
    statement = _PREVIOUS_PUBLIC_SEQ if audience is Audience.ALL else _PREVIOUS_SEQ
    found = statement.first(tx, {"id": conversation_id, "after": after})
    return (found.seq or 0) if found else 0


def seq_of(tx: Tx, conversation_id: str, external_id: str) -> int:
    """The number of the message with that external id, 0 if there is none."""
    found = select(lines.c.seq).where(lines.c.conversation_id == conversation_id, lines.c.external_id == external_id)
    return tx.conn.execute(found).scalar() or 0


def answers_to(tx: Tx, conversation_id: str, seq: int) -> tuple[Message, ...]:
    """What was said in answer to the customer's message *seq*."""
    return tuple(message_from_row(row) for row in tx.conn.execute(_ANSWERS_IN_ORDER, {"id": conversation_id, "seq": seq}))


def changed_since(tx: Tx, moment: datetime) -> tuple[tuple[str, int, str], ...]:
    """Id, last seq and holder of every conversation that changed at or after *moment*: what a poll asks."""
    return tuple((row.id, row.last_seq, row.holder) for row in tx.conn.execute(_CHANGED, {"moment": moment}))


def message_rows(
    tx_crypto: Any,
    conversation_id: str,
    account: str,
    first_seq: int,
    drafts: Sequence[MessageDraft],
    now: datetime,
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Rows for ``messages`` and ``protected_values``, numbered from *first_seq*."""
    rows, hidden = [], []
    for seq, draft in enumerate(drafts, first_seq):
        rows.append(
            {
                "conversation_id": conversation_id,
                "seq": seq,
                "account": account,
                "external_id": draft.external_id,
                "speaker": draft.speaker.value,
                "type": draft.type,
                "audience": draft.audience.value,
                "text": draft.text,
                "payload": draft.payload or None,
                "understanding": draft.understanding,
                "agent_id": draft.agent_id,
                "cause_seq": draft.cause_seq,
                "at": now,
            }
        )
        for n, value in enumerate(draft.protected):
            hidden.append(
                {
                    "conversation_id": conversation_id,
                    "seq": seq,
                    "n": n,
                    "kind": value.kind,
                    "token": value.token,
                    "value_enc": tx_crypto.encrypt(
                        value.original,
                        f"protected_values.value_enc.{conversation_id}:{seq}:{n}",
                    ),
                    "value_hmac": tx_crypto.hmac(value.kind, value.original),
                }
            )
    return rows, hidden


def outbox_rows(
    conversation_id: str,
    account: str,
    rows: list[dict[str, Any]],
    now: datetime,
    lease_until: datetime | None,
) -> list[dict[str, Any]]:
    """An outbox row for each message that goes to the customer; held by lease while the channel answers in its response."""
    return [
        {
            "conversation_id": conversation_id,
            "seq": row["seq"],
            "account": account,
            "speaker": row["speaker"],
            "status": "leased" if lease_until else "pending",
            "attempts": 0,
            "due_at": now,
            "lease_until": lease_until,
            "passive": lease_until is not None,
            "error": None,
            "updated_at": now,
        }
        for row in rows
        if row["speaker"] != Speaker.CUSTOMER and row["audience"] == Audience.ALL
    ]


def preview_of(text: str) -> str:
    """The start of a message for lists."""
    line = " ".join(text.split())
    return line if len(line) <= PREVIEW_CHARS else line[: PREVIEW_CHARS - 1] + "…"


INSERT_MESSAGES = PreparedRows(lines)
INSERT_PROTECTED = PreparedRows(protected_values)
INSERT_OUTBOX = PreparedRows(outbox)
_APPEND = (
    update(conversations)
    .where(conversations.c.id == bindparam("b_id"))
    .values(
        version=bindparam("b_version"),
        last_seq=bindparam("b_last_seq"),
        holder=bindparam("b_holder"),
        agent_id=bindparam("b_agent"),
        preview=bindparam("b_preview"),
        updated_at=bindparam("b_now"),
        ended_at=bindparam("b_ended"),
    )
)


def append(
    tx: Tx,
    conversation_id: str,
    draft: MessageDraft,
    *,
    now: datetime,
    holder: Holder | None = None,
    agent_id: str | None = None,
    new_holder: Holder | None = None,
    clear_agent: bool = False,
    seen_already: bool = False,
) -> Appended | Literal["not_holder", "missing"]:
    """Give *draft* the next number, if the conversation is still held as said.

    With *holder* the conversation must be in that state, with *agent_id* held by that person; both are checked in the same
    transaction. A message that the customer sees also becomes an outbox row where the channel is one that we send to, unless
    they have *seen_already* what is only written down here.
    """
    row = tx.conn.execute(_LOCKED, {"id": conversation_id}).one_or_none()
    if row is None:
        return "missing"
    if (holder is not None and row.holder != holder) or (agent_id is not None and row.agent_id != agent_id):
        return "not_holder"
    rows, hidden = message_rows(tx.crypto, conversation_id, row.account, row.last_seq + 1, [draft], now)
    after = new_holder or Holder(row.holder)
    is_said = draft.text and draft.audience is Audience.ALL and draft.speaker is not Speaker.SYSTEM  # no note, file or notice
    tx.conn.execute(
        _APPEND,
        {
            "b_id": conversation_id,
            "b_version": row.version + 1,
            "b_last_seq": row.last_seq + 1,
            "b_holder": after.value,
            "b_agent": None if clear_agent else row.agent_id,
            "b_preview": preview_of(draft.text) if is_said else row.preview,
            "b_now": now,
            "b_ended": now if after is Holder.ENDED else row.ended_at,
        },
    )
    if after is Holder.ENDED and row.holder != Holder.ENDED:
        webhooks.emit_ended(tx, row.id, row.channel, now)
    INSERT_MESSAGES.run(tx, rows)
    if hidden:
        INSERT_PROTECTED.run(tx, hidden)
    if row.channel in PUSH_CHANNELS and not seen_already:
        sending = outbox_rows(conversation_id, row.account, rows, now, None)
        if sending:
            INSERT_OUTBOX.run(tx, sending)
    return Appended(row.last_seq + 1, row.version + 1)


def understood_columns(state: dict[str, Any]) -> dict[str, str | None]:
    """What lists are filtered by, from the dialogue's memory."""
    understood = state.get("understood") or {}
    return {name: understood.get(name) for name in ("kind", "product", "emotion")}


def set_ticket(tx: Tx, conversation_id: str, ticket_no: str) -> None:
    """Note that *ticket_no* was filed from this conversation."""
    tx.conn.execute(update(conversations).where(conversations.c.id == conversation_id).values(ticket_no=ticket_no))


def set_state(tx: Tx, conversation_id: str, state_enc: str) -> None:
    """Replace the dialogue's memory (sealed by the caller) and move the version on, so that a turn under way goes stale."""
    tx.conn.execute(
        update(conversations)
        .where(conversations.c.id == conversation_id)
        .values(state_enc=state_enc, version=conversations.c.version + 1)
    )


def sealed_state(crypto: Any, conversation_id: str, state: dict[str, Any]) -> str:
    """*state* sealed for the row of that conversation."""
    sealed: str = crypto.encrypt(
        COMPACT.encode(state),
        f"conversations.state_enc.{conversation_id}",
    )
    return sealed
