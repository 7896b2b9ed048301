"""Pages of the past against what is stored, for pasts of every shape, on both databases; and how the databases find them."""

import random
from dataclasses import replace
from datetime import timedelta

import pytest
from making_rows import NOW, commit, conversation, customer, hired, plan, said
from sqlalchemy import insert, text, update

from bot.channels.in_app import earlier
from bot.channels.in_app.news import Place
from config.labels import Audience, Holder, Speaker
from store import following, looking_back
from store.conversations import MessageDraft
from store.customers import external_hmac
from store.ids import new_id
from store.migrate import migrate
from store.prepared import _bound
from store.tables import conversations, customers, messages

ACCOUNT = "in_app:main"


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request, tmp_path) -> str:
    url = f"sqlite:///{tmp_path / 'huiyin.db'}" if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    migrate(url)
    return url


def note(text: str) -> MessageDraft:
    return MessageDraft(Speaker.AGENT, text, audience=Audience.DESK, agent_id="a1")


async def begun(store, found, new, *drafts, **changes) -> None:
    assert await commit(store, replace(plan(found, *drafts, new=new, **changes), expected_version=None)) == "ok"


async def lived(store, dice: random.Random, owner) -> tuple[list[tuple[str, int, str]], str]:
    """A customer with a random past: what they may see of it, in order, and the conversation that is the newest."""
    visible, at, newest, last = [], NOW, "", dice.randint(3, 12)
    for n in range(last + 1):
        is_open = n == last and dice.random() < 0.5
        drafts = [
            (note if dice.random() < 0.3 else said)(f"{n}.{m}" + "长" * dice.choice([0, 0, 40]))
            for m in range(dice.randint(1, 9))
        ]
        found = replace(conversation(owner), id=new_id(at), created_at=at, ended_at=None if is_open else at)
        holder = Holder.BOT if is_open else Holder.ENDED
        await begun(store, found, owner if n == 0 else None, *drafts, holder=holder)
        if n < last and dice.random() < 0.15:
            forgotten = update(conversations).where(conversations.c.id == found.id).values(erased_at=at)
            await store.write(lambda tx, forgotten=forgotten: tx.conn.execute(forgotten) and None)
        elif n < last:
            visible += [(found.id, seq, draft.text) for seq, draft in enumerate(drafts, 1) if draft.audience is Audience.ALL]
        newest = found.id
        at += timedelta(seconds=dice.choice([1, 60, 86_400]))
    return visible, newest


async def walked(store, fingerprint: str, start: Place) -> list[list[tuple[str, int, str]]]:
    pages, place = [], start
    while place is not None:
        frame = await store.read(lambda tx, place=place: earlier.read(tx, ACCOUNT, fingerprint, place))
        pages.append(
            [
                (message["conversation"], message["seq"], message["text"])
                for stretch in frame["stretches"]
                for message in stretch["messages"]
            ]
        )
        place = frame["next"] and Place(frame["next"]["conversation"], frame["next"]["before"])
        assert len(pages) < 200, "goes round in circles"
    return pages


@pytest.mark.parametrize("seed", range(12))
async def test_pages_put_together_are_all_that_the_customer_may_see_once_and_in_order(store, monkeypatch, seed):
    dice = random.Random(seed)
    await hired(store)
    monkeypatch.setattr(earlier, "PAGE", dice.choice([1, 2, 5, 40]))
    monkeypatch.setattr(earlier, "PAGE_CHARS", dice.choice([30, 120, 32_768]))
    monkeypatch.setattr(earlier, "PAGE_CONVERSATIONS", dice.choice([1, 2, 10]))
    await lived(store, dice, customer("u2"))  # somebody else, at the same times
    visible, newest = await lived(store, dice, customer("u1"))
    pages = await walked(store, external_hmac(store.crypto, ACCOUNT, "u1"), Place(newest, 1))
    assert [message for page in reversed(pages) for message in page] == visible
    assert all(len(page) <= earlier.PAGE for page in pages)
    assert all(len(page) == 1 or sum(len(words) for _, _, words in page) <= earlier.PAGE_CHARS for page in pages)


async def test_conversations_of_one_moment_are_each_read_once(store):
    owner = customer("u1")
    ids = sorted(new_id(NOW) for _ in range(4))
    for n, id_ in enumerate(ids):
        found = replace(conversation(owner), id=id_, ended_at=NOW)
        await begun(store, found, None if n else owner, said(id_), holder=Holder.ENDED)
    # The open one came last, whatever its id.
    present = replace(conversation(owner), id="0" * 32)
    await begun(store, present, None, said("现在"))
    pages = await walked(store, external_hmac(store.crypto, ACCOUNT, "u1"), Place(present.id, 1))
    assert [words for page in pages for _, _, words in page] == ids


def crowd(tx) -> None:
    """Customers enough for the database to choose its way in earnest."""
    people = [
        {"id": f"{n:032x}", "account": ACCOUNT, "external_hmac": f"{n:x}", "external_enc": "", "created_at": NOW}
        for n in range(2000)
    ]
    talks = [
        {
            "id": f"{n:032x}",
            "account": ACCOUNT,
            "channel": "in_app",
            "customer_id": people[n % 2000]["id"],
            "holder": "ended",
            "version": 1,
            "last_seq": 2,
            "state_enc": "",
            "urgent": False,
            "preview": "",
            **dict.fromkeys(("created_at", "updated_at", "ended_at"), NOW + timedelta(hours=n)),
        }
        for n in range(6000)
    ]
    line = {"account": ACCOUNT, "speaker": "bot", "type": "text", "audience": "all", "text": "您好" * 40, "at": NOW}
    tx.conn.execute(insert(customers), people)
    tx.conn.execute(insert(conversations), talks)
    tx.conn.execute(insert(messages), [{**line, "conversation_id": row["id"], "seq": seq} for row in talks for seq in (1, 2)])
    if tx.conn.dialect.name == "postgresql":
        tx.conn.exec_driver_sql("ANALYZE customers, conversations, messages")


def plan_of(tx, prepared, values: dict) -> str:
    """How the database goes about a query."""
    explain = "EXPLAIN" if tx.conn.dialect.name == "postgresql" else "EXPLAIN QUERY PLAN"
    compiled, cursor = prepared._compiled(tx.conn.dialect), tx.cursor()
    cursor.execute(f"{explain} {compiled.text}", _bound(compiled, values))
    return " ".join(str(row) for row in cursor.fetchall())


async def test_the_past_is_found_by_indexes_alone(store):
    somebody = {"account": ACCOUNT, "external_hmac": "7"}
    page = {"id": f"{4007:032x}", "limit": 11}

    def look(tx):
        crowd(tx)
        return (
            plan_of(tx, looking_back._BEFORE, {**somebody, **page, "created_at": NOW + timedelta(hours=4007)}),
            plan_of(tx, looking_back._MESSAGES_BEFORE, {**page, "before": 7}),
            plan_of(tx, following._ARRIVING_AT_NEWEST, somebody),
            plan_of(tx, following._ARRIVING_AT, {**somebody, "id": page["id"]}),
        )

    plans = await store.write(look)
    for shown in plans:
        assert "SCAN" not in shown.replace("SCAN shown", "")
        assert "Seq Scan" not in shown
    before, lines, at_newest, at_one = plans
    assert "uq_customers_account_external" in before
    assert "PRIMARY KEY" in lines or "pk_messages" in lines
    for of_the_customer in (before, at_newest, at_one):
        assert "ix_conversations_customer" in of_the_customer


async def test_tickets_of_a_page_are_found_by_their_index(store):
    def look(tx):
        if tx.conn.dialect.name == "postgresql":
            tx.conn.exec_driver_sql("SET LOCAL enable_seqscan = off")
            query = looking_back._TICKETS._postgres.text
            return str(tx.conn.execute(text(f"EXPLAIN {query}"), {"ids": ["a", "b"]}).all())
        query = looking_back._TICKETS._sqlite.text
        return str(tx.conn.execute(text(f"EXPLAIN QUERY PLAN {query}"), {"ids": '["a", "b"]'}).all())

    assert "ix_tickets_conversation" in await store.write(look)
