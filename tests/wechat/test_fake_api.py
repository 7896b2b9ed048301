"""The platform's API: what it lets through, and the codes for what it doesn't."""

import io

import aiohttp
import pytest
from wechat.platforms import serving_platform

from bot.channels.wechat.fake import Misstep, Seen

SEND, TYPING = "message/custom/send", "message/custom/typing"
TEXT = {"MsgType": "text", "Content": "你好"}


@pytest.fixture
async def served(clock):
    async with serving_platform(clock) as served:
        yield served


def text(content: str = "您好", to: str = "o1") -> dict:
    return {"touser": to, "msgtype": "text", "text": {"content": content}}


async def test_a_message_opens_five_for_48_hours(served):
    await served.platform.push("main", "o1", TEXT)
    assert [await served.code("main", SEND, text()) for _ in range(6)] == [0, 0, 0, 0, 0, 45047]
    await served.platform.push("main", "o1", TEXT)
    assert await served.code("main", SEND, text()) == 0
    served.clock.advance(48 * 3600)
    served.tokens.clear()
    assert await served.code("main", SEND, text()) == 45015
    assert len(served.platform.seen["o1"]) == 6


@pytest.mark.parametrize(
    ("account", "fields", "count"),
    [
        ("main", {"MsgType": "event", "Event": "CLICK", "EventKey": "k"}, 3),
        ("main", {"MsgType": "event", "Event": "subscribe", "EventKey": ""}, 3),
        ("main", {"MsgType": "event", "Event": "SCAN", "EventKey": "s"}, 3),
        ("main", {"MsgType": "text", "Content": "是", "bizmsgmenuid": "1"}, 3),
        ("main", {"MsgType": "event", "Event": "VIEW", "EventKey": "u"}, 0),
        ("mini", {"MsgType": "event", "Event": "user_enter_tempsession", "SessionFrom": "s"}, 2),
    ],
)
async def test_taps_open_fewer_and_for_a_minute(served, account, fields, count):
    await served.platform.push(account, "o1", fields)
    assert [await served.code(account, SEND, text()) for _ in range(count + 1)] == [0] * count + [45047 if count else 45015]
    await served.platform.push(account, "o1", fields)
    served.clock.advance(60)
    assert await served.code(account, SEND, text()) == 45015


async def test_who_is_not_there_can_not_be_written_to(served):
    assert await served.code("main", SEND, text(to="o9")) == 40003
    await served.platform.event("main", "o9", "subscribe", EventKey="")
    await served.platform.event("main", "o9", "unsubscribe")
    assert await served.code("main", SEND, text(to="o9")) == 43004


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (text(""), 44004),
        (text("长" * 683), 45002),
        (text("长" * 682), 0),
        ({"touser": "o1", "msgtype": "image", "image": {"media_id": "none"}}, 40007),
        ({"touser": "o1", "msgtype": "news", "news": {"articles": [{"title": "a"}, {"title": "b"}]}}, 45008),
        ({"touser": "o1", "msgtype": "news", "news": {"articles": [{"title": "a"}]}}, 0),
        ({"touser": "o1", "msgtype": "msgmenu", "msgmenu": {"head_content": "h", "list": [{"id": "1", "content": "是"}]}}, 0),
        ({"touser": "o1", "msgtype": "link", "link": {"title": "a"}}, 40008),
        ({"touser": "o1", "msgtype": "text", "text": "bare"}, 40008),
        ({"touser": "o1"}, 40008),
    ],
)
async def test_a_customer_service_message_is_checked(served, body, code):
    await served.platform.push("main", "o1", TEXT)
    assert await served.code("main", SEND, body) == code


async def test_escaped_chinese_arrives_as_escapes(served):
    await served.platform.push("main", "o1", TEXT)
    await served.call("main", "getcallbackip")
    query = {"access_token": served.tokens["main"]}
    for raw in (
        rb'{"touser":"o1","msgtype":"text","text":{"content":"\u4f60"}}',
        '{"touser":"o1","msgtype":"text","text":{"content":"你"}}',
    ):
        await served.raw("POST", SEND, params=query, data=raw)
    assert [seen.text for seen in served.platform.seen["o1"]] == [r"\u4f60", "你"]


async def test_typing_needs_an_exchange_and_lasts_fifteen_seconds(served):
    typing = {"touser": "o1", "command": "Typing"}
    served.platform.followers.add("o1")
    assert await served.code("main", TYPING, typing) == 45080
    await served.platform.push("main", "o1", TEXT)
    assert await served.code("main", TYPING, {**typing, "command": "Sing"}) == 45072
    assert [await served.code("main", TYPING, typing) for _ in range(2)] == [0, 45081]
    served.clock.advance(15)
    assert await served.code("main", TYPING, typing) == 0
    await served.call("main", SEND, text())
    assert await served.code("main", TYPING, typing) == 0
    await served.platform.push("mini", "o1", TEXT)
    assert await served.code("mini", "message/custom/business/typing", typing) == 0


# --- files -------------------------------------------------------------------------------------------------------------------


async def upload(served, account: str, kind: str, size: int, name: str) -> dict:
    await served.call(account, "getcallbackip")
    form = aiohttp.FormData()
    form.add_field("media", io.BytesIO(b"x" * size), filename=name, content_type="image/png")
    query = {"access_token": served.tokens[account], "type": kind}
    return await (await served.raw("POST", "media/upload", params=query, data=form)).json()


@pytest.mark.parametrize(
    ("account", "kind", "size", "name", "code"),
    [
        ("main", "image", 10 * 1024 * 1024, "a.png", 0),
        ("main", "image", 10 * 1024 * 1024 + 1, "a.png", 40006),
        ("main", "voice", 2 * 1024 * 1024 + 1, "a.amr", 40006),
        ("main", "thumb", 64 * 1024 + 1, "a.jpg", 40006),
        ("main", "image", 9, "a.exe", 40005),
        ("main", "file", 9, "a.pdf", 40004),
        ("main", "image", 0, "a.png", 44001),
        ("corp", "file", 9, "a.pdf", 0),
        ("corp", "image", 4, "a.png", 40006),
        ("corp", "thumb", 9, "a.jpg", 40004),
    ],
)
async def test_an_upload_is_checked(served, account, kind, size, name, code):
    answer = await upload(served, account, kind, size, name)
    assert answer.get("errcode", 0) == code
    assert ("media_id" in answer) == (code == 0)
    assert ("errcode" in answer) == (account == "corp" or code != 0)  # an Official Account's success has none


async def test_files_are_gone_after_three_days_and_errors_come_as_json_with_200(served):
    await served.call("main", "getcallbackip")
    media_id = served.platform.keep(b"GIF89a", "image/gif", "a.gif")

    async def get() -> aiohttp.ClientResponse:
        token = (await served.fetch_token("main"))["access_token"]
        return await served.raw("GET", "media/get", params={"access_token": token, "media_id": media_id})

    got = await get()
    assert (await got.read(), got.content_type) == (b"GIF89a", "image/gif")
    assert got.headers["Content-disposition"] == 'attachment; filename="a.gif"'
    served.clock.advance(3 * 24 * 3600)
    gone = await get()
    assert (gone.status, (await gone.json())["errcode"]) == (200, 40007)


async def test_recordings_come_as_speex_too_and_videos_may_come_as_an_address(served):
    amr, gif = served.platform.keep(b"#!AMR", "audio/amr", "a.amr"), served.platform.keep(b"GIF89a", "image/gif")
    video = served.platform.files.keep(b"", "video/mp4", address="http://video.qq.com/1")
    await served.call("main", "getcallbackip")
    query = {"access_token": served.tokens["main"]}
    got = await served.raw("GET", "media/get/jssdk", params={**query, "media_id": amr})
    assert got.content_type == "voice/speex"
    assert await served.code("main", "media/get/jssdk", media_id=gif) == 40007
    assert await served.call("main", "media/get", media_id=video) == {"video_url": "http://video.qq.com/1"}


async def test_a_company_fetches_large_files_in_parts(served):
    big = served.platform.keep(b"0123456789" * 2_100_000, "video/mp4")
    assert await served.code("corp", "media/get", media_id=big) == 830002
    query = {"access_token": served.tokens["corp"], "media_id": big}
    part = await served.raw("GET", "media/get", params=query, headers={"Range": "bytes=5-14"})
    assert (part.status, await part.read()) == (206, b"5678901234")


# --- menus, codes --------------------------------------------------------------------------------------------------------------

CLICK = {"type": "click", "name": "意见反馈", "key": "k"}


def below(*buttons) -> list:
    return [{"name": "更多", "sub_button": list(buttons)}]


@pytest.mark.parametrize(
    ("buttons", "code"),
    [
        ([CLICK, {"type": "view", "name": "网站", "url": "https://a.example"}, *below(CLICK)], 0),
        ([], 40016),
        ([CLICK] * 4, 40016),
        ([{**CLICK, "type": "push"}], 40017),
        ([{**CLICK, "name": "一二三四五六"}], 40018),
        ([{**CLICK, "name": ""}], 40018),
        ([{**CLICK, "key": "k" * 129}], 40019),
        ([{"type": "view", "name": "a", "url": "u" * 1025}], 40020),
        (below(*below(CLICK)), 40022),
        (below(*[CLICK] * 6), 40023),
        (below({**CLICK, "type": ""}), 40024),
        (below({**CLICK, "name": "长" * 21}), 40025),
        (below({**CLICK, "key": ""}), 40026),
        (below({"type": "view", "name": "a"}), 40027),
    ],
)
async def test_a_menu_is_checked(served, buttons, code):
    assert await served.code("main", "menu/create", {"button": buttons}) == code
    assert await served.code("main", "menu/get") == (0 if code == 0 else 46003)


async def test_each_account_has_a_menu_of_its_own(served):
    await served.call("main", "menu/create", {"button": [CLICK]})
    assert await served.code("plain", "menu/get") == 46003
    await served.call("main", "menu/delete")
    assert await served.code("main", "menu/get") == 46003


async def test_a_scanned_code_tells_its_scene_to_who_follows_and_who_does_not_yet(served):
    made = await served.call(
        "plain",
        "qrcode/create",
        {"action_name": "QR_STR_SCENE", "action_info": {"scene": {"scene_str": "branch_朝阳"}}, "expire_seconds": 100},
    )
    assert made["expire_seconds"] == 100
    for _ in range(2):
        await served.platform.scan("plain", "o1", made["ticket"])
    first, second = [body for _, body in served.callback.got]
    assert "qrscene_branch_朝阳" in first
    assert "[SCAN]" in second
    assert "[branch_朝阳]" in second
    served.clock.advance(100)
    with pytest.raises(LookupError):
        await served.platform.scan("plain", "o1", made["ticket"])


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, 40052),
        ({"action_name": "QR_SCENE"}, 40053),
        ({"action_name": "QR_SCENE", "action_info": {"scene": {"scene_id": 0}}}, 40053),
        ({"action_name": "QR_LIMIT_SCENE", "action_info": {"scene": {"scene_id": 100_001}}}, 40053),
        ({"action_name": "QR_LIMIT_STR_SCENE", "action_info": {"scene": {"scene_str": "长" * 65}}}, 40053),
        ({"action_name": "QR_SCENE", "action_info": {"scene": {"scene_id": 1}}, "expire_seconds": 2592001}, 40052),
        ({"action_name": "QR_LIMIT_STR_SCENE", "action_info": {"scene": {"scene_str": "长" * 64}}}, 0),
    ],
)
async def test_a_code_is_checked(served, body, code):
    assert await served.code("main", "qrcode/create", body) == code


# --- notices -------------------------------------------------------------------------------------------------------------------

TEMPLATE = {"touser": "o1", "template_id": "t1", "url": "https://a.example", "data": {"first": {"value": "您好"}}}
SUBSCRIBE = {"touser": "o1", "template_id": "t1", "page": "pages/ticket?id=1", "data": {"thing1": {"value": "已受理"}}}


async def test_a_template_message_is_accepted_and_then_its_end_is_told(served):
    served.platform.followers.update({"o1", "o2"})
    served.platform.phones.blocking.add("o2")
    sent = await served.call("plain", "message/template/send", TEMPLATE)
    await served.platform.settled()
    assert f"<MsgID>{sent['msgid']}</MsgID>" in served.callback.got[0][1]
    assert "[success]" in served.callback.got[0][1]
    await served.call("plain", "message/template/send", {**TEMPLATE, "touser": "o2"})
    await served.platform.settled()
    assert "[failed:user block]" in served.callback.got[1][1]
    assert [seen.via for seen in served.platform.seen["o1"]] == ["notice"]
    assert served.platform.seen["o2"] == []


async def test_a_template_message_with_the_same_own_id_is_sent_once(served):
    served.platform.followers.add("o1")
    body = {**TEMPLATE, "client_msg_id": "c1"}
    first, second = [await served.call("plain", "message/template/send", body) for _ in range(2)]
    assert first["msgid"] == second["msgid"]
    assert len(served.platform.seen["o1"]) == 1


async def test_one_consent_is_one_message(served):
    served.platform.followers.add("o1")
    send = "message/subscribe/bizsend"
    assert await served.code("plain", send, SUBSCRIBE) == 43101
    await served.platform.consent("plain", "o1", "t1")
    assert [await served.code("plain", send, SUBSCRIBE) for _ in range(2)] == [0, 43101]
    await served.platform.consent("plain", "o1", "t1", accepted=False)
    assert await served.code("plain", send, SUBSCRIBE) == 43101
    await served.platform.settled()
    told = [body for _, body in served.callback.got]
    assert [event for body in told for event in ("popup", "sent") if f"subscribe_msg_{event}_event" in body] == [
        "popup",
        "sent",
        "popup",
    ]
    assert "<SubscribeMsgSentEvent><List><TemplateId><![CDATA[t1]]>" in told[1]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"page": "/pages/ticket"}, 41030),
        ({"page": "pages/other"}, 41030),
        ({"data": {"thing1": {"value": "长" * 21}}}, 47003),
        ({"data": {"thing1": "bare"}}, 47003),
        ({"data": {"whatever": {"value": "x"}}}, 47003),
        ({"data": {}}, 47003),
        ({"template_id": ""}, 40037),
    ],
)
async def test_a_subscription_message_is_checked(served, changes, code):
    served.platform.followers.add("o1")
    await served.platform.consent("mini", "o1", "t1")
    answer = await served.call("mini", "message/subscribe/send", {**SUBSCRIBE, **changes})
    assert answer["errcode"] == code
    assert served.platform.seen["o1"] == []


async def test_in_json_the_list_of_a_subscription_event_stands_at_the_top(clock):
    async with serving_platform(clock) as served:
        from dataclasses import replace

        served.platform.accounts["mini"] = replace(served.platform.accounts["mini"], aes_key=None)
        await served.platform.consent("mini", "o1", "t1")
        assert '"List": {"TemplateId": "t1"' in served.callback.got[0][1]


# --- when it goes wrong --------------------------------------------------------------------------------------------------------


async def test_missteps_happen_in_order_and_once(served):
    await served.platform.push("main", "o1", TEXT)
    served.platform.misstep(SEND, Misstep(errcode=-1), Misstep(html=True), Misstep(lost="before"))
    assert await served.code("main", SEND, text()) == -1
    page = await served.raw("POST", SEND, params={"access_token": served.tokens["main"]}, json=text())
    assert (page.status, page.content_type) == (200, "text/html")
    with pytest.raises(aiohttp.ClientError):
        await served.call("main", SEND, text())
    assert served.platform.seen["o1"] == []
    assert await served.code("main", SEND, text()) == 0


async def test_a_connection_lost_after_the_call_has_carried_it_out(served):
    await served.platform.push("main", "o1", TEXT)
    served.platform.misstep(SEND, Misstep(lost="after"))
    with pytest.raises(aiohttp.ClientError):
        await served.call("main", SEND, text())
    assert served.platform.seen["o1"] == [Seen("service", "text", "您好")]


async def test_an_endpoint_of_another_family_is_not_permitted(served):
    assert await served.code("mini", "menu/get") == 48001
    assert await served.code("main", "kf/account/list", {}) == 48001
