"""What is old is forgotten, whole: from rows, from the word index, from the disk. What is worked on, and what figures need, stays."""

import os
from dataclasses import replace
from datetime import timedelta

import pytest
from making_rows import NOW, answer, commit, conversation, customer, opened, plan, said, ticket
from making_services import settings_for
from sqlalchemy import insert, select

from bot.retention import FILE_AT_REST, forget
from config.clock import SettableClock
from config.labels import Holder, TicketState
from config.settings import Retention
from store import conversations, customers, grams, search, tickets
from store.bell import Bell
from store.blobs import LOCK, BlobMissing, Blobs
from store.conversations import MessageDraft, Protected
from store.indexer import Indexer
from store.retention import RULES
from store.search import Window
from store.search_index import first_id
from store.tables import attempts, audit, idempotency, messages, odd_pushes, protected_values, search_documents, sent_notices
from store.tables import customers as customer_rows

LONG_AGO = NOW - timedelta(days=400)
KEPT = Retention(conversations_days=365, customers_days=365, requests_days=30)


@pytest.fixture
def blobs(tmp_path, crypto) -> Blobs:
    return Blobs(tmp_path / "blobs", crypto)


@pytest.fixture
def run(store, blobs, tmp_path):
    async def run(kept: Retention = KEPT, *, dry: bool = False) -> dict[str, int]:
        done, files = await forget(store, blobs, settings_for(tmp_path, retention=kept), NOW, dry=dry)
        return {item.name: item.count for item in done if item.count} | ({"files": files} if files else {})

    return run


async def old_conversation(store, external_id="u1", ended_at=LONG_AGO, blob: str | None = None, ticket_no: str | None = None):
    """An ended conversation with a phone number, maybe a file and a ticket."""
    owner = replace(customer(external_id), name="张三", phone="13812345678")
    before = conversation(owner)
    files = {"attachments": [{"blob_id": blob, "media_type": "image/jpeg", "size": 1, "name": "a.jpg"}]} if blob else {}
    spoken = MessageDraft(
        said("").speaker,
        "吞卡了，电话[手机号·尾号5678]",
        payload=files,
        understanding={"kind": "complaint"},
        protected=(Protected("phone", "[手机号·尾号5678]", "13812345678"),),
    )
    todo = plan(before, spoken, answer("您好", 1), new=owner, holder=Holder.ENDED, state={"slots": {"demand": "退钱"}})
    over = replace(todo.conversation, updated_at=ended_at, ended_at=ended_at, ticket_no=ticket_no)
    assert await commit(store, replace(todo, now=ended_at, conversation=over)) == "ok"
    return over


async def found(store, words: str) -> int:
    wanted = sorted({gram for term in grams.terms(words) for gram in grams.wanted(term)})
    window = Window(NOW - timedelta(days=2000), first_id(NOW + timedelta(days=1)), is_ticket=False)
    return len(await store.read(lambda tx: search.documents(tx, wanted, window, 50)))


async def rows(store, *columns):
    return await store.read(lambda tx: tx.conn.execute(select(*columns)).all())


async def test_nothing_of_what_was_said_in_a_forgotten_conversation_is_left_but_its_numbers_are(store, run, blobs):
    blob = await blobs.put(b"a picture")
    os.utime(next(path for path in blobs._root.rglob("*") if path.is_file() and path.name != LOCK), (0, 0))
    old = await old_conversation(store, blob=blob)
    await Indexer(store, SettableClock(NOW), Bell()).rebuild()
    assert await found(store, "吞卡") == 1
    assert await run() == {"conversations": 1, "customers": 1, "files": 1}
    assert await found(store, "吞卡") == 0
    assert await rows(store, search_documents.c.id) == await rows(store, protected_values.c.n) == []
    kept = await rows(store, messages.c.seq, messages.c.text, messages.c.payload, messages.c.understanding)
    assert kept == [(1, "", None, None), (2, "", None, None)]
    with pytest.raises(BlobMissing):
        await blobs.get(blob)
    again = await store.read(lambda tx: conversations.get(tx, old.id))
    assert (again.state, again.preview, again.last_seq, again.ended_at) == ({}, "", 2, old.ended_at)
    assert await Indexer(store, SettableClock(NOW), Bell()).rebuild() == 0


async def test_a_customer_of_whom_nothing_is_kept_is_nobody_and_comes_back_as_somebody_new(store, run):
    old = await old_conversation(store)
    await run()
    who = await store.read(lambda tx: customers.get(tx, old.customer_id))
    assert (who.external_id, who.name, who.phone) == ("", None, None)
    (row,) = await rows(store, customer_rows.c.name_hmac, customer_rows.c.phone_hmac, customer_rows.c.signed_hmac)
    assert tuple(row) == (None, None, None)
    back = await opened(store, external_id="u1")
    assert back.customer_id != old.customer_id


async def test_what_is_not_over_or_not_old_or_worked_on_is_kept(store, run):
    await opened(store, external_id="talks")
    await old_conversation(store, "lately", ended_at=NOW - timedelta(days=364))
    busy = await old_conversation(store, "ticket")
    draft = replace(ticket("FB202511230000011"), conversation_id=busy.id, customer_id=busy.customer_id)
    await store.write(lambda tx: tickets.file(tx, draft, NOW))
    assert await run() == {}
    assert all(text for (text,) in await rows(store, messages.c.text))


async def test_once_the_ticket_is_settled_the_conversation_is_forgotten_and_the_ticket_kept(store, run):
    old = await old_conversation(store, ticket_no="FB202511230000011")
    draft = replace(ticket("FB202511230000011", phone="13812345678"), conversation_id=old.id, customer_id=old.customer_id)
    await store.write(lambda tx: tickets.file(tx, draft, NOW))
    moved = await store.write(
        lambda tx: tickets.move(
            tx, draft.no, TicketState.WITHDRAWN, expected_version=1, actor="customer", role="customer", now=NOW
        )
    )
    assert moved.state is TicketState.WITHDRAWN
    assert await run() == {"conversations": 1}  # who filed a ticket that is kept stays known
    assert (await store.read(lambda tx: tickets.get(tx, draft.no))).content == "机器吞卡"


async def test_a_file_that_another_message_or_ticket_mentions_or_that_was_sent_again_stays(store, run, blobs):
    shared, filed, again = [await blobs.put(name.encode()) for name in ("shared", "filed", "again")]
    for path in blobs._root.rglob("*"):
        if path.is_file() and path.name != LOCK:
            os.utime(path, (0, 0))
    for n, blob in enumerate((shared, filed, again)):
        await old_conversation(store, f"old{n}", blob=blob)
    await old_conversation(store, "new", blob=shared, ended_at=NOW)
    draft = replace(ticket("FB202511230000011"), record={"attachments": [{"blob_id": filed}]})
    await store.write(lambda tx: tickets.file(tx, draft, NOW))
    await blobs.put(b"again")
    os.utime(blobs._path(again), (NOW.timestamp(), (NOW - FILE_AT_REST).timestamp() + 1))
    assert await run() == {"conversations": 3, "customers": 3}
    assert [await blobs.get(blob) for blob in (shared, filed, again)] == [b"shared", b"filed", b"again"]


async def test_more_than_one_portion_is_forgotten_in_one_run_and_written_down(store, run):
    for n in range(23):
        await old_conversation(store, f"u{n}")
    assert await run(dry=True) == {"conversations": 23}  # customers follow their conversations
    assert await run() == {"conversations": 23, "customers": 23}
    assert await run() == {}
    told = await rows(store, audit.c.action, audit.c.subject)
    assert sorted(map(tuple, told)) == [("forgot", "conversations"), ("forgot", "customers")]


async def test_without_a_setting_everything_is_kept(store, run):
    await old_conversation(store)
    assert await run(Retention()) == {}


async def test_answers_to_requests_are_kept_for_their_days(store, run):
    ages = {"old": timedelta(days=31), "new": timedelta(days=29)}
    made = [{"key_hash": name, "body_hash": "-", "created_at": NOW - age} for name, age in ages.items()]
    await store.write(lambda tx: tx.conn.execute(insert(idempotency), made).rowcount)
    assert await run() == {"requests": 1}
    assert await rows(store, idempotency.c.key_hash) == [("new",)]


async def test_tries_of_who_never_came_back_are_forgotten_too(store, run):
    made = [{"bucket": name, "at": NOW - timedelta(days=days)} for name, days in (("old", 31), ("new", 29))]
    await store.write(lambda tx: tx.conn.execute(insert(attempts), made).rowcount)
    assert await run(dry=True) == {"requests": 1}
    assert await run() == {"requests": 1}
    assert await rows(store, attempts.c.bucket) == [("new",)]


async def test_what_platforms_told_is_kept_for_its_days(store, run):
    ages = {"old": timedelta(days=181), "new": timedelta(days=179)}
    odd = [
        {"digest": name, "account": "official:main", "customer_id": None, "fields": {}, "at": NOW - age}
        for name, age in ages.items()
    ]
    sent = [
        {"account": "official:main", "msgid": name, "conversation_id": None, "seq": None, "result": "sent", "at": NOW - age}
        for name, age in ages.items()
    ]
    await store.write(lambda tx: tx.conn.execute(insert(odd_pushes), odd).rowcount)
    await store.write(lambda tx: tx.conn.execute(insert(sent_notices), sent).rowcount)
    assert await run(dry=True) == {"platforms": 2}
    assert await run() == {"platforms": 2}
    assert await rows(store, odd_pushes.c.digest) == await rows(store, sent_notices.c.msgid) == [("new",)]


def test_every_setting_has_a_rule_and_every_rule_a_setting():
    assert {f"{rule.name}_days" for rule in RULES} == set(Retention.model_fields)
