"""What an open desk is told of conversations: the words of the one that it shows, and of others that there is something."""

import asyncio
from collections.abc import Iterable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from desk.at_the_desk import Bank, Desk, held
from sqlalchemy import select

from config.labels import Role, Speaker
from handoff import telling
from handoff.parcel import Parcel
from store import agents, conversations
from store.conversations import MessageDraft
from store.tables import audit


class Line:
    """A desk's socket that shows one conversation, and all that it was told."""

    def __init__(self, socket) -> None:
        self.socket = socket
        self.told: list[dict[str, Any]] = []

    async def shows(self, conversation_id: str | None) -> None:
        await self.socket.send_json({"type": "view", "conversation": conversation_id})
        await self.socket.send_json({"type": "ping"})
        await self.until("pong")

    async def until(self, kind: str, **wanted: Any) -> dict[str, Any]:
        while True:
            frame = await self.socket.receive_json(timeout=10)
            self.told.append(frame)
            if frame["type"] == kind and all(frame.get(key) == value for key, value in wanted.items()):
                return frame

    async def heard(self, conversation_id: str, seq: int) -> list[dict[str, Any]]:
        """All words of that conversation that came, until those of *seq* have."""
        while True:
            items = [item for frame in self.told for item in _words(frame, conversation_id)]
            if any(item["seq"] == seq for item in items):
                return items
            await self.until("news", conversation=conversation_id)


def after(words: list[dict[str, Any]], seq: int) -> list[dict[str, Any]]:
    """Each message after a number once, in order, as it was told last."""
    by_seq = {item["seq"]: item for item in words if item["seq"] > seq}
    return [by_seq[number] for number in sorted(by_seq)]


def _words(frame: dict[str, Any], conversation_id: str) -> Iterable[dict[str, Any]]:
    return frame.get("messages", ()) if frame.get("conversation") == conversation_id else ()


@asynccontextmanager
async def line(desk: Desk):
    async with desk.session.ws_connect(f"{desk.bank.url}/desk/socket") as socket:
        opened = Line(socket)
        await opened.until("hello")
        yield opened


async def last_seq(desk: Desk, conversation_id: str) -> int:
    return (await desk.get(f"/conversations/{conversation_id}"))[1]["last_seq"]


async def append(bank: Bank, conversation_id: str, *texts: str) -> int:
    """Words of the customer that nobody rang for, as from another process; the number of the last."""
    now, seq = bank.service.clock.now(), 0
    for text in texts:
        draft = MessageDraft(Speaker.CUSTOMER, text)
        done = await bank.service.store.write(lambda tx, draft=draft: conversations.append(tx, conversation_id, draft, now=now))
        seq = done.seq
    return seq


async def test_words_come_with_the_news_as_a_read_by_number_gives_them(bank: Bank):
    desk = await bank.agent("a1")
    conversation_id = await held(bank, desk)
    before = await last_seq(desk, conversation_id)
    async with line(desk) as page:
        await page.shows(conversation_id)
        await bank.say("u1", "卡号6222020200112233445，还没有人处理")
        said = await desk.post(f"/conversations/{conversation_id}/replies", {"text": "马上看", "client_id": "r1"})
        words = await page.heard(conversation_id, said[1]["seq"])
        read = (await desk.get(f"/conversations/{conversation_id}/messages?after={before}"))[1]["items"]
        assert after(words, before) == read
        assert "6222020200112233445" not in str(words), "numbers are as short as in a read"
        assert [item["prev"] for item in read] == [before, before + 1]


async def test_of_a_conversation_that_a_page_does_not_show_it_hears_only_that_there_is_something(bank: Bank):
    first, second = await bank.agent("a1"), await bank.agent("a2")
    shown, other = await held(bank, first), await held(bank, second, "u2")
    async with line(first) as page:
        await page.shows(shown)
        await bank.say("u2", "这是说给另一位坐席的话")
        seq = await last_seq(second, other)
        assert "messages" not in await page.until("news", conversation=other, seq=seq)
        await page.shows(None)
        await bank.say("u1", "没有人看着的时候说的话")
        seq = await last_seq(first, shown)
        assert "messages" not in await page.until("news", conversation=shown, seq=seq)
        assert "说给另一位" not in str(page.told) and "没有人看着" not in str(page.told)


async def test_whoever_may_no_longer_see_a_conversation_is_sent_no_more_of_its_words(bank: Bank):
    desk, boss = await bank.agent("a1"), await bank.agent("b1", Role.SUPERVISOR)
    conversation_id = await held(bank, desk)
    async with line(desk) as page, line(boss) as other:
        await page.shows(conversation_id)
        await other.shows(conversation_id)
        store = bank.service.store
        member = await store.read(lambda tx: agents.get(tx, desk.id))
        assert member is not None
        await store.write(lambda tx: agents.change(tx, replace(member, role=Role.ADMINISTRATOR)))
        await bank.say("u1", "只给还看得见的人")
        seq = await last_seq(boss, conversation_id)
        assert after(await other.heard(conversation_id, seq), seq - 1)[0]["text"] == "只给还看得见的人"
        assert "messages" not in await page.until("news", conversation=conversation_id, seq=seq)


async def test_what_no_ring_told_comes_with_the_next_one(bank: Bank):
    desk = await bank.agent("a1")
    conversation_id = await held(bank, desk)
    before = await last_seq(desk, conversation_id)
    async with line(desk) as page:
        await page.shows(conversation_id)
        missed = await append(bank, conversation_id, "一", "二")
        await bank.say("u1", "三")
        words = await page.heard(conversation_id, missed + 1)
        assert [item["text"] for item in after(words, before)] == ["一", "二", "三"]


async def test_more_than_a_frame_carries_is_left_to_the_read_by_number_and_the_next_goes_on_from_there(bank: Bank):
    desk = await bank.agent("a1")
    conversation_id = await held(bank, desk)
    async with line(desk) as page:
        await page.shows(conversation_id)
        seq = await append(bank, conversation_id, *(f"第{n}句" for n in range(telling.CARRIED + 1)))
        bank.service.bell.ring(conversation_id, seq)
        assert "messages" not in await page.until("news", conversation=conversation_id, seq=seq)
        await bank.say("u1", "接着说")
        assert min(item["seq"] for item in await page.heard(conversation_id, seq + 1)) >= seq


async def test_a_frame_that_would_be_too_large_is_left_to_the_read_by_number(bank: Bank, monkeypatch):
    monkeypatch.setattr(telling, "CARRIED_BYTES", 500)
    desk = await bank.agent("a1")
    conversation_id = await held(bank, desk)
    async with line(desk) as page:
        await page.shows(conversation_id)
        await bank.say("u1", "很长的话" * 100)
        seq = await last_seq(desk, conversation_id)
        assert "messages" not in await page.until("news", conversation=conversation_id, seq=seq)


async def test_what_a_page_shows_is_written_down_as_opened_even_if_it_reads_nothing(bank: Bank):
    desk, other = await bank.agent("a1"), await bank.agent("a2")
    conversation_id = await held(bank, desk)
    async with line(other) as page:
        await page.shows(conversation_id)
    opened = select(audit.c.actor).where(audit.c.action == "opened", audit.c.subject == conversation_id)
    assert other.id in await bank.service.store.read(lambda tx: tx.conn.execute(opened).scalars().all())


class Watcher:
    """A page without a line."""

    def __init__(self, session: str, shows: str) -> None:
        self.session, self.shows = session, shows
        self.told: list[dict[str, Any]] = []
        self.news = asyncio.Event()

    def tell(self, parcel: Parcel) -> None:
        self.told += parcel.frames
        self.news.set()

    async def until(self, count: int) -> None:
        while len(self.told) < count:
            self.news.clear()
            await self.news.wait()


async def watching(bank: Bank, desk: Desk, conversation_id: str, count: int) -> tuple[telling.Telling, list[Watcher]]:
    """So many pages that show a conversation, told by nobody but the test."""
    now, store = bank.service.clock.now(), bank.service.store
    pages = [Watcher(f"session-{n}", conversation_id) for n in range(count)]
    for page in pages:
        await store.write(lambda tx, page=page: agents.new_session(tx, desk.id, page.session, now, now + timedelta(hours=1)))
    told = telling.Telling(store, bank.service.clock, pages)
    told.shown(conversation_id, await last_seq(desk, conversation_id))
    return told, pages


async def test_many_rings_of_one_moment_are_one_read_for_all_who_look(bank: Bank, monkeypatch: pytest.MonkeyPatch):
    desk = await bank.agent("a1")
    conversation_id = await held(bank, desk)
    told, pages = await watching(bank, desk, conversation_id, 3)
    read: list[int] = []
    real = telling.read_on

    def counting(tx, conversation, after, limit):
        read.append(after)
        return real(tx, conversation, after, limit)

    monkeypatch.setattr(telling, "read_on", counting)
    seq = await append(bank, conversation_id, "一", "二", "三")
    for n in range(3):
        told.hear(conversation_id, seq - n)
    for page in pages:
        await page.until(1)
    assert read == [seq - 3]
    assert pages[0].told == pages[1].told == pages[2].told
    assert [item["text"] for item in pages[0].told[0]["messages"]] == ["一", "二", "三"]


async def test_a_message_that_was_delivered_meanwhile_comes_once_more_in_its_new_state(bank: Bank):
    desk = await bank.agent("a1")
    conversation_id = await held(bank, desk)
    told, (page,) = await watching(bank, desk, conversation_id, 1)
    told.hear(conversation_id, 2)
    await page.until(1)
    assert (page.told[0]["seq"], [item["seq"] for item in page.told[0]["messages"]]) == (2, [2])
    told.hear(conversation_id, 0)
    await page.until(2)
    assert page.told[1]["messages"] == [], "something beside its messages"


async def test_whoever_signed_out_meanwhile_is_sent_no_more_words(bank: Bank):
    desk = await bank.agent("a1")
    conversation_id = await held(bank, desk)
    told, (gone, there) = await watching(bank, desk, conversation_id, 2)
    await bank.service.store.write(lambda tx: agents.end_session(tx, gone.session))
    told.hear(conversation_id, await append(bank, conversation_id, "给还在的人"))
    await gone.until(1)
    await there.until(1)
    assert "messages" not in gone.told[0]
    assert [item["text"] for item in there.told[0]["messages"]] == ["给还在的人"]
