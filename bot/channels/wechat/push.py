"""From the fields of a push to what it says. Pure: values in, values out; the only error is ``Rejected``.

Lenient in shape, because old recordings, other versions and JSON differ in what they leave out and how they spell; strict in
what is taken for a customer's word.
"""

import hashlib
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from bot.channels.wechat.fields import text_field
from bot.channels.wechat.happenings import Happening, happenings, odd
from bot.message import Inbound, MessageType, PendingMedia
from config.labels import FeedbackChannel
from store.model import Allowance

MAX_ID_CHARS = 128
MAX_TEXT_CHARS = 60_000  # the body is smaller; intake has the limit that customers are told about
BRANCH_SCENE = "branch_"  # scene of a branch's own QR code: branch_朝阳支行
MENU_SAYS = "say:"  # key of a menu button that stands for words: say:我要投诉

MESSAGE = Allowance(5, 48 * 3600)
TAP = Allowance(3, 60, is_brief=True)  # on the menu, a quick reply, a scanned code, following
ENTER = Allowance(2, 60, is_brief=True)  # a Mini Program's customer service

# Events that need no answer. Their names may be counted and logged; any other name is the sender's to choose.
SILENT_EVENTS = frozenset(
    {
        "unsubscribe",
        "view",
        "view_miniprogram",
        "location",
        "scancode_push",
        "pic_sysphoto",
        "pic_photo_or_album",
        "pic_weixin",
        "location_select",
        "templatesendjobfinish",
        "masssendjobfinish",
        "kf_create_session",
        "kf_close_session",
        "kf_switch_session",
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
    happenings: tuple[Happening, ...] = ()

    @property
    def is_message(self) -> bool:
        """Whether the customer wrote it, and did not just tap or scan something."""
        return self.what in _MESSAGES


@dataclass(frozen=True, slots=True)
class _Content:
    """The part of an inbound message that depends on its type."""

    type: MessageType
    text: str = ""
    media: tuple[PendingMedia, ...] = ()
    payload: dict[str, Any] = field(default_factory=dict)
    branch: str | None = None
    allows: Allowance = MESSAGE


def read_push(
    fields: dict[str, Any],
    account: str,
    *,
    channel: FeedbackChannel = FeedbackChannel.WECHAT_OFFICIAL,
    branch: str | None = None,
    brand: str | None = None,
    hold_s: float = 0.0,
) -> Push:
    """What a push says. Raises ``Rejected`` when it is not one that WeChat would send."""
    sender = text_field(fields, "FromUserName", limit=MAX_ID_CHARS).strip()
    receiver = text_field(fields, "ToUserName", limit=MAX_ID_CHARS).strip()
    what = text_field(fields, "MsgType", limit=64).strip().lower()
    event = text_field(fields, "Event", limit=64).strip().lower() if what == "event" else ""
    if event in SILENT_EVENTS:
        return Push(sender, receiver, event, None, happenings(event, fields))
    reader = _EVENTS.get(event) if event else _MESSAGES.get(what)
    if reader is None or not sender:
        return Push(sender, receiver, "other", None, (odd(fields),))
    content = reader(fields)
    inbound = Inbound(
        account=account,
        channel=channel,
        customer=sender,
        text=content.text,
        message_id=_event_id(fields, sender, event) if event else _message_id(fields, sender, what),
        type=content.type,
        pending_media=content.media,
        payload=content.payload,
        branch=content.branch,
        home_branch=branch,
        brand=brand,
        allowance=content.allows,
        hold_for_passive_reply_s=hold_s,
    )
    return Push(sender, receiver, event or what, inbound)


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


# --- messages ----------------------------------------------------------------------------------------------------------------


def _text(fields: dict[str, Any]) -> _Content:
    chosen = text_field(fields, "bizmsgmenuid", limit=MAX_ID_CHARS).strip()
    text = text_field(fields, "Content", limit=MAX_TEXT_CHARS)
    # A quick reply that was tapped: it lets us send less than words that were typed.
    return _Content("text", text, payload={"menu_id": chosen}, allows=TAP) if chosen else _Content("text", text)


def _media(fields: dict[str, Any], kind: MessageType) -> tuple[PendingMedia, ...]:
    media_id = text_field(fields, "MediaId", limit=512).strip()
    return (PendingMedia(media_id, kind),) if media_id else ()


def _file_of(kind: MessageType) -> Callable[[dict[str, Any]], _Content]:
    def read(fields: dict[str, Any]) -> _Content:
        media = _media(fields, kind)
        return _Content(kind, media=media, payload={} if media else {"media_failed": True})

    return read


def _voice(fields: dict[str, Any]) -> _Content:
    """What WeChat heard, if it listened; the recording is kept either way, because hearing may stop or be wrong."""
    heard = text_field(fields, "Recognition", limit=MAX_TEXT_CHARS).strip()
    return _Content("voice", heard, _media(fields, "voice"), {"recognised": True} if heard else {})


def _file(fields: dict[str, Any]) -> _Content:
    """Undocumented: a name and perhaps nothing that we could fetch."""
    media = _media(fields, "file")
    name = text_field(fields, "Title", limit=MAX_TEXT_CHARS).strip()
    return _Content("file", name, media, {} if media else {"media_failed": True})


def _location(fields: dict[str, Any]) -> _Content:
    label = text_field(fields, "Label", limit=MAX_TEXT_CHARS).strip()
    latitude, longitude = _degrees(fields, "Location_X", 90), _degrees(fields, "Location_Y", 180)
    place = (
        {"label": label}
        if latitude is None or longitude is None
        else {"latitude": latitude, "longitude": longitude, "label": label}
    )
    return _Content("location", label, payload=place)


def _degrees(fields: dict[str, Any], name: str, most: int) -> float | None:
    """None for what is no place on earth: the label may still say where."""
    try:
        value = float(text_field(fields, name, limit=40))
    except ValueError:
        return None
    return value if math.isfinite(value) and abs(value) <= most else None


def _lines_of(*names: str) -> Callable[[dict[str, Any]], _Content]:
    # All of it is text: text is redacted on its way in, a payload is not.
    def read(fields: dict[str, Any]) -> _Content:
        lines = [text_field(fields, name, limit=MAX_TEXT_CHARS).strip() for name in names]
        return _Content("link", "\n".join(filter(None, lines)))

    return read


# --- events ------------------------------------------------------------------------------------------------------------------


def _key(fields: dict[str, Any]) -> str:
    return text_field(fields, "EventKey", limit=1024).strip()


def _branch_in(scene: str) -> str | None:
    return (scene.removeprefix(BRANCH_SCENE).strip() or None) if scene.startswith(BRANCH_SCENE) else None


def _followed(fields: dict[str, Any]) -> _Content:
    """A new follower's code arrives as ``qrscene_<scene>``; after a payment its number does, which is nobody's business."""
    key = _key(fields)
    return _scanned_code("subscribe", key.removeprefix("qrscene_") if key.startswith("qrscene_") else "")


def _scanned(fields: dict[str, Any]) -> _Content:
    return _scanned_code("scan", _key(fields).removeprefix("qrscene_"))


def _scanned_code(event: str, scene: str) -> _Content:
    payload = {"event": event, **({"scene": scene} if scene else {})}
    return _Content("event", payload=payload, branch=_branch_in(scene), allows=TAP)


def _clicked(fields: dict[str, Any]) -> _Content:
    key = _key(fields)
    if key.startswith(MENU_SAYS) and key != MENU_SAYS:
        return _Content("text", key.removeprefix(MENU_SAYS), payload={"menu": True}, allows=TAP)
    return _Content("event", payload={"event": "click", "key": key}, allows=TAP)


def _scanned_by_menu(fields: dict[str, Any]) -> _Content:
    """A menu button that opens the scanner and waits for our word about the result."""
    inside = fields.get("ScanCodeInfo")
    result = text_field(inside, "ScanResult", limit=2000).strip() if isinstance(inside, dict) else ""
    return _Content("event", payload={"event": "scancode_waitmsg", "key": _key(fields)}, branch=_branch_in(result), allows=TAP)


def _entered(fields: dict[str, Any]) -> _Content:
    """The customer opened a Mini Program's customer service, from a place that the program may have named."""
    scene = text_field(fields, "SessionFrom", limit=1024).strip()
    payload = {"event": "user_enter_tempsession", **({"scene": scene} if scene else {})}
    return _Content("event", payload=payload, branch=_branch_in(scene), allows=ENTER)


_MESSAGES: dict[str, Callable[[dict[str, Any]], _Content]] = {
    "text": _text,
    "image": _file_of("image"),
    "voice": _voice,
    "video": _file_of("video"),
    "shortvideo": _file_of("video"),
    "location": _location,
    "link": _lines_of("Title", "Description", "Url"),
    "miniprogrampage": _lines_of("Title", "PagePath"),
    "file": _file,
}
_EVENTS: dict[str, Callable[[dict[str, Any]], _Content]] = {
    "subscribe": _followed,
    "scan": _scanned,
    "click": _clicked,
    "scancode_waitmsg": _scanned_by_menu,
    "user_enter_tempsession": _entered,
}
KNOWN = frozenset({*_MESSAGES, *_EVENTS, *SILENT_EVENTS})
