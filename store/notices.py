"""Notices to customers: which are due because a ticket moved, which a platform took, what became of them, who agreed to which."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, bindparam, delete, insert, select, update

from config.labels import TicketState
from store.customers import external_hmac
from store.engine import Tx
from store.tables import consents, customers, notices_due, odd_pushes, sent_notices

# Moves that the customer hears of, unless they made them. A reply, a refusal and an end are the outcome of their matter.
TOLD = frozenset(
    {
        TicketState.IN_PROGRESS,
        TicketState.AWAITING_CUSTOMER,
        TicketState.REPLIED,
        TicketState.RESOLVED,
        TicketState.NOT_ACCEPTED,
        TicketState.MERGED,
    }
)
OUTCOMES = frozenset({TicketState.REPLIED, TicketState.RESOLVED, TicketState.NOT_ACCEPTED, TicketState.MERGED})


@dataclass(frozen=True, slots=True)
class Due:
    """A move that the customer has not been told of."""

    ticket_no: str
    n: int  # the line of the ticket's history
    to_state: TicketState
    at: datetime


def due(tx: Tx, ticket_no: str, n: int, to_state: TicketState, actor: str, now: datetime) -> None:
    """Note that the customer is to hear of a move, in the transaction that makes it."""
    if to_state in TOLD and actor != "customer":
        tx.conn.execute(insert(notices_due).values(ticket_no=ticket_no, n=n, to_state=to_state.value, at=now))


_DUE = select(notices_due).order_by(notices_due.c.at, notices_due.c.ticket_no, notices_due.c.n)
_TAKE = delete(notices_due).where(notices_due.c.ticket_no == bindparam("no"), notices_due.c.n == bindparam("line"))


def all_due(tx: Tx, limit: int) -> tuple[Due, ...]:
    """What customers are to hear of, oldest first."""
    rows = tx.conn.execute(_DUE.limit(limit))
    return tuple(Due(row.ticket_no, row.n, TicketState(row.to_state), row.at) for row in rows)


def take(tx: Tx, item: Due) -> bool:
    """Strike *item* off, in the transaction that tells the customer. False when somebody else did."""
    return tx.conn.execute(_TAKE, {"no": item.ticket_no, "line": item.n}).rowcount > 0


# --- what a platform took ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Sent:
    """The outbox row that a notice stood for."""

    conversation_id: str
    seq: int


def customer_id(tx: Tx, account: str, external_id: str) -> str | None:
    """Our id of a channel's customer, None for somebody who never wrote."""
    fingerprint = external_hmac(tx.crypto, account, external_id)
    mine = customers.c.account == account, customers.c.external_hmac == fingerprint
    found: str | None = tx.conn.execute(select(customers.c.id).where(*mine)).scalar()
    return found


def sent(tx: Tx, account: str, msgid: str, row: Sent, now: datetime) -> str:
    """The platform took a notice under *msgid*; returns what became of it, should that be known already."""
    known = tx.conn.execute(_BY_MSGID, {"account": account, "msgid": msgid}).one_or_none()
    if known is None:
        values = {"conversation_id": row.conversation_id, "seq": row.seq, "result": "", "at": now}
        tx.conn.execute(insert(sent_notices).values(account=account, msgid=msgid, **values))
        return ""
    tx.conn.execute(
        update(sent_notices)
        .where(sent_notices.c.account == account, sent_notices.c.msgid == msgid)
        .values(conversation_id=row.conversation_id, seq=row.seq)
    )
    return str(known.result)


_BY_MSGID = select(sent_notices).where(
    and_(sent_notices.c.account == bindparam("account"), sent_notices.c.msgid == bindparam("msgid"))
)


def finished(tx: Tx, account: str, msgid: str, result: str, now: datetime) -> Sent | None:
    """Note what became of a notice. Returns the outbox row that it stood for, None when that is not known yet.

    The platform may say so before its answer to the call has reached us: then it is kept for ``sent``.
    """
    known = tx.conn.execute(_BY_MSGID, {"account": account, "msgid": msgid}).one_or_none()
    if known is None:
        values = {"conversation_id": None, "seq": None, "result": result, "at": now}
        tx.conn.execute(insert(sent_notices).values(account=account, msgid=msgid, **values))
        return None
    tx.conn.execute(
        update(sent_notices).where(sent_notices.c.account == account, sent_notices.c.msgid == msgid).values(result=result)
    )
    return Sent(known.conversation_id, known.seq) if known.conversation_id else None


# --- who agreed to what ------------------------------------------------------------------------------------------------------


def agreed(tx: Tx, customer: str, template_id: str, *, yes: bool) -> None:
    """The customer agreed to one more message of a template, or wants none."""
    mine = consents.c.customer_id == customer, consents.c.template_id == template_id
    left = consents.c.left_over + 1 if yes else 0
    if not tx.conn.execute(update(consents).where(*mine).values(left_over=left)).rowcount:
        tx.conn.execute(insert(consents).values(customer_id=customer, template_id=template_id, left_over=1 if yes else 0))


def use_consent(tx: Tx, customer: str, template_id: str) -> bool:
    """Use one consent up. False when the customer is known to have given none; nobody knows of what happened before us."""
    mine = consents.c.customer_id == customer, consents.c.template_id == template_id
    if tx.conn.execute(
        update(consents).where(*mine, consents.c.left_over > 0).values(left_over=consents.c.left_over - 1)
    ).rowcount:
        return True
    return tx.conn.execute(select(consents.c.left_over).where(*mine)).scalar() is None


# --- pushes that we have no use for ------------------------------------------------------------------------------------------


def keep_odd(tx: Tx, account: str, digest: str, customer: str | None, fields: dict[str, Any], now: datetime) -> None:
    """Keep what may be kept of a push that nobody reads yet; the same push once."""
    if tx.conn.execute(select(odd_pushes.c.digest).where(odd_pushes.c.digest == digest)).scalar() is None:
        tx.conn.execute(insert(odd_pushes).values(digest=digest, account=account, customer_id=customer, fields=fields, at=now))
