"""Customer-service messages and "is typing", for Official Accounts and Mini Programs."""

from typing import Any

from bot.channels.wechat.fake.calls import MINI, OFFICIAL, ApiError, Call, Endpoint
from bot.channels.wechat.fake.files import Files
from bot.channels.wechat.fake.phones import Phones, Seen
from bot.channels.wechat.fake.reading import MAX_TEXT_BYTES
from bot.channels.wechat.fake.windows import Windows

MAX_ARTICLES = 1
FILES = {"image": "media_id", "voice": "media_id", "video": "media_id", "mpnews": "media_id", "music": "thumb_media_id"}
TYPES = {
    "official": {"text", "msgmenu", "news", "wxcard", "miniprogrampage", *FILES},
    "mini": {"text", "image", "link", "miniprogrampage"},
}


class Messages:
    """What ``message/custom/...`` does."""

    def __init__(self, phones: Phones, windows: Windows, files: Files) -> None:
        self._phones = phones
        self._windows = windows
        self._files = files

    def endpoints(self) -> list[Endpoint]:
        """Sending, and typing under both of its documented paths."""
        return [
            Endpoint("POST", "message/custom/send", self._send),
            Endpoint("POST", "message/custom/typing", self._typing, OFFICIAL | MINI),
            Endpoint("POST", "message/custom/business/typing", self._typing, MINI),
        ]

    async def _send(self, call: Call) -> dict[str, Any]:
        user = self.reachable(call)
        try:
            seen = service_message(call)
        except (KeyError, TypeError, AttributeError):
            raise ApiError(40008) from None
        if seen.type == "text" and not seen.text:
            raise ApiError(44004)
        if len(seen.text.encode()) > MAX_TEXT_BYTES:
            raise ApiError(45002)
        if seen.type in FILES and seen.type != "mpnews" and self._files.get(seen.media_id) is None:
            raise ApiError(40007)
        self._windows.use(call.account, user)
        if user not in self._phones.blocking:
            self._phones.show(user, seen)
        return {"errcode": 0, "errmsg": "ok"}

    async def _typing(self, call: Call) -> dict[str, Any]:
        user = self.reachable(call)
        self._windows.type(call.account, user, call.text("command"))
        return {"errcode": 0, "errmsg": "ok"}

    def reachable(self, call: Call) -> str:
        """The customer that *call* names. Raises ``ApiError``: 40003 unknown, 43004 follows no longer."""
        user = call.text("touser")
        if user in self._phones.left:
            raise ApiError(43004)
        if user not in self._phones.followers:
            raise ApiError(40003)
        return user


def service_message(call: Call) -> Seen:
    """A customer-service message as the phone shows it. ``ApiError``, ``KeyError`` or ``TypeError`` when it isn't one."""
    body, kind = call.body, call.body["msgtype"]
    if kind not in TYPES[call.account.family]:
        raise ApiError(40008)
    inside = body[kind]
    if kind == "text":
        return Seen("service", "text", str(inside["content"]))
    if kind in FILES:
        return Seen("service", kind, media_id=str(inside[FILES[kind]]))
    if kind == "msgmenu":
        choices = tuple((str(item["id"]), str(item["content"])) for item in inside["list"])
        return Seen("service", "msgmenu", str(inside["head_content"]), choices, str(inside.get("tail_content", "")))
    if kind == "news" and not 1 <= len(inside["articles"]) <= MAX_ARTICLES:
        raise ApiError(45008)
    return Seen("service", kind, str(inside.get("title", "")), data=dict(inside))
