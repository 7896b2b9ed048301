"""The fake platform: its accounts, its customers, what they do and what they see."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import aiohttp
from aiohttp import web

from bot.channels.wechat.fake.accounts import FakeAccount
from bot.channels.wechat.fake.api import Api
from bot.channels.wechat.fake.calls import Misstep, Script
from bot.channels.wechat.fake.deliveries import PATIENCE_S, Deliveries, Push, Sleep
from bot.channels.wechat.fake.files import Files
from bot.channels.wechat.fake.kf import KfApi, KfDesk
from bot.channels.wechat.fake.menus import Menus
from bot.channels.wechat.fake.messages import Messages
from bot.channels.wechat.fake.notices import Notices, popup
from bot.channels.wechat.fake.phones import Listener, Phones, Seen
from bot.channels.wechat.fake.qrcodes import QrCodes
from bot.channels.wechat.fake.sealing import to_body
from bot.channels.wechat.fake.tokens import Tokens
from bot.channels.wechat.fake.windows import Windows
from config.clock import Clock, SystemClock

HELD_FOR = timedelta(minutes=30)  # a conversation at WeChat's own desk, unless it is closed before


class FakeWeChat:
    """The platform for *accounts*. Pushes go out through *session*; *clock* ages tokens, files and windows, and dates pushes.

    *strict* keeps customer-service messages within the 48 hours and the count that a customer's message allows.
    """

    def __init__(
        self,
        accounts: Sequence[FakeAccount],
        session: aiohttp.ClientSession,
        clock: Clock | None = None,
        *,
        strict: bool = False,
        patience_s: float = PATIENCE_S,
        sleep: Sleep = asyncio.sleep,
        latency_s: float = 0.0,
        pause_after: int | None = None,
    ) -> None:
        self._clock = clock or SystemClock()
        self.accounts = {account.name: account for account in accounts}
        self.phones = Phones()
        self.script = Script()
        self.windows = Windows(self._clock, strict=strict)
        self.tokens = Tokens(self._clock)
        self.files = Files(self._clock)
        self.menu = Menus()
        self.qrcodes = QrCodes(self._clock)
        self.kf = KfApi()
        self.api = Api(self.accounts, self.tokens, self.script)
        self.api.latency_s = latency_s
        messages = Messages(self.phones, self.windows, self.files)
        self.notices = Notices(self.phones, messages.reachable, self._tell)
        self._endpoints = [
            endpoint
            for part in (messages, self.notices, self.files, self.menu, self.qrcodes, self.kf)
            for endpoint in part.endpoints()
        ]
        self.deliveries = Deliveries(
            session, self._clock, self.script, patience_s=patience_s, sleep=sleep, pause_after=pause_after
        )
        self._at_wechats_desk: dict[tuple[str, str], datetime] = {}
        self._telling: set[asyncio.Task[Any]] = set()
        for account in accounts:
            for open_kfid in account.open_kfids:
                self.kf.desks[open_kfid] = KfDesk(account, open_kfid, self.phones, self.windows, self._clock, self._ring)

    # --- for those who look on ---------------------------------------------------------------------------------------------

    def now(self) -> datetime:
        """The platform's time."""
        return self._clock.now()

    @property
    def seen(self) -> dict[str, list[Seen]]:
        """What every customer got to see, by openid."""
        return self.phones.seen

    @property
    def followers(self) -> set[str]:
        """Who may be written to."""
        return self.phones.followers

    @property
    def calls(self) -> Mapping[str, int]:
        """How often each path of the API was called."""
        return self.api.calls

    @property
    def requests(self) -> list[tuple[str, Any]]:
        """Path and JSON body of each call, oldest first."""
        return list(self.api.requests)

    @property
    def media(self) -> dict[str, tuple[bytes, str, str]]:
        """Files by media id: content, type, name."""
        return self.files.media

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Call *listener* with everything that a customer gets to see; returns how to stop."""
        return self.phones.listen(listener)

    def add_routes(self, app: web.Application, prefix: str = "") -> None:
        """Serve the API under *prefix*, as ``api.weixin.qq.com`` and ``qyapi.weixin.qq.com`` serve it at their root."""
        self.api.add_routes(app, self._endpoints, prefix)
        app.on_shutdown.append(self._finish)

    async def _finish(self, _app: web.Application) -> None:
        for task in list(self._telling):
            task.cancel()
        await asyncio.gather(*self._telling, return_exceptions=True)

    # --- for those who make it go wrong ------------------------------------------------------------------------------------

    def misstep(self, path: str, *missteps: Misstep) -> None:
        """Make the next calls of *path* (such as ``message/custom/send``) go wrong, one each.

        ``callback/<account>`` stands for deliveries to its callback: ``lost`` before they arrive or after they are answered.
        """
        self.script.add(path, *missteps)

    def expire_tokens(self) -> None:
        """All access tokens stop working at once."""
        self.tokens.forget()

    # --- what customers do -------------------------------------------------------------------------------------------------

    def keep(self, content: bytes, media_type: str, name: str = "file") -> str:
        """Store a file as if a customer had sent it; returns its media id."""
        return self.files.keep(content, media_type, name)

    async def message(self, account: str, openid: str, **fields: Any) -> bool:
        """Push a customer's message (``MsgType="text", Content="你好"``); whether some delivery was answered in time."""
        number = secrets.randbits(62) | 1 << 62
        return await self.push(account, openid, {**fields, "MsgId": fields.get("MsgId", number)})

    async def event(self, account: str, openid: str, event: str, **fields: Any) -> bool:
        """Push an event such as ``subscribe``."""
        return await self.push(account, openid, {"MsgType": "event", "Event": event, **fields})

    async def scan(self, account: str, openid: str, ticket: str) -> bool:
        """*openid* scans a code, and follows if they didn't. ``LookupError`` for a code that is none any more."""
        scene = self.qrcodes.scene_of(ticket)
        if openid in self.followers:
            return await self.event(account, openid, "SCAN", EventKey=scene, Ticket=ticket)
        return await self.event(account, openid, "subscribe", EventKey=f"qrscene_{scene}", Ticket=ticket)

    async def consent(self, account: str, openid: str, template: str, *, accepted: bool = True) -> bool:
        """*openid* is asked whether one message of *template* may come, and answers; the service is told."""
        known = self.accounts[account]
        if accepted:
            self.notices.consent(known, openid, template)
        event, fields = popup(known, template, accepted=accepted)
        return await self.event(account, openid, event, **fields)

    async def push(
        self, account: str, openid: str, fields: Mapping[str, Any], *, together: int = 1, overlapping: bool = False
    ) -> bool:
        """As ``deliver``; whether the service answered in time."""
        return (await self.deliver(account, openid, fields, together=together, overlapping=overlapping)).answered

    async def deliver(
        self, account: str, openid: str, fields: Mapping[str, Any], *, together: int = 1, overlapping: bool = False
    ) -> Push:
        """Deliver as WeChat does: again while nobody answers, at most three times; *together* copies of each at once.

        However often it was answered, the customer sees one answer: the first that came in time.
        """
        known = self.accounts[account]
        push = self.prepare(account, openid, fields)
        self._done_by(known, openid, fields)
        if self._is_at_wechats_desk(known, openid, fields):
            return push
        await self.deliveries.deliver(known, push, together=together, overlapping=overlapping)
        self._show(known, push)
        return push

    def prepare(self, account: str, openid: str, fields: Mapping[str, Any]) -> Push:
        """A push that is not delivered yet."""
        known = self.accounts[account]
        created_s = int(self._clock.now().timestamp())
        base = {"ToUserName": known.original_id, "FromUserName": openid, "CreateTime": created_s}
        return Push(account, openid, to_body(known, {**base, **fields}))

    async def close_session(self, account: str, openid: str) -> bool:
        """The operator at WeChat's own desk ends the conversation; pushes reach the service again."""
        self._at_wechats_desk.pop((account, openid), None)
        return await self.event(account, openid, "kf_close_session", KfAccount="kf@fake", CloseType="KF")

    async def settled(self) -> None:
        """Wait until everything that the platform had to tell by itself is told."""
        while self._telling:
            await asyncio.gather(*self._telling, return_exceptions=True)

    # --- within ------------------------------------------------------------------------------------------------------------

    def _done_by(self, account: FakeAccount, openid: str, fields: Mapping[str, Any]) -> None:
        event = str(fields.get("Event", "")).lower()
        if event == "unsubscribe":
            self.phones.leave(openid)
        elif event not in ("templatesendjobfinish", "subscribe_msg_sent_event", "kf_create_session", "kf_close_session"):
            self.phones.follow(openid)
            self.windows.opened_by(account, openid, fields)

    def _show(self, account: FakeAccount, push: Push) -> None:
        silent = account.family != "official" or "<Event>" in push.body
        if push.shown is None:
            if not push.answered and not silent and push.deliveries:
                self.phones.show(push.user, Seen("fault", "unavailable"))
        elif push.shown.type == "transfer_customer_service":
            self._at_wechats_desk[(account.name, push.user)] = self._clock.now()
            inside = push.shown.data.get("KfAccount", "kf@fake")
            self._tell(account, push.user, "kf_create_session", {"KfAccount": inside})
        else:
            self.phones.show(push.user, push.shown)

    def _is_at_wechats_desk(self, account: FakeAccount, openid: str, fields: Mapping[str, Any]) -> bool:
        since = self._at_wechats_desk.get((account.name, openid))
        if since is None or fields.get("MsgType") == "event":
            return False
        if self._clock.now() - since < HELD_FOR:
            return True
        del self._at_wechats_desk[(account.name, openid)]
        return False

    def _tell(self, account: FakeAccount, openid: str, event: str, fields: Mapping[str, Any]) -> None:
        """Push an event of the platform's own, after the answer to what caused it."""
        self._start(self.event(account.name, openid, event, **fields))

    async def _ring(self, company: FakeAccount, open_kfid: str, token: str) -> None:
        fields = {"ToUserName": company.appid, "CreateTime": int(self._clock.now().timestamp()), "MsgType": "event"}
        body = to_body(company, {**fields, "Event": "kf_msg_or_event", "Token": token, "OpenKfId": open_kfid})
        await self.deliveries.deliver(company, Push(company.name, open_kfid, body))

    def _start(self, push: Awaitable[Any]) -> None:
        task = asyncio.ensure_future(push)
        self._telling.add(task)
        task.add_done_callback(self._telling.discard)
