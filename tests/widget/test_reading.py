"""Windows that show the same share what is read for them, and none of them misses what came while it was read."""

import asyncio
from contextlib import AsyncExitStack

import pytest
from widget.speaking import agent_says

from bot.channels.in_app import news
from handoff.parcel import Parcel
from store.errors import StoreUnavailable

MANY = 20


def failing(fault: Exception):
    async def read(_fn):
        raise fault

    return read


async def nothing_is_read(reads) -> None:
    async with asyncio.timeout(30):
        while reads._asking or reads._reading:  # noqa: ASYNC110 -- what is waited for is the absence of something
            await asyncio.sleep(0)


@pytest.fixture
def reads(monkeypatch) -> list:
    """The places from which windows were read for."""
    read, places = news.read, []

    def counted(tx, account, fingerprint, place):
        places.append(place)
        return read(tx, account, fingerprint, place)

    monkeypatch.setattr(news, "read", counted)
    return places


async def test_windows_at_the_same_place_share_one_read(people, store, clock, bell, reads):
    async with AsyncExitStack() as stack:
        first = await stack.enter_async_context(people.window())
        await first.say("你好", "m1")
        conversation = (await first.until("ack"))["conversation"]
        visitor = first.seen[0]["visitor"]
        windows = [first] + [await stack.enter_async_context(people.window(visitor=visitor)) for _ in range(MANY)]
        for window in windows:
            await window.until("state", conversation=conversation)
        reads.clear()
        said = await agent_says(store, clock, conversation, "我来处理")
        bell.ring(conversation, said.seq)
        for window in windows:
            assert (await window.until("message", speaker="agent"))["text"] == "我来处理"
        assert len(reads) == 1


async def test_what_is_said_while_a_read_is_under_way_follows_it(people, channel, store, clock, bell, monkeypatch):
    async with people.window() as window:
        await window.say("你好", "m1")
        conversation = (await window.until("ack"))["conversation"]
        await window.until("state", conversation=conversation)
        read, is_first = store.read, True

        async def and_then_more(fn):
            nonlocal is_first
            found = await read(fn)
            if is_first:
                is_first = False
                bell.ring(conversation, (await agent_says(store, clock, conversation, "第二句")).seq)
            return found

        monkeypatch.setattr(store, "read", and_then_more)
        bell.ring(conversation, (await agent_says(store, clock, conversation, "第一句")).seq)
        assert (await window.until("message", speaker="agent"))["text"] == "第一句"
        assert (await window.until("message", speaker="agent"))["text"] == "第二句"


@pytest.mark.parametrize("fault", [StoreUnavailable("away"), RuntimeError("a mistake of ours")])
async def test_window_that_could_not_be_read_for_is_shown_the_news_at_the_next_ring(
    people, channel, store, clock, bell, monkeypatch, fault
):
    async with people.window() as window:
        await window.say("你好", "m1")
        conversation = (await window.until("ack"))["conversation"]
        await window.until("state", conversation=conversation)
        said = await agent_says(store, clock, conversation, "我来处理")
        with monkeypatch.context() as broken:
            broken.setattr(store, "read", failing(fault))
            bell.ring(conversation, said.seq)
            await nothing_is_read(channel._parts.reads)
        bell.ring(conversation, said.seq)
        assert (await window.until("message", speaker="agent"))["text"] == "我来处理"


async def test_page_that_takes_nothing_holds_up_nobody_else(people, channel, store, clock, bell):
    """A full connection is waited for by its own window alone."""
    async with people.window() as window:
        await window.say("你好", "m1")
        conversation = (await window.until("ack"))["conversation"]
        await window.until("state", conversation=conversation)
        (slow,) = channel.hub._by_conversation[conversation]
        slow._line.offer = lambda _parcel: False
        async with people.window(visitor=window.seen[0]["visitor"]) as other:
            await other.until("state", conversation=conversation)
            async with slow._lock:  # as while its connection takes nothing
                for text in ("第一句", "第二句", "第三句"):
                    bell.ring(conversation, (await agent_says(store, clock, conversation, text)).seq)
                    await other.until("message", text=text)
            for text in ("第一句", "第二句", "第三句"):
                assert (await window.until("message", speaker="agent"))["text"] == text


@pytest.mark.parametrize("length", [1, 30, 125, 126, 65_535, 65_536, 200_000])
async def test_frames_of_every_length_arrive_whole_in_one_write(people, store, clock, bell, length):
    async with people.window() as window:
        await window.say("你好", "m1")
        conversation = (await window.until("ack"))["conversation"]
        await window.until("state", conversation=conversation)
        for text in ("长" * length, "完"):
            said = await agent_says(store, clock, conversation, text)
        bell.ring(conversation, said.seq)
        assert (await window.until("message", speaker="agent"))["text"] == "长" * length
        assert (await window.until("message", speaker="agent"))["text"] == "完"


def test_parcel_is_encoded_once():
    parcel = Parcel(({"type": "pong"}, {"type": "pong"}))
    assert parcel.wire is parcel.wire
    assert parcel.wire == b"\x81\x0f" + b'{"type":"pong"}' + b"\x81\x0f" + b'{"type":"pong"}'
