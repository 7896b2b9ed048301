"""For those who lead the desk: figures, steps for many conversations at once, tags; and the summary of a matter."""

from datetime import UTC, datetime
from typing import Any

import pytest
from desk.at_the_desk import Bank, Desk, held
from desk.test_passing import notes, row

from config.labels import Role, Speaker
from handoff.summary import LINE_CHARS, summary
from store.bell import AGENTS
from store.model import Message


async def test_a_supervisor_sees_who_waits_who_works_and_how_the_day_goes(bank: Bank, clock):
    desk, boss = await bank.agent("a1"), await bank.agent("b1", Role.SUPERVISOR)
    await bank.say("u0", "转人工")
    clock.advance(10)
    conversation_id = await desk.waiting()
    assert (await desk.post(f"/conversations/{conversation_id}/claim"))[0] == 200
    clock.advance(60)
    assert (await desk.post(f"/conversations/{conversation_id}/end"))[0] == 200
    await bank.say("u0", "4")
    async with desk.session.ws_connect(f"{bank.url}/desk/socket"):
        await bank.service.desk.socket.keep_up()
        bank.service.bell.ring(AGENTS)  # who is there is asked anew once a second, and this test takes less
        await held(bank, desk, "u1")
        await bank.say("u2", "手机银行登录不了，一直闪退")
        await bank.say("u2", "转人工")
    clock.advance(30)
    status, found = await boss.get("/supervision")
    assert status == 200
    assert (found["waiting"]["count"], found["waiting"]["longest_s"]) == (1, 30)
    assert found["waiting"]["skills"][0]["name"] == "手机银行"
    today = found["today"]
    assert (today["served"], today["picked_up"], today["average_pick_up_s"]) == (1, 2, 5.0)
    assert today["satisfaction"] == {"asked": 1, "answered": 1, "average": 4.0}
    works = next(item for item in found["agents"] if item["id"] == desk.id)
    assert (works["load"], works["served_today"], works["average_handling_s"]) == (1, 1, 60)
    assert works["last_activity"] is not None


async def test_figures_are_for_those_who_lead(bank: Bank):
    for login, role, expected in (("a1", Role.AGENT, 403), ("b1", Role.SUPERVISOR, 200), ("x1", Role.ADMINISTRATOR, 200)):
        assert (await (await bank.agent(login, role)).get("/supervision"))[0] == expected


async def bulk(desk: Desk, ids: list[str], action: str, **more: Any) -> dict[str, Any]:
    status, body = await desk.post("/conversations/bulk", {"ids": ids, "action": action, **more})
    assert status == 200, body
    return body["results"]


async def test_a_step_for_many_is_done_where_it_may_be_and_each_refusal_is_told(bank: Bank):
    first, second = await bank.agent("a1"), await bank.agent("a2")
    mine, drafted, theirs = [await held(bank, who, name) for who, name in ((first, "u1"), (first, "u2"), (second, "u3"))]
    await first.post(f"/conversations/{mine}/decline", {"reason": "x"})
    results = await bulk(first, [mine, drafted, theirs, "0" * 32], "end")
    assert results[mine] == {"done": True}
    assert [results[found]["code"] for found in (drafted, theirs, "0" * 32)] == ["draft_open", "not_holder", "not_holder"]
    assert results[drafted]["detail"]


async def test_a_supervisor_assigns_many_up_to_the_room_that_the_colleague_has(bank: Bank):
    boss, desk = await bank.agent("b1", Role.SUPERVISOR), await bank.agent("a1", capacity=2)
    for n in range(3):
        await bank.say(f"u{n}", "转人工")
    ids = [item["id"] for item in (await boss.get("/conversations?view=waiting"))[1]["items"]]
    results = await bulk(boss, ids, "assign", agent=desk.id, reason="高峰")
    assert [results[found].get("code") for found in ids] == [None, None, "target_full"]
    assert (await row(desk, "mine"))["agent"]["id"] == desk.id
    assert "主管坐席b1把会话交给坐席a1：高峰" in await notes(desk, ids[0])
    refused = await bulk(desk, ids, "assign", agent=desk.id, reason="x")
    assert {item["code"] for item in refused.values()} == {"supervisor_only"}


@pytest.mark.parametrize(
    "body",
    [
        {"ids": [], "action": "end"},
        {"ids": ["0" * 32] * 101, "action": "end"},
        {"ids": ["x"], "action": "end"},
        {"ids": ["0" * 32], "action": "delete"},
        {"ids": ["0" * 32], "action": "requeue"},
        {"ids": ["0" * 32], "action": "transfer", "reason": "x"},
        {"ids": ["0" * 32], "action": "assign", "reason": "x"},
        {"ids": ["0" * 32], "action": "tag"},
        {"ids": ["0" * 32], "action": "tag", "tag": "a b"},
    ],
)
async def test_a_step_that_lacks_something_is_refused_as_a_whole(bank: Bank, body):
    desk = await bank.agent("a1")
    assert (await desk.post("/conversations/bulk", body))[0] == 422


async def test_tags_are_put_on_once_taken_off_and_known_to_all(bank: Bank):
    desk, other = await bank.agent("a1"), await bank.agent("d1", department="pricing")
    conversation_id = await held(bank, desk)

    async def put(who: Desk, **body: Any) -> tuple[int, dict[str, Any]]:
        where = f"{bank.url}/api/v1/desk/conversations/{conversation_id}/tags"
        async with who.session.put(where, json=body) as answer:
            return answer.status, await answer.json()

    assert await put(desk, add=["回访", "老客户", "回访"]) == (200, {"tags": ["回访", "老客户"]})
    assert await put(desk, add=["回访"], remove=["老客户"]) == (200, {"tags": ["回访"]})
    assert (await put(other, add=["x"]))[0] == 404
    assert (await put(desk))[0] == 422
    assert (await bulk(desk, [conversation_id], "tag", tag="重点"))[conversation_id] == {"done": True}
    _, view = await desk.get(f"/conversations/{conversation_id}")
    assert sorted(view["tags"]) == sorted(["回访", "重点"])
    _, found = await desk.get("/tags")
    assert {item["tag"]: item["count"] for item in found["items"]} == {"回访": 1, "重点": 1}


async def test_the_brief_names_the_words_that_were_heard(bank: Bank):
    desk = await bank.agent("a1")
    words = "你们太过分了，气死我了，柜员骂我"
    await bank.say("u1", words)
    await bank.say("u1", "转人工")
    _, view = await desk.get(f"/conversations/{await desk.waiting()}")
    heard = [item for item in view["brief"]["heard"] if item["rule"].startswith("emotion")]
    assert heard
    assert all(item["text"] and item["text"] in words for item in heard)
    assert view["brief"]["reasons"] == ["asked", "emotion", "complaint"]


NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)


def said(*texts: str) -> list[Message]:
    return [Message("c", n, Speaker.CUSTOMER, "text", text, NOW) for n, text in enumerate(texts, 1)]


def test_a_summary_is_the_matter_and_the_wish_and_no_courtesies():
    lines = summary(
        said(
            "你好",
            "在吗",
            "我昨天在存款机存了五千元，一直没到账。今天天气不错。我打过电话，没人理我",
            "好的",
            "请你们尽快把钱退给我",
            "谢谢",
        )
    )
    assert lines == ["我昨天在存款机存了五千元，一直没到账。", "我打过电话，没人理我", "请你们尽快把钱退给我"]


@pytest.mark.parametrize(
    "courtesy",
    [
        "好的谢谢",
        "好的，谢谢您！",
        "嗯嗯，知道了",
        "您好，请问在吗？",
        "非常感谢你们的耐心解答",
        "不用了，谢谢",
        "是的，没错",
        "没有了，辛苦您了～",
        "OK, thank you",
        "好的好的收到",
        "不是的，不需要",
        "没关系，再见",
    ],
)
def test_greetings_thanks_yes_and_no_are_no_line_of_the_matter(courtesy):
    assert summary(said("我的卡被机器吞了", courtesy)) == ["我的卡被机器吞了"]


@pytest.mark.parametrize(
    "matter",
    ["好久没人理我了", "对账单不对", "你好像扣错了钱", "谢谢你们的态度，真让人寒心", "不是我本人操作的", "是的，卡还在机器里"],
)
def test_what_only_begins_like_a_courtesy_is_kept(matter):
    assert summary(said(matter)) == [matter]


def test_a_text_made_to_be_slow_to_read_is_read_at_once():
    assert summary(said("嗯" * 4000 + "卡" + "好的谢谢" * 1000))[0].startswith("嗯")


def test_the_same_said_again_takes_no_line():
    assert summary(said("我的卡被机器吞了怎么办", "我的卡被机器吞了怎么办啊", "我的卡被机器吞了")) == ["我的卡被机器吞了怎么办"]


def test_nothing_said_is_no_summary_and_a_long_sentence_is_cut_visibly():
    assert summary(said("你好", "转人工", "[手机号·尾号5678]")) == []
    (line,) = summary(said("不" * 500))
    assert len(line) == LINE_CHARS
    assert line.endswith("…")
