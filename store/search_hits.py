"""What stands where a search has found something; and who and what is found by an exact name, number or phone."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, or_, select, tuple_

from config.labels import Audience, FeedbackChannel, Holder, Speaker
from store import customers as customer_rows
from store import tickets as ticket_rows
from store.engine import Tx
from store.model import Customer, Ticket
from store.search import Found
from store.tables import conversations, customers, messages, protected_values, tickets

PROTECTED_KINDS = ("card", "id_number", "phone")


@dataclass(frozen=True, slots=True)
class Spoken:
    """A message that was found, with what a line of a list shows of its conversation."""

    conversation_id: str
    seq: int
    at: datetime
    speaker: Speaker
    audience: Audience
    agent_id: str | None
    text: str
    channel: FeedbackChannel
    holder: Holder
    ticket_no: str | None
    customer_id: str


@dataclass(frozen=True, slots=True)
class Person:
    """A customer that was found, with the conversation that moved last."""

    customer: Customer
    conversation_id: str
    channel: FeedbackChannel
    holder: Holder
    preview: str
    updated_at: datetime


_SPOKEN = select(
    messages.c.conversation_id,
    messages.c.seq,
    messages.c.at,
    messages.c.speaker,
    messages.c.audience,
    messages.c.agent_id,
    messages.c.text,
    conversations.c.channel,
    conversations.c.holder,
    conversations.c.ticket_no,
    conversations.c.customer_id,
).join(conversations, conversations.c.id == messages.c.conversation_id)
_PROTECTED = (
    select(protected_values.c.conversation_id, protected_values.c.seq)
    .where(protected_values.c.value_hmac.in_(bindparam("fingerprints", expanding=True)))
    .order_by(protected_values.c.conversation_id.desc(), protected_values.c.seq.desc())
    .limit(bindparam("most"))
)
_PEOPLE = (
    select(customers)
    .where(
        or_(
            customers.c.name_hmac == bindparam("name"),
            customers.c.phone_hmac == bindparam("phone"),
            customers.c.signed_hmac == bindparam("signed"),
        )
    )
    .order_by(customers.c.created_at.desc())
    .limit(bindparam("most"))
)
_NAMES = select(customers.c.id, customers.c.profile_enc).where(customers.c.id.in_(bindparam("ids", expanding=True)))
_NEWEST = (
    select(conversations)
    .where(conversations.c.customer_id == bindparam("customer_id"))
    .order_by(conversations.c.created_at.desc())
    .limit(1)
)


def spoken(tx: Tx, places: Sequence[tuple[str, int]]) -> dict[tuple[str, int], Spoken]:
    """The messages at those places."""
    if not places:
        return {}
    rows = tx.conn.execute(_SPOKEN.where(tuple_(messages.c.conversation_id, messages.c.seq).in_(places)))
    return {(row.conversation_id, row.seq): _spoken(row) for row in rows}


def _spoken(row: Any) -> Spoken:
    return Spoken(
        row.conversation_id,
        row.seq,
        row.at,
        Speaker(row.speaker),
        Audience(row.audience),
        row.agent_id,
        row.text,
        FeedbackChannel(row.channel),
        Holder(row.holder),
        row.ticket_no,
        row.customer_id,
    )


def names_of(tx: Tx, customer_ids: Sequence[str]) -> dict[str, str]:
    """The names of those customers that have one."""
    found = {}
    for row in tx.conn.execute(_NAMES, {"ids": list(customer_ids)}):
        sealed = row.profile_enc
        name = json.loads(tx.crypto.decrypt(sealed, f"customers.profile_enc.{row.id}")).get("name") if sealed else None
        if name:
            found[row.id] = name
    return found


def holding(tx: Tx, number: str, most: int) -> tuple[tuple[str, int], ...]:
    """Where a card, ID or phone number was said, newest first. It is known by its fingerprint alone."""
    prints = [tx.crypto.hmac(kind, number) for kind in PROTECTED_KINDS]
    return tuple((row[0], row[1]) for row in tx.conn.execute(_PROTECTED, {"fingerprints": prints, "most": most}))


def people(tx: Tx, words: str, most: int) -> tuple[Person, ...]:
    """Customers with exactly that name, phone number or number at the bank, who have a conversation."""
    crypto = tx.crypto
    prints = {
        "name": customer_rows.name_hmac(crypto, words),
        "phone": customer_rows.phone_hmac(crypto, words),
        "signed": customer_rows.signed_hmac(crypto, words),
    }
    found = []
    for row in tx.conn.execute(_PEOPLE, {**prints, "most": most}).all():
        newest = tx.conn.execute(_NEWEST, {"customer_id": row.id}).one_or_none()
        if newest is not None:
            channel, holder = FeedbackChannel(newest.channel), Holder(newest.holder)
            customer = customer_rows.from_row(crypto, row)
            found.append(Person(customer, newest.id, channel, holder, newest.preview, newest.updated_at))
    return tuple(found)


def tickets_at(tx: Tx, found: Sequence[Found]) -> tuple[Ticket, ...]:
    """The tickets that were found, in the order in which they were."""
    rows = tx.conn.execute(select(tickets).where(tickets.c.no.in_([item.subject for item in found]))) if found else ()
    by_number = {row.no: ticket_rows.from_row(tx, row) for row in rows}
    return tuple(by_number[item.subject] for item in found if item.subject in by_number)


def tickets_numbered(tx: Tx, start: str, most: int) -> tuple[Ticket, ...]:
    """Tickets whose number begins so, newest first."""
    like = tickets.c.no >= start, tickets.c.no < start + "~"
    rows = tx.conn.execute(select(tickets).where(*like).order_by(tickets.c.no.desc()).limit(most))
    return tuple(ticket_rows.from_row(tx, row) for row in rows)


def tickets_of_contact(tx: Tx, words: str, most: int) -> tuple[Ticket, ...]:
    """Tickets whose contact has exactly that name or number, newest first; also of people who never chatted."""
    theirs = or_(
        tickets.c.phone_hmac == customer_rows.phone_hmac(tx.crypto, words),
        tickets.c.name_hmac == customer_rows.name_hmac(tx.crypto, words),
    )
    rows = tx.conn.execute(select(tickets).where(theirs).order_by(tickets.c.received_at.desc()).limit(most))
    return tuple(ticket_rows.from_row(tx, row) for row in rows)
