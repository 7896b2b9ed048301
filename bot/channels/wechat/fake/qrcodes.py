"""QR codes with a scene: made by the API, scanned by customers."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.channels.wechat.fake.calls import ALL, OFFICIAL, ApiError, Call, Endpoint
from config.clock import Clock

MAX_SCENE_CHARS = 64
MAX_PERMANENT_ID = 100_000
MAX_SECONDS = 30 * 24 * 3600
DEFAULT_SECONDS = 60
ADDRESSES = ["101.226.103.0/25", "203.205.239.82"]


@dataclass(frozen=True, slots=True)
class Code:
    """A code of *account* that carries *scene*; it stops working at *until*, if ever."""

    account: str
    scene: str
    until: datetime | None


class QrCodes:
    """Codes by ticket, and the platform's addresses, which is the other thing that is only asked for."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.codes: dict[str, Code] = {}

    def endpoints(self) -> list[Endpoint]:
        """``qrcode/create`` and the two lists of addresses."""
        return [
            Endpoint("POST", "qrcode/create", self._create, OFFICIAL),
            Endpoint("GET", "getcallbackip", self._addresses, ALL),
            Endpoint("GET", "get_api_domain_ip", self._addresses, ALL),
        ]

    def scene_of(self, ticket: str) -> str:
        """What the code says. Raises ``LookupError`` when there is none, or none any more."""
        code = self.codes[ticket]
        if code.until is not None and code.until <= self._clock.now():
            raise LookupError(ticket)
        return code.scene

    async def _create(self, call: Call) -> dict[str, Any]:
        name = call.text("action_name")
        scene = _scene(call, name)
        ticket = secrets.token_urlsafe(64)
        made = {"ticket": ticket, "url": f"http://weixin.qq.com/q/{secrets.token_urlsafe(16)}"}
        if name.startswith("QR_LIMIT"):
            self.codes[ticket] = Code(call.account.name, scene, None)
            return made
        asked = call.body.get("expire_seconds", DEFAULT_SECONDS)
        if not isinstance(asked, int) or not 1 <= asked <= MAX_SECONDS:
            raise ApiError(40052, "expire_seconds")
        self.codes[ticket] = Code(call.account.name, scene, self._clock.now() + timedelta(seconds=asked))
        return {**made, "expire_seconds": asked}

    async def _addresses(self, call: Call) -> dict[str, Any]:
        listed = {"ip_list": ADDRESSES}
        return {"errcode": 0, "errmsg": "ok", **listed} if call.account.family == "kf" else listed


def _scene(call: Call, name: str) -> str:
    info = call.body.get("action_info")
    scene = info.get("scene") if isinstance(info, dict) else None
    if name not in ("QR_SCENE", "QR_STR_SCENE", "QR_LIMIT_SCENE", "QR_LIMIT_STR_SCENE"):
        raise ApiError(40052, "action_name")
    if not isinstance(scene, dict):
        raise ApiError(40053)
    if name in ("QR_STR_SCENE", "QR_LIMIT_STR_SCENE"):
        text = scene.get("scene_str")
        if not isinstance(text, str) or not 1 <= len(text) <= MAX_SCENE_CHARS:
            raise ApiError(40053, "scene_str")
        return text
    number = scene.get("scene_id")
    most = MAX_PERMANENT_ID if name == "QR_LIMIT_SCENE" else 2**32 - 1
    if not isinstance(number, int) or not 1 <= number <= most:
        raise ApiError(40053, "scene_id")
    return str(number)
