"""The platform's customer service (微信客服): the log and its cursors, states and moves, codes for one message, own ids."""

import pytest
from wechat.platforms import serving_platform

SYNC, SEND, ON_EVENT, GET, MOVE = (
    "kf/sync_msg",
    "kf/send_msg",
    "kf/send_msg_on_event",
    "kf/service_state/get",
    "kf/service_state/trans",
)


@pytest.fixture
async def served(clock):
    async with serving_platform(clock) as served:
        yield served


@pytest.fixture
def desk(served):
    return served.platform.kf.desks["wk1"]


def token_in(served) -> str:
    from bot.channels.wechat.fake import unseal

    _, body = served.callback.got[-1]
    inside = unseal(served.platform.accounts["corp"], body.split("CDATA[")[2].split("]]")[0])
    return inside.split("<Token><![CDATA[")[1].split("]]")[0]


async def sync(served, **asked) -> dict:
    return await served.call("corp", SYNC, {"open_kfid": "wk1", "token": token_in(served), "limit": 1000, **asked})


def text(content: str = "您好", **more) -> dict:
    return {"touser": "u1", "open_kfid": "wk1", "msgtype": "text", "text": {"content": content}, **more}


def move(state: int, servicer: str = "") -> dict:
    return {"open_kfid": "wk1", "external_userid": "u1", "service_state": state, "servicer_userid": servicer}


async def state(served) -> int:
    return (await served.call("corp", GET, {"open_kfid": "wk1", "external_userid": "u1"}))["service_state"]


async def test_items_come_page_by_page_and_each_once(served, desk):
    for number in range(5):
        await desk.message("u1", "text", content=f"第{number}条")
    cursor, got = "", []
    while True:
        page = await sync(served, cursor=cursor, limit=2)
        got += page["msg_list"]
        cursor = page["next_cursor"]
        if not page["has_more"]:
            break
    assert [item["text"]["content"] for item in got] == [f"第{number}条" for number in range(5)]
    assert {len(item["msgid"]) for item in got} == {44}
    assert {(item["origin"], item["open_kfid"], item["external_userid"]) for item in got} == {(3, "wk1", "u1")}
    assert (await sync(served, cursor=cursor))["msg_list"] == []


async def test_own_messages_are_not_in_the_log(served, desk):
    await desk.message("u1", "text", content="你好")
    assert (await served.call("corp", SEND, text()))["errcode"] == 0
    assert len((await sync(served))["msg_list"]) == 1
    assert [seen.text for seen in served.platform.seen["u1"]] == ["您好"]


async def test_without_a_cursor_the_last_three_days_come(served, desk):
    await desk.message("u1", "text", content="旧")
    served.clock.advance(3 * 24 * 3600 + 1)
    await desk.message("u1", "text", content="新")
    assert [item["text"]["content"] for item in (await sync(served))["msg_list"]] == ["新"]


async def test_a_callbacks_token_works_for_ten_minutes_and_without_one_few_calls_are_let_through(served, desk):
    await desk.message("u1", "text", content="你好")
    token = token_in(served)
    served.clock.advance(599)
    assert (await sync(served, token=token))["errcode"] == 0
    served.clock.advance(1)
    refused = await sync(served, token=token)
    assert refused["errcode"] == 95007, (token, refused, served.clock.now(), served.platform.requests)
    assert (await sync(served, token="made-up"))["errcode"] == 95007
    assert [(await sync(served, token=""))["errcode"] for _ in range(11)] == [0] * 10 + [45009]
    served.clock.advance(60)
    assert (await sync(served, token=""))["errcode"] == 0


async def test_cursors_and_accounts_are_checked(served, desk):
    await desk.message("u1", "text", content="你好")
    cursor = (await sync(served))["next_cursor"]
    assert (await sync(served, cursor="x"))["errcode"] == 40058
    assert (await sync(served, open_kfid="wk2", token="", cursor=cursor))["errcode"] == 40058
    assert (await sync(served, open_kfid="wk9"))["errcode"] == 95004
    assert (await sync(served, limit=1001))["errcode"] == 40058
    assert [one["open_kfid"] for one in (await served.call("corp", "kf/account/list", {}))["account_list"]] == ["wk1", "wk2"]


async def test_events_carry_their_ids_inside(served, desk):
    await desk.enter("u1", scene="ticket")
    (item,) = (await sync(served))["msg_list"]
    assert "external_userid" not in item
    assert item["event"]["event_type"] == "enter_session"
    assert (item["event"]["external_userid"], item["event"]["open_kfid"], item["origin"]) == ("u1", "wk1", 4)


async def test_a_welcome_code_is_good_for_one_message_within_twenty_seconds(served, desk):
    code = await desk.enter("u1")
    body = {"code": code, "msgtype": "text", "text": {"content": "欢迎"}}
    assert [(await served.call("corp", ON_EVENT, body))["errcode"] for _ in range(2)] == [0, 40058]
    assert await desk.enter("u1") == ""  # welcomed within 48 hours
    served.clock.advance(48 * 3600)
    served.tokens.clear()
    late = await desk.enter("u1")
    served.clock.advance(20)
    assert (await served.call("corp", ON_EVENT, {**body, "code": late}))["errcode"] == 40058
    assert [seen.text for seen in served.platform.seen["u1"]] == ["欢迎"]


async def test_the_api_may_send_in_the_first_two_states_only(served, desk):
    await desk.message("u1", "text", content="你好")
    assert await state(served) == 0
    codes = [(await served.call("corp", SEND, text()))["errcode"]]
    for to, servicer in [(1, ""), (2, ""), (3, "zhangsan"), (4, "")]:
        assert (await served.call("corp", MOVE, move(to, servicer)))["errcode"] == 0
        codes.append((await served.call("corp", SEND, text()))["errcode"])
    assert codes == [0, 0, 95018, 95018, 95018]
    await desk.message("u1", "text", content="还有")
    assert await state(served) == 0


async def test_a_move_is_refused_when_the_state_or_the_operator_does_not_allow_it(served, desk):
    await desk.message("u1", "text", content="你好")
    assert (await served.call("corp", MOVE, move(3, "nobody")))["errcode"] == 95014
    assert (await served.call("corp", MOVE, move(0)))["errcode"] == 95016
    assert (await served.call("corp", MOVE, move(9)))["errcode"] == 40058
    await served.call("corp", MOVE, move(4))
    assert (await served.call("corp", MOVE, move(1)))["errcode"] == 95013
    desk.sessions.strict_moves = True
    await desk.message("u1", "text", content="你好")
    assert (await served.call("corp", MOVE, move(1)))["errcode"] == 95016  # documented are 2 and 3 alone


async def test_the_code_of_an_ending_lets_one_message_through(served, desk):
    await desk.message("u1", "text", content="你好")
    code = (await served.call("corp", MOVE, move(4)))["msg_code"]
    body = {"code": code, "msgtype": "text", "text": {"content": "再见"}}
    assert (await served.call("corp", ON_EVENT, body))["errcode"] == 0
    assert (await served.call("corp", ON_EVENT, body))["errcode"] == 40058


async def test_the_sixth_message_is_accepted_and_its_failure_told(served, desk):
    await desk.message("u1", "text", content="你好")
    answers = [await served.call("corp", SEND, text(msgid=f"own{number}")) for number in range(6)]
    assert {answer["errcode"] for answer in answers} == {0}
    assert len(served.platform.seen["u1"]) == 5
    failed = (await sync(served))["msg_list"][-1]["event"]
    assert (failed["event_type"], failed["fail_msgid"], failed["fail_type"]) == ("msg_send_fail", "own5", 6)
    served.clock.advance(48 * 3600)
    served.tokens.clear()
    await served.call("corp", SEND, text())
    assert (await sync(served))["msg_list"][-1]["event"]["fail_type"] == 4


@pytest.mark.parametrize("own", ["x" * 33, "有中文", "a b"])
async def test_an_own_id_is_short_plain_and_used_once(served, desk, own):
    await desk.message("u1", "text", content="你好")
    assert (await served.call("corp", SEND, text(msgid=own)))["errcode"] == 40058
    assert (await served.call("corp", SEND, text(msgid="own_1-A")))["msgid"] == "own_1-A"
    assert (await served.call("corp", SEND, text(msgid="own_1-A")))["errcode"] == 40058


@pytest.mark.parametrize(
    ("menu", "code"),
    [
        ({"head_content": "请选择", "list": [{"type": "click", "click": {"id": "1", "content": "是"}}]}, 0),
        ({"list": [{"type": "click", "click": {"id": "1", "content": "是"}}] * 11}, 95008),
        ({"list": [{"id": "1", "content": "是"}]}, 95009),  # the shape of an Official Account
    ],
)
async def test_a_menu_is_checked(served, desk, menu, code):
    await desk.message("u1", "text", content="你好")
    body = {"touser": "u1", "open_kfid": "wk1", "msgtype": "msgmenu", "msgmenu": menu}
    assert (await served.call("corp", SEND, body))["errcode"] == code


async def test_what_operators_do_in_wecom_is_told(served, desk):
    await desk.message("u1", "text", content="你好")
    await desk.operator_moves("u1", 3, "lisi")
    await desk.operator_says("u1", "我来帮您")
    await desk.recall("u1", "m1")
    _, taken, said, recalled = (await sync(served))["msg_list"]
    assert (taken["event"]["event_type"], taken["event"]["new_servicer_userid"]) == ("session_status_change", "lisi")
    assert (said["origin"], said["servicer_userid"], said["text"]["content"]) == (5, "lisi", "我来帮您")
    assert (recalled["event"]["event_type"], recalled["event"]["recall_msgid"]) == ("user_recall_msg", "m1")
    body = {"code": taken["event"]["msg_code"], "msgtype": "text", "text": {"content": "已转接"}}
    assert (await served.call("corp", ON_EVENT, body))["errcode"] == 0
