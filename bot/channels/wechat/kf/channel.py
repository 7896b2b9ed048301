"""WeChat Customer Service, in and out. A callback only says that there is something new: it is answered at once, then fetched.

callback -> ring -> reader: cursor, sync_msg, page -> items -> arrivals -> intake, desk or session
"""

import asyncio
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from functools import partial

import structlog
from aiohttp import web

from bot.channels.wechat.caller import Means, corp_caller
from bot.channels.wechat.door import Door
from bot.channels.wechat.fields import fields_of, text_field
from bot.channels.wechat.kf.api import KfApi
from bot.channels.wechat.kf.arrivals import Arrivals
from bot.channels.wechat.kf.greeting import Greeter
from bot.channels.wechat.kf.house import House, Intake
from bot.channels.wechat.kf.media import fetched
from bot.channels.wechat.kf.reader import Reader
from bot.channels.wechat.kf.sender import KfSender
from bot.channels.wechat.kf.sessions import Sessions
from bot.channels.wechat.signing import Envelope, Rejected
from bot.delivery import Delivery
from bot.media import MediaRefused
from config.catalogue import Catalogue
from config.problem import Problem
from config.settings import KfCorp, Settings
from store import kf
from store.bell import Bell
from store.blobs import Blobs
from store.engine import Store
from store.errors import StoreError
from store.model import OutboxRow

log = structlog.get_logger(__name__)

PREFIX = "kf"
SUCCESS = "success"
EVENT = "kf_msg_or_event"
MAX_ID_CHARS = 128
SESSIONS_EVERY_S = 1.0
MAX_ADDRESSES = 200  # of a corporation: who holds its keys might name any number


class _Corp:
    """One configured corporation: its door, its calls, and a reader for each of its addresses."""

    def __init__(self, door: Door, api: KfApi, arrivals: Arrivals, sessions: Sessions, sender: KfSender, poll_s: float) -> None:
        self.account = api.caller.account
        self.door = door
        self.api = api
        self.arrivals = arrivals
        self.sessions = sessions
        self.sender = sender
        self.poll_s = poll_s
        self.readers: dict[str, Reader] = {}


class KfChannel:
    """Routes for callbacks, ``run`` beside the requests, ``send`` for delivery, ``fetch_media`` for customers' files."""

    knows_repeats = True  # a message under an id that it has seen is not taken twice

    def __init__(
        self,
        settings: Settings,
        intake: Intake,
        delivery: Delivery,
        store: Store,
        blobs: Blobs,
        bell: Bell,
        means: Means,
    ) -> None:
        """``ValueError`` for a wrong EncodingAESKey."""
        self._settings = settings.wechat
        self._store = store
        self._blobs = blobs
        self._clock = means.clock
        self._means = means
        self._house = House(intake, delivery, store, bell, means.clock, Catalogue(), settings.turn.max_text_chars)
        self.seen: Counter[str] = Counter()  # callbacks and items by kind
        self._group: asyncio.TaskGroup | None = None
        self._corps: Mapping[str, _Corp] = {corp.name: self._corp(corp) for corp in settings.wechat.kf}
        self._staffed = [f"{PREFIX}:{corp.name}" for corp in settings.wechat.kf if corp.staffed_in_wecom]

    def _corp(self, corp: KfCorp) -> _Corp:
        account = f"{PREFIX}:{corp.name}"
        token, key = corp.token.get_secret_value(), corp.aes_key.get_secret_value()
        door = Door(token, Envelope(token, key, corp.corp_id), self._settings, self._clock)
        caller = corp_caller(account, corp.corp_id, corp.secret.get_secret_value(), self._settings.qyapi_base, self._means)
        api = KfApi(caller)
        greeter = Greeter(api, self._house)
        sessions = Sessions(corp, account, api, self._house, greeter)
        arrivals = Arrivals(corp, account, self._house, greeter, sessions, self.seen)
        sender = KfSender(api, self._blobs, sessions, self._house.catalogue)
        made = _Corp(door, api, arrivals, sessions, sender, corp.poll_s)
        for desk in corp.desks:
            self._reader(made, desk.open_kfid)
        return made

    def add_routes(self, app: web.Application) -> None:
        """Mount the callback."""
        app.router.add_get("/wechat/kf/{account}", self._verify)
        app.router.add_post("/wechat/kf/{account}", self._push)

    # --- in ----------------------------------------------------------------------------------------------------------------

    async def _verify(self, request: web.Request) -> web.Response:
        """WeCom's console asks whether this address is ours: prove it by opening what it sealed."""
        corp = self._named(request.match_info["account"])
        try:
            return web.Response(text=corp.door.sealed_echo(request.query), content_type="text/plain")
        except Rejected as rejected:
            self._count(rejected)
            raise

    async def _push(self, request: web.Request) -> web.Response:
        corp = self._named(request.match_info["account"])
        try:
            let = await corp.door.let_in(request)
            fields = fields_of(let.body)
            event = text_field(fields, "Event", limit=MAX_ID_CHARS).strip().lower()
            open_kfid = text_field(fields, "OpenKfId", limit=MAX_ID_CHARS).strip()
            token = text_field(fields, "Token", limit=1024).strip()
        except Rejected as rejected:
            self._count(rejected)
            raise
        self.seen[event if event == EVENT else "other"] += 1
        if event == EVENT and open_kfid:
            self._ring(corp, open_kfid, token)
        return web.Response(text=SUCCESS, content_type="text/plain")

    def _ring(self, corp: _Corp, open_kfid: str, token: str) -> None:
        reader = corp.readers.get(open_kfid)
        if reader is None and len(corp.readers) >= MAX_ADDRESSES:
            log.error("kf_too_many_addresses", account=corp.account)
            return
        (reader or self._reader(corp, open_kfid)).ring(token)

    def _reader(self, corp: _Corp, open_kfid: str) -> Reader:
        """The reader of that address, which begins to read if the service runs."""
        reader = Reader(corp.account, open_kfid, corp.api, corp.arrivals, self._store, self._clock, poll_s=corp.poll_s)
        corp.readers[open_kfid] = reader
        if self._group is not None:
            self._group.create_task(reader.run())
        return reader

    async def run(self) -> None:
        """Read every address and keep its sessions until cancelled: those configured, those read before, and new callers."""
        async with asyncio.TaskGroup() as group:
            self._group = group
            try:
                for corp in self._corps.values():
                    for reader in corp.readers.values():
                        group.create_task(reader.run())
                await self._recollect()
                while True:
                    with suppress(StoreError):
                        await self.move_sessions()
                    await asyncio.sleep(SESSIONS_EVERY_S)
            finally:
                self._group = None

    async def _recollect(self) -> None:
        """Go on reading the addresses that were read before."""
        while True:
            try:
                known = [
                    (corp, open_kfid)
                    for corp in self._corps.values()
                    for open_kfid in await self._store.read(partial(kf.addresses, account=corp.account))
                ]
                break
            except StoreError:
                await asyncio.sleep(SESSIONS_EVERY_S)
        for corp, open_kfid in known:
            if open_kfid not in corp.readers:
                self._reader(corp, open_kfid)

    async def read_on(self) -> None:
        """Read every address once, to its end."""
        for corp in self._corps.values():
            for reader in list(corp.readers.values()):
                await reader.read_on()

    async def move_sessions(self) -> int:
        """Bring sessions nearer to the state that they should stand in; returns how many were asked for."""
        now = self._clock.now()
        due = await self._store.read(lambda tx: kf.to_move(tx, now, self._staffed))
        for session in due:
            corp = self._corps.get(session.account.partition(":")[2])
            if corp is not None:
                await corp.sessions.move(session)
        return len(due)

    def _count(self, rejected: Rejected) -> None:
        self.seen[f"rejected:{rejected.reason}"] += 1

    def _named(self, name: str) -> _Corp:
        corp = self._corps.get(name)
        if corp is None:
            raise Problem(404, "not_found")
        return corp

    # --- out ---------------------------------------------------------------------------------------------------------------

    async def send(self, row: OutboxRow) -> None:
        """Deliver one message, as ``bot.delivery.Channel`` describes it."""
        await self._corps[row.account.partition(":")[2]].sender.send(row)

    def price(self, row: OutboxRow) -> int:
        """How many of the platform's messages it takes to send *row*."""
        return self._corps[row.account.partition(":")[2]].sender.price(row)

    async def fetch_media(self, account: str, media_id: str, media_type: str) -> tuple[bytes, str]:
        """A file and its media type, as ``bot.media.MediaSource`` describes it."""
        corp = self._corps.get(account.partition(":")[2])
        if corp is None:
            raise MediaRefused("no_such_account")
        return await fetched(corp.api, media_id, media_type)
