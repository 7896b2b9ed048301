"""The API of a fake WeChat platform, told to misbehave where a test wants it to."""

import asyncio
import secrets
from collections import Counter, defaultdict, deque
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

import aiohttp
from aiohttp import web

from bot.channels.wechat.fake_pushes import MAX_TEXT_BYTES, FakeAccount
from config.clock import Clock

TOKEN_LASTS_S = 7200
TOKEN_EARLY_S = 300  # from here on stable_token gives the next one
MAX_UPLOAD = 10 * 1024 * 1024
HTML = "<html><body>502 Bad Gateway</body></html>"


@dataclass(frozen=True, slots=True)
class Seen:
    """Something on a customer's phone. ``via``: answered in the response, sent by the API, or WeChat's own fault notice."""

    via: Literal["passive", "service", "fault"]
    type: str
    text: str = ""
    choices: tuple[tuple[str, str], ...] = ()  # of a menu: id and text
    tail: str = ""
    media_id: str = ""


@dataclass(frozen=True, slots=True)
class Misstep:
    """What the API does instead of answering once: an error code, a page of HTML with 200, a lost connection, or a wait.

    ``lost`` may happen ``before`` the call is carried out, or ``after`` it: then the caller can't know.
    """

    errcode: int | None = None
    html: bool = False
    lost: Literal["before", "after"] | None = None
    until: asyncio.Event | None = None  # wait for this, then answer as usual


@dataclass(slots=True)
class _Token:
    value: str
    expires_at: datetime


Listener = Callable[[str, Seen], None]


class FakeApi:
    """What ``api.weixin.qq.com`` serves for *accounts*, and what every customer got to see of it."""

    def __init__(self, accounts: Sequence[FakeAccount], clock: Clock, *, latency_s: float = 0.0) -> None:
        self.accounts = {account.name: account for account in accounts}
        self.latency_s = latency_s
        self._clock = clock
        self._tokens: dict[str, _Token] = {}
        self._missteps: dict[str, deque[Misstep]] = defaultdict(deque)
        self._listeners: list[Listener] = []
        self.calls: Counter[str] = Counter()  # by path
        self.requests: list[tuple[str, Any]] = []  # path and JSON body of each
        self.seen: dict[str, list[Seen]] = defaultdict(list)  # by openid
        self.followers: set[str] = set()
        self.media: dict[str, tuple[bytes, str, str]] = {}  # media id -> content, type, file name
        self.menus: dict[str, Any] = {}

    def now(self) -> datetime:
        """The platform's time."""
        return self._clock.now()

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Call *listener* with everything that a customer gets to see; returns how to stop."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def misstep(self, path: str, *missteps: Misstep) -> None:
        """Make the next calls of *path* (such as ``message/custom/send``) go wrong, one each."""
        self._missteps[path].extend(missteps)

    def expire_tokens(self) -> None:
        """All access tokens stop working at once."""
        self._tokens.clear()

    def keep(self, content: bytes, media_type: str, name: str = "file") -> str:
        """Store a file as if a customer had sent it; returns its media id."""
        media_id = secrets.token_urlsafe(32)
        self.media[media_id] = (content, media_type, name)
        return media_id

    def _show(self, openid: str, seen: Seen) -> None:
        self.seen[openid].append(seen)
        for listener in list(self._listeners):
            listener(openid, seen)

    # --- the API -----------------------------------------------------------------------------------------------------------

    def add_routes(self, app: web.Application, prefix: str = "") -> None:
        """Serve the API under *prefix*, as ``api.weixin.qq.com`` serves it at its root."""
        for method, path, handler in (
            ("GET", "token", self._token),
            ("POST", "stable_token", self._stable_token),
            ("POST", "message/custom/send", self._send),
            ("POST", "message/custom/typing", self._typing),
            ("GET", "media/get", self._media_get),
            ("POST", "media/upload", self._media_upload),
            ("POST", "menu/create", self._menu_create),
            ("GET", "menu/get", self._menu_get),
            ("GET", "menu/delete", self._menu_delete),
        ):
            app.router.add_route(method, f"{prefix}/cgi-bin/{path}", self._as_told(path, handler))

    def _as_told(
        self, path: str, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def answer(request: web.Request) -> web.StreamResponse:
            self.calls[path] += 1
            if self.latency_s:
                await asyncio.sleep(self.latency_s)
            misstep = self._missteps[path].popleft() if self._missteps[path] else Misstep()
            if misstep.until is not None:
                await misstep.until.wait()
            if misstep.errcode is not None:
                return _error(misstep.errcode)
            if misstep.html:
                return web.Response(text=HTML, content_type="text/html")
            if misstep.lost == "before":
                return _hang_up(request)
            response = await handler(request)
            return _hang_up(request) if misstep.lost == "after" else response

        return answer

    async def _token(self, request: web.Request) -> web.Response:
        """The old way: every call makes a new token."""
        return self._issue(request.query.get("appid", ""), request.query.get("secret", ""), fresh=True)

    async def _stable_token(self, request: web.Request) -> web.Response:
        asked = await self._json(request, "stable_token")
        return self._issue(asked.get("appid", ""), asked.get("secret", ""), fresh=bool(asked.get("force_refresh")))

    def _issue(self, appid: str, secret: str, *, fresh: bool) -> web.Response:
        account = next((known for known in self.accounts.values() if known.appid == appid), None)
        if account is None:
            return _error(40013)
        if account.secret != secret:
            return _error(40125)
        now = self._clock.now()
        token = self._tokens.get(appid)
        if fresh or token is None or token.expires_at - now <= timedelta(seconds=TOKEN_EARLY_S):
            token = _Token(secrets.token_urlsafe(96), now + timedelta(seconds=TOKEN_LASTS_S))
            self._tokens[appid] = token
        return web.json_response({"access_token": token.value, "expires_in": int((token.expires_at - now).total_seconds())})

    def _refused(self, request: web.Request) -> web.Response | None:
        """The error for a call without a good token."""
        offered = request.query.get("access_token", "")
        token = next((known for known in self._tokens.values() if known.value == offered), None)
        if token is None:
            return _error(40001)
        return _error(42001) if token.expires_at <= self._clock.now() else None

    async def _send(self, request: web.Request) -> web.Response:
        body = await self._json(request, "message/custom/send")
        if refused := self._refused(request):
            return refused
        if body.get("touser") not in self.followers:
            return _error(40003)
        try:
            seen = _service_message(body)
        except (KeyError, TypeError):
            return _error(40008)
        if len(seen.text.encode()) > MAX_TEXT_BYTES:
            return _error(45002)
        if seen.type == "image" and seen.media_id not in self.media:
            return _error(40007)
        self._show(body["touser"], seen)
        return _ok()

    async def _typing(self, request: web.Request) -> web.Response:
        await self._json(request, "message/custom/typing")
        return self._refused(request) or _ok()

    async def _media_get(self, request: web.Request) -> web.Response:
        if refused := self._refused(request):
            return refused
        kept = self.media.get(request.query.get("media_id", ""))
        if kept is None:
            return _error(40007)
        content, media_type, name = kept
        return web.Response(
            body=content, content_type=media_type, headers={"Content-disposition": f'attachment; filename="{name}"'}
        )

    async def _media_upload(self, request: web.Request) -> web.Response:
        if refused := self._refused(request):
            return refused
        kind = request.query.get("type", "")
        if kind not in ("image", "voice", "video", "thumb"):
            return _error(40004)
        async for part in await request.multipart():
            if isinstance(part, aiohttp.BodyPartReader) and part.name == "media" and part.filename:
                content = bytes(await part.read())
                if not content:
                    return _error(41005)
                if len(content) > MAX_UPLOAD:
                    return _error(40006)
                media_id = self.keep(content, part.headers.get("Content-Type", "application/octet-stream"), part.filename)
                created_s = int(self._clock.now().timestamp())
                return web.json_response({"type": kind, "media_id": media_id, "created_at": created_s})
        return _error(41005)

    async def _menu_create(self, request: web.Request) -> web.Response:
        body = await self._json(request, "menu/create")
        if refused := self._refused(request):
            return refused
        buttons = body.get("button")
        if not isinstance(buttons, list) or not 1 <= len(buttons) <= 3:  # noqa: PLR2004 -- WeChat's limit
            return _error(40017)
        self.menus["last"] = body
        return _ok()

    async def _menu_get(self, request: web.Request) -> web.Response:
        if refused := self._refused(request):
            return refused
        return web.json_response({"menu": self.menus["last"]}) if "last" in self.menus else _error(46003)

    async def _menu_delete(self, request: web.Request) -> web.Response:
        if refused := self._refused(request):
            return refused
        self.menus.clear()
        return _ok()

    async def _json(self, request: web.Request, path: str) -> dict[str, Any]:
        with suppress(ValueError):
            body = await request.json()
            if isinstance(body, dict):
                self.requests.append((path, body))
                return body
        return {}


def _service_message(body: dict[str, Any]) -> Seen:
    """A customer-service message as the phone shows it. Raises ``KeyError`` or ``TypeError`` when it isn't one."""
    kind = body["msgtype"]
    if kind == "text":
        return Seen("service", "text", str(body["text"]["content"]))
    if kind == "image":
        return Seen("service", "image", media_id=str(body["image"]["media_id"]))
    if kind == "msgmenu":
        menu = body["msgmenu"]
        choices = tuple((str(item["id"]), str(item["content"])) for item in menu["list"])
        return Seen("service", "msgmenu", str(menu["head_content"]), choices, str(menu.get("tail_content", "")))
    raise KeyError(kind)


def _ok() -> web.Response:
    return web.json_response({"errcode": 0, "errmsg": "ok"})


def _error(code: int) -> web.Response:
    """An error as WeChat sends it: status 200, the code in the body."""
    return web.json_response({"errcode": code, "errmsg": f"scripted rid: {secrets.token_hex(8)}"})


def _hang_up(request: web.Request) -> web.StreamResponse:
    """The connection breaks before any answer."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()
