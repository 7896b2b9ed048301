"""``write`` and ``read``: what a caller may rely on when many write at once, and when something breaks."""

import asyncio

import pytest
from sqlalchemy import text
from structlog.testing import capture_logs

from store import engine
from store.crypto import Crypto, new_key_ring
from store.engine import Store, Tx, pragma
from store.errors import Conflict, StoreBusy, StoreError, StoreUnavailable, WrongKeys
from store.migrate import check_keys, migrate
from store.tables import facts


def put(name: str, value: str = "x"):
    def fn(tx: Tx) -> str:
        tx.conn.execute(facts.insert().values(name=name, value=value))
        return name

    return fn


def names(tx: Tx) -> set[str]:
    return {row.name for row in tx.conn.execute(facts.select())}


async def test_a_write_is_visible_to_the_next_read(store: Store):
    await store.write(put("a"))
    assert "a" in await store.read(names)


async def test_sqlite_writer_flushes_every_commit(tmp_path):
    url = f"sqlite:///{tmp_path / 'x.db'}"
    migrate(url)
    store = await Store.open(url, Crypto(new_key_ring()))
    try:
        assert await store.write(lambda tx: (pragma(tx, "synchronous"), pragma(tx, "journal_mode"))) == (2, "wal")
    finally:
        await store.close()


async def test_one_failing_function_does_not_undo_those_it_waited_with(store: Store):
    def broken(_tx: Tx) -> None:
        raise ValueError("broken")

    results = await asyncio.gather(
        *(store.write(put(f"n{i}")) for i in range(20)),
        store.write(broken),
        *(store.write(put(f"n{i}")) for i in range(20, 40)),
        return_exceptions=True,
    )
    assert [r for r in results if isinstance(r, Exception)].__len__() == 1
    assert isinstance(results[20], ValueError)
    assert {f"n{i}" for i in range(40)} <= await store.read(names)


async def test_a_function_that_fails_midway_leaves_nothing_behind(store: Store):
    def half(tx: Tx) -> None:
        put("half")(tx)
        raise ValueError("after the first statement")

    with pytest.raises(ValueError, match="first statement"):
        await store.write(half)
    assert "half" not in await store.read(names)


async def test_a_taken_unique_key_is_a_conflict_and_its_neighbours_are_kept(store: Store):
    await store.write(put("taken"))
    results = await asyncio.gather(
        store.write(put("before")), store.write(put("taken")), store.write(put("after")), return_exceptions=True
    )
    assert isinstance(results[1], Conflict)
    assert {"before", "after"} <= await store.read(names)


async def test_writes_of_one_key_run_in_the_order_of_their_calls(store: Store):
    def append(n: int):
        def fn(tx: Tx) -> None:
            row = tx.conn.execute(facts.select().where(facts.c.name == "log")).one_or_none()
            if row is None:
                tx.conn.execute(facts.insert().values(name="log", value=f"{n}"))
            else:
                tx.conn.execute(facts.update().where(facts.c.name == "log").values(value=f"{row.value},{n}"))

        return fn

    await asyncio.gather(*(store.write(append(n), key="k") for n in range(50)))
    value = await store.read(lambda tx: tx.conn.execute(facts.select().where(facts.c.name == "log")).one().value)
    assert value == ",".join(str(n) for n in range(50))


async def test_a_full_queue_refuses_at_once_and_recovers(tmp_path):
    url = f"sqlite:///{tmp_path / 'x.db'}"
    migrate(url)
    store = await Store.open(url, Crypto(new_key_ring()), max_pending_writes=5)
    try:
        results = await asyncio.gather(*(store.write(put(f"n{i}")) for i in range(20)), return_exceptions=True)
        assert sum(isinstance(r, StoreBusy) for r in results) == 15
        assert await store.write(put("later")) == "later"
    finally:
        await store.close()


async def test_a_caller_that_gives_up_does_not_undo_its_write(store: Store):
    task = asyncio.create_task(store.write(put("given-up")))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await store.write(put("next"))
    assert "given-up" in await store.read(names)


async def test_a_database_error_tells_nothing_of_the_row(store: Store):
    def wrong(tx: Tx) -> None:
        tx.conn.execute(text("SELECT 'secret-text' FROM no_such_table"))

    with pytest.raises(StoreError) as caught:
        await store.write(wrong)
    assert "secret-text" not in str(caught.value)


async def test_a_function_that_cannot_reach_something_each_time_it_is_tried_is_never_taken_for_done(store: Store):
    def unreachable(_tx: Tx) -> None:
        raise StoreUnavailable("away")

    await store.write(lambda _tx: None)  # the connection is there, so a failure on it is tried again
    with pytest.raises(StoreUnavailable):
        await store.write(unreachable)
    assert await store.write(lambda _tx: "back") == "back"


async def test_reads_go_on_while_a_write_is_under_way(store: Store):
    await store.write(put("seen"))
    writes = [asyncio.create_task(store.write(put(f"w{i}"))) for i in range(30)]
    assert "seen" in await store.read(names)
    await asyncio.gather(*writes)


async def test_other_keys_do_not_open_the_database(tmp_path):
    url = f"sqlite:///{tmp_path / 'x.db'}"
    migrate(url)
    crypto = Crypto(new_key_ring())
    check_keys(url, crypto)
    check_keys(url, crypto)
    with pytest.raises(WrongKeys):
        check_keys(url, Crypto(new_key_ring()))


async def test_close_finishes_what_was_queued(tmp_path):
    url = f"sqlite:///{tmp_path / 'x.db'}"
    migrate(url)
    crypto = Crypto(new_key_ring())
    store = await Store.open(url, crypto)
    tasks = [asyncio.create_task(store.write(put(f"n{i}"))) for i in range(100)]
    await asyncio.sleep(0)
    await store.close()
    await asyncio.gather(*tasks)
    again = await Store.open(url, crypto)
    try:
        assert {f"n{i}" for i in range(100)} <= await again.read(names)
    finally:
        await again.close()


async def test_a_slow_function_is_told_but_not_the_first_time_when_its_statements_are_compiled(
    store: Store, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(engine, "SLOW_FUNCTION_S", -1.0)  # whatever takes time is slow

    def slow(_tx: Tx) -> None:
        pass

    with capture_logs() as first:
        await store.write(slow)
    with capture_logs() as second:
        await store.write(slow)
    assert [line["event"] for line in first] == []
    assert [line["event"] for line in second] == ["slow_store_function"]
