"""From bytes to an inbound message, and from replies to one text: pure, and never surprised."""

import base64
import hashlib
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.channels.wechat.fake import BadAnswer, FakeAccount, seal, sign, text_in_answer, to_xml, unseal
from bot.channels.wechat.fields import fields_of
from bot.channels.wechat.passive import MAX_TEXT_BYTES, clean, in_pieces, merged, reply_xml
from bot.channels.wechat.push import read_push
from bot.channels.wechat.signing import Envelope, Rejected, check_age, encrypted_part, signature
from bot.message import Button, Outbound, PendingMedia
from config.catalogue import Catalogue

BASE = {"ToUserName": "gh_1", "FromUserName": "o1", "CreateTime": 1763870400, "MsgId": "23456789012345678"}
ACCOUNT = FakeAccount("main", "wx1", "s", "t", "", "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG")
CATALOGUE = Catalogue()


def read(**fields):
    return read_push(fields_of(to_xml({**BASE, **fields}).encode()), "official:main")


def test_a_text_keeps_every_character_and_its_id_is_opaque():
    for number in ("23456789012345678", "9f86d081884c7d65_1763870400", 23456789012345678):
        inbound = read(MsgType="text", Content="  开头有空格\n第二行 ", MsgId=number).inbound
        assert (inbound.text, inbound.message_id) == ("  开头有空格\n第二行 ", str(number))


def test_the_other_spelling_of_the_id_counts_and_a_missing_one_is_made_of_the_message():
    fields = {name: value for name, value in BASE.items() if name != "MsgId"} | {"MsgType": "text", "Content": "你好"}
    spelt = read_push(fields_of(to_xml({**fields, "MsgID": "42"}).encode()), "official:main")
    assert spelt.inbound.message_id == "42"
    made = [
        read_push(fields_of(to_xml({**fields, "Content": text}).encode()), "a").inbound.message_id
        for text in ("你好", "你好", "再见")
    ]
    assert made[0] == made[1] != made[2]


def test_pictures_and_videos_are_to_be_fetched():
    assert read(MsgType="image", PicUrl="http://x", MediaId="m1").inbound.pending_media == (PendingMedia("m1", "image"),)
    for kind in ("video", "shortvideo"):
        inbound = read(MsgType=kind, MediaId="m2", ThumbMediaId="t").inbound
        assert (inbound.type, inbound.pending_media) == ("video", (PendingMedia("m2", "video"),))


def test_a_voice_message_carries_what_was_heard_and_its_recording():
    heard = read(MsgType="voice", MediaId="m", Format="amr", Recognition="我的卡被吞了").inbound
    assert (heard.type, heard.text, heard.pending_media) == ("voice", "我的卡被吞了", (PendingMedia("m", "voice"),))
    for fields in ({}, {"Recognition": ""}):
        unheard = read(MsgType="voice", MediaId="m", Format="amr", **fields).inbound
        assert (unheard.text, unheard.pending_media, unheard.payload) == ("", (PendingMedia("m", "voice"),), {})


def test_a_location_has_its_name_as_text_and_its_place_beside_it():
    inbound = read(MsgType="location", Location_X=39.9, Location_Y="116.4", Scale=16, Label="朝阳支行").inbound
    assert (inbound.type, inbound.text) == ("location", "朝阳支行")
    assert inbound.payload == {"latitude": 39.9, "longitude": 116.4, "label": "朝阳支行"}


def test_a_link_is_text_as_a_whole():
    inbound = read(MsgType="link", Title="公告", Description="关于费用", Url="https://bank.example/1").inbound
    assert (inbound.type, inbound.text) == ("link", "公告\n关于费用\nhttps://bank.example/1")


@pytest.mark.parametrize(
    ("event", "key", "payload", "branch"),
    [
        ("subscribe", "", {"event": "subscribe"}, None),
        ("Subscribe", "qrscene_branch_朝阳支行", {"event": "subscribe", "scene": "branch_朝阳支行"}, "朝阳支行"),
        ("subscribe", "last_trade_no_1", {"event": "subscribe"}, None),
        ("SCAN", "branch_海淀支行", {"event": "scan", "scene": "branch_海淀支行"}, "海淀支行"),
        ("SCAN", "12345", {"event": "scan", "scene": "12345"}, None),
        ("CLICK", "V1001", {"event": "click", "key": "V1001"}, None),
    ],
)
def test_following_and_scanning_are_events_that_may_know_the_branch(event, key, payload, branch):
    inbound = read(MsgType="event", Event=event, EventKey=key).inbound
    assert (inbound.type, inbound.text, inbound.payload, inbound.branch) == ("event", "", payload, branch)


def test_a_menu_button_may_stand_for_words():
    inbound = read(MsgType="event", Event="CLICK", EventKey="say:我要投诉").inbound
    assert (inbound.type, inbound.text) == ("text", "我要投诉")


def test_events_are_told_apart_by_sender_time_name_and_key():
    base = {"MsgType": "event", "Event": "SCAN", "EventKey": "1"}
    ids = [
        read(**{**base, **change}).inbound.message_id
        for change in ({}, {"EventKey": "2"}, {"CreateTime": 1}, {"FromUserName": "o2"}, {"Event": "CLICK"})
    ]
    assert len(set(ids)) == 5
    assert read(**base).inbound.message_id == ids[0]


def test_a_sent_subscription_message_with_nested_lists_is_passed_over():
    xml = to_xml({**BASE, "MsgType": "event", "Event": "subscribe_msg_sent_event"}).replace(
        "</xml>", "<SubscribeMsgSentEvent><List><a>1</a></List><List><a>2</a></List></SubscribeMsgSentEvent></xml>"
    )
    push = read_push(fields_of(xml.encode()), "official:main")
    assert (push.inbound, push.what) == (None, "subscribe_msg_sent_event")


names = st.sampled_from(
    [
        "MsgType",
        "Event",
        "EventKey",
        "Content",
        "MediaId",
        "Recognition",
        "Location_X",
        "FromUserName",
        "CreateTime",
        "MsgId",
        "MsgID",
        "Url",
    ]
)
values = st.one_of(
    st.text(),
    st.none(),
    st.integers(),
    st.lists(st.text()),
    st.dictionaries(st.text(), st.text()),
    st.sampled_from(["text", "event", "image", "location", "SCAN", "subscribe", "nan", "1e999"]),
)


@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(names, values))
def test_whatever_the_fields_hold_the_only_error_is_a_rejection(fields):
    with suppress(Rejected):
        read_push({"ToUserName": "gh_1", **fields}, "official:main")


pieces = st.sampled_from(
    [
        b"<xml>",
        b"</xml>",
        b"<a>",
        b"</a>",
        b"<![CDATA[",
        b"]]>",
        b"<!DOCTYPE x>",
        b"&lt;",
        b"&a;",
        b"<?x?>",
        b"<!--",
        b"-->",
        b"\xff",
        "好".encode(),
        b'<a b="1">',
        b"\0",
    ]
)


@settings(max_examples=500)
@given(st.one_of(st.binary(max_size=200), st.lists(pieces, max_size=30).map(b"".join)))
def test_whatever_the_body_holds_the_only_error_is_a_rejection(body):
    with suppress(Rejected):
        fields_of(body)


@settings(max_examples=200)
@given(st.binary(max_size=200), st.text(max_size=20))
def test_whatever_the_ciphertext_holds_the_only_error_is_a_rejection(body, noise):
    envelope = Envelope(ACCOUNT.token, ACCOUNT.aes_key, ACCOUNT.appid)
    for ciphertext in (base64.b64encode(body).decode(), noise):
        with pytest.raises(Rejected):
            envelope.open(ciphertext, sign(ACCOUNT.token, "1", "n", ciphertext), "1", "n")


@given(st.text())
def test_what_one_side_seals_the_other_opens(text):
    envelope = Envelope(ACCOUNT.token, ACCOUNT.aes_key, ACCOUNT.appid)
    text = clean(text)
    ciphertext = seal(ACCOUNT, text)
    assert envelope.open(ciphertext, sign(ACCOUNT.token, "1", "n", ciphertext), "1", "n") == text
    sealed = encrypted_part(envelope.seal(text, "1", "n").encode())
    assert unseal(ACCOUNT, sealed) == text


def test_the_signature_is_the_hash_of_the_sorted_parts():
    assert signature("token", "1409659813", "1372623149") == hashlib.sha1(b"13726231491409659813token").hexdigest()


def test_a_wrong_key_is_found_when_the_account_is_made():
    for key in ("short", "!" * 43, ACCOUNT.aes_key + "A"):
        with pytest.raises(ValueError, match="EncodingAESKey"):
            Envelope("t", key, "wx")


def test_the_age_limit_counts_both_ways():
    check_age("1000", 1300, 300)
    check_age("1000", 700, 300)
    for now in (1301, 699):
        with pytest.raises(Rejected, match="stale"):
            check_age("1000", now, 300)


@settings(max_examples=200)
@given(st.text(alphabet=st.sampled_from("好的。！？，a b.\n😀"), max_size=3000), st.integers(8, 300))
def test_pieces_hold_all_of_the_text_within_the_limit(text, limit):
    made = in_pieces(text, limit)
    assert "".join(made).replace("\n", "").replace(" ", "") == text.replace("\n", "").replace(" ", "")
    assert all(len(piece.encode()) <= limit for piece in made)


@given(st.lists(st.text(max_size=900), max_size=5))
def test_a_passive_answer_fits_and_names_what_it_holds(texts):
    replies = [Outbound(n, text, "bot") for n, text in enumerate(texts, 2)]
    text, seqs = merged(replies, CATALOGUE)
    assert len(text.encode()) <= MAX_TEXT_BYTES
    assert seqs == [reply.seq for reply in replies][: len(seqs)]
    for reply in replies[: len(seqs)]:
        assert clean(reply.text).strip() in text


def test_choices_that_do_not_fit_take_their_question_along():
    replies = [Outbound(2, "字" * 670, "bot", (Button("确认提交", "/affirm"), Button("修改", "/correct")))]
    assert merged(replies, CATALOGUE) == ("", [])


@given(st.text(min_size=1, max_size=300))
def test_any_text_survives_the_reply_xml(text):
    plain = FakeAccount("main", "wx1", "s", "t", "", None, "gh_1")
    text = clean(text).replace("\r", "") or "好"
    xml = reply_xml(text, customer="o1", us="gh_1", created_s=1)
    assert text_in_answer(plain, xml, openid="o1", nonce="n") == text


@pytest.mark.parametrize("body", ["ok", "<xml></xml>", "<xml><Encrypt>AAAA</Encrypt></xml>", "您好"])
def test_the_platform_shows_a_fault_for_what_wechat_would_not_understand(body):
    with pytest.raises(BadAnswer):
        text_in_answer(ACCOUNT, body, openid="o1", nonce="n")


def test_an_encrypted_success_is_a_fault():
    envelope = Envelope(ACCOUNT.token, ACCOUNT.aes_key, ACCOUNT.appid)
    with pytest.raises(BadAnswer):
        text_in_answer(ACCOUNT, envelope.seal("success", "1", "n"), openid="o1", nonce="n")
