"""What the desk shows beside a conversation. Light rows: the dialogue's memory stays closed."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, or_, select

from config.labels import FeedbackChannel, Holder
from store import desk_lists
from store.customers import signed_hmac
from store.engine import Tx
from store.model import Customer
from store.prepared import Prepared
from store.tables import conversations, customers


@dataclass(frozen=True, slots=True)
class Glance:
    """Another conversation of the same customer, as a line of a list."""

    id: str
    channel: FeedbackChannel
    holder: Holder
    preview: str
    ticket_no: str | None
    created_at: datetime
    ended_at: datetime | None


_LINES = (
    select(
        conversations.c.id,
        conversations.c.channel,
        conversations.c.holder,
        conversations.c.preview,
        conversations.c.ticket_no,
        conversations.c.created_at,
        conversations.c.ended_at,
    )
    .join(customers, customers.c.id == conversations.c.customer_id)
    .where(conversations.c.id != bindparam("but"))
    .order_by(conversations.c.created_at.desc())
    .limit(bindparam("most"))
)
_SAME_CHANNEL = Prepared(_LINES.where(conversations.c.customer_id == bindparam("customer_id")))
_EVERY_CHANNEL = Prepared(
    _LINES.where(
        or_(conversations.c.customer_id == bindparam("customer_id"), customers.c.signed_hmac == bindparam("signed_hmac"))
    )
)
_LAST_SEQ = Prepared(select(conversations.c.last_seq).where(conversations.c.id == bindparam("id")))

_HELD_BY = select(conversations.c.agent_id).where(conversations.c.id == bindparam("id"), conversations.c.holder == Holder.HUMAN)


def others_of(tx: Tx, customer: Customer, but: str, most: int = 20) -> tuple[Glance, ...]:
    """The customer's conversations other than *but*, newest first; of a signed-in customer those of every channel."""
    values: dict[str, Any] = {"customer_id": customer.id, "but": but, "most": most}
    statement = _SAME_CHANNEL
    if customer.signed_id is not None:
        statement, values["signed_hmac"] = _EVERY_CHANNEL, signed_hmac(tx.crypto, customer.signed_id)
    return tuple(
        Glance(
            row.id,
            FeedbackChannel(row.channel),
            Holder(row.holder),
            row.preview,
            row.ticket_no,
            row.created_at,
            row.ended_at,
        )
        for row in statement.all(tx, values)
    )


def held_by(tx: Tx, conversation_id: str) -> str | None:
    """The agent who holds the conversation now."""
    found: str | None = tx.conn.execute(_HELD_BY, {"id": conversation_id}).scalar()
    return found


def last_seq(tx: Tx, conversation_id: str) -> int | None:
    """The number of the last message; None for an unknown conversation."""
    found = _LAST_SEQ.first(tx, {"id": conversation_id})
    return None if found is None else found.last_seq


def read_up_to(tx: Tx, conversation_id: str, agent_id: str, seq: int) -> int | None:
    """Mark what is there up to *seq* as read, never what is still to come; returns how far, None if it is unknown."""
    last = last_seq(tx, conversation_id)
    if last is None:
        return None
    desk_lists.mark_read(tx, conversation_id, agent_id, min(seq, last))
    return min(seq, last)
