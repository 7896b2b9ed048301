"""What a push tells that is no message of the customer's: values, read from fields. Pure."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

from bot.channels.wechat.fields import text_field
from config.speakable import speakable

# Of a push that we know nothing of, only these are kept: documented, and nobody's words or whereabouts.
KEPT_FIELDS = ("MsgType", "Event", "EventKey", "CreateTime", "MsgId", "MsgID", "Status", "ErrorCode", "ErrorStatus")
MAX_KEPT_CHARS = 200
MAX_ITEMS = 20


@dataclass(frozen=True, slots=True)
class Gone:
    """The customer no longer follows."""


@dataclass(frozen=True, slots=True)
class NoticeResult:
    """What became of a template or subscription message."""

    msgid: str
    result: Literal["sent", "refused", "failed"]
    template_id: str = ""


@dataclass(frozen=True, slots=True)
class Consent:
    """The customer agreed to one more message of a template, or took that back."""

    template_id: str
    agreed: bool


@dataclass(frozen=True, slots=True)
class OperatorSession:
    """WeChat's own desk took the customer over, passed them on, or let them go."""

    what: Literal["create", "close", "switch"]


@dataclass(frozen=True, slots=True)
class Odd:
    """A push that we have no use for yet: what may be kept of it, and the names of its other fields."""

    fields: dict[str, Any]


Happening = Gone | NoticeResult | Consent | OperatorSession | Odd


def happenings(event: str, fields: dict[str, Any]) -> tuple[Happening, ...]:
    """What the event *event* (in lower case) tells; empty for one that changes nothing for us."""
    reader = _READERS.get(event)
    return tuple(reader(fields)) if reader else ()


def odd(fields: dict[str, Any]) -> Odd:
    """What may be kept of a push that we do not know."""
    told = {name: value for name in KEPT_FIELDS if isinstance(value := fields.get(name), str) and value}
    kept = {name: speakable(value[:MAX_KEPT_CHARS]) for name, value in told.items()}
    others = sorted(speakable(name[:MAX_KEPT_CHARS]) for name in fields if name not in KEPT_FIELDS)
    return Odd({**kept, "other_fields": others[:MAX_ITEMS]})


def _unsubscribed(_fields: dict[str, Any]) -> Iterator[Happening]:
    yield Gone()


def _template_finished(fields: dict[str, Any]) -> Iterator[Happening]:
    # "failed:user block", "failed: system failed": the spacing varies.
    status = "".join(text_field(fields, "Status", limit=100).lower().split())
    msgid = _message_id(fields)
    if msgid and status:
        refused = "block" in status or "reject" in status
        yield NoticeResult(msgid, "sent" if status == "success" else "refused" if refused else "failed")


def _subscription_finished(fields: dict[str, Any]) -> Iterator[Happening]:
    for item in _items(fields, "SubscribeMsgSentEvent"):
        msgid, code = _message_id(item), text_field(item, "ErrorCode", limit=20).strip()
        if msgid:
            result: Literal["sent", "refused", "failed"] = "sent" if code in ("", "0") else "failed"
            if code in _REFUSED_BY_CUSTOMER:
                result = "refused"
            yield NoticeResult(msgid, result, text_field(item, "TemplateId", limit=128).strip())


def _consented(container: str) -> Callable[[dict[str, Any]], Iterator[Happening]]:
    def read(fields: dict[str, Any]) -> Iterator[Happening]:
        for item in _items(fields, container):
            template_id = text_field(item, "TemplateId", limit=128).strip()
            status = text_field(item, "SubscribeStatusString", limit=40).strip().lower()
            if template_id and status in ("accept", "reject"):
                yield Consent(template_id, status == "accept")

    return read


def _operator(what: Literal["create", "close", "switch"]) -> Callable[[dict[str, Any]], Iterator[Happening]]:
    def read(_fields: dict[str, Any]) -> Iterator[Happening]:
        yield OperatorSession(what)

    return read


def _revoked(fields: dict[str, Any]) -> Iterator[Happening]:
    """The customer takes back what they let the Mini Program know: a person must see what follows from it."""
    yield odd(fields)


def _message_id(fields: dict[str, Any]) -> str:
    return next(filter(None, (text_field(fields, name, limit=128).strip() for name in ("MsgID", "MsgId"))), "")


def _items(fields: dict[str, Any], container: str) -> list[dict[str, Any]]:
    """One item or many: below an element of the event's own in XML, at the top or in that element's place in JSON."""
    items = fields.get(container) or fields.get("List")
    if isinstance(items, dict) and "List" in items:
        items = items["List"]
    if isinstance(items, dict):
        items = [items]
    return [item for item in items if isinstance(item, dict)][:MAX_ITEMS] if isinstance(items, list) else []


_REFUSED_BY_CUSTOMER = frozenset({"43101"})
_READERS: dict[str, Callable[[dict[str, Any]], Iterator[Happening]]] = {
    "unsubscribe": _unsubscribed,
    "templatesendjobfinish": _template_finished,
    "subscribe_msg_sent_event": _subscription_finished,
    "subscribe_msg_popup_event": _consented("SubscribeMsgPopupEvent"),
    "subscribe_msg_change_event": _consented("SubscribeMsgChangeEvent"),
    "kf_create_session": _operator("create"),
    "kf_close_session": _operator("close"),
    "kf_switch_session": _operator("switch"),
    "user_authorization_revoke": _revoked,
}
