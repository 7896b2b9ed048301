"""Tickets and their append-only history. A move names the version it expects; the move table says which moves there are."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import bindparam, func, insert, or_, select, update

from config.labels import FeedbackChannel, Priority, TicketKind, TicketState, Topic
from store import notices, webhooks
from store.crypto import Crypto
from store.customers import name_hmac, phone_hmac, signed_hmac
from store.engine import Tx
from store.events import TicketFiled, TicketMoved, TicketSupplemented
from store.model import Ticket, TicketEvent
from store.prepared import Prepared
from store.tables import ticket_events, tickets
from store.ticket_moves import allowed

PHONE_ENDING_DIGITS = 4
LINK_TOKEN_CHARS = 32
SUPPLEMENTED = "supplemented"  # the action of a line that a customer added


@dataclass(frozen=True, slots=True)
class TicketDraft:
    """A ticket about to be filed, complete but for its version."""

    no: str
    kind: TicketKind
    priority: Priority
    channel: FeedbackChannel
    product: str
    nature: str
    department: str
    content: str
    received_at: datetime
    due_at: datetime | None
    record: dict[str, Any] = field(default_factory=dict)
    account: str | None = None
    customer_id: str | None = None
    signed_id: str | None = None
    conversation_id: str | None = None
    contact_phone: str | None = None
    customer_name: str | None = None
    confirmed_text: str = ""
    filed_by: str = "bot"  # agent id, "bot", "customer" (a form), "system"
    dispatch_rule: str = ""  # which routing rule named the department


_BY_NO = select(tickets).where(tickets.c.no == bindparam("no"))
_BY_LINK = select(tickets).where(tickets.c.link_hmac == bindparam("link_hmac"))
_LOCKED = _BY_NO.with_for_update()
_OF_CUSTOMER = Prepared(
    select(tickets)
    .where(
        or_(
            tickets.c.customer_id == bindparam("customer_id"),
            tickets.c.signed_hmac == bindparam("signed_hmac"),
        )
    )
    .order_by(tickets.c.received_at.desc(), tickets.c.no.desc())
    .limit(20)
)
_OF_IDENTITY = select(tickets).where(tickets.c.customer_id == bindparam("customer_id"))
_OF_IDENTITY_NEWEST = Prepared(_OF_IDENTITY.order_by(tickets.c.received_at.desc(), tickets.c.no.desc()).limit(20))
_HISTORY = select(ticket_events).where(ticket_events.c.ticket_no == bindparam("no")).order_by(ticket_events.c.n)
_LAST_N = select(func.coalesce(func.max(ticket_events.c.n), 0)).where(ticket_events.c.ticket_no == bindparam("no"))
_INSERT = Prepared(insert(tickets))
_INSERT_EVENT = Prepared(insert(ticket_events))


def _contact_context(no: str) -> str:
    return f"tickets.contact_enc.{no}"


def sealed_row(crypto: Crypto, draft: TicketDraft) -> dict[str, Any]:
    """*draft* as column values; made before the write, because sealing is computation."""
    contact = {"phone": draft.contact_phone, "name": draft.customer_name}
    phone = draft.contact_phone
    return {
        "no": draft.no,
        "kind": draft.kind.value,
        "state": TicketState.PENDING.value,
        "priority": draft.priority.value,
        "version": 1,
        "channel": draft.channel.value,
        "account": draft.account,
        "customer_id": draft.customer_id,
        "conversation_id": draft.conversation_id,
        "signed_hmac": signed_hmac(crypto, draft.signed_id) if draft.signed_id else None,
        "product": draft.product,
        "nature": draft.nature,
        "department": draft.department,
        "content": draft.content,
        "record": draft.record,
        "confirmed_text": draft.confirmed_text,
        "contact_enc": crypto.encrypt(json.dumps(contact), _contact_context(draft.no)) if any(contact.values()) else None,
        "phone_hmac": phone_hmac(crypto, phone) if phone else None,
        "phone_ending_hmac": _ending_hmac(crypto, draft.no, phone) if phone else None,
        "name_hmac": name_hmac(crypto, draft.customer_name) if draft.customer_name else None,
        "link_hmac": link_hmac(crypto, link_token(crypto, draft.no)),
        "received_at": draft.received_at,
        "due_at": draft.due_at,
        "updated_at": draft.received_at,
    }


def _ending_hmac(crypto: Crypto, no: str, phone: str) -> str:
    # The number is part of the fingerprint: four digits alone could be tried out over the whole table.
    return crypto.hmac("phone_ending", f"{no}:{phone[-PHONE_ENDING_DIGITS:]}")


def link_token(crypto: Crypto, no: str) -> str:
    """The secret part of the customer's link to a ticket: 128 bits that only this deployment's keys give. Stored nowhere."""
    return crypto.hmac("status_link", no)[:LINK_TOKEN_CHARS]


def link_hmac(crypto: Crypto, token: str) -> str:
    """What is stored of a link, to find its ticket by."""
    return crypto.hmac("status_token", token)


def from_row(tx: Tx, row: Any) -> Ticket:
    """The ticket in a row, its contact opened."""
    contact = json.loads(tx.crypto.decrypt(row.contact_enc, _contact_context(row.no))) if row.contact_enc else {}
    return Ticket(
        no=row.no,
        kind=TicketKind(row.kind),
        state=TicketState(row.state),
        priority=Priority(row.priority),
        version=row.version,
        channel=FeedbackChannel(row.channel),
        account=row.account,
        customer_id=row.customer_id,
        conversation_id=row.conversation_id,
        product=row.product,
        nature=row.nature,
        department=row.department,
        content=row.content,
        record=row.record,
        contact_phone=contact.get("phone"),
        customer_name=contact.get("name"),
        received_at=row.received_at,
        due_at=row.due_at,
        updated_at=row.updated_at,
    )


def _add_event(
    tx: Tx,
    no: str,
    *,
    at: datetime,
    actor: str,
    action: str,
    detail: Mapping[str, Any],
    from_state: str | None = None,
    to_state: str | None = None,
    n: int | None = None,
) -> int:
    number = n if n is not None else (tx.conn.execute(_LAST_N, {"no": no}).scalar() or 0) + 1
    _INSERT_EVENT.run(
        tx,
        {
            "ticket_no": no,
            "n": number,
            "at": at,
            "actor": actor,
            "action": action,
            "from_state": from_state,
            "to_state": to_state,
            "detail": dict(detail),
        },
    )
    return number


def insert_sealed(tx: Tx, row: dict[str, Any], *, filed_by: str, dispatch_rule: str) -> None:
    """Insert a row made by ``sealed_row`` with the first line of its history."""
    _INSERT.run(tx, row)
    _add_event(
        tx,
        row["no"],
        at=row["received_at"],
        actor=filed_by,
        action="filed",
        detail={"department": row["department"], "rule": dispatch_rule},
        to_state=TicketState.PENDING.value,
        n=1,
    )
    told: TicketFiled = {
        "ticket_no": row["no"],
        "state": row["state"],
        "kind": row["kind"],
        "priority": row["priority"],
        "channel": row["channel"],
        "product": row["product"],
        "department": row["department"],
        "conversation_id": row["conversation_id"],
    }
    webhooks.emit(tx, Topic.TICKET_FILED, told, row["received_at"])


def file(tx: Tx, draft: TicketDraft, now: datetime) -> bool:
    """File *draft* as a pending ticket. False, and nothing changed, when the number is taken already."""
    del now  # the clocks of a ticket start when the bank received it: draft.received_at
    if tx.conn.execute(_BY_NO, {"no": draft.no}).one_or_none() is not None:
        return False
    insert_sealed(
        tx,
        sealed_row(tx.crypto, draft),
        filed_by=draft.filed_by,
        dispatch_rule=draft.dispatch_rule,
    )
    return True


def get(tx: Tx, no: str) -> Ticket | None:
    """The ticket with that number."""
    row = tx.conn.execute(_BY_NO, {"no": no}).one_or_none()
    return from_row(tx, row) if row else None


def of_customer(tx: Tx, customer_id: str, signed_id: str | None = None) -> tuple[Ticket, ...]:
    """The customer's own tickets, newest first: filed on this channel identity, or under the same signed customer id."""
    if signed_id is None:
        rows = _OF_IDENTITY_NEWEST.all(tx, {"customer_id": customer_id})
    else:
        rows = _OF_CUSTOMER.all(tx, {"customer_id": customer_id, "signed_hmac": signed_hmac(tx.crypto, signed_id)})
    return tuple(from_row(tx, row) for row in rows)


def look_up(tx: Tx, no: str, phone_last4: str) -> Ticket | None:
    """The ticket if number and phone ending belong together; None for wrong and unknown alike."""
    row = tx.conn.execute(_BY_NO, {"no": no}).one_or_none()
    if row is None or row.phone_ending_hmac != _ending_hmac(tx.crypto, no, phone_last4):
        return None
    return from_row(tx, row)


def by_link(tx: Tx, fingerprint: str) -> Ticket | None:
    """The ticket whose link has that fingerprint."""
    row = tx.conn.execute(_BY_LINK, {"link_hmac": fingerprint}).one_or_none()
    return from_row(tx, row) if row else None


def search(
    tx: Tx,
    *,
    state: TicketState | None = None,
    department: str | None = None,
    before: str | None = None,
    limit: int = 100,
) -> tuple[Ticket, ...]:
    """Tickets, newest first, of a state or a department when given, and those that follow the number *before*."""
    statement = select(tickets).order_by(tickets.c.received_at.desc(), tickets.c.no.desc()).limit(limit)
    if state is not None:
        statement = statement.where(tickets.c.state == state.value)
    if department is not None:
        statement = statement.where(tickets.c.department == department)
    if before is not None:
        at = select(tickets.c.received_at).where(tickets.c.no == before).scalar_subquery()
        statement = statement.where(tickets.c.received_at <= at, or_(tickets.c.received_at < at, tickets.c.no < before))
    return tuple(from_row(tx, row) for row in tx.conn.execute(statement))


def move(
    tx: Tx,
    no: str,
    to: TicketState,
    *,
    expected_version: int,
    actor: str,
    role: str,
    now: datetime,
    detail: Mapping[str, Any] | None = None,
    due_at: datetime | None = None,
) -> Ticket | Literal["missing", "stale", "illegal"]:
    """Move a ticket on, if it still has the version that the mover saw and the table knows the move for *role*.

    Of two movers at once one gets the ticket back, the other ``stale``. Nothing changes unless a ticket is returned.
    *due_at* is a new promise of when it will be answered; without it the old one stands.
    """
    row = tx.conn.execute(_LOCKED, {"no": no}).one_or_none()
    if row is None:
        return "missing"
    if row.version != expected_version:
        return "stale"
    if not allowed(TicketState(row.state), to, role):
        return "illegal"
    changes: dict[str, Any] = {
        "state": to.value,
        "version": row.version + 1,
        "updated_at": now,
    }
    department = (detail or {}).get("department")
    if department:
        changes["department"] = department
    if due_at is not None:
        changes["due_at"] = due_at
    tx.conn.execute(update(tickets).where(tickets.c.no == no).values(**changes))
    line = _add_event(
        tx,
        no,
        at=now,
        actor=actor,
        action="moved",
        detail=detail or {},
        from_state=row.state,
        to_state=to.value,
    )
    notices.due(tx, no, line, to, actor, now)
    told: TicketMoved = {"ticket_no": no, "from": row.state, "state": to, "department": department or row.department}
    webhooks.emit(tx, Topic.TICKET_MOVED, told, now)
    moved = get(tx, no)
    if moved is None:
        raise LookupError(no)
    return moved


def note(tx: Tx, no: str, actor: str, action: str, detail: Mapping[str, Any], now: datetime) -> bool:
    """Add a line to the history without moving the ticket (a supplement, a remark). False for an unknown ticket."""
    row = tx.conn.execute(_LOCKED, {"no": no}).one_or_none()
    if row is None:
        return False
    _add_event(tx, no, at=now, actor=actor, action=action, detail=detail)
    tx.conn.execute(update(tickets).where(tickets.c.no == no).values(updated_at=now))
    if action == SUPPLEMENTED:
        webhooks.emit(tx, Topic.TICKET_SUPPLEMENTED, TicketSupplemented(ticket_no=no, state=row.state), now)
    return True


def history(tx: Tx, no: str) -> tuple[TicketEvent, ...]:
    """Every line of the ticket's history, oldest first."""
    return tuple(
        TicketEvent(
            ticket_no=row.ticket_no,
            n=row.n,
            at=row.at,
            actor=row.actor,
            action=row.action,
            from_state=TicketState(row.from_state) if row.from_state else None,
            to_state=TicketState(row.to_state) if row.to_state else None,
            detail=row.detail,
        )
        for row in tx.conn.execute(_HISTORY, {"no": no})
    )
