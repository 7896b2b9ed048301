"""What a customer's own window needs to follow their conversations. Light rows: the dialogue's memory stays closed."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, bindparam, exists, or_, select

from config.labels import Holder
from store.engine import Tx
from store.prepared import Prepared, constant
from store.tables import conversations, customers


@dataclass(frozen=True, slots=True)
class Followed:
    """A conversation as far as its customer is told about it."""

    id: str
    holder: Holder
    last_seq: int
    agent_id: str | None
    created_at: datetime
    language: str | None


@dataclass(frozen=True, slots=True)
class Arrival:
    """Where a window that opens may begin, and whether the customer has conversations from before that."""

    shown: Followed
    has_earlier: bool


_OWN = (
    select(
        conversations.c.id,
        conversations.c.holder,
        conversations.c.last_seq,
        conversations.c.agent_id,
        conversations.c.created_at,
        conversations.c.language,
    )
    .join(customers, customers.c.id == conversations.c.customer_id)
    .where(customers.c.account == bindparam("account"), customers.c.external_hmac == bindparam("external_hmac"))
)
# A clock may stand still between two conversations; the open one is the newer then.
_OPEN = conversations.c.holder != constant(Holder.ENDED)
_NEWEST = Prepared(_OWN.order_by(_OPEN.desc(), conversations.c.created_at.desc()).limit(1))
_ONE = Prepared(_OWN.where(conversations.c.id == bindparam("id")))


def _arriving(shown: Select[Any]) -> Prepared:
    """The conversation *shown*, and in the same query whether there are others from before: an opening asks no more often."""
    found, past = shown.add_columns(conversations.c.customer_id).subquery("shown"), conversations.alias("past")
    has_earlier = exists().where(
        past.c.customer_id == found.c.customer_id,
        past.c.created_at <= found.c.created_at,
        past.c.id != found.c.id,
        past.c.holder == constant(Holder.ENDED),
        past.c.erased_at.is_(None),
    )
    return Prepared(select(found, has_earlier.label("has_earlier")))


_ARRIVING_AT_NEWEST = _arriving(_OWN.order_by(_OPEN.desc(), conversations.c.created_at.desc()).limit(1))
_ARRIVING_AT = _arriving(_OWN.where(conversations.c.id == bindparam("id")))
_NEXT = Prepared(
    _OWN.where(
        or_(
            conversations.c.created_at > bindparam("created_at"),
            and_(conversations.c.created_at == bindparam("created_at"), _OPEN),
        )
    )
    .order_by(conversations.c.created_at)
    .limit(1)
)
_CHANGED = (
    select(customers.c.external_hmac, conversations.c.id, conversations.c.last_seq, conversations.c.holder)
    .join(customers, customers.c.id == conversations.c.customer_id)
    .where(conversations.c.updated_at >= bindparam("since"), conversations.c.account == bindparam("account"))
)


def _followed(row: Any) -> Followed:
    return Followed(row.id, Holder(row.holder), row.last_seq, row.agent_id, row.created_at, row.language)


def own(tx: Tx, account: str, external_hmac: str, conversation_id: str | None = None) -> Followed | None:
    """The customer's conversation of that id, or without an id the newest; None if it is not theirs or there is none."""
    values = {"account": account, "external_hmac": external_hmac}
    row = _NEWEST.first(tx, values) if conversation_id is None else _ONE.first(tx, {**values, "id": conversation_id})
    return _followed(row) if row else None


def arriving(tx: Tx, account: str, external_hmac: str, conversation_id: str | None = None) -> Arrival | None:
    """As ``own``, for a window that opens."""
    values = {"account": account, "external_hmac": external_hmac}
    at_newest = conversation_id is None
    row = _ARRIVING_AT_NEWEST.first(tx, values) if at_newest else _ARRIVING_AT.first(tx, {**values, "id": conversation_id})
    return Arrival(_followed(row), bool(row.has_earlier)) if row else None


def following(tx: Tx, account: str, external_hmac: str, ended: Followed) -> Followed | None:
    """The conversation that the customer opened after *ended*, if there is one."""
    values = {"account": account, "external_hmac": external_hmac, "created_at": ended.created_at}
    row = _NEXT.first(tx, values)
    return _followed(row) if row else None


def changed(tx: Tx, account: str, since: datetime) -> tuple[tuple[str, str, int, str], ...]:
    """Customer's fingerprint, conversation, last seq and holder of all that changed: one query for every open window."""
    rows = tx.conn.execute(_CHANGED, {"account": account, "since": since})
    return tuple((row.external_hmac, row.id, row.last_seq, row.holder) for row in rows)
