"""Template and subscription messages: accepted first, and what became of them told in an event."""

import re
import secrets
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from bot.channels.wechat.fake.accounts import FakeAccount
from bot.channels.wechat.fake.calls import MINI, OFFICIAL, ApiError, Call, Endpoint
from bot.channels.wechat.fake.phones import Phones, Seen

# Most characters by the kind that a field of a subscription message is named for: thing1, time2.
MOST_CHARS = {
    "thing": 20,
    "number": 32,
    "letter": 32,
    "symbol": 5,
    "character_string": 32,
    "time": 24,
    "date": 24,
    "amount": 13,
    "phone_number": 17,
    "car_number": 8,
    "name": 10,
    "phrase": 5,
    "const": 20,
}
FIELD = re.compile(r"([a-z_]+?)[0-9]+")

Tell = Callable[[FakeAccount, str, str, Mapping[str, Any]], None]  # account, user, event, fields
Reachable = Callable[[Call], str]


class Notices:
    """``message/template/send`` and ``message/subscribe/...``. *tell* pushes the event that says how it ended."""

    def __init__(self, phones: Phones, reachable: Reachable, tell: Tell) -> None:
        self._phones = phones
        self._reachable = reachable
        self._tell = tell
        self.consents: Counter[tuple[str, str, str]] = Counter()  # account, user, template -> messages agreed to
        self.fails: Counter[str] = Counter()  # user -> how many of the next are accepted and then fail
        self._sent: dict[tuple[str, str, str], int] = {}  # account, user, client_msg_id -> msgid

    def endpoints(self) -> list[Endpoint]:
        """The three ways to send a notice."""
        return [
            Endpoint("POST", "message/template/send", self._template, OFFICIAL),
            Endpoint("POST", "message/subscribe/bizsend", self._subscribe, OFFICIAL),
            Endpoint("POST", "message/subscribe/send", self._subscribe, MINI),
        ]

    def consent(self, account: FakeAccount, user: str, template: str, times: int = 1) -> None:
        """*user* agrees to *times* more messages of *template*."""
        self.consents[(account.name, user, template)] += times

    async def _template(self, call: Call) -> dict[str, Any]:
        user = self._reachable(call)
        template = _known_template(call)
        data = _data(call)
        again = call.text("client_msg_id")
        key = (call.account.name, user, again)
        if again and key in self._sent:
            return {"errcode": 0, "errmsg": "ok", "msgid": self._sent[key]}
        msgid = secrets.randbits(52)
        if again:
            self._sent[key] = msgid
        status = "success"
        if user in self._phones.blocking:
            status = "failed:user block"
        elif self._fails(user):
            status = "failed: system failed"  # the platform's own spacing
        else:
            self._phones.show(user, Seen("notice", "template", template, data=_shown(call, data)))
        self._tell(call.account, user, "TEMPLATESENDJOBFINISH", {"MsgID": msgid, "Status": status})
        return {"errcode": 0, "errmsg": "ok", "msgid": msgid}

    async def _subscribe(self, call: Call) -> dict[str, Any]:
        user = self._reachable(call)
        template = _known_template(call)
        page = call.text("page")
        if page.startswith("/") or (call.account.pages and page and page.partition("?")[0] not in call.account.pages):
            raise ApiError(41030)
        data = _data(call)
        for name, value in data.items():
            _check_field(name, value)
        key = (call.account.name, user, template)
        if self.consents[key] < 1:
            raise ApiError(43101)
        self.consents[key] -= 1
        msgid, failed = secrets.randbits(52), self._fails(user)
        if not failed:
            self._phones.show(user, Seen("notice", "subscribe", template, data=_shown(call, data)))
        ended = {"ErrorCode": 20003 if failed else 0, "ErrorStatus": "failed" if failed else "success"}
        one = {"TemplateId": template, "MsgID": msgid, **ended}
        self._tell(call.account, user, "subscribe_msg_sent_event", _listed(call.account, "SubscribeMsgSentEvent", one))
        return {"errcode": 0, "errmsg": "ok", **({"msgid": msgid} if call.account.family == "mini" else {})}

    def _fails(self, user: str) -> bool:
        if self.fails[user] < 1:
            return False
        self.fails[user] -= 1
        return True


def popup(account: FakeAccount, template: str, *, accepted: bool) -> tuple[str, Mapping[str, Any]]:
    """The event, and its fields, of a customer who was asked to agree to *template*."""
    one = {"TemplateId": template, "SubscribeStatusString": "accept" if accepted else "reject", "PopupScene": 0}
    return "subscribe_msg_popup_event", _listed(account, "SubscribeMsgPopupEvent", one)


def _listed(account: FakeAccount, wrapper: str, one: Mapping[str, Any]) -> Mapping[str, Any]:
    """XML nests the list below an element of its own; in JSON it stands at the top, a single one without its array."""
    return {"List": one} if account.body_format == "json" else {wrapper: {"List": one}}


def _known_template(call: Call) -> str:
    template = call.text("template_id")
    if not template or (call.account.templates and template not in call.account.templates):
        raise ApiError(40037)
    return template


def _data(call: Call) -> dict[str, str]:
    """Field name to value. Raises ``ApiError`` 47003 for what has none."""
    data = call.body.get("data")
    if not isinstance(data, Mapping) or not data:
        raise ApiError(47003, "data")
    values = {}
    for name, field in data.items():
        value = field.get("value") if isinstance(field, Mapping) else None
        if not isinstance(value, str | int | float):
            raise ApiError(47003, f"data.{name}.value")
        values[name] = str(value)
    return values


def _check_field(name: str, value: str) -> None:
    found = FIELD.fullmatch(name)
    if found is None or found[1] not in MOST_CHARS or not 1 <= len(value) <= MOST_CHARS[found[1]]:
        raise ApiError(47003, f"data.{name}.value")


def _shown(call: Call, data: Mapping[str, str]) -> dict[str, Any]:
    return {"data": dict(data), **{name: call.body[name] for name in ("url", "page", "miniprogram") if call.body.get(name)}}
