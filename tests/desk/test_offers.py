"""Whoever is offered a conversation is called at once, and an offer that nobody answers comes back to the queue by itself."""

from contextlib import asynccontextmanager
from typing import Any

import pytest
from desk.at_the_desk import Bank, Desk, held

from config.labels import Role
from config.queueing import queueing
from store.bell import Bell

OFFER_S = queueing().offer_seconds


class Page:
    """A desk that is open in somebody's browser, and all that it was told."""

    def __init__(self, socket: Any) -> None:
        self._socket = socket
        self.heard: list[dict[str, Any]] = []

    async def until(self, kind: str) -> dict[str, Any]:
        while True:
            frame = await self._socket.receive_json(timeout=10)
            self.heard.append(frame)
            if frame["type"] == kind:
                return frame

    async def calls(self) -> list[str]:
        """What it was called for up to now: a ping is answered after everything that was told before it."""
        await self._socket.send_json({"type": "ping"})
        await self.until("pong")
        return [frame["type"] for frame in self.heard if frame["type"] in ("offered", "offer_over", "assigned", "taken")]


@asynccontextmanager
async def page(desk: Desk):
    async with desk.session.ws_connect(f"{desk.bank.url}/desk/socket") as socket:
        opened = Page(socket)
        await opened.until("hello")
        yield opened


async def offer(bank: Bank, first: Desk, second: Desk) -> str:
    conversation_id = await held(bank, first)
    status, _ = await first.post(f"/conversations/{conversation_id}/transfer", {"agent": second.id, "reason": "懂柜台业务"})
    assert status == 200
    return conversation_id


async def notes(desk: Desk, conversation_id: str) -> list[str]:
    _, found = await desk.get(f"/conversations/{conversation_id}/messages?after=0")
    return [item["text"] for item in found["items"] if item["audience"] == "desk"]


async def test_whoever_is_asked_is_called_by_name_with_the_time_they_have_and_nobody_else_is(bank: Bank):
    first, second, third = [await bank.agent(login) for login in ("a1", "a2", "a3")]
    async with page(second) as asked, page(third) as other:
        conversation_id = await offer(bank, first, second)
        frame = await asked.until("offered")
        assert frame["conversation"] == conversation_id
        assert frame["by"] == {"id": first.id, "name": "坐席a1"}
        _, found = await second.get("/conversations?view=waiting")
        assert frame["until"] == found["items"][0]["reserved"]["until"]
        assert await other.calls() == []


async def test_who_is_kept_for_a_colleague_calls_for_nobody_else_until_the_time_is_over(bank: Bank, clock):
    first, second, third = [await bank.agent(name) for name in ("a1", "a2", "a3")]
    conversation_id = await held(bank, first)
    offered = await first.post(f"/conversations/{conversation_id}/transfer", {"agent": second.id, "reason": "她熟悉"})
    assert offered[0] == 200

    async def to_take() -> list[tuple[int, int]]:
        found = [(await desk.get("/conversations?view=all"))[1]["counts"] for desk in (first, second, third)]
        return [(counts["waiting"], counts["to_take"]) for counts in found]

    assert await to_take() == [(1, 0), (1, 1), (1, 0)]
    clock.advance(OFFER_S + 1)
    assert await to_take() == [(1, 1)] * 3


async def test_a_desk_that_opens_later_or_whose_call_was_lost_is_called_too_and_once(bank: Bank, monkeypatch):
    first, second = await bank.agent("a1"), await bank.agent("a2")
    monkeypatch.setattr(Bell, "signal", lambda *_, **__: None)
    conversation_id = await offer(bank, first, second)
    async with page(second) as asked:
        assert (await asked.until("offered"))["conversation"] == conversation_id
        for _ in range(3):
            await bank.service.desk.socket._call_for(list(bank.service.desk.socket._pages))
        assert await asked.calls() == ["offered"]


async def test_an_offer_that_nobody_answers_is_everybodys_and_both_are_told(bank: Bank, clock):
    first, second, third = [await bank.agent(login) for login in ("a1", "a2", "a3")]
    conversation_id = await offer(bank, first, second)
    clock.advance(OFFER_S - 1)
    assert await bank.service.desk.offers.sweep() == 0
    async with page(first) as asking, page(second) as asked:
        clock.advance(1)
        assert await bank.service.desk.offers.sweep() == 1
        for told in (asking, asked):
            over = await told.until("offer_over")
            assert (over["conversation"], over["outcome"], over["agent"]["name"]) == (conversation_id, "unanswered", "坐席a2")
    _, found = await third.get("/conversations?view=waiting")
    assert found["items"][0]["reserved"] is None
    assert f"同事坐席a2在 {int(OFFER_S)} 秒内没有接入，会话已开放给大家。" in await notes(third, conversation_id)
    assert (await third.post(f"/conversations/{conversation_id}/claim"))[0] == 200
    assert await bank.service.desk.offers.sweep() == 0


@pytest.mark.parametrize("answer", ["claim", "refuse"])
async def test_an_offer_that_was_answered_does_not_run_out(bank: Bank, clock, answer):
    first, second = await bank.agent("a1"), await bank.agent("a2")
    conversation_id = await offer(bank, first, second)
    assert (await second.post(f"/conversations/{conversation_id}/{answer}", {"reason": "正忙"}))[0] == 200
    clock.advance(OFFER_S + 1)
    assert await bank.service.desk.offers.sweep() == 0
    assert not any("没有接入" in note for note in await notes(second, conversation_id))


async def test_whoever_offered_hears_of_a_refusal(bank: Bank):
    first, second = await bank.agent("a1"), await bank.agent("a2")
    conversation_id = await offer(bank, first, second)
    async with page(first) as asking:
        await second.post(f"/conversations/{conversation_id}/refuse", {"reason": "正在处理急件"})
        over = await asking.until("offer_over")
        assert (over["outcome"], over["agent"]["id"]) == ("refused", second.id)


async def test_whoever_is_given_a_conversation_by_a_supervisor_is_called(bank: Bank):
    first, second, boss = await bank.agent("a1"), await bank.agent("a2"), await bank.agent("b1", Role.SUPERVISOR)
    conversation_id = await held(bank, first)
    async with page(second) as given, page(first) as other:
        body = {"ids": [conversation_id], "action": "assign", "agent": second.id, "reason": "您熟悉"}
        _, answer = await boss.post("/conversations/bulk", body)
        assert answer["results"][conversation_id] == {"done": True}
        assert (await given.until("assigned"))["by"] == {"id": boss.id, "name": "坐席b1"}
        taken = await other.until("taken")
        assert (taken["by"]["name"], taken["to"]["name"]) == ("坐席b1", "坐席a2")
        assert await other.calls() == ["taken"]


@pytest.mark.parametrize(
    ("step", "more", "goes_to"),
    [("take-over", {}, "坐席b1"), ("requeue", {}, None), ("transfer", {"skill": "app"}, None)],
)
async def test_an_agent_whose_conversation_a_supervisor_takes_away_is_told_and_nobody_else(bank: Bank, step, more, goes_to):
    first, second, boss = await bank.agent("a1"), await bank.agent("a2"), await bank.agent("b1", Role.SUPERVISOR)
    conversation_id = await held(bank, first)
    async with page(first) as before, page(second) as other, page(boss) as taker:
        status, _ = await boss.post(f"/conversations/{conversation_id}/{step}", {"reason": "客户要求主管处理", **more})
        assert status == 200
        told = await before.until("taken")
        assert (told["conversation"], told["by"]["name"]) == (conversation_id, "坐席b1")
        assert (told["to"] and told["to"]["name"]) == goes_to
        assert await other.calls() == []
        assert await taker.calls() == []


@pytest.mark.parametrize("step", ["requeue", "transfer"])
async def test_who_gives_a_conversation_away_is_not_told_of_their_own_doing(bank: Bank, step):
    first, second = await bank.agent("a1"), await bank.agent("a2")
    conversation_id = await held(bank, first)
    async with page(first) as mine:
        body = {"reason": "交接班", **({"agent": second.id} if step == "transfer" else {})}
        assert (await first.post(f"/conversations/{conversation_id}/{step}", body))[0] == 200
        assert await mine.calls() == []


async def test_a_list_names_the_conversations_of_ones_own_that_have_unread_words(bank: Bank):
    first, second = await bank.agent("a1"), await bank.agent("a2")
    conversation_id = await held(bank, first)
    _, page_of = await first.get(f"/conversations/{conversation_id}/messages?after=0")
    await first.post(f"/conversations/{conversation_id}/read", {"seq": page_of["items"][-1]["seq"]})
    assert (await first.get("/conversations?view=waiting"))[1]["unread"] == {}
    await bank.say("u1", "您还在吗")
    _, after = await first.get(f"/conversations/{conversation_id}/messages?after=0")
    said = after["items"][-1]["seq"]
    assert (await first.get("/conversations?view=waiting"))[1]["unread"] == {conversation_id: said}
    assert (await second.get("/conversations?view=waiting"))[1]["unread"] == {}
