"""The desk's lists on both databases: narrowed to what is looked for, in pages without holes, and only what may be seen."""

from dataclasses import replace
from datetime import timedelta

import pytest
from making_rows import NOW, answer, commit, conversation, customer, hired, opened, plan, queued, said
from sqlalchemy import event, insert, update

from config.labels import FeedbackChannel, Priority
from store import desk_lists, queue
from store.desk_lists import Wanted, place_text, read_place
from store.sight import Sight
from store.tables import conversation_tags, conversations

EVERYTHING = Sight("a1")


async def rows(store, wanted: Wanted, sight: Sight = EVERYTHING, limit: int = 200, after=None):
    return await store.read(lambda tx: desk_lists.desk_list(tx, wanted, sight, limit, after))


async def ids(store, wanted: Wanted, sight: Sight = EVERYTHING) -> set[str]:
    return {row.id for row in (await rows(store, wanted, sight)).rows}


async def moved_at(store, external_id: str, minutes: int, **state):
    owner = customer(external_id)
    todo = plan(conversation(owner), said("你好"), answer("您好", 1), new=owner, state=state)
    at = NOW + timedelta(minutes=minutes)
    todo = replace(todo, now=at, conversation=replace(todo.conversation, updated_at=at))
    assert await commit(store, todo) == "ok"
    return todo.conversation


async def test_pages_of_a_list_hold_every_conversation_once_though_others_move_meanwhile(store):
    begun = [await moved_at(store, f"u{n}", n // 2) for n in range(9)]
    first = await rows(store, Wanted("all"), limit=4)
    await moved_at(store, "new", 60)
    seen, place = [row.id for row in first.rows], first.next
    while place:
        page = await rows(store, Wanted("all"), limit=4, after=read_place(place_text(place)))
        seen += [row.id for row in page.rows]
        place = page.next
    assert sorted(seen) == sorted(item.id for item in begun)
    assert len(seen) == len(set(seen))


async def test_those_who_wait_come_in_serving_order_page_by_page(store):
    for n in range(5):
        await queued(store, f"u{n}", Priority.URGENT if n == 3 else Priority.NORMAL)
    whole = [row.id for row in (await rows(store, Wanted("waiting"))).rows]
    paged, place = [], None
    while True:
        page = await rows(store, Wanted("waiting"), limit=2, after=place)
        paged += [row.id for row in page.rows]
        place = page.next
        if place is None:
            break
    assert paged == whole == [entry.conversation_id for entry in await store.read(queue.entries)]


@pytest.mark.parametrize(
    "narrowed", [{"kind": "complaint"}, {"product": "loan"}, {"emotion": "angry"}, {"channel": "in_app", "product": "loan"}]
)
async def test_a_list_is_narrowed_by_what_was_understood(store, narrowed):
    found = await moved_at(store, "u1", 0, understood={"kind": "complaint", "product": "loan", "emotion": "angry"})
    await moved_at(store, "u2", 0, understood={"kind": "praise", "product": "hotline", "emotion": "calm"})
    await moved_at(store, "u3", 0)
    assert await ids(store, Wanted("all", **narrowed)) == {found.id}


async def test_a_list_is_narrowed_by_channel_priority_tag_time_and_what_is_unread(store):
    await hired(store)
    urgent = await queued(store, "u1", Priority.URGENT)
    wechat = await opened(store, "official:main", FeedbackChannel.WECHAT_OFFICIAL, "u2")
    late = await moved_at(store, "u3", 90)
    await store.write(
        lambda tx: (
            tx.conn.execute(insert(conversation_tags).values(conversation_id=wechat.id, tag="催办", agent_id="a1", at=NOW))
            and None
        )
    )
    await store.write(lambda tx: desk_lists.mark_read(tx, wechat.id, "a1", 2))
    assert await ids(store, Wanted("all", channel="wechat_official")) == {wechat.id}
    assert await ids(store, Wanted("all", priority="urgent")) == {urgent.id}
    assert await ids(store, Wanted("all", tag="催办")) == {wechat.id}
    assert await ids(store, Wanted("all", since=NOW + timedelta(hours=1))) == {late.id}
    assert await ids(store, Wanted("all", until=NOW + timedelta(hours=1))) == {urgent.id, wechat.id}
    assert await ids(store, Wanted("all", unread=True)) == {urgent.id, late.id}
    marked = next(row for row in (await rows(store, Wanted("all"))).rows if row.id == wechat.id)
    assert (marked.tags, marked.unread) == (("催办",), 0)


async def test_a_department_sees_its_own_and_whoever_may_see_nothing_sees_none(store):
    await hired(store)
    lending = await opened(store, external_id="u1")
    await opened(store, external_id="u2")
    belongs = update(conversations).where(conversations.c.id == lending.id).values(department="retail_credit")
    await store.write(lambda tx: tx.conn.execute(belongs) and None)
    assert await ids(store, Wanted("all"), Sight("a1", "retail_credit")) == {lending.id}
    assert await ids(store, Wanted("all"), Sight("a1", "risk")) == set()
    assert await ids(store, Wanted("all"), Sight("a1", nothing=True)) == set()


@pytest.mark.parametrize("text", ["", "x", "x.y", f"{10**30}.a"])
def test_a_place_that_is_none_is_refused(text):
    with pytest.raises(ValueError, match=r".*"):
        read_place(text)


async def plan_of(store, wanted: Wanted) -> str:
    """How the database would go about a list, with as little in it as in a test."""
    sent = []

    def note(_conn, _cursor, statement, parameters, _context, _many):
        sent.append((statement, parameters))

    def look(tx):
        event.listen(tx.conn, "before_cursor_execute", note)
        desk_lists.desk_list(tx, wanted, EVERYTHING)
        event.remove(tx.conn, "before_cursor_execute", note)
        explain = "EXPLAIN QUERY PLAN"
        if tx.conn.dialect.name == "postgresql":
            tx.conn.exec_driver_sql("SET LOCAL enable_seqscan = off")
            explain = "EXPLAIN"
        return str(tx.conn.exec_driver_sql(f"{explain} {sent[0][0]}", sent[0][1]).all())

    return await store.read(look)


@pytest.mark.parametrize(
    ("wanted", "index"),
    [
        (Wanted("ended", product="loan"), "ix_conversations_ended_product"),
        (Wanted("ended", product="loan", since=NOW), "ix_conversations_ended_product"),
        (Wanted("ended", emotion="angry"), "ix_conversations_ended_emotion"),
    ],
)
async def test_what_is_rare_among_the_ended_is_looked_up_and_not_looked_for(store, wanted, index):
    assert index in await plan_of(store, wanted)
