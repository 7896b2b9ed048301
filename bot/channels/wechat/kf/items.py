"""From an item of ``sync_msg`` to what it means for us. Pure: an item in, a value out, and never an error.

What we do not understand becomes ``Unread`` with the names of its parts, so that it is counted and kept, never lost in silence.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

from bot.channels.wechat.kf.address import Address
from bot.channels.wechat.kf.contents import Content, content_of
from bot.channels.wechat.kf.events import Event, event_of
from bot.channels.wechat.kf.values import Malformed, digest, number, part, word
from config.speakable import speakable

MAX_ID_CHARS = 128
_ID = re.compile(r"[0-9A-Za-z_\-.@]{1,64}")


class Origin(IntEnum):
    """Who an item comes from."""

    CUSTOMER = 3
    SYSTEM = 4
    SERVICER = 5


@dataclass(frozen=True, slots=True)
class Said:
    """Something that the customer or, in WeCom, a member of staff wrote."""

    content: Content
    servicer: str = ""  # who wrote it, if it was not the customer


@dataclass(frozen=True, slots=True)
class Unread:
    """An item of a kind that is not known, or that lacks what its kind promises. ``shape``: its parts, without their values."""

    shape: dict[str, Any] = field(default_factory=dict)
    from_customer: bool = False


@dataclass(frozen=True, slots=True)
class Item:
    """One item. ``id`` is the platform's, or one made of the item itself where the platform gives none."""

    id: str
    address: Address  # items of one address are worked off one after the other; without a customer it concerns the account
    what: str  # for counting: only names that we know, the others are "other"
    sent_s: int  # seconds since 1970
    meaning: Said | Event | Unread


def item_of(raw: object, open_kfid: str) -> Item:
    """What *raw* means. *open_kfid* is the address that was asked: some items do not name theirs."""
    if not isinstance(raw, Mapping):
        return Item(digest(raw), Address(open_kfid, ""), "other", 0, Unread())
    item_id, address = _id(raw), _address(raw, open_kfid)
    try:
        sent_s = number(raw, "send_time", required=False)
        kind = word(raw, "msgtype", limit=64).lower()
        meaning: Said | Event | None
        what, meaning = event_of(part(raw, "event")) if kind == "event" else _message(raw, kind)
    except Malformed:
        return Item(item_id, address, "other", 0, _unread(raw))
    return Item(item_id, address, what, sent_s, meaning or _unread(raw))


def _message(raw: Mapping[str, Any], kind: str) -> tuple[str, Said | None]:
    origin = _origin(raw)
    what, content = content_of(raw, kind)
    if content is None or origin is Origin.SYSTEM:
        return what, None
    # A servicer without a name is still no customer.
    servicer = word(raw, "servicer_userid", limit=MAX_ID_CHARS) or "?"
    return what, Said(content, servicer if origin is Origin.SERVICER else "")


def _origin(raw: Mapping[str, Any]) -> Origin:
    if raw.get("origin") is None:  # what nobody else is named for, the customer wrote: better one too many than one lost
        return Origin.SERVICER if raw.get("servicer_userid") else Origin.CUSTOMER
    try:
        return Origin(number(raw, "origin"))
    except ValueError:
        raise Malformed from None


def _id(raw: Mapping[str, Any]) -> str:
    given = raw.get("msgid")
    usable = isinstance(given, str) and 0 < len(given) <= MAX_ID_CHARS and given == speakable(given)
    return str(given) if usable else digest(raw)


def _address(raw: Mapping[str, Any], open_kfid: str) -> Address:
    """In events both ids sit inside the event; in some items they are missing."""
    inside = raw.get("event")
    places = [place for place in (inside, raw) if isinstance(place, Mapping)]
    return Address(_given_id(places, "open_kfid") or open_kfid, _given_id(places, "external_userid"))


def _given_id(places: list[Mapping[str, Any]], name: str) -> str:
    found = (place.get(name) for place in places)
    return next((value for value in found if isinstance(value, str) and _ID.fullmatch(value)), "")


def _unread(raw: Mapping[str, Any]) -> Unread:
    return Unread(_shape(raw), from_customer=raw.get("msgtype") != "event" and _seems_the_customers(raw))


def _seems_the_customers(raw: Mapping[str, Any]) -> bool:
    try:
        return _origin(raw) is Origin.CUSTOMER
    except Malformed:
        return False


_KNOWN_PARTS = frozenset({"msgid", "open_kfid", "external_userid", "send_time", "origin", "servicer_userid", "msgtype", "event"})


def _shape(raw: Mapping[str, Any]) -> dict[str, Any]:
    """The item's kind and the names of its parts, shortened. Values are the customer's and are left out."""
    kind = raw.get("msgtype")
    inside = raw.get("event")
    event = inside.get("event_type") if isinstance(inside, Mapping) else None
    return {
        "msgtype": _name(kind),
        **({"event_type": _name(event)} if event is not None else {}),
        "parts": sorted(_name(name) for name in raw if name not in _KNOWN_PARTS)[:20],
    }


def _name(value: object) -> str:
    text = value if isinstance(value, str) else type(value).__name__
    return "".join(character for character in text[:64] if character.isascii() and (character.isalnum() or character in "_-."))
