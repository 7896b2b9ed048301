"""Items of sync_msg, one by one as the platform documents them: each means what it should, and none can break the reading."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.channels.wechat.kf.address import Address, address_of
from bot.channels.wechat.kf.events import Change, Entered, Recalled, Refusal, SendFailed, ServicerStatus, SessionChanged
from bot.channels.wechat.kf.items import Item, Said, Unread, item_of
from bot.channels.wechat.kf.msgid import Sent, msgid_of, sent_of
from bot.channels.wechat.kf.states import THEIRS, Forget, Move, State, next_move
from bot.message import PendingMedia
from config.labels import Holder
from store.ids import new_id

KF, CUSTOMER = "wkAJ2GCAAASSm4_FhToWMFea0xAFfd3Q", "wmAJ2GCAAAme1XQRC-NI-q0_ZM9ukoAw"


def message(kind: str, inside: object, **more) -> dict:
    return {
        "msgid": "4uWZVVsvkZTiQWoqGRQmfG5bYwNqrPKhQPSTqWVvJSDj",
        "open_kfid": KF,
        "external_userid": CUSTOMER,
        "send_time": 1615478585,
        "origin": 3,
        "msgtype": kind,
        kind: inside,
        **more,
    }


def event(kind: str, **more) -> dict:
    inside = {"event_type": kind, "open_kfid": KF, "external_userid": CUSTOMER, **more}
    return {"msgid": "e1", "send_time": 1615478585, "origin": 4, "msgtype": "event", "event": inside}


def read(raw: object) -> Item:
    return item_of(raw, KF)


CONTENTS = {
    "text": ({"content": "卡被吞了", "menu_id": ""}, "text", "卡被吞了"),
    "location": (
        {"latitude": 23.10, "longitude": 113.32, "name": "广州国际媒体港", "address": "海珠区"},
        "location",
        "广州国际媒体港\n海珠区",
    ),
    "link": (
        {"title": "公告", "desc": "利率", "url": "https://bank.example/1", "pic_url": "x"},
        "link",
        "公告\n利率\nhttps://bank.example/1",
    ),
    "business_card": ({"userid": "zhangsan"}, "link", "zhangsan"),
    "miniprogram": (
        {"title": "手机银行", "appid": "wx1", "pagepath": "pages/a", "thumb_media_id": "m"},
        "link",
        "手机银行\npages/a",
    ),
    "channels": ({"sub_type": 1, "nickname": "某银行", "title": "防骗"}, "link", "某银行\n防骗"),
    "channels_shop_product": (
        {"product_id": "1", "title": "纪念币", "sales_price": "10", "shop_nickname": "店"},
        "link",
        "纪念币\n10\n店",
    ),
    "channels_shop_order": (
        {"order_id": "7", "product_titles": "纪念币", "price_wording": "10元", "state": "待付款"},
        "link",
        "7\n纪念币\n10元\n待付款",
    ),
    "msgmenu": (
        {
            "head_content": "满意吗",
            "list": [{"type": "click", "click": {"id": "1", "content": "满意"}}, {"type": "view"}],
            "tail_content": "谢谢",
        },
        "text",
        "满意吗\n满意\n谢谢",
    ),
    "merged_msg": (
        {
            "title": "群聊的聊天记录",
            "item": [
                {
                    "send_time": 1,
                    "msgtype": "text",
                    "sender_name": "老王",
                    "msg_content": json.dumps({"text": {"content": "转错账了"}}),
                },
                {"send_time": 2, "msgtype": "image", "sender_name": "老李", "msg_content": "{}"},
            ],
        },
        "text",
        "群聊的聊天记录\n老王: 转错账了\n老李: [image]",
    ),
}


@pytest.mark.parametrize("kind", CONTENTS)
def test_every_message_type_keeps_its_words(kind):
    inside, kept_as, text = CONTENTS[kind]
    item = read(message(kind, inside))
    assert isinstance(item.meaning, Said) and item.meaning.servicer == ""
    assert (item.what, item.meaning.content.type, item.meaning.content.text) == (kind, kept_as, text)
    assert item.address == Address(KF, CUSTOMER)


@pytest.mark.parametrize("kind", ["image", "voice", "video", "file"])
def test_files_are_noted_for_fetching(kind):
    content = read(message(kind, {"media_id": " m1 "})).meaning.content
    assert (content.type, content.media) == (kind, (PendingMedia("m1", kind),))


def test_a_pressed_menu_item_brings_the_id_that_we_gave_it():
    content = read(message("text", {"content": "确认提交", "menu_id": "/affirm"})).meaning.content
    assert content.payload == {"button": "/affirm"}


def test_what_a_servicer_wrote_is_not_the_customers():
    assert read(message("text", {"content": "您好"}, origin=5, servicer_userid="li")).meaning.servicer == "li"
    assert read(message("text", {"content": "您好"}, origin=5)).meaning.servicer == "?"


EVENTS = {
    "enter_session": ({"scene": "123", "scene_param": "branch_a", "welcome_code": "W"}, Entered("123", "branch_a", "W")),
    "msg_send_fail": ({"fail_msgid": "f1", "fail_type": 4}, SendFailed("f1", "outside_reply_window")),
    "user_recall_msg": ({"recall_msgid": "r1"}, Recalled("r1", by_servicer=False)),
    "servicer_recall_msg": ({"recall_msgid": "r2"}, Recalled("r2", by_servicer=True)),
    "session_status_change": (
        {"change_type": 3, "old_servicer_userid": "li", "new_servicer_userid": "", "msg_code": "C"},
        SessionChanged(Change.ENDED, "li", "C"),
    ),
    "servicer_status_change": ({"servicer_userid": "li", "status": 2}, ServicerStatus("li", on_duty=False)),
    "reject_customer_msg_switch_change": ({"servicer_userid": "li", "reject_switch": 1}, Refusal("li", refuses=True)),
}


@pytest.mark.parametrize("kind", EVENTS)
def test_every_event_means_what_is_documented(kind):
    inside, meaning = EVENTS[kind]
    item = read(event(kind, **inside))
    assert (item.what, item.meaning, item.address) == (kind, meaning, Address(KF, CUSTOMER))


@pytest.mark.parametrize("fail_type", [0, 1, 2, 4, 5, 6, 8, 9, 10, 11, 12, 13, 99])
def test_every_reason_for_a_failed_message_has_a_word(fail_type):
    assert read(event("msg_send_fail", fail_msgid="f", fail_type=fail_type)).meaning.reason.isidentifier()


def test_an_event_of_the_account_has_no_customer():
    raw = event("servicer_status_change", servicer_userid="li", status=1)
    del raw["event"]["external_userid"]
    assert read(raw).address == Address(KF, "")


def test_an_item_without_a_msgid_gets_the_same_id_each_time_whatever_the_order_of_its_parts():
    raw = message("text", {"content": "在吗"})
    del raw["msgid"]
    assert read(raw).id == read(dict(reversed(raw.items()))).id
    assert read(raw).id != read(raw | {"send_time": 1615478586}).id


@pytest.mark.parametrize(
    "raw",
    [
        message("hologram", {"secret": "卡号6222"}),
        message("text", {"content": 5.5}),
        message("image", {}),
        message("location", {"latitude": 200, "longitude": 1}),
        message("hologram", {}, origin="3"),
        message("text", "没有对象"),
    ],
)
def test_what_is_not_understood_is_kept_by_its_shape_and_shows_no_values(raw):
    item = read(raw)
    assert isinstance(item.meaning, Unread) and item.meaning.from_customer
    assert item.what == "other" and "6222" not in repr(item.meaning)


@pytest.mark.parametrize("place", [{}, {"latitude": "nan", "longitude": 1}, {"latitude": 200, "longitude": 1}, {"latitude": "x"}])
def test_a_place_that_is_nowhere_on_earth_keeps_its_name(place):
    said = read(message("location", {"name": "朝阳支行", **place})).meaning
    assert (said.content.type, said.content.text, said.content.payload) == ("location", "朝阳支行", {"label": "朝阳支行"})


@pytest.mark.parametrize(("servicer", "whose"), [({}, ""), ({"servicer_userid": "lisi"}, "lisi")])
def test_an_item_that_names_no_origin_is_the_customers_unless_it_names_a_servicer(servicer, whose):
    raw = message("text", {"content": "在吗"}, **servicer)
    del raw["origin"]
    assert read(raw).meaning.servicer == whose


@pytest.mark.parametrize(
    ("item", "line"),
    [
        ({"msgtype": 1, "msg_content": json.dumps({"msgtype": "text", "text": {"content": "卡丢了"}})}, "卡丢了"),
        ({"msgtype": "text", "msg_content": "没有括号的话"}, "没有括号的话"),
        ({"msgtype": "text", "msg_content": {"text": {"content": "不是字符串"}}}, "不是字符串"),
        ({"msgtype": "image", "msg_content": json.dumps({"image": {"media_id": "m"}})}, "[image]"),
        ({"msgtype": 3}, "[3]"),
        ({"msgtype": "text", "msg_content": "[]"}, "[text]"),
        (
            {
                "msgtype": "merged_msg",
                "msg_content": json.dumps(
                    {
                        "merged_msg": {
                            "title": "里面的",
                            "item": [{"msgtype": "text", "msg_content": '{"text":{"content":"深处"}}'}],
                        }
                    }
                ),
            },
            "里面的 深处",
        ),
    ],
)
def test_a_forwarded_message_is_read_in_every_form_it_comes_in(item, line):
    said = read(message("merged_msg", {"title": "记录", "item": [{"sender_name": "老王", **item}]})).meaning
    assert said.content.text == f"记录\n老王: {line}"


def test_characters_that_nobody_sees_are_left_out_and_make_no_id():
    item = read(message("text", {"content": "卡\x00丢\x0b了\ud83d"}, msgid="m\x001"))
    assert item.meaning.content.text == "卡丢了"
    assert len(item.id) == 64 and item.id.isalnum()


@pytest.mark.parametrize("kind", ["link", "merged_msg"])
def test_long_words_are_handed_on_whole_so_that_intake_can_say_what_is_too_long(kind):
    long = "长" * 9000
    inside = {"title": long} if kind == "link" else {"title": "", "item": [{"msgtype": "text", "msg_content": long}] * 9}
    assert read(message(kind, inside)).meaning.content.text.count("长") == (9000 if kind == "link" else 81_000)


def test_several_titles_of_an_order_are_one_line():
    said = read(message("channels_shop_order", {"order_id": 7, "product_titles": ["纪念币", "纪念钞", 3], "state": 1})).meaning
    assert said.content.text == "7\n纪念币, 纪念钞\n1"


def test_unknown_events_are_counted_as_other():
    item = read(event("moon_landing"))
    assert (item.what, item.meaning.shape["event_type"]) == ("other", "moon_landing")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)
KINDS = st.sampled_from([*CONTENTS, "image", "voice", "video", "file", "note", "event", "x"])


@settings(max_examples=400, deadline=None)
@given(JSON, KINDS, st.sampled_from([3, 4, 5, "3", None, True]), st.sampled_from([*EVENTS, "x"]), st.booleans())
def test_no_json_breaks_the_reading(inside, kind, origin, event_type, wrapped):
    if kind == "event" and isinstance(inside, dict):
        inside = {"event_type": event_type, **inside}
    raw = message(kind, inside, origin=origin) if wrapped else inside
    item = read(raw)
    assert isinstance(item, Item) and item == read(raw) and 0 < len(item.id) <= 128
    json.dumps(item.meaning.shape if isinstance(item.meaning, Unread) else "")


@given(
    st.integers(1, 16**6 - 1),
    st.integers(0, 255),
    st.integers(0, 10**9).map(lambda s: datetime(2020, 1, 1, tzinfo=UTC) + timedelta(seconds=s)),
)
def test_our_message_ids_fit_the_platform_and_can_be_read_back(seq, piece, now):
    conversation_id = new_id(now)
    msgid = msgid_of(conversation_id, seq, piece)
    assert len(msgid) <= 32 and all(c.isascii() and (c.isalnum() or c in "-_") for c in msgid)
    assert sent_of(msgid) == Sent(conversation_id, seq, piece)


@given(st.text(max_size=40))
def test_foreign_message_ids_are_none_of_ours(msgid):
    found = sent_of(msgid)
    assert found is None or msgid_of(*found)[22:] == msgid_of(found.conversation_id, found.seq, found.piece)[22:]


def test_a_customer_id_of_ours_reads_back():
    assert address_of(str(Address(KF, CUSTOMER))) == Address(KF, CUSTOMER)


@given(st.sampled_from(State), st.sampled_from(Holder), st.booleans(), st.sampled_from(["", "li"]), st.booleans())
def test_a_session_is_never_taken_from_wecoms_people_and_never_ended_under_a_conversation(
    state, holder, staffed, servicer, goes_on
):
    move = next_move(state, holder, staffed=staffed, servicer=servicer, goes_on=goes_on)
    if isinstance(move, Move):
        assert move.state != state
        assert move.state is not State.OVER or (holder is Holder.ENDED and not goes_on)
        assert move.state not in THEIRS or (staffed and holder is Holder.QUEUED)
        assert (move.state is State.SERVICER) == bool(move.servicer)
        assert state not in THEIRS or move.state is State.OVER
    if isinstance(move, Forget):
        assert holder is Holder.ENDED
