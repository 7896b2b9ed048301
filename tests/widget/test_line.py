"""What is the polled line's own: answers that get lost, lines that nobody comes back to, lines of others, and how many."""

import asyncio

import pytest
from widget.remembering import BYE, ends_at_bye, talked
from widget.speaking import PolledWindow, agent_says, bot

from bot.channels.in_app import polled_line, polling
from config.labels import Audience


async def emptied(things) -> None:
    """Wait until there are none left."""
    async with asyncio.timeout(30):
        while len(things):  # noqa: ASYNC110 -- what is waited for is the absence of something
            await asyncio.sleep(0)  # the windows' own tasks run meanwhile


async def test_frames_whose_answer_was_lost_are_handed_out_again(people):
    async with people.window("polled") as window:
        await window.until("state")
        before = window._after
        await window.say("你好", "m1")
        lost = (await window.fetch())["frames"]
        again = (await window.fetch(after=before))["frames"]
        assert lost and again[: len(lost)] == lost


async def test_frames_that_the_page_has_are_not_kept(people, channel):
    async with people.window("polled") as window:
        await window.say("你好", "m1")
        await window.until("message", speaker="bot")
        (session,) = channel.polling._sessions.values()
        received = window._after
        held = asyncio.create_task(window.fetch())
        await window.say("再来", "m2")
        fresh = (await held)["frames"]
        assert session.line._confirmed == received
        assert list(session.line._out)[: len(fresh)] == fresh


async def test_request_for_news_waits_until_there_is_some(people, store, clock, bell):
    async with people.window("polled") as window:
        await window.say("你好", "m1")
        conversation = (await window.until("ack"))["conversation"]
        await window.until("state", conversation=conversation)
        waiting = asyncio.create_task(window.fetch())
        appended = await agent_says(store, clock, conversation, "您好", Audience.ALL)
        bell.ring(conversation, appended.seq)
        assert [frame["message"]["text"] for frame in (await waiting)["frames"] if frame["type"] == "message"] == ["您好"]


async def test_request_without_news_is_answered_before_proxies_give_up_on_it(people, channel, monkeypatch):
    async with people.window("polled") as window:
        await window.until("state")
        monkeypatch.setattr(channel.polling, "_hold_s", 0.05)
        assert (await window.fetch())["frames"] == []
    assert polling.HOLD_S < 30


async def test_line_that_nobody_fetches_from_is_forgotten_and_its_window_closed(people, channel, monkeypatch):
    monkeypatch.setattr(channel.polling, "_idle_s", 0.05)
    async with people.window("polled") as window:
        await emptied(channel.polling)
        await emptied(channel.hub)
        response = await people.http.get(f"/widget/line/{window.session}?after=1", headers=window.headers)
        assert response.status == 404


async def test_window_that_waits_for_room_is_freed_when_the_page_is_gone(people, channel, monkeypatch):
    monkeypatch.setattr(polled_line, "MAX_WAITING_OUT", 2)
    async with people.window("polled") as window:
        monkeypatch.setattr(channel.polling, "_idle_s", 0.05)
        for n in range(5):
            await window.say(f"第{n}句", f"m{n}")
        (session,) = channel.polling._sessions.values()
        session.line._expire()
        await asyncio.wait_for(session.serving, 30)
    assert len(channel.hub) == 0


async def test_page_that_asks_for_its_past_over_and_over_and_fetches_none_of_it_makes_its_own_line_wait(
    people, channel, intake, clock
):
    ends_at_bye(intake)
    intake.answers = lambda text: [] if text == BYE else [bot("长" * (polled_line.MAX_WAITING_CHARS // 3))]
    async with people.window("polled") as window:
        newest = await talked(window, clock, "说说看")
        for _ in range(60):
            await window.send(type="earlier", conversation=newest, before=3)
        (session,) = channel.polling._sessions.values()
        async with asyncio.timeout(30):
            while not session.line._is_full():  # noqa: ASYNC110 -- the window lays its pages ready meanwhile
                await asyncio.sleep(0)
        assert sum(frame["type"] == "earlier" for frame in session.line._out) <= 3  # of 60


async def test_nothing_is_lost_when_the_page_fetches_late(people, monkeypatch):
    monkeypatch.setattr(polled_line, "MAX_WAITING_OUT", 2)
    async with people.window("polled") as window:
        for n in range(20):
            await window.say(f"第{n}句", f"m{n}")
        await window.until("message", text="收到：第19句")
        assert [m["text"] for m in window.messages if m["speaker"] == "customer"] == [f"第{n}句" for n in range(20)]
        assert [(m["prev"], m["seq"]) for m in window.messages] == [(n, n + 1) for n in range(40)]


@pytest.mark.parametrize("verb", ["get", "post"])
async def test_line_of_another_visitor_looks_like_none(people, verb):
    async with people.window("polled") as victim, people.window("polled") as thief:
        options = {"headers": thief.headers} | ({"json": [{"type": "ping"}]} if verb == "post" else {})
        for session in (victim.session, "x" * 32):
            response = await getattr(people.http, verb)(f"/widget/line/{session}?after=0", **options)
            assert response.status == 404
            assert (await response.json())["title"] == "not_found"
        response = await getattr(people.http, verb)(f"/widget/line/{victim.session}?after=0")
        assert response.status == 401


async def test_messages_of_a_device_on_a_socket_and_one_on_requests_reach_both_in_one_order(people):
    async with people.window("socket") as first:
        visitor = first.seen[0]["visitor"]
        async with people.window("polled", visitor=visitor) as second:
            for n in range(10):
                await (first, second)[n % 2].say(f"第{n}句", f"m{n}")
                await (first, second)[n % 2].until("ack", client_id=f"m{n}")
            for window in (first, second):
                if not any(m["text"] == "收到：第9句" for m in window.messages):
                    await window.until("message", text="收到：第9句")
            told = [[(m["prev"], m["seq"], m["text"]) for m in window.messages] for window in (first, second)]
            assert told[0] == told[1]
            assert [seq for _, seq, _ in told[0]] == list(range(1, 21))


async def test_line_cut_before_the_acknowledgement_takes_the_message_once(people, intake):
    async with people.window("polled") as window:
        await window.say("只有一次", "m1")
        visitor = window.credential
    async with people.window("polled", visitor=visitor) as again:
        await again.say("只有一次", "m1")
        assert (await again.until("ack"))["seq"] == 1
        await again.until("message", speaker="bot")
        assert [(m["prev"], m["seq"]) for m in again.messages] == [(0, 1), (1, 2)]
    assert len(intake.received) == 1


async def test_login_that_runs_out_ends_the_line(people, clock):
    from widget.test_window import login

    async with people.window("polled", token=login()) as window:
        clock.advance(3601)
        response = await people.http.get(f"/widget/line/{window.session}?after=1", headers=window.headers)
        assert (response.status, (await response.json())["title"]) == (401, "identity_expired")


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("not json", 400),
        ("{}", 400),
        ("[]", 400),
        ('[{"type": "ping"}' + ', {"type": "ping"}' * 20 + "]", 400),
        ("[" * 10_000, 400),
        ('["' + "x" * 300_000 + '"]', 413),
    ],
    ids=["text", "object", "none", "too-many", "deep", "large"],
)
async def test_body_that_holds_no_frames_is_refused_and_the_line_stays(people, body, status):
    async with people.window("polled") as window:
        response = await people.http.post(f"/widget/line/{window.session}", data=body, headers=window.headers)
        assert response.status == status
        assert (await people.http.post("/widget/line", data=body)).status == status
        await window.send(type="ping")
        await window.until("pong")


@pytest.mark.parametrize("frame", ["text", 7, [], {}, {"type": 7}, {"type": "message"}])
async def test_nonsense_among_the_frames_is_refused_and_the_others_are_taken(people, frame):
    async with people.window("polled") as window:
        response = await people.http.post(
            f"/widget/line/{window.session}", json=[frame, {"type": "ping"}], headers=window.headers
        )
        assert response.status == 204
        assert (await window.until("error"))["code"] == "bad_frame"
        await window.until("pong")


async def test_page_of_another_site_opens_no_line(people):
    response = await people.http.post("/widget/line", json=[{"type": "hello"}], headers={"Origin": "https://evil.example"})
    assert response.status == 403


async def test_customers_oldest_line_that_nobody_waits_at_makes_room(people, channel):
    async with people.window("polled") as first:
        for _ in range(polling.MAX_LINES_A_CUSTOMER):
            async with people.window("polled", visitor=first.credential):
                pass
        assert len(channel.polling) == polling.MAX_LINES_A_CUSTOMER
        response = await people.http.get(f"/widget/line/{first.session}?after=1", headers=first.headers)
        assert response.status == 404


async def test_more_lines_than_the_service_carries_are_told_to_come_later(people, channel, monkeypatch):
    monkeypatch.setattr(channel.polling, "_max_lines", 1)
    async with people.window("polled"):
        response = await people.http.post("/widget/line", json=[{"type": "hello"}])
        assert (response.status, response.headers["Retry-After"]) == (503, "5")


async def test_page_that_could_not_be_welcomed_in_time_is_told_to_come_again(people, channel, monkeypatch):
    monkeypatch.setattr(channel.polling, "_hold_s", 0.0)
    response = await people.http.post("/widget/line", json=[{"type": "hello"}])
    assert (response.status, len(channel.polling)) == (503, 0)


async def test_waiting_requests_are_answered_when_the_service_stops(people, channel):
    async with people.window("polled") as window:
        await window.until("state")
        closing = asyncio.create_task(window.closing())
        await channel._go_away(None)
        assert await closing == 1001
    assert isinstance(window, PolledWindow) and len(channel.polling) == 0
