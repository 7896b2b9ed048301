"""What customers and staff write in WeChat Customer Service: every message type of ``sync_msg``. Pure."""

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.channels.wechat.kf.values import Malformed, part, word
from bot.message import MessageType, PendingMedia

MAX_TEXT_CHARS = 60_000  # intake has the limit that customers are told about
MAX_MEDIA_ID_CHARS = 512
MAX_FORWARDED = 100  # messages in one forwarded record
MAX_FORWARDED_DEPTH = 3  # records within records


@dataclass(frozen=True, slots=True)
class Content:
    """A message without its sender. ``kind`` names its type where our own type is coarser: a business card, a product."""

    type: MessageType
    text: str = ""
    media: tuple[PendingMedia, ...] = ()
    payload: dict[str, Any] = field(default_factory=dict)
    kind: str = ""


def content_of(raw: Mapping[str, Any], kind: str) -> tuple[str, Content | None]:
    """The type's name for counting, and the content; None for a type that is not known. Raises ``Malformed``."""
    reader = _READERS.get(kind)
    if reader is None:
        return "other", None
    # A note has no part of its own.
    inside = part(raw, kind) if kind in raw or kind != "note" else {}
    return kind, reader(inside)


def _text(inside: Mapping[str, Any]) -> Content:
    # The id of a pressed menu item is the one that we gave it.
    pressed = word(inside, "menu_id", limit=MAX_MEDIA_ID_CHARS)
    return Content("text", word(inside, "content", limit=MAX_TEXT_CHARS), payload={"button": pressed} if pressed else {})


def _file(kind: MessageType) -> Callable[[Mapping[str, Any]], Content]:
    def read(inside: Mapping[str, Any]) -> Content:
        return Content(
            kind, media=(PendingMedia(word(inside, "media_id", limit=MAX_MEDIA_ID_CHARS, required=True).strip(), kind),)
        )

    return read


def _location(inside: Mapping[str, Any]) -> Content:
    """A place, by its name alone where the numbers are no place on earth."""
    label = "\n".join(_lines(inside, "name", "address"))
    latitude, longitude = _degrees(inside, "latitude", 90), _degrees(inside, "longitude", 180)
    if latitude is not None and longitude is not None:
        return Content("location", label, payload={"latitude": latitude, "longitude": longitude, "label": label})
    if not label:
        raise Malformed
    return Content("location", label, payload={"label": label})


def _degrees(inside: Mapping[str, Any], name: str, most: int) -> float | None:
    value = inside.get(name)
    if isinstance(value, str):
        try:
            value = float(value[:40])
        except ValueError:
            return None
    if not isinstance(value, int | float) or isinstance(value, bool) or not math.isfinite(value) or abs(value) > most:
        return None
    return float(value)


def _titled(kind: str, *names: str) -> Callable[[Mapping[str, Any]], Content]:
    """A card of which we keep the words, all of them as text: text is redacted on its way in, a payload is not."""

    def read(inside: Mapping[str, Any]) -> Content:
        return Content("link", "\n".join(_lines(inside, *names)), kind=kind)

    return read


def _lines(inside: Mapping[str, Any], *names: str) -> list[str]:
    """What stands under *names*, each a line; several titles of one order are one."""
    found = {name: ", ".join(filter(_is_text, value)) if isinstance(value := inside.get(name), list) else value for name in names}
    return [line for name in names if (line := word(found, name, limit=MAX_TEXT_CHARS).strip())]


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _menu(inside: Mapping[str, Any]) -> Content:
    """A menu that a member of staff sent."""
    lines = _lines(inside, "head_content")
    for item in _list(inside, "list"):
        chosen = item.get(str(item.get("type")))
        lines += _lines(chosen, "content") if isinstance(chosen, Mapping) else []
    return Content("text", "\n".join([*lines, *_lines(inside, "tail_content")]), kind="msgmenu")


def _forwarded(inside: Mapping[str, Any]) -> Content:
    """A record of other messages that the customer forwarded: who said what, one a line."""
    lines = _lines(inside, "title")
    for item in _list(inside, "item")[:MAX_FORWARDED]:
        who = word(item, "sender_name", limit=MAX_TEXT_CHARS).strip()
        said = _forwarded_text(item)
        lines.append(f"{who}: {said}" if who else said)
    return Content("text", "\n".join(line for line in lines if line), kind="merged_msg")


def _forwarded_text(item: Mapping[str, Any], depth: int = 0) -> str:
    """The words of one forwarded message; of a picture or the like its type is all that we get."""
    kind = word(item, "msgtype", limit=64)
    inside: Any = item.get("msg_content")
    if isinstance(inside, str):
        try:
            inside = json.loads(inside)
        except (ValueError, RecursionError):
            return inside.strip() or f"[{kind}]"  # some write the words as they are
    if not isinstance(inside, Mapping):
        return f"[{kind}]"
    # The type comes as a number too; then the content says which it is.
    named = inside.get("msgtype")
    kind = kind if kind in inside or not isinstance(named, str) else named[:64]
    part_of = inside.get(kind, inside)
    if not isinstance(part_of, Mapping):
        return f"[{kind}]"
    lines = _lines(part_of, "content", "title", "desc", "url", "name", "address")
    if depth < MAX_FORWARDED_DEPTH:
        lines += [_forwarded_text(each, depth + 1) for each in _list(part_of, "item")[:MAX_FORWARDED]]
    return " ".join(lines) or f"[{kind}]"


def _list(inside: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    found = inside.get(name)
    return [item for item in found if isinstance(item, Mapping)] if isinstance(found, list) else []


_READERS: dict[str, Callable[[Mapping[str, Any]], Content]] = {
    "text": _text,
    "image": _file("image"),
    "voice": _file("voice"),
    "video": _file("video"),
    "file": _file("file"),
    "location": _location,
    "link": _titled("", "title", "desc", "url"),
    "business_card": _titled("business_card", "userid"),
    "miniprogram": _titled("miniprogram", "title", "pagepath"),
    "msgmenu": _menu,
    "channels": _titled("channels", "nickname", "title"),
    "channels_shop_product": _titled("channels_shop_product", "title", "sales_price", "shop_nickname"),
    "channels_shop_order": _titled(
        "channels_shop_order", "order_id", "product_titles", "price_wording", "state", "shop_nickname"
    ),
    "merged_msg": _forwarded,
    "note": _titled("note"),
}
