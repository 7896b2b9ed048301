"""The demo's phone: a page where you are a WeChat user of the bank's account, with the real protocol behind it.

browser <- WebSocket -> Simulator -> FakeWeChat -> HTTP push, signed and sealed -> the service's callback
                                     FakeWeChat <- HTTP API <- the service's delivery
"""

import asyncio
import json
import re
from collections import defaultdict, deque
from collections.abc import Coroutine
from importlib.resources import files
from pathlib import Path
from typing import Any

import aiohttp
import filetype  # type: ignore[import-untyped]
from aiohttp import web

from bot.channels.wechat.fake import FakeWeChat, Seen
from bot.channels.wechat.fake.configured import configured
from config.problem import Problem
from config.settings import Settings

OPENID = re.compile(r"[0-9A-Za-z_\-]{28}")
IMAGES = frozenset({"image/jpeg", "image/png", "image/gif", "image/bmp"})
MAX_IMAGE_BYTES = 10 * 1024 * 1024
MAX_FRAME_BYTES = 64 * 1024
MAX_TEXT_CHARS = 2000  # what WeChat's own input field takes
KEPT_ITEMS = 500  # of one user
PATH = "/simulator"
LATITUDE, LONGITUDE = 39.9087, 116.3975  # the simulated phone stands here, whatever it calls the place


class Simulator:
    """Serves the phone page and plays its user's part towards *fake*."""

    def __init__(self, settings: Settings, fake: FakeWeChat) -> None:
        self._fake = fake
        self._accounts = [account.name for account in settings.wechat.official]
        self._items: defaultdict[str, deque[dict[str, Any]]] = defaultdict(lambda: deque(maxlen=KEPT_ITEMS))
        self._numbers: defaultdict[str, int] = defaultdict(int)
        self._phones: defaultdict[str, set[web.WebSocketResponse]] = defaultdict(set)
        self._tasks: set[asyncio.Task[None]] = set()
        fake.listen(self._seen)

    def add_routes(self, app: web.Application) -> None:
        """Mount the page, its files and its socket."""
        static = Path(str(files("bot") / "static" / "simulator"))
        page = static / "index.html"

        async def serve_page(_request: web.Request) -> web.StreamResponse:
            return web.FileResponse(page, headers={"Cache-Control": "no-cache"})

        async def to_page(_request: web.Request) -> web.StreamResponse:
            raise web.HTTPFound(f"{PATH}/")

        app.router.add_get(PATH, to_page)
        app.router.add_get(f"{PATH}/", serve_page)
        app.router.add_get(f"{PATH}/socket", self._socket)
        app.router.add_post(f"{PATH}/images", self._image)
        app.router.add_get(f"{PATH}/media/{{media_id}}", self._media)
        app.router.add_static(f"{PATH}/static/", static)
        app.on_shutdown.append(self._close)

    async def _close(self, _app: web.Application) -> None:
        for phones in list(self._phones.values()):
            for phone in list(phones):
                await phone.close(code=aiohttp.WSCloseCode.GOING_AWAY)
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    # --- the browser's side ------------------------------------------------------------------------------------------------

    async def _socket(self, request: web.Request) -> web.WebSocketResponse:
        openid = _openid(request)
        _same_origin(request)
        phone = web.WebSocketResponse(max_msg_size=MAX_FRAME_BYTES, compress=False, heartbeat=20)
        await phone.prepare(request)
        self._phones[openid].add(phone)
        try:
            await phone.send_json({"account": self._accounts[0], "items": list(self._items[openid])})
            async for frame in phone:
                if frame.type is aiohttp.WSMsgType.TEXT:
                    self._act(openid, _object(frame.data))
        except ConnectionError:
            pass  # the browser left
        finally:
            self._phones[openid].discard(phone)
        return phone

    async def _image(self, request: web.Request) -> web.Response:
        openid = _openid(request)
        _same_origin(request)
        data = bytearray()
        async for chunk in request.content.iter_chunked(64 * 1024):
            data += chunk
            if len(data) > MAX_IMAGE_BYTES:
                raise Problem(413, "too_large")
        kind = filetype.guess(bytes(data[:8192]))
        if kind is None or kind.mime not in IMAGES:
            raise Problem(415, "not_an_image")
        media_id = self._fake.keep(bytes(data), kind.mime, f"image.{kind.extension}")
        self._add(openid, {"from": "me", "type": "image", "image": media_id})
        address = f"{request.url.origin()}{PATH}/media/{media_id}"
        self._start(self._fake.message(self._accounts[0], openid, MsgType="image", PicUrl=address, MediaId=media_id))
        return web.json_response({"image": media_id}, status=201)

    async def _media(self, request: web.Request) -> web.Response:
        kept = self._fake.media.get(request.match_info["media_id"])
        if kept is None or kept[1] not in IMAGES:
            raise Problem(404, "not_found")
        headers = {"Content-Security-Policy": "default-src 'none'; sandbox", "Cache-Control": "private, max-age=3600"}
        return web.Response(body=kept[0], content_type=kept[1], headers=headers)

    def _act(self, openid: str, frame: dict[str, Any]) -> None:
        """Do as WeChat does when its user types, taps or follows. What our page would not send is dropped."""
        account, kind = self._accounts[0], frame.get("kind")
        text = frame.get("text")
        if kind in ("text", "choice") and isinstance(text, str) and text.strip() and len(text) <= MAX_TEXT_CHARS:
            chosen = frame.get("id")
            menu = {"bizmsgmenuid": chosen} if kind == "choice" and isinstance(chosen, str) else {}
            self._add(openid, {"from": "me", "type": "text", "text": text})
            self._start(self._fake.message(account, openid, MsgType="text", Content=text, **menu))
        elif kind == "location" and isinstance(frame.get("label"), str):
            self._add(openid, {"from": "me", "type": "location", "text": frame["label"]})
            place = {"Location_X": LATITUDE, "Location_Y": LONGITUDE, "Scale": 16, "Label": frame["label"]}
            self._start(self._fake.message(account, openid, MsgType="location", **place))
        elif kind == "follow":
            self._add(openid, {"from": "notice", "type": "follow"})
            self._start(self._fake.event(account, openid, "subscribe", EventKey=""))
        elif kind == "menu" and isinstance(frame.get("key"), str):
            self._start(self._fake.event(account, openid, "CLICK", EventKey=frame["key"]))

    def _start(self, push: Coroutine[Any, Any, bool]) -> None:
        async def run() -> None:
            await push

        task = asyncio.ensure_future(run())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # --- WeChat's side -----------------------------------------------------------------------------------------------------

    def _seen(self, openid: str, seen: Seen) -> None:
        self._add(
            openid,
            {
                "from": "notice" if seen.via == "fault" else "them",
                "type": seen.type,
                "text": seen.text,
                "choices": [{"id": number, "text": text} for number, text in seen.choices],
                "tail": seen.tail,
                "image": seen.media_id,
                "via": seen.via,
            },
        )

    def _add(self, openid: str, item: dict[str, Any]) -> None:
        self._numbers[openid] += 1
        item = {"n": self._numbers[openid], "at": self._fake.now().isoformat(), **item}
        self._items[openid].append(item)
        for phone in list(self._phones[openid]):
            task = asyncio.ensure_future(_tell(phone, item))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)


async def _tell(phone: web.WebSocketResponse, item: dict[str, Any]) -> None:
    if not phone.closed:
        try:
            await phone.send_json({"item": item})
        except ConnectionError:
            return  # it reconnects and gets everything


def mount_simulator(app: web.Application, settings: Settings, session: aiohttp.ClientSession) -> None:
    """Put a fake WeChat and the phone page into *app*, for the accounts of *settings*; their API base must point at it."""
    base = (settings.server.public_url or f"http://{settings.server.host}:{settings.server.port}").rstrip("/")
    fake = FakeWeChat(configured(settings, base), session)
    fake.add_routes(app, f"{PATH}/api")
    Simulator(settings, fake).add_routes(app)


def _openid(request: web.Request) -> str:
    openid = request.query.get("user", "")
    if not OPENID.fullmatch(openid):
        raise Problem(400, "bad_request", "user must be 28 letters and digits")
    return openid


def _same_origin(request: web.Request) -> None:
    """Pages of other sites may not use the phone: browsers send cookies and sockets across, but they say from where."""
    origin = request.headers.get("Origin")
    if origin is not None and origin.partition("://")[2] != request.host:
        raise Problem(403, "foreign_origin")


def _object(text: str) -> dict[str, Any]:
    try:
        frame = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return frame if isinstance(frame, dict) else {}
