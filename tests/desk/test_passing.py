"""From one agent to another: nobody is lost on the way, and everybody is told whose it is."""

import asyncio
from typing import Any

import pytest
from desk.at_the_desk import Bank, Desk, held

from config.labels import Role
from config.queueing import queueing

OFFER_S = queueing().offer_seconds


async def notes(desk: Desk, conversation_id: str) -> list[str]:
    _, page = await desk.get(f"/conversations/{conversation_id}/messages?after=0")
    return [item["text"] for item in page["items"] if item["audience"] == "desk"]


async def row(desk: Desk, view: str = "waiting") -> dict[str, Any]:
    return (await desk.get(f"/conversations?view={view}"))[1]["items"][0]


async def test_of_many_claims_at_once_only_as_many_succeed_as_the_agent_has_room_for(bank: Bank):
    desk = await bank.agent("a1", capacity=2)
    for n in range(6):
        await bank.say(f"u{n}", "转人工")
    _, found = await desk.get("/conversations?view=waiting")
    results = await asyncio.gather(*(desk.post(f"/conversations/{item['id']}/claim") for item in found["items"]))
    assert sorted(status for status, _ in results) == [200] * 2 + [409] * 4
    assert {body["title"] for status, body in results if status == 409} == {"full"}
    _, mine = await desk.get("/conversations?view=mine")
    assert len(mine["items"]) == 2


async def test_a_colleague_to_whom_it_is_offered_takes_it_and_nobody_else_may_meanwhile(bank: Bank):
    first, second, third = [await bank.agent(login) for login in ("a1", "a2", "a3")]
    conversation_id = await held(bank, first)
    status, _ = await first.post(f"/conversations/{conversation_id}/transfer", {"agent": second.id, "reason": "懂柜台业务"})
    assert status == 200
    assert (await row(second))["reserved"]["agent"]["id"] == second.id
    assert (await row(second))["reserved"]["offered_by"]["name"] == "坐席a1"
    status, body = await third.post(f"/conversations/{conversation_id}/claim")
    assert (status, body["title"]) == (409, "reserved")
    assert (await second.post(f"/conversations/{conversation_id}/claim"))[0] == 200
    assert "转给同事坐席a2：懂柜台业务" in await notes(second, conversation_id)
    assert any("换一位同事" in text for text in await bank.heard("u1"))


async def test_an_offer_that_nobody_answers_is_everybodys_after_a_while(bank: Bank, clock):
    first, second, third = [await bank.agent(login) for login in ("a1", "a2", "a3")]
    conversation_id = await held(bank, first)
    await first.post(f"/conversations/{conversation_id}/transfer", {"agent": second.id, "reason": "x"})
    clock.advance(OFFER_S + 1)
    assert (await third.post(f"/conversations/{conversation_id}/claim"))[0] == 200


async def test_a_refused_offer_is_everybodys_at_once_and_says_why(bank: Bank):
    first, second, third = [await bank.agent(login) for login in ("a1", "a2", "a3")]
    conversation_id = await held(bank, first)
    await first.post(f"/conversations/{conversation_id}/transfer", {"agent": second.id, "reason": "x"})
    status, body = await third.post(f"/conversations/{conversation_id}/refuse", {"reason": "不是给我的"})
    assert (status, body["title"]) == (409, "not_offered")
    assert (await second.post(f"/conversations/{conversation_id}/refuse", {"reason": "正在处理急件"}))[0] == 200
    assert any("正在处理急件" in text for text in await notes(third, conversation_id))
    assert (await third.post(f"/conversations/{conversation_id}/claim"))[0] == 200


async def test_nothing_is_offered_to_who_is_away_or_full(bank: Bank):
    first, full, gone = await bank.agent("a1"), await bank.agent("a2", capacity=1), await bank.agent("a3")
    await held(bank, full, "u0")
    conversation_id = await held(bank, first, "u1")
    for colleague, title in ((full.id, "target_full"), ("f" * 32, "target_away"), (first.id, "target_away")):
        status, body = await first.post(f"/conversations/{conversation_id}/transfer", {"agent": colleague, "reason": "x"})
        assert (status, body["title"]) == (409, title)
    async with gone.session.put(f"{bank.url}/api/v1/desk/presence", json={"presence": "away"}) as answer:
        assert answer.status == 200
    status, body = await first.post(f"/conversations/{conversation_id}/transfer", {"agent": gone.id, "reason": "x"})
    assert (status, body["title"]) == (409, "target_away")
    assert (await row(first, "mine"))["id"] == conversation_id


async def test_for_a_skill_it_waits_until_somebody_has_it_or_the_wait_was_long_enough(bank: Bank, clock):
    first = await bank.agent("a1", skills=("app",))
    lender = await bank.agent("a2", skills=("lending",))
    conversation_id = await held(bank, first)
    status, _ = await first.post(f"/conversations/{conversation_id}/transfer", {"skill": "lending", "reason": "问房贷"})
    assert status == 200
    assert (await row(first))["skill"] == "贷款"
    status, body = await first.post(f"/conversations/{conversation_id}/claim")
    assert (status, body["title"]) == (409, "skill")
    clock.advance(14)  # nobody is gone yet
    assert (await lender.post(f"/conversations/{conversation_id}/claim"))[0] == 200


async def test_what_needs_a_skill_that_nobody_on_duty_has_is_soon_for_everybody(bank: Bank, clock):
    first = await bank.agent("a1", skills=("app",))
    conversation_id = await held(bank, first)
    await first.post(f"/conversations/{conversation_id}/transfer", {"skill": "lending", "reason": "问房贷"})
    assert (await first.post(f"/conversations/{conversation_id}/claim"))[0] == 409
    clock.advance(queueing().widen_after_seconds.nobody_on_duty + 1)
    assert (await first.post(f"/conversations/{conversation_id}/claim"))[0] == 200


@pytest.mark.parametrize(
    "body", [{"reason": "x"}, {"agent": "a", "skill": "app", "reason": "x"}, {"skill": "app"}, {"skill": "x", "reason": "x"}]
)
async def test_a_transfer_to_nobody_or_without_reason_is_refused(bank: Bank, body):
    desk = await bank.agent("a1")
    conversation_id = await held(bank, desk)
    assert (await desk.post(f"/conversations/{conversation_id}/transfer", body))[0] == 422


async def test_a_supervisor_takes_over_and_the_agent_may_say_no_more(bank: Bank):
    desk, boss = await bank.agent("a1"), await bank.agent("b1", Role.SUPERVISOR)
    conversation_id = await held(bank, desk)
    assert (await desk.post(f"/conversations/{conversation_id}/take-over", {"reason": "x"}))[0] == 403
    assert (await boss.post(f"/conversations/{conversation_id}/take-over", {"reason": "客户要求主管"}))[0] == 200
    status, body = await desk.post(f"/conversations/{conversation_id}/replies", {"text": "还是我"})
    assert (status, body["title"]) == (409, "not_holder")
    assert (await boss.post(f"/conversations/{conversation_id}/replies", {"text": "我是主管"}))[0] == 201
    assert "主管坐席b1接管了会话：客户要求主管" in await notes(boss, conversation_id)


async def test_a_supervisor_takes_over_from_the_bot_too_and_the_bot_is_silent_then(bank: Bank):
    boss = await bank.agent("b1", Role.SUPERVISOR)
    await bank.say("u1", "你们几点上班")
    conversation_id = (await row(boss, "all"))["id"]
    assert (await boss.post(f"/conversations/{conversation_id}/take-over", {"reason": "听着不对"}))[0] == 200
    assert await bank.say("u1", "你们几点上班") == []
    assert (await boss.post(f"/conversations/{conversation_id}/replies", {"text": "您好"}))[0] == 201


async def test_a_supervisor_with_a_full_desk_cannot_take_over(bank: Bank):
    desk, boss = await bank.agent("a1"), await bank.agent("b1", Role.SUPERVISOR, capacity=1)
    await held(bank, boss, "u0")
    conversation_id = await held(bank, desk, "u1")
    status, body = await boss.post(f"/conversations/{conversation_id}/take-over", {"reason": "x"})
    assert (status, body["title"]) == (409, "full")
    assert (await desk.post(f"/conversations/{conversation_id}/replies", {"text": "仍是我"}))[0] == 201


async def test_a_supervisor_says_what_somebody_knows_and_may_hold(bank: Bank):
    desk, boss = await bank.agent("a1"), await bank.agent("b1", Role.SUPERVISOR)

    async def put(who: Desk, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        async with who.session.put(f"{bank.url}/api/v1/desk/colleagues/{desk.id}/work", json=body) as answer:
            return answer.status, await answer.json()

    assert (await put(desk, {"capacity": 9, "skills": []}))[0] == 403
    assert (await put(boss, {"capacity": 9, "skills": ["cooking"]}))[1]["title"] == "no_skill"
    assert (await put(boss, {"capacity": -1, "skills": []}))[0] == 422
    status, body = await put(boss, {"capacity": 9, "skills": ["lending"]})
    assert (status, body["agent"]["capacity"], body["agent"]["skills"]) == (200, 9, ["lending"])
    _, found = await desk.get("/colleagues")
    assert {"id": "lending", "name": "贷款"} in found["skills"]
    mine = next(item for item in found["agents"] if item["id"] == desk.id)
    assert (mine["load"], mine["on_duty"]) == (0, True)
