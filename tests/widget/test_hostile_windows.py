"""Windows that no page of ours would be: halves of characters, floods, forged hosts. Nobody else notices, and nothing is lost."""

import asyncio
import json
from datetime import timedelta

import jwt
import pytest
from widget.speaking import IDENTITY_SECRET

from bot.channels.in_app import polling
from bot.channels.in_app.pace import BURST_S, Pace


@pytest.mark.parametrize(
    "frame",
    [
        '{"type": "message", "client_id": "\\ud800", "text": "x"}',
        '{"type": "message", "client_id": "m1", "text": "\\ud83d"}',
        '{"type": "message", "client_id": "m1", "text": "x", "payload": "/\\udfff{"}',
        '{"type": "message", "client_id": "m1", "text": "x", "uploads": ["\\ud800"]}',
        '{"type": "resume", "conversation": "\\ud800", "after": 1}',
        '{"type": "resume", "conversation": "x", "after": 1e400}',
        '{"type": "\\ud800"}',
    ],
    ids=["id", "text", "payload", "upload", "resume", "endless number", "kind"],
)
async def test_half_a_character_breaks_no_window(people, intake, frame):
    async with people.window() as window:
        await window.socket.send_str(frame)
        await window.say("还在吗", "m2")
        await window.until("ack", client_id="m2")
    for inbound in intake.received:
        inbound.text.encode(), str(inbound.payload).encode()


async def test_whole_characters_outside_of_the_first_plane_stay_what_they_are(people, intake):
    async with people.window() as window:
        await window.socket.send_str('{"type": "message", "client_id": "m1", "text": "\\ud83d\\ude00 \\ud800"}')
        await window.until("ack")
    assert intake.received[0].text == "😀 "


@pytest.mark.parametrize(
    ("name", "shown"),
    [("李\u202e明", "李明"), ("\u200b\u2066李明\u2069\0", "李明"), ("李明\ud800", "李明"), ("\u202e", None), (7, None)],
)
async def test_name_of_a_signed_customer_is_shown_without_what_nobody_sees(people, clock, name, shown):
    claims = {"sub": "c1", "name": name, "exp": (clock.now() + timedelta(hours=1)).timestamp()}
    async with people.connection() as window:
        await window.send(type="hello", token=jwt.encode(claims, IDENTITY_SECRET, "HS256"))
        assert (await window.until("welcome"))["name"] == shown


async def test_id_that_is_half_a_character_is_nobodys(people, clock):
    claims = {"sub": "c\ud800", "exp": (clock.now() + timedelta(hours=1)).timestamp()}
    async with people.connection() as window:
        await window.send(type="hello", token=jwt.encode(claims, IDENTITY_SECRET, "HS256"))
        assert (await window.until("error"))["code"] == "identity_invalid"


async def test_window_that_fails_through_our_own_mistake_is_closed_so_that_the_page_comes_again(people, intake):
    async with people.window() as window:
        intake.fails_with = RuntimeError("a mistake")
        await window.say("你好", "m1")
        assert await window.closing() == 1011


@pytest.mark.parametrize("host", ["evil.example; script-src *", 'x"><script>', "a b", "[::1", ""])
async def test_name_of_the_host_adds_nothing_to_the_policy(people, host):
    answer = await people.http.get("/widget/", headers={"Host": host})
    assert "ws://" not in answer.headers["Content-Security-Policy"]
    assert answer.headers["Content-Security-Policy"].count("script-src") == 0


@pytest.mark.parametrize("host", ["feedback.bank.example", "127.0.0.1:8080", "[::1]:8080"])
async def test_older_safari_may_open_a_socket_to_us(people, host):
    answer = await people.http.get("/widget/", headers={"Host": host})
    assert f"connect-src 'self' ws://{host} wss://{host};" in answer.headers["Content-Security-Policy"]


class Waits:
    """Notes for how long a pace would have waited."""

    def __init__(self, monkeypatch) -> None:
        self.waited: list[float] = []
        monkeypatch.setattr(asyncio, "sleep", self._note)

    async def _note(self, seconds: float) -> None:
        self.waited.append(seconds)


async def test_who_sends_faster_than_people_write_is_read_more_slowly(monkeypatch):
    waits, pace = Waits(monkeypatch), Pace(10, 0)
    for _ in range(int(10 * BURST_S)):
        await pace.keep("a customer", "1.2.3.4")
    assert waits.waited == []
    for _ in range(5):
        await pace.keep("a customer", "1.2.3.4")
    assert waits.waited == sorted(waits.waited) and 0 < waits.waited[-1] <= 0.5
    await pace.keep("another", "1.2.3.4")
    assert len(waits.waited) <= 5  # somebody else does not wait for them


async def test_all_customers_at_an_address_share_its_pace_and_others_have_their_own(monkeypatch):
    waits, pace = Waits(monkeypatch), Pace(10, 20)
    for n in range(int(20 * BURST_S)):
        await pace.keep(f"customer {n}", "1.2.3.4")
    assert waits.waited == []
    await pace.keep("one more", "1.2.3.4")
    await pace.keep("one more", "1.2.3.4")
    assert len(waits.waited) >= 1
    before = len(waits.waited)
    await pace.keep("somebody", "5.6.7.8")
    assert len(waits.waited) == before


async def test_pace_of_none_lets_everything_through(monkeypatch):
    waits, pace = Waits(monkeypatch), Pace(0, 0)
    for _ in range(1000):
        await pace.keep("a customer", "1.2.3.4")
    assert waits.waited == []


async def test_pace_forgets_who_was_quiet(monkeypatch):
    monkeypatch.setattr("bot.channels.in_app.pace.MAX_REMEMBERED", 10)
    pace = Pace(1e9, 0)
    for n in range(1000):
        await pace.keep(f"customer {n}", "")
        await asyncio.sleep(0)
    assert len(pace._due) <= 11


async def test_nothing_of_a_flood_is_lost_or_out_of_order(people, intake, channel):
    channel._parts.pace._per_customer = 40.0  # 200 at once, and then 40 a second
    async with people.window() as window:
        for n in range(230):
            await window.say(f"第{n}条", f"m{n}")
        await window.until("ack", client_id="m229")
    assert [inbound.text for inbound in intake.received] == [f"第{n}条" for n in range(230)]


@pytest.mark.parametrize("line", ["polled"])
async def test_one_address_does_not_take_all_lines(people, monkeypatch):
    monkeypatch.setattr(polling, "MAX_LINES_AN_ADDRESS", 1)
    async with people.window():
        answer = await people.http.post("/widget/line", data=json.dumps([{"type": "hello"}]))
        assert answer.status == 503
