"""Fills columns that came with a later version in rows that are older. Once, beside the turns; what it needs is sealed."""

import json
from typing import Any

from sqlalchemy import bindparam, select, update

from store import known_facts
from store.conversations import understood_columns
from store.customers import name_hmac
from store.engine import Store, Tx
from store.tables import conversations, customers, tickets

DONE = "filled_in:0012"  # the migration that last left something to be filled in
ROWS = 200
_CONVERSATIONS = (
    select(conversations.c.id, conversations.c.state_enc)
    .where(conversations.c.id > bindparam("after"), conversations.c.kind.is_(None))
    .order_by(conversations.c.id)
    .limit(ROWS)
)
_CUSTOMERS = (
    select(customers.c.id, customers.c.profile_enc)
    .where(customers.c.id > bindparam("after"), customers.c.name_hmac.is_(None), customers.c.profile_enc.isnot(None))
    .order_by(customers.c.id)
    .limit(ROWS)
)
_TICKETS = (
    select(tickets.c.no.label("id"), tickets.c.contact_enc)
    .where(tickets.c.no > bindparam("after"), tickets.c.name_hmac.is_(None), tickets.c.contact_enc.isnot(None))
    .order_by(tickets.c.no)
    .limit(ROWS)
)


async def fill_in(store: Store) -> None:
    """Fill in what is missing, unless that was done before."""
    if await store.read(lambda tx: known_facts.get(tx, DONE)):
        return
    todo = (
        (_CONVERSATIONS, _understood, conversations.c.id),
        (_CUSTOMERS, _named, customers.c.id),
        (_TICKETS, _ticket_named, tickets.c.no),
    )
    for find, compute, key in todo:
        after = ""
        while rows := await store.read(lambda tx, find=find, after=after: tx.conn.execute(find, {"after": after}).all()):  # type: ignore[misc]
            changes = [(row.id, compute(store.crypto, row)) for row in rows]
            await store.write(lambda tx, key=key, changes=changes: _write(tx, key, changes))  # type: ignore[misc]
            after = rows[-1].id
    await store.write(lambda tx: known_facts.put(tx, DONE, "1"))


def _understood(crypto: Any, row: Any) -> dict[str, Any]:
    return understood_columns(json.loads(crypto.decrypt(row.state_enc, f"conversations.state_enc.{row.id}")))


def _named(crypto: Any, row: Any) -> dict[str, Any]:
    name = json.loads(crypto.decrypt(row.profile_enc, f"customers.profile_enc.{row.id}")).get("name")
    return {"name_hmac": name_hmac(crypto, name) if name else None}


def _ticket_named(crypto: Any, row: Any) -> dict[str, Any]:
    name = json.loads(crypto.decrypt(row.contact_enc, f"tickets.contact_enc.{row.id}")).get("name")
    return {"name_hmac": name_hmac(crypto, name) if name else None}


def _write(tx: Tx, key: Any, changes: list[tuple[str, dict[str, Any]]]) -> None:
    for value, columns in changes:
        if any(columns.values()):
            tx.conn.execute(update(key.table).where(key == value).values(**columns))
