"""The word index on both databases: what was said is found, newest first, and only what was said."""

from dataclasses import replace
from datetime import timedelta
from importlib.resources import files

import pytest
from alembic import command
from alembic.config import Config
from making_rows import NOW, answer, commit, conversation, customer, opened, plan, said, ticket
from sqlalchemy import create_engine

from config.clock import SettableClock
from store import grams, search, search_index, tickets
from store.bell import Bell
from store.indexer import Indexer
from store.search import Window
from store.search_index import first_id

LATER = first_id(NOW + timedelta(days=1))


async def find(store, query: str, *, days: int = 90, before: int = LATER, is_ticket: bool = False, most: int = 50):
    wanted = sorted({gram for term in grams.terms(query) for gram in grams.wanted(term)})
    window = Window(NOW - timedelta(days=days), before, is_ticket)
    return await store.read(lambda tx: search.documents(tx, wanted, window, most))


@pytest.fixture
def indexer(store) -> Indexer:
    return Indexer(store, SettableClock(NOW), Bell())


async def said_on(store, external_id: str, text: str, days_ago: int = 0):
    owner = customer(external_id)
    before = conversation(owner)
    todo = plan(before, said(text), answer("请问在哪里？吞卡", 1), new=owner)
    at = NOW - timedelta(days=days_ago)
    todo = replace(todo, now=at, conversation=replace(todo.conversation, updated_at=at))
    assert await commit(store, todo) == "ok"
    return todo.conversation


async def test_an_upgrade_of_an_index_of_before_finds_everything_again(store, indexer, database_url):
    spoken = await said_on(store, "u1", "吞卡", days_ago=80)
    await store.write(lambda tx: tickets.file(tx, ticket("FB20161123000001A"), NOW))
    assert await indexer.catch_up() == 2
    for revision in ("0010", "head"):
        lead(database_url, revision)
    assert await find(store, "吞卡") == ()
    indexer = Indexer(store, SettableClock(NOW + timedelta(minutes=1)), Bell())
    assert await indexer.catch_up() == 2
    assert [item.subject for item in await find(store, "吞卡")] == [spoken.id]
    assert len(await find(store, "吞卡", is_ticket=True)) == 1


def lead(url: str, revision: str) -> None:
    """Bring the database to that revision."""
    config, engine = Config(), create_engine(url)
    config.set_main_option("script_location", str(files("store") / "migrations"))
    with engine.connect() as connection, connection.begin():
        config.attributes["connection"] = connection
        (command.upgrade if revision == "head" else command.downgrade)(config, revision)
    engine.dispose()


@pytest.mark.parametrize("query", ["卡", "吞卡", "取款机", "取款机 吞卡", "atm", "5678"])
async def test_what_a_customer_said_is_found_by_one_two_and_three_characters(store, indexer, query):
    found = await said_on(store, "u1", "ATM取款机吞卡了，卡尾号5678")
    await said_on(store, "u2", "柜员态度很好")
    assert await indexer.catch_up() == 2
    assert [(item.subject, item.seq) for item in await find(store, query)] == [(found.id, 1)]


async def test_what_the_bot_says_is_not_searched(store, indexer):
    await opened(store)
    await indexer.catch_up()
    assert await find(store, "您好") == ()


async def test_the_newest_comes_first_and_the_window_ends_the_search(store, indexer):
    days = (200, 91, 89, 40, 3, 1, 0)
    ids = {days: (await said_on(store, f"u{days}", "吞卡", days)).id for days in days}
    await indexer.catch_up()
    assert [item.subject for item in await find(store, "吞卡")] == [ids[d] for d in (0, 1, 3, 40, 89)]
    assert len(await find(store, "吞卡", days=365)) == 7


async def test_pages_that_follow_each_other_hold_everything_once(store, indexer):
    for n in range(12):
        await said_on(store, f"u{n}", "吞卡", n // 3)
    await indexer.catch_up()
    pages, before = [], LATER
    while page := await find(store, "吞卡", before=before, most=5):
        pages += page
        before = page[-1].id
    assert len(pages) == len({item.subject for item in pages}) == 12
    assert [item.id for item in pages] == sorted((item.id for item in pages), reverse=True)


async def test_indexing_twice_finds_once_and_reads_on_in_the_conversation(store, indexer):
    found = await said_on(store, "u1", "吞卡")
    for expected in (1, 0):
        assert await indexer.rebuild() == expected
    todo = plan(found, said("卡还在机器里"))
    assert await commit(store, todo) == "ok"
    assert await Indexer(store, SettableClock(NOW), Bell()).catch_up() == 1
    assert {item.seq for item in await find(store, "卡")} == {1, 3}


async def test_a_lost_ring_only_delays(store, indexer):
    await indexer.catch_up()
    await said_on(store, "u1", "吞卡")
    assert await indexer.catch_up() == 0
    indexer._clock.advance(6)
    assert await indexer.catch_up() == 1


async def test_the_bell_has_a_message_indexed_at_once(store):
    bell = Bell()
    indexer = Indexer(store, SettableClock(NOW), bell)
    await indexer.catch_up()
    found = await said_on(store, "u1", "吞卡")
    bell.ring(found.id, 1)
    assert await indexer.catch_up() == 1


async def test_what_is_said_during_a_long_walk_is_indexed_before_its_end(store, monkeypatch):
    monkeypatch.setattr("store.indexer.CONVERSATIONS_A_READ", 2)
    for n in range(25):
        await said_on(store, f"u{n}", "吞卡", days_ago=9)
    bell = Bell()
    indexer = Indexer(store, SettableClock(NOW), bell)
    assert await indexer.catch_up() == 10
    newest = await said_on(store, "u99", "吞卡")
    bell.ring(newest.id, 1)
    assert await indexer.catch_up() == 11
    assert [item.subject for item in await find(store, "吞卡", days=1)] == [newest.id]
    assert await indexer.catch_up() == 5
    assert len(await find(store, "吞卡")) == 26


async def test_an_index_that_is_begun_anew_holds_tickets_of_years_ago(store, indexer):
    await store.write(lambda tx: tickets.file(tx, ticket("FB20161123000001A"), NOW))
    await indexer.catch_up()
    assert [item.subject for item in await find(store, "吞卡", is_ticket=True)] == ["FB20161123000001A"]


async def test_tickets_are_found_apart_from_messages(store, indexer):
    await store.write(lambda tx: tickets.file(tx, ticket("FB20261123000001A"), NOW))
    await indexer.catch_up()
    assert await find(store, "吞卡") == ()
    assert [item.subject for item in await find(store, "吞卡", is_ticket=True)] == ["FB20261123000001A"]


async def test_a_ticket_that_is_forgotten_is_found_no_more(store, indexer):
    filed = ticket("FB20261123000001A")
    await store.write(lambda tx: tickets.file(tx, filed, NOW))
    await indexer.catch_up()
    gone = search_index.Document(filed.no, 0, filed.received_at, search_index.ticket_text(filed))
    await store.write(lambda tx: search_index.forget(tx, [gone]))
    assert await find(store, "吞卡", is_ticket=True) == ()


async def test_what_is_forgotten_is_found_no_more(store, indexer):
    found = await said_on(store, "u1", "吞卡")
    kept = await said_on(store, "u2", "吞卡")
    await indexer.catch_up()
    gone = search_index.Document(found.id, 1, NOW, "吞卡")
    await store.write(lambda tx: search_index.forget(tx, [gone]))
    assert [item.subject for item in await find(store, "吞卡")] == [kept.id]


async def test_two_processes_do_not_index_the_same(store):
    await said_on(store, "u1", "吞卡")
    first, second = (Indexer(store, SettableClock(NOW), Bell()) for _ in range(2))
    assert await first.catch_up() == 1
    assert await second.catch_up() == 0
    assert len(await find(store, "吞卡")) == 1
