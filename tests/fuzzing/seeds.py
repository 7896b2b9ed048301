"""Pushes to begin with, one of each kind that the platform sends, and the words that they are made of."""

import base64
import json
import os
import struct
from functools import cache
from typing import Any

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from bot.channels.wechat.fake.sealing import to_xml

AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
BASE = {"ToUserName": "gh_1", "FromUserName": "o1", "CreateTime": 1763870400}
MESSAGES: list[dict[str, Any]] = [
    {"MsgType": "text", "Content": "ATM吞了我的卡", "MsgId": 23456789012345678},
    {"MsgType": "text", "Content": "是", "bizmsgmenuid": "1", "MsgId": "9f86d0_17638"},
    {"MsgType": "image", "PicUrl": "http://a.example/1", "MediaId": "m1", "MsgId": 1},
    {"MsgType": "voice", "MediaId": "m1", "Format": "amr", "Recognition": "我的卡", "MsgID": 1},
    {"MsgType": "video", "MediaId": "m1", "ThumbMediaId": "t1", "MsgId": 1},
    {"MsgType": "shortvideo", "MediaId": "m1", "ThumbMediaId": "t1", "MsgId": 1},
    {"MsgType": "location", "Location_X": 39.9, "Location_Y": 116.4, "Scale": 16, "Label": "朝阳支行", "MsgId": 1},
    {"MsgType": "link", "Title": "标题", "Description": "描述", "Url": "http://a.example", "MsgId": 1},
    {"MsgType": "miniprogrampage", "Title": "页", "AppId": "wx2", "PagePath": "pages/a", "ThumbUrl": "u", "MsgId": 1},
    {"MsgType": "file", "Title": "a.pdf", "FileKey": "k", "MsgId": 1},
]
EVENTS: list[dict[str, Any]] = [
    {"Event": "subscribe", "EventKey": "qrscene_branch_朝阳支行", "Ticket": "t"},
    {"Event": "subscribe", "EventKey": "last_trade_no_1"},
    {"Event": "unsubscribe", "EventKey": ""},
    {"Event": "SCAN", "EventKey": "branch_1", "Ticket": "t"},
    {"Event": "CLICK", "EventKey": "say:转人工"},
    {"Event": "VIEW", "EventKey": "http://a.example", "MenuId": 1},
    {"Event": "view_miniprogram", "EventKey": "pages/a", "MenuId": "1"},
    {"Event": "LOCATION", "Latitude": 23.1, "Longitude": 113.3, "Precision": 119.4},
    {"Event": "scancode_push", "EventKey": "6", "ScanCodeInfo": {"ScanType": "qrcode", "ScanResult": "1"}},
    {"Event": "pic_sysphoto", "EventKey": "6", "SendPicsInfo": {"Count": 1, "PicList": {"item": {"PicMd5Sum": "1b"}}}},
    {"Event": "location_select", "EventKey": "6", "SendLocationInfo": {"Location_X": 23, "Label": "广州", "Poiname": ""}},
    {"Event": "TEMPLATESENDJOBFINISH", "MsgID": 200163836, "Status": "failed:user block"},
    {"Event": "MASSSENDJOBFINISH", "MsgID": 1000001625, "Status": "err(30003)", "CopyrightCheckResult": {"Count": 2}},
    {"Event": "kf_create_session", "KfAccount": "test1@test"},
    {"Event": "kf_switch_session", "FromKfAccount": "a@b", "ToKfAccount": "c@b"},
    {"Event": "user_enter_tempsession", "SessionFrom": "ticket_1"},
    {"Event": "subscribe_msg_popup_event", "SubscribeMsgPopupEvent": {"List": [{"TemplateId": "t"}, {"TemplateId": "u"}]}},
    {"Event": "subscribe_msg_sent_event", "SubscribeMsgSentEvent": {"List": {"TemplateId": "t", "ErrorCode": 0}}},
    {"Event": "subscribe_msg_sent_event", "List": [{"TemplateId": "t", "MsgID": "1", "ErrorCode": "0"}]},
    {"Event": "user_authorization_revoke", "OpenID": "o1", "RevokeInfo": "1"},
    {"Event": "wxa_media_check", "result": {"suggest": "risky", "label": 20001}, "detail": [{"strategy": "c"}]},
    {"Event": "debug_demo", "debug_str": "hello"},
]
KF_BASE = {"msgid": "4slQgkBB", "open_kfid": "wk1", "external_userid": "wm1", "send_time": 1763870400, "origin": 3}
KF_ITEMS: list[dict[str, Any]] = [
    {"msgtype": "text", "text": {"content": "ATM吞了我的卡", "menu_id": "1"}},
    *({"msgtype": kind, kind: {"media_id": "m1"}} for kind in ("image", "voice", "video", "file")),
    {"msgtype": "location", "location": {"latitude": 39.9, "longitude": 116.4, "name": "朝阳支行", "address": "路1号"}},
    {"msgtype": "link", "link": {"title": "标题", "desc": "描述", "url": "http://a.example", "pic_url": ""}},
    {"msgtype": "business_card", "business_card": {"userid": "u1"}},
    {"msgtype": "miniprogram", "miniprogram": {"title": "页", "appid": "wx2", "pagepath": "p", "thumb_media_id": "t"}},
    {"msgtype": "msgmenu", "msgmenu": {"head_content": "选", "list": [{"type": "click", "click": {"id": "1", "content": "是"}}]}},
    {"msgtype": "merged_msg", "merged_msg": {"title": "聊天记录", "item": [{"msgtype": "text", "msg_content": '{"text":{}}'}]}},
    {"msgtype": "channels", "channels": {"sub_type": 1, "nickname": "号", "title": "视频"}},
    *(
        {"msgtype": "event", "origin": 4, "event": {"open_kfid": "wk1", "external_userid": "wm1", **one}}
        for one in (
            {"event_type": "enter_session", "scene": "ticket", "scene_param": "1", "welcome_code": "c"},
            {"event_type": "msg_send_fail", "fail_msgid": "own1", "fail_type": 4},
            {"event_type": "servicer_status_change", "servicer_userid": "u1", "status": 1},
            {"event_type": "session_status_change", "change_type": 3, "old_servicer_userid": "u1", "msg_code": "c"},
            {"event_type": "user_recall_msg", "recall_msgid": "m1"},
            {"event_type": "servicer_recall_msg", "recall_msgid": "m1", "servicer_userid": "u1"},
            {"event_type": "reject_customer_msg_switch_change", "servicer_userid": "u1", "reject_switch": 1},
        )
    ),
]
WORDS = sorted(
    {
        *(name for one in [*MESSAGES, *EVENTS, *KF_ITEMS, KF_BASE] for name in one),
        *(name for one in KF_ITEMS for value in one.values() if isinstance(value, dict) for name in value),
        *(str(value) for one in [*MESSAGES, *EVENTS, *KF_ITEMS] for value in one.values() if isinstance(value, str) and value),
        *BASE,
        *("<xml>", "</xml>", "<![CDATA[", "]]>", "<!--", "-->", "<!DOCTYPE x>", "<!ENTITY a 'b'>", "&lt;", "&#x4f60;", "&a;"),
        *(
            "<?xml version='1.0'?>",
            "<Encrypt>",
            "</Encrypt>",
            '{"Encrypt":"',
            '{"MsgType":"text"}',
            "\\u4f60",
            "\\ud800",
            "\ufeff",
        ),
        *("null", "true", "1e999", "NaN", "-0", "9" * 40, "[]", "{}", '"', "\\/", "<a b='c'/>", "\x00", "\x1b", "😀"),
    }
)


@cache
def pushes() -> list[dict[str, Any]]:
    """Fields of one push of each kind."""
    return [*({**BASE, **one} for one in MESSAGES), *({**BASE, "MsgType": "event", **one} for one in EVENTS)]


def official_seeds() -> list[bytes]:
    """Bodies in XML and JSON, and envelopes of both."""
    xml = [to_xml(fields).encode() for fields in pushes()]
    as_json = [json.dumps(fields, ensure_ascii=False).encode() for fields in pushes()]
    sealed = seal_bytes(xml[0], b"wx1")
    return [*xml, *as_json, to_xml({"Encrypt": sealed}).encode(), json.dumps({"Encrypt": sealed}).encode()]


def kf_seeds() -> list[bytes]:
    """Items, pages of them, and the callback that says there are some."""
    items = [{**KF_BASE, **one} for one in KF_ITEMS]
    page = {"errcode": 0, "errmsg": "ok", "next_cursor": "c", "has_more": 0, "msg_list": items[:4]}
    callback = {**BASE, "MsgType": "event", "Event": "kf_msg_or_event", "Token": "ENC1", "OpenKfId": "wk1"}
    made = [json.dumps(one, ensure_ascii=False).encode() for one in (*items, page)]
    return [*made, to_xml(callback).encode(), to_xml({"Encrypt": seal_bytes(to_xml(callback).encode(), b"wx1")}).encode()]


def seal_bytes(raw: bytes, receiver: bytes) -> str:
    """*raw* as the platform seals it, and what it would never seal: bytes that are no text."""
    key = base64.b64decode(f"{AES_KEY}=")
    plain = os.urandom(16) + struct.pack(">I", len(raw)) + raw + receiver
    padding = 32 - len(plain) % 32
    encryptor = Cipher(algorithms.AES(key), modes.CBC(key[:16])).encryptor()
    return base64.b64encode(encryptor.update(plain + bytes([padding]) * padding) + encryptor.finalize()).decode()
