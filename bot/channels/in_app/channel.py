"""The in-app channel's routes and what stands behind them."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from datetime import timedelta
from typing import Any

import jwt
from aiohttp import WSCloseCode, web

from bot.channels.in_app.hub import Hub
from bot.channels.in_app.identity import Identity, NotBelievable, Visitor
from bot.channels.in_app.line import SocketLine
from bot.channels.in_app.pace import Pace
from bot.channels.in_app.pages import Pages
from bot.channels.in_app.polling import Polling
from bot.channels.in_app.reading import SharedReads
from bot.channels.in_app.uploads import Uploads
from bot.channels.in_app.window import ChatWindow, Parts
from bot.intake import Intake
from bot.intake.duty import DutyRoster
from config.addresses import household
from config.catalogue import Catalogue
from config.clock import Clock
from config.labels import Audience
from config.problem import Problem
from config.settings import Settings
from handoff.uploads.handing_out import handed_out
from handoff.uploads.room import NoRoom, Room
from handoff.uploads.taking import FileTaker
from store import conversations, following
from store.bell import Bell
from store.blobs import BlobMissing, Blobs
from store.customers import external_hmac
from store.engine import Store, Tx

HEARTBEAT_S = 25.0
MAX_FRAME_BYTES = 256 * 1024  # the longest text with every character escaped, and tokens; longer is a broken client
DEMO_LOGIN_FOR = timedelta(hours=8)
NOT_KEPT = {"Cache-Control": "no-store"}
FILE_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "X-Content-Type-Options": "nosniff",
    "Content-Disposition": "attachment",
    "Cache-Control": "private, no-store",
    "Referrer-Policy": "no-referrer",
}


class InAppChannel:
    """Chat windows in the bank's app and website."""

    def __init__(
        self,
        settings: Settings,
        intake: Intake,
        store: Store,
        blobs: Blobs,
        bell: Bell,
        clock: Clock,
        taker: FileTaker,
    ) -> None:
        self._settings = settings
        self._store = store
        self._blobs = blobs
        self._clock = clock
        self._catalogue = Catalogue()
        self._identity = Identity(store.crypto, clock, settings.in_app)
        self._uploads = Uploads(taker, store.crypto, clock)
        self._pages = Pages(settings)
        self.hub = Hub(store, bell, clock, settings.in_app.account)
        roster = DutyRoster(store, bell, settings.desk.presence_timeout_s)
        reads = SharedReads(store, settings.in_app.account, roster, clock)
        pace = Pace(settings.in_app.frames_per_s, settings.in_app.frames_per_s_per_address)
        self._parts = Parts(settings, store, intake, self._identity, self._uploads, self._catalogue, self.hub, reads, pace)
        self.polling = Polling(self._parts)
        self._handed_out = Room(settings.uploads.max_bytes_at_once)

    def add_routes(self, app: web.Application) -> None:
        """Mount everything under ``/widget/``; in the demo also a bank's page at ``/``."""
        self._pages.add_routes(app, demo=self._settings.demo)
        app.router.add_get("/widget/socket", self._socket)
        app.router.add_post("/widget/line", self._open_line)
        app.router.add_post("/widget/line/{session}", self._put)
        app.router.add_get("/widget/line/{session}", self._fetch, allow_head=False)
        app.router.add_post("/widget/uploads", self._upload)
        app.router.add_get("/widget/files/{conversation:[0-9a-f]{32}}/{seq:[0-9]{1,9}}/{n:[0-9]}", self._download)
        if self._settings.demo:
            app.router.add_get("/widget/demo-login", self._demo_login)
        app.on_shutdown.append(self._go_away)
        app.cleanup_ctx.append(self._polling)

    async def _socket(self, request: web.Request) -> web.WebSocketResponse:
        self._check_origin(request)
        ws = web.WebSocketResponse(compress=False, heartbeat=HEARTBEAT_S, max_msg_size=MAX_FRAME_BYTES)
        await ws.prepare(request)
        line = SocketLine(ws, request.transport)
        try:
            await ChatWindow(line, self._parts, household(request.remote)).run()
        finally:
            await line.close(WSCloseCode.INTERNAL_ERROR)  # still open only after a mistake of ours: the page comes again
        return ws

    async def _open_line(self, request: web.Request) -> web.Response:
        self._check_origin(request)
        return web.json_response(await self.polling.open(request), status=201, headers=NOT_KEPT)

    async def _put(self, request: web.Request) -> web.Response:
        await self.polling.put(request, self._visitor(request))
        return web.Response(status=204)

    async def _fetch(self, request: web.Request) -> web.Response:
        return web.json_response(await self.polling.fetch(request, self._visitor(request)), headers=NOT_KEPT)

    def _check_origin(self, request: web.Request) -> None:
        if not self._pages.may_connect(request):
            raise Problem(403, "origin", self._catalogue.text("in_app.refused.origin"))

    async def _upload(self, request: web.Request) -> web.Response:
        return web.json_response(await self._uploads.take(request, self._visitor(request)), status=201)

    async def _download(self, request: web.Request) -> web.StreamResponse:
        """A file of the visitor's own conversation. Others' and unknown ones look the same: not found."""
        attachment = await self._attachment(self._visitor(request), request.match_info)
        with self._handed_out.share(request.remote) as share:
            try:
                share.grow(attachment["size"])
                data = await self._blobs.get(attachment["blob_id"])
            except NoRoom:
                raise Problem(503, "busy", headers={"Retry-After": "5"}) from None
            except BlobMissing:
                raise Problem(404, "not_found") from None
            return await handed_out(request, data, {"Content-Type": attachment["media_type"], **FILE_HEADERS})

    async def _attachment(self, visitor: Visitor, place: Mapping[str, str]) -> dict[str, Any]:
        account = self._settings.in_app.account
        fingerprint = external_hmac(self._store.crypto, account, visitor.key)
        conversation_id, seq, n = place["conversation"], int(place["seq"]), int(place["n"])

        def find(tx: Tx) -> dict[str, Any] | None:
            if following.own(tx, account, fingerprint, conversation_id) is None:
                return None
            found = conversations.messages(tx, conversation_id, after=seq - 1, limit=1, audience=Audience.ALL)
            files = found[0].payload.get("attachments", []) if found and found[0].seq == seq else []
            return files[n] if n < len(files) else None

        attachment = await self._store.read(find)
        if attachment is None:
            raise Problem(404, "not_found")
        return attachment

    def _visitor(self, request: web.Request) -> Visitor:
        scheme, _, credential = request.headers.get("Authorization", "").partition(" ")
        try:
            return self._identity.read(credential if scheme == "Bearer" else "")
        except NotBelievable as error:
            raise Problem(401, error.code, self._catalogue.text(f"in_app.refused.{error.code}")) from None

    async def _demo_login(self, _request: web.Request) -> web.Response:
        """What a bank's own server would do for a signed-in customer: sign who they are."""
        secret = self._settings.in_app.identity_secret
        if secret is None:
            raise Problem(404, "not_found")
        expires = int((self._clock.now() + DEMO_LOGIN_FOR).timestamp())
        claims = {"sub": "demo-customer-1", "name": self._catalogue.text("in_app.demo_customer"), "exp": expires}
        return web.json_response(
            {"token": jwt.encode(claims, secret.get_secret_value(), "HS256"), "name": claims["name"]},
            headers=NOT_KEPT,
        )

    async def _polling(self, _app: web.Application) -> AsyncIterator[None]:
        task = asyncio.create_task(self.hub.run(self._settings.bell.poll_s))
        yield
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    async def _go_away(self, _app: web.Application) -> None:
        await self.hub.close(WSCloseCode.GOING_AWAY)
        await self.polling.close()
