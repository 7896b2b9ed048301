"""Custom menus, checked as the platform checks them."""

from collections.abc import Mapping
from typing import Any

from bot.channels.wechat.fake.calls import OFFICIAL, ApiError, Call, Endpoint

MAX_KEY_BYTES = 128
MAX_URL_BYTES = 1024
# Of the buttons and of those below them: how many, the longest name in bytes, and the codes for number, type, name, key, address.
TOP = (3, 16, (40016, 40017, 40018, 40019, 40020))
BELOW = (5, 60, (40023, 40024, 40025, 40026, 40027))
NEEDS = {
    "click": ("key",),
    "view": ("url",),
    "miniprogram": ("url", "appid", "pagepath"),
    "scancode_push": ("key",),
    "scancode_waitmsg": ("key",),
    "pic_sysphoto": ("key",),
    "pic_photo_or_album": ("key",),
    "pic_weixin": ("key",),
    "location_select": ("key",),
    "media_id": ("media_id",),
    "view_limited": ("media_id",),
    "article_id": ("article_id",),
    "article_view_limited": ("article_id",),
}


class Menus:
    """The menu of each Official Account."""

    def __init__(self) -> None:
        self.menus: dict[str, Any] = {}  # by account

    def endpoints(self) -> list[Endpoint]:
        """``menu/...``."""
        return [
            Endpoint("POST", "menu/create", self._create, OFFICIAL),
            Endpoint("GET", "menu/get", self._get, OFFICIAL),
            Endpoint("GET", "menu/delete", self._delete, OFFICIAL),
        ]

    async def _create(self, call: Call) -> dict[str, Any]:
        check(call.body.get("button"))
        self.menus[call.account.name] = dict(call.body)
        return {"errcode": 0, "errmsg": "ok"}

    async def _get(self, call: Call) -> dict[str, Any]:
        if call.account.name not in self.menus:
            raise ApiError(46003)
        return {"menu": self.menus[call.account.name]}

    async def _delete(self, call: Call) -> dict[str, Any]:
        self.menus.pop(call.account.name, None)
        return {"errcode": 0, "errmsg": "ok"}


def check(buttons: Any, *, below: bool = False) -> None:
    """Raises ``ApiError`` with the code for what is wrong with *buttons*."""
    most, longest_name, (number, kind, name, key, url) = BELOW if below else TOP
    if not isinstance(buttons, list) or not 1 <= len(buttons) <= most:
        raise ApiError(number)
    for button in buttons:
        if not isinstance(button, Mapping):
            raise ApiError(kind)
        if not 1 <= _bytes(button.get("name")) <= longest_name:
            raise ApiError(name)
        if button.get("sub_button"):
            if below:
                raise ApiError(40022)
            check(button["sub_button"], below=True)
            continue
        needs = NEEDS.get(str(button.get("type")))
        if needs is None:
            raise ApiError(kind)
        for field in needs:
            most_bytes, code = (MAX_URL_BYTES, url) if field == "url" else (MAX_KEY_BYTES, key)
            if not 1 <= _bytes(button.get(field)) <= most_bytes:
                raise ApiError(code)


def _bytes(value: Any) -> int:
    return len(value.encode()) if isinstance(value, str) else 0
