"""From the fields of a push to an ``Inbound``. Pure: values in, values out; the only error is ``Rejected``."""

import hashlib
import math
from dataclasses import dataclass
from typing import Any

from bot.channels.wechat.fields import text_field
from bot.channels.wechat.signing import Rejected
from bot.message import Inbound, MessageType, PendingMedia
from config.labels import FeedbackChannel

MAX_ID_CHARS = 128
MAX_TEXT_CHARS = 60_000  # the body is smaller; intake has the limit that customers are told about
BRANCH_SCENE = "branch_"  # scene of a branch's own QR code: branch_朝阳支行
MENU_SAYS = "say:"  # key of a menu button that stands for words: say:我要投诉

# Events that tell us nothing to answer. Their names may be counted and logged; any other name is the sender's to choose.
KNOWN_EVENTS = frozenset(
    {
        "unsubscribe",
        "view",
        "view_miniprogram",
        "location",
        "scancode_push",
        "scancode_waitmsg",
        "pic_sysphoto",
        "pic_photo_or_album",
        "pic_weixin",
        "location_select",
        "templatesendjobfinish",
        "masssendjobfinish",
        "kf_create_session",
        "kf_close_session",
        "kf_switch_session",
        "user_enter_tempsession",
        "subscribe_msg_popup_event",
        "subscribe_msg_change_event",
        "subscribe_msg_sent_event",
        "user_authorization_revoke",
        "wxa_media_check",
        "debug_demo",
    }
)


@dataclass(frozen=True, slots=True)
class Push:
    """Who wrote to whom, and what: ``inbound`` is None for what needs no answer, ``what`` names it for the count."""

    sender: str
    receiver: str
    what: str
    inbound: Inbound | None


@dataclass(frozen=True, slots=True)
class _Content:
    """The part of an inbound message that depends on its type."""

    type: MessageType
    text: str = ""
    media: tuple[PendingMedia, ...] = ()
    payload: dict[str, Any] | None = None
    branch: str | None = None


def read_push(
    fields: dict[str, Any],
    account: str,
    *,
    channel: FeedbackChannel = FeedbackChannel.WECHAT_OFFICIAL,
    branch: str | None = None,
    hold_s: float = 0.0,
) -> Push:
    """What a push says. Raises ``Rejected`` when it is not one that WeChat would send."""
    sender = text_field(fields, "FromUserName", limit=MAX_ID_CHARS, required=True).strip()
    receiver = text_field(fields, "ToUserName", limit=MAX_ID_CHARS, required=True).strip()
    what = text_field(fields, "MsgType", limit=64, required=True).strip().lower()
    if what == "event":
        event = text_field(fields, "Event", limit=64, required=True).strip().lower()
        content, what = _event(fields, event), event if event in KNOWN_EVENTS or event in _EVENTS else "other"
        message_id = _event_id(fields, sender, event)
    else:
        reader = _MESSAGES.get(what)
        content, what = (reader(fields), what) if reader else (None, "other")
        message_id = _message_id(fields, sender, what)
    if content is None:
        return Push(sender, receiver, what, None)
    inbound = Inbound(
        account=account,
        channel=channel,
        customer=sender,
        text=content.text,
        message_id=message_id,
        type=content.type,
        pending_media=content.media,
        payload=content.payload or {},
        branch=content.branch or branch,
        hold_for_passive_reply_s=hold_s,
    )
    return Push(sender, receiver, what, inbound)


def _message_id(fields: dict[str, Any], sender: str, what: str) -> str:
    """WeChat's id as it is: usually an integer, ``<hex>_<digits>`` when it came through the cloud; both spellings occur."""
    for name in ("MsgId", "MsgID"):
        given = text_field(fields, name, limit=MAX_ID_CHARS).strip()
        if given:
            return given
    content = text_field(fields, "Content", limit=MAX_TEXT_CHARS)
    return _digest("message", sender, _created(fields), what, content, text_field(fields, "MediaId", limit=512))


def _event_id(fields: dict[str, Any], sender: str, event: str) -> str:
    """Events carry no id. Two different ones may share a second, so name and key count too."""
    return _digest("event", sender, _created(fields), event, text_field(fields, "EventKey", limit=1024))


def _created(fields: dict[str, Any]) -> str:
    return text_field(fields, "CreateTime", limit=20, required=True).strip()


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()


def _text(fields: dict[str, Any]) -> _Content:
    return _Content("text", text_field(fields, "Content", limit=MAX_TEXT_CHARS))


def _media(fields: dict[str, Any], kind: MessageType) -> tuple[PendingMedia, ...]:
    return (PendingMedia(text_field(fields, "MediaId", limit=512, required=True).strip(), kind),)


def _image(fields: dict[str, Any]) -> _Content:
    return _Content("image", media=_media(fields, "image"))


def _voice(fields: dict[str, Any]) -> _Content:
    """What WeChat heard, if it listened; the recording is kept either way, because hearing may stop or be wrong."""
    heard = text_field(fields, "Recognition", limit=MAX_TEXT_CHARS).strip()
    return _Content("voice", heard, _media(fields, "voice"), {"recognised": True} if heard else None)


def _video(fields: dict[str, Any]) -> _Content:
    return _Content("video", media=_media(fields, "video"))


def _location(fields: dict[str, Any]) -> _Content:
    label = text_field(fields, "Label", limit=1000).strip()
    place = {
        "latitude": _degrees(fields, "Location_X", 90),
        "longitude": _degrees(fields, "Location_Y", 180),
        "label": label,
    }
    return _Content("location", label, payload=place)


def _degrees(fields: dict[str, Any], name: str, most: int) -> float:
    try:
        value = float(text_field(fields, name, limit=40, required=True))
    except ValueError:
        raise Rejected("bad_field") from None
    if not math.isfinite(value) or abs(value) > most:
        raise Rejected("bad_field")
    return value


def _link(fields: dict[str, Any]) -> _Content:
    # All of it is text: text is redacted on its way in, a payload is not.
    lines = [text_field(fields, name, limit=4000).strip() for name in ("Title", "Description", "Url")]
    return _Content("link", "\n".join(filter(None, lines)))


def _event(fields: dict[str, Any], event: str) -> _Content | None:
    key = text_field(fields, "EventKey", limit=1024).strip()
    if event == "click" and key.startswith(MENU_SAYS) and key != MENU_SAYS:
        return _Content("text", key.removeprefix(MENU_SAYS), payload={"menu": True})
    if event not in _EVENTS:
        return None
    # A new follower's code arrives as qrscene_<scene>; somebody who follows already sends the bare scene.
    scene = key.removeprefix("qrscene_") if event == "scan" or key.startswith("qrscene_") else ""
    branch = scene.removeprefix(BRANCH_SCENE).strip() if scene.startswith(BRANCH_SCENE) else ""
    payload = {"event": event, **({"scene": scene} if scene else {}), **({"key": key} if event == "click" else {})}
    return _Content("event", payload=payload, branch=branch or None)


_EVENTS = frozenset({"subscribe", "scan", "click"})
_MESSAGES = {
    "text": _text,
    "image": _image,
    "voice": _voice,
    "video": _video,
    "shortvideo": _video,
    "location": _location,
    "link": _link,
}
