"""Every kind of push of the fact sheet, over HTTP in each mode: taken as what it is, answered, counted."""

from dataclasses import replace

import pytest

from bot.channels.wechat.fake import FakeAccount, sign, signed_request, to_xml
from bot.channels.wechat.happenings import Consent, Gone, NoticeResult, Odd, OperatorSession, happenings
from bot.channels.wechat.push import ENTER, KNOWN, MESSAGE, TAP
from bot.message import PendingMedia

MESSAGES = {
    "text": ({"Content": "  你好 <b>&amp; ]]> "}, "text", "  你好 <b>&amp; ]]> ", (), MESSAGE),
    "image": ({"PicUrl": "http://mmbiz.qpic.cn/a", "MediaId": "m1"}, "image", "", (PendingMedia("m1", "image"),), MESSAGE),
    "voice": (
        {"MediaId": "m1", "Format": "amr", "Recognition": "卡被吞了", "MediaId16K": "m2"},
        "voice",
        "卡被吞了",
        (PendingMedia("m1", "voice"),),
        MESSAGE,
    ),
    "video": ({"MediaId": "m1", "ThumbMediaId": "t"}, "video", "", (PendingMedia("m1", "video"),), MESSAGE),
    "shortvideo": ({"MediaId": "m1", "ThumbMediaId": "t"}, "video", "", (PendingMedia("m1", "video"),), MESSAGE),
    "location": (
        {"Location_X": 23.1, "Location_Y": 113.3, "Scale": 20, "Label": "天河支行"},
        "location",
        "天河支行",
        (),
        MESSAGE,
    ),
    "link": (
        {"Title": "公告", "Description": "费用", "Url": "https://a.example/1"},
        "link",
        "公告\n费用\nhttps://a.example/1",
        (),
        MESSAGE,
    ),
    "miniprogrampage": (
        {"Title": "手机银行", "AppId": "wx9", "PagePath": "pages/a?b=1", "ThumbUrl": "http://x", "ThumbMediaId": "t"},
        "link",
        "手机银行\npages/a?b=1",
        (),
        MESSAGE,
    ),
    "file": (
        {"Title": "流水.pdf", "Description": "", "FileKey": "k", "FileMd5": "0", "FileTotalLen": 9},
        "file",
        "流水.pdf",
        (),
        MESSAGE,
    ),
}
EVENTS = {
    "subscribe": ({"EventKey": ""}, {"event": "subscribe"}, TAP),
    "SCAN": ({"EventKey": "branch_朝阳支行", "Ticket": "gQ"}, {"event": "scan", "scene": "branch_朝阳支行"}, TAP),
    "CLICK": ({"EventKey": "V1"}, {"event": "click", "key": "V1"}, TAP),
    "scancode_waitmsg": (
        {"EventKey": "k", "ScanCodeInfo": {"ScanType": "qrcode", "ScanResult": "branch_海淀支行"}},
        {"event": "scancode_waitmsg", "key": "k"},
        TAP,
    ),
    "user_enter_tempsession": (
        {"SessionFrom": "branch_西单支行"},
        {"event": "user_enter_tempsession", "scene": "branch_西单支行"},
        ENTER,
    ),
}
SENT = {"TemplateId": "T1", "MsgID": "1700827132819554304", "ErrorCode": "0", "ErrorStatus": "success"}
SILENT = {
    "unsubscribe": ({"EventKey": ""}, [Gone()]),
    "VIEW": ({"EventKey": "https://a.example", "MenuId": "1"}, []),
    "view_miniprogram": ({"EventKey": "pages/index", "MenuId": "MENUID"}, []),
    "LOCATION": ({"Latitude": "23.137466", "Longitude": "113.352425", "Precision": "119.385040"}, []),
    "scancode_push": ({"EventKey": "6", "ScanCodeInfo": {"ScanType": "qrcode", "ScanResult": "1"}}, []),
    "pic_sysphoto": ({"EventKey": "6", "SendPicsInfo": {"Count": "1", "PicList": {"item": {"PicMd5Sum": "1b5f"}}}}, []),
    "pic_photo_or_album": (
        {"EventKey": "6", "SendPicsInfo": {"Count": "2", "PicList": {"item": [{"PicMd5Sum": "1"}, {"PicMd5Sum": "2"}]}}},
        [],
    ),
    "pic_weixin": ({"EventKey": "6", "SendPicsInfo": {"Count": "1", "PicList": {"item": {"PicMd5Sum": "5a75"}}}}, []),
    "location_select": (
        {
            "EventKey": "6",
            "SendLocationInfo": {"Location_X": "23", "Location_Y": "113", "Scale": "15", "Label": "x", "Poiname": ""},
        },
        [],
    ),
    "TEMPLATESENDJOBFINISH": ({"MsgID": 200163836, "Status": "success"}, [NoticeResult("200163836", "sent")]),
    "MASSSENDJOBFINISH": (
        {"MsgID": "1000001625", "Status": "err(30003)", "TotalCount": "0", "CopyrightCheckResult": {"Count": "2"}},
        [],
    ),
    "kf_create_session": ({"KfAccount": "test1@test"}, [OperatorSession("create")]),
    "kf_close_session": ({"KfAccount": "test1@test", "CloseType": "KF"}, [OperatorSession("close")]),
    "kf_switch_session": ({"FromKfAccount": "test1@test", "ToKfAccount": "test2@test"}, [OperatorSession("switch")]),
    "subscribe_msg_popup_event": (
        {
            "SubscribeMsgPopupEvent": {
                "List": [
                    {"TemplateId": "T1", "SubscribeStatusString": "accept", "PopupScene": "2"},
                    {"TemplateId": "T2", "SubscribeStatusString": "reject", "PopupScene": "2"},
                ]
            }
        },
        [Consent("T1", True), Consent("T2", False)],
    ),
    "subscribe_msg_change_event": (
        {"SubscribeMsgChangeEvent": {"List": {"TemplateId": "T1", "SubscribeStatusString": "reject"}}},
        [Consent("T1", False)],
    ),
    "subscribe_msg_sent_event": ({"SubscribeMsgSentEvent": {"List": SENT}}, [NoticeResult(SENT["MsgID"], "sent", "T1")]),
    "wxa_media_check": (
        {
            "appid": "wx1",
            "trace_id": "t",
            "version": 2,
            "detail": {"strategy": "content_model", "errcode": 0},
            "result": {"suggest": "pass", "label": 100},
        },
        [],
    ),
    "debug_demo": ({"debug_str": "hello world"}, []),
}


async def set_mode(world, mode: str) -> None:
    world.account = replace(world.account, compatible=mode == "compatible")
    world.platform.accounts["main"] = world.account


@pytest.fixture(params=["plain", "compatible", "secure"])
async def moded(request, make_world):
    """A world in each of the three modes that the console offers."""
    world = await make_world(encrypted=request.param != "plain")
    await set_mode(world, request.param)
    return world


@pytest.mark.parametrize("kind", MESSAGES)
async def test_a_message_of_each_kind_is_taken_as_what_it_is(moded, kind):
    fields, type_, text, media, allowance = MESSAGES[kind]
    assert await moded.platform.message("main", moded.openid, MsgType=kind, **fields)
    (inbound,) = moded.intake.messages
    assert (inbound.type, inbound.text, inbound.pending_media, inbound.allowance) == (type_, text, media, allowance)
    assert moded.channel.seen == {kind: 1}


@pytest.mark.parametrize("event", EVENTS)
async def test_an_event_that_wants_a_word_from_us_gets_one(moded, event):
    fields, payload, allowance = EVENTS[event]
    assert await moded.platform.event("main", moded.openid, event, **fields)
    (inbound,) = moded.intake.messages
    assert (inbound.type, inbound.text, inbound.payload, inbound.allowance) == ("event", "", payload, allowance)
    assert moded.channel.seen == {event.lower(): 1}


@pytest.mark.parametrize("event", SILENT)
async def test_an_event_that_wants_nothing_gets_success_and_what_it_tells_is_written_down(moded, event):
    fields, happened = SILENT[event]
    query, body = moded.request(moded.xml(MsgType="event", Event=event, **fields))
    assert await moded.post(query, body) == (200, "success")
    assert moded.intake.messages == []
    assert [happening for _, happening in moded.channel._noting.noted] == happened
    assert moded.channel.seen == {event.lower(): 1}


def test_the_lists_above_hold_every_kind_that_is_known():
    tested = {*MESSAGES, *(name.lower() for name in (*EVENTS, *SILENT)), "user_authorization_revoke"}
    assert tested == KNOWN


@pytest.mark.parametrize("spelt", ["Subscribe", "SUBSCRIBE", "subscribe"])
async def test_the_case_of_an_events_name_does_not_matter(world, spelt):
    await world.platform.event("main", world.openid, spelt, EventKey="qrscene_branch_朝阳支行")
    assert world.intake.messages[0].branch == "朝阳支行"


@pytest.mark.parametrize(
    ("status", "result"),
    [
        ("success", "sent"),
        ("failed:user block", "refused"),
        ("failed: user block", "refused"),
        ("failed: system failed", "failed"),
        ("failed:system failed", "failed"),
        ("Failed : System Failed", "failed"),
    ],
)
async def test_the_spacing_of_a_status_does_not_matter(world, status, result):
    await world.platform.event("main", world.openid, "TEMPLATESENDJOBFINISH", MsgID=1, Status=status)
    assert world.channel._noting.noted == [("official:main", NoticeResult("1", result))]


@pytest.mark.parametrize(
    "shape",
    [
        {"SubscribeMsgSentEvent": {"List": SENT}},
        {"SubscribeMsgSentEvent": {"List": [SENT, SENT | {"MsgID": "2", "ErrorCode": "43101"}]}},
        {"List": SENT},
        {"List": [SENT]},
    ],
)
async def test_results_come_one_or_many_nested_or_at_the_top(world, shape):
    await world.platform.event("main", world.openid, "subscribe_msg_sent_event", **shape)
    told = [happening for _, happening in world.channel._noting.noted]
    assert told[0] == NoticeResult(SENT["MsgID"], "sent", "T1")
    assert told[1:] in ([], [NoticeResult("2", "refused", "T1")])


CONSENT = {"TemplateId": "T1", "SubscribeStatusString": "accept", "PopupScene": "0"}


@pytest.mark.parametrize(
    "shape",
    [
        {"SubscribeMsgPopupEvent": {"List": CONSENT}},
        {"SubscribeMsgPopupEvent": {"List": [CONSENT]}},
        {"SubscribeMsgPopupEvent": [CONSENT]},
        {"SubscribeMsgPopupEvent": CONSENT},
        {"List": [CONSENT]},
        {"List": CONSENT},
        {"SubscribeMsgPopupEvent": "", "List": [CONSENT, "?", {}]},
    ],
)
def test_a_consent_is_read_wherever_its_list_stands(shape):
    assert happenings("subscribe_msg_popup_event", shape) == (Consent("T1", agreed=True),)


@pytest.mark.parametrize(
    "fields",
    [
        {"MsgType": "event", "Event": "something_new", "EventKey": "k", "CardId": "秘密", "Answer": {"a": "1"}},
        {"MsgType": "hologram", "MediaId": "m", "Description": "秘密"},
        {"MsgType": "event", "Event": "user_authorization_revoke", "OpenID": "秘密", "RevokeInfo": "1"},
    ],
)
async def test_what_nobody_knows_gets_success_and_only_harmless_fields_of_it_are_kept(world, fields):
    assert await world.platform.push("main", world.openid, fields)
    ((account, odd),) = world.channel._noting.noted
    assert account == "official:main"
    assert isinstance(odd, Odd)
    assert odd.fields["MsgType"] == fields["MsgType"]
    assert "秘密" not in str(odd.fields)
    assert world.openid not in str(odd.fields)
    assert set(odd.fields["other_fields"]) >= set(fields) - {"MsgType", "Event", "EventKey"}
    assert sum(world.channel.seen.values()) == 1
    assert not {"something_new", "hologram"} & set(world.channel.seen)


@pytest.mark.parametrize(
    "fields",
    [
        {"MsgType": "event"},
        {"Content": "没有类型"},
        {"MsgType": "text", "Content": "没有人", "FromUserName": ""},
        {"MsgType": ""},
    ],
)
async def test_a_signed_push_that_lacks_what_makes_it_one_is_not_sent_again_and_again(plain, fields):
    xml = to_xml({"ToUserName": "gh_1", "FromUserName": plain.openid, "CreateTime": 1, **fields})
    assert await plain.post(*plain.request(xml)) == (200, "success")
    assert plain.intake.messages == []
    assert plain.channel.seen == {"other": 1}


@pytest.mark.parametrize(
    ("kind", "name"), [("link", "Description"), ("miniprogrampage", "Title"), ("location", "Label"), ("file", "Title")]
)
async def test_long_words_beside_a_card_are_handed_on_whole_so_that_intake_can_say_what_is_too_long(world, kind, name):
    assert await world.platform.message("main", world.openid, MsgType=kind, **{name: "长" * 9000})
    assert [inbound.text for inbound in world.intake.messages] == ["长" * 9000]


@pytest.mark.parametrize("place", [{}, {"Location_X": "nan", "Location_Y": "1"}, {"Location_X": "91", "Location_Y": "1"}])
async def test_a_location_without_a_place_on_earth_still_has_its_name(world, place):
    await world.platform.message("main", world.openid, MsgType="location", Label="天河支行", **place)
    (inbound,) = world.intake.messages
    assert (inbound.type, inbound.text, inbound.payload) == ("location", "天河支行", {"label": "天河支行"})


async def test_a_quick_reply_that_is_tapped_says_which_and_lets_us_send_less(world):
    await world.say("查进度", bizmsgmenuid="3")
    (inbound,) = world.intake.messages
    assert (inbound.text, inbound.payload, inbound.allowance) == ("查进度", {"menu_id": "3"}, TAP)


async def test_a_voice_that_wechat_did_not_hear_is_kept_without_words(world):
    await world.platform.message("main", world.openid, MsgType="voice", MediaId="m", Format="speex", Recognition="")
    (inbound,) = world.intake.messages
    assert (inbound.text, inbound.pending_media) == ("", (PendingMedia("m", "voice"),))


@pytest.mark.parametrize("mode", ["compatible", "secure"])
async def test_in_compatible_mode_only_the_sealed_part_counts(make_world, mode):
    world = await make_world()
    await set_mode(world, mode)
    query, body = world.request(world.xml(Content="真的"))
    forged = body.replace("真的", "假的").replace(world.openid, "o_somebody_else")
    status, _ = await world.post(query, forged)
    assert status == 200
    assert [(inbound.text, inbound.customer) for inbound in world.intake.messages] == [("真的", world.openid)]


@pytest.mark.parametrize(
    "wrap",
    [
        lambda xml: xml,
        lambda xml: '<?xml version="1.0" encoding="utf-8"?>\n' + xml + "\n",
        lambda xml: xml.replace("><", ">\n    <"),
        lambda xml: xml.replace("<![CDATA[", "").replace("]]>", ""),
        lambda xml: xml.replace("<xml>", '<xml version="1">\n<!-- sent by a recording -->').replace(
            "<MsgType>", '<MsgType kind="a">'
        ),
        lambda xml: "\ufeff" + xml,
    ],
)
@pytest.mark.parametrize("sealed", [True, False])
async def test_the_shape_in_which_a_push_is_written_does_not_matter(make_world, wrap, sealed):
    world = await make_world(encrypted=sealed)
    query, body = world.request(wrap(world.xml(Content="你好")))
    status, _ = await world.post(query, body.encode())
    assert status == 200
    assert [(inbound.text, inbound.message_id) for inbound in world.intake.messages] == [("你好", str(world.number))]


async def test_fields_in_any_order_and_without_what_is_optional_are_a_push(plain):
    xml = to_xml(
        {
            "MsgID": "9f86d081884c7d65_1763870400",
            "Content": "你好",
            "MsgType": "TEXT",
            "FromUserName": plain.openid,
            "CreateTime": 1,
            "ToUserName": "gh_1",
        }
    )
    assert (await plain.post(*plain.request(xml)))[0] == 200
    assert plain.intake.messages[0].message_id == "9f86d081884c7d65_1763870400"


async def test_several_accounts_answer_each_with_its_own_keys_and_branch(make_world):
    world = await make_world(account_settings={"branch": "总行营业部", "brand": "村镇银行"})
    await world.say("你好")
    (inbound,) = world.intake.messages
    assert (inbound.branch, inbound.home_branch, inbound.brand) == (None, "总行营业部", "村镇银行")
    other = FakeAccount("other", "wx_other", "s", "another-token", world.callback, world.account.aes_key)
    status, _ = await world.post(*signed_request(other, world.xml(), str(int(world.clock.now().timestamp())), "1", world.openid))
    assert status == 403


async def test_the_signature_over_the_query_alone_is_never_enough_in_secure_mode(world):
    query, body = world.request()
    plain_query = {name: query[name] for name in ("signature", "timestamp", "nonce")}
    assert (await world.post(plain_query, world.xml()))[0] == 403
    swapped = query | {"msg_signature": sign(world.account.token, query["timestamp"], query["nonce"])}
    assert (await world.post(swapped, body))[0] == 403
    assert world.intake.messages == []
