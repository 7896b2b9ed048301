"""The widget's pages: the loader for the bank's site, the frame it opens, and in the demo a bank to open it in."""

import html
import re
from collections.abc import Awaitable, Callable
from importlib.resources import files
from pathlib import Path
from urllib.parse import urlsplit

from aiohttp import web

from config.settings import Settings

_HOST = re.compile(r"[0-9A-Za-z.-]+(:[0-9]+)?|\[[0-9A-Fa-f:.]+\](:[0-9]+)?")
STATIC = Path(str(files("bot") / "static"))


class Pages:
    """Serves them with the headers that decide who may frame them."""

    def __init__(self, settings: Settings) -> None:
        public = settings.server.public_url
        self._own = frozenset({_origin(public)} if public else ())
        self._allowed = tuple(dict.fromkeys(_origin(origin) for origin in settings.in_app.allowed_origins))
        self._frame = (
            (STATIC / "widget" / "index.html").read_text("utf-8").replace("{{origins}}", html.escape(" ".join(self._allowed)))
        )

    def add_routes(self, app: web.Application, *, demo: bool) -> None:
        """Mount the pages and their files."""
        # The charset is named: pages of banks are often GBK, and a script without one is read like its page.
        app.router.add_get("/widget/sdk.js", _file("widget/sdk.js", "text/javascript; charset=utf-8"))
        app.router.add_get("/widget/", self._frame_page)
        app.router.add_static("/widget/assets/", STATIC / "widget")
        if demo:
            app.router.add_get("/", _file("bank/index.html", "text/html; charset=utf-8"))
            app.router.add_static("/widget/bank/", STATIC / "bank")

    def may_connect(self, request: web.Request) -> bool:
        """Whether the page that opens a socket is ours. Programs that are no browser name no page."""
        origin = request.headers.get("Origin")
        if origin is None:
            return True
        try:
            is_same_host = urlsplit(origin).netloc == request.host
        except ValueError:  # an address that is none: "http://["
            return False
        return is_same_host or origin in self._own or origin in self._allowed

    async def _frame_page(self, request: web.Request) -> web.Response:
        # Older Safari does not count sockets as 'self'. Whoever asks may write anything into the name of the host.
        socket = f"ws://{request.host} wss://{request.host}" if _HOST.fullmatch(request.host) else ""
        policy = (
            f"default-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; connect-src 'self' {socket}; "
            f"object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'self' {' '.join(self._allowed)}"
        )
        login = "no" if self._is_sent_by_strangers(request) else "yes"
        return web.Response(
            text=self._frame.replace("{{login}}", login),
            content_type="text/html",
            headers={"Content-Security-Policy": policy.strip(), "Cache-Control": "no-cache", "Vary": "Sec-Fetch-Site"},
        )

    def _is_sent_by_strangers(self, request: web.Request) -> bool:
        """Whether a link of another site led here: the login behind its ``#`` would be somebody else's, who could read along."""
        if request.headers.get("Sec-Fetch-Site") != "cross-site" or request.headers.get("Sec-Fetch-Dest") != "document":
            return False
        try:
            return _origin(request.headers.get("Referer", "")) not in self._allowed
        except ValueError:
            return True


def _file(name: str, content_type: str) -> Callable[[web.Request], Awaitable[web.FileResponse]]:
    async def serve(_request: web.Request) -> web.FileResponse:
        return web.FileResponse(STATIC / name, headers={"Cache-Control": "no-cache", "Content-Type": content_type})

    return serve


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
