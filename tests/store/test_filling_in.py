"""Columns of a later version are filled in rows of an earlier one, once."""

from dataclasses import replace

from making_rows import NOW, answer, commit, conversation, customer, plan, said, ticket
from sqlalchemy import select, update

from store import tickets
from store.customers import name_hmac
from store.filling_in import fill_in
from store.tables import conversations, customers
from store.tables import tickets as ticket_rows


async def test_old_rows_get_what_lists_are_filtered_by_and_names_are_found_by(store):
    owner = replace(customer(), name="李 女士")
    state = {"understood": {"kind": "complaint", "product": "loan", "emotion": "angry"}}
    todo = plan(conversation(owner), said("你好"), answer("您好", 1), new=owner, state=state)
    assert await commit(store, todo) == "ok"
    await store.write(lambda tx: tx.conn.execute(update(conversations).values(kind=None, product=None, emotion=None)) and None)
    await store.write(lambda tx: tx.conn.execute(update(customers).values(name_hmac=None)) and None)
    for _ in range(2):
        await fill_in(store)
    row = await store.read(lambda tx: tx.conn.execute(select(conversations)).one())
    assert (row.kind, row.product, row.emotion) == ("complaint", "loan", "angry")
    assert await store.read(lambda tx: tx.conn.execute(select(customers.c.name_hmac)).scalar()) == name_hmac(
        store.crypto, "李女士"
    )


async def test_tickets_from_before_are_found_by_the_name_they_are_for(store):
    draft = replace(ticket("FB202611230000011"), customer_name="李 女士")
    await store.write(lambda tx: tickets.file(tx, draft, NOW))
    await store.write(lambda tx: tx.conn.execute(update(ticket_rows).values(name_hmac=None)) and None)
    await fill_in(store)
    assert await store.read(lambda tx: tx.conn.execute(select(ticket_rows.c.name_hmac)).scalar()) == name_hmac(
        store.crypto, "李女士"
    )
