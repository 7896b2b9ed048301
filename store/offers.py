"""Waiting conversations that an agent offered to a colleague, and what becomes of an offer that nobody answers."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, bindparam, select, update

from store.engine import Tx
from store.tables import queue_entries


@dataclass(frozen=True, slots=True)
class Offer:
    """*to* is asked by *by* to take the conversation, and has until then to say so."""

    conversation_id: str
    to: str
    by: str
    until: datetime


_e = queue_entries.c
_STANDS = and_(_e.claimed_at.is_(None), _e.left_at.is_(None), _e.offered_by.is_not(None), _e.reserved_for.is_not(None))
_ALL = select(_e.conversation_id, _e.reserved_for, _e.offered_by, _e.reserved_until).where(_STANDS).order_by(_e.reserved_until)
_END = (
    update(queue_entries)
    .where(_STANDS, _e.conversation_id == bindparam("id"), _e.reserved_until == bindparam("until"))
    .values(reserved_for=None, reserved_until=None, offered_by=None)
)


def standing(tx: Tx) -> tuple[Offer, ...]:
    """Every offer that was neither taken nor refused, those whose time is over too; the one that ends first comes first."""
    rows = tx.conn.execute(_ALL)
    return tuple(Offer(row.conversation_id, row.reserved_for, row.offered_by, row.reserved_until) for row in rows)


def end(tx: Tx, offer: Offer) -> bool:
    """The conversation is everybody's. False if the offer was answered meanwhile."""
    return tx.conn.execute(_END, {"id": offer.conversation_id, "until": offer.until}).rowcount > 0
