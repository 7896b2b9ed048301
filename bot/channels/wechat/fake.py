"""A WeChat platform of our own, for tests and the demo: the same protocol over real HTTP, and it can be told to misbehave.

It serves the API that the service calls, pushes to the service's callback as WeChat does (signed, sealed, five seconds'
patience, up to three deliveries), and writes down what every customer got to see, in order.
"""

import asyncio
import secrets
from collections import Counter, defaultdict, deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

import aiohttp
from aiohttp import web

from bot.channels.wechat.fake_pushes import MAX_TEXT_BYTES, BadAnswer, FakeAccount, signed_request, text_in_answer, to_xml
from config.clock import Clock, SystemClock

TOKEN_LASTS_S = 7200
TOKEN_EARLY_S = 300  # from here on stable_token gives the next one
PATIENCE_S = 5.0
DELIVERIES = 3
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


class FakeWeChat:
    """The platform for *accounts*. Pushes go out through *session*; *clock* ages tokens and dates pushes."""

    def __init__(
        self,
        accounts: Sequence[FakeAccount],
        session: aiohttp.ClientSession,
        clock: Clock | None = None,
        *,
        patience_s: float = PATIENCE_S,
        latency_s: float = 0.0,
    ) -> None:
        self.accounts = {account.name: account for account in accounts}
        self._session = session
        self._clock = clock or SystemClock()
        self._patience_s = patience_s
        self.latency_s = latency_s
        self._tokens: dict[str, _Token] = {}
        self._missteps: dict[str, deque[Misstep]] = defaultdict(deque)
        self._listeners: list[Listener] = []
        self.calls: Counter[str] = Counter()  # API calls by path
        self.requests: list[tuple[str, Any]] = []  # path and JSON body of each
        self.seen: dict[str, list[Seen]] = defaultdict(list)  # by openid
        self.followers: set[str] = set()
        self.media: dict[str, tuple[bytes, str, str]] = {}  # media id -> content, type, file name
        self.menus: dict[str, Any] = {}

    # --- what tests and the simulator do with it ---------------------------------------------------------------------------

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

    async def message(self, account: str, openid: str, **fields: str | int | float) -> bool:
        """Push a customer's message (``MsgType="text", Content="你好"``); whether some delivery was answered in time."""
        number = secrets.randbits(62) | 1 << 62
        return await self.push(account, openid, {**fields, "MsgId": fields.get("MsgId", number)})

    async def event(self, account: str, openid: str, event: str, **fields: str | int | float) -> bool:
        """Push an event such as ``subscribe``."""
        return await self.push(account, openid, {"MsgType": "event", "Event": event, **fields})

    async def push(self, account: str, openid: str, fields: Mapping[str, str | int | float], *, together: int = 1) -> bool:
        """Deliver as WeChat does: again while nobody answers, at most three times; *together* copies of each at once.

        However often it was answered, the customer sees one answer: the first that came in time.
        """
        known = self.accounts[account]
        self.followers.add(openid)
        created_s = int(self._clock.now().timestamp())
        xml = to_xml({"ToUserName": known.original_id, "FromUserName": openid, "CreateTime": created_s, **fields})
        for _ in range(DELIVERIES):
            answers = await asyncio.gather(*(self._deliver(known, openid, xml) for _ in range(together)))
            in_time = [answer for answer in answers if answer is not None]
            if in_time:
                shown = next((answer for answer in in_time if answer.text), None)
                if shown is not None:
                    self._show(openid, shown)
                return True
        self._show(openid, Seen("fault", "unavailable"))
        return False

    async def _deliver(self, account: FakeAccount, openid: str, xml: str) -> Seen | None:
        """What one delivery was answered with (its text may be empty), or None when it wasn't."""
        timestamp, nonce = str(int(self._clock.now().timestamp())), str(secrets.randbelow(10**10))
        query, body = signed_request(account, xml, timestamp, nonce, openid)
        timeout = aiohttp.ClientTimeout(total=self._patience_s)
        headers = {"Content-Type": "text/xml", "User-Agent": "Mozilla/4.0"}
        try:
            async with self._session.post(
                account.callback_url, params=query, data=body.encode(), headers=headers, timeout=timeout
            ) as response:
                if response.status != 200:  # noqa: PLR2004 -- anything else means: again
                    return None
                text = text_in_answer(account, await response.text(), openid=openid, nonce=nonce)
        except BadAnswer as bad:
            return Seen("fault", "fault", str(bad))
        except (aiohttp.ClientError, TimeoutError):
            return None
        return Seen("passive", "text", text or "")

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
