"""A service with the Official Account channel and a platform that pushes to it, both over real HTTP on loopback."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from prometheus_client import CollectorRegistry
from wechat.connecting import connect, understander  # noqa: F401 -- fixtures
from wechat.kf_world import KfBank, kf_bank

from bot.attention import Attention
from bot.channels.wechat.caller import Means
from bot.channels.wechat.fake import FakeAccount, FakeWeChat, signed_request, to_xml
from bot.channels.wechat.official import OfficialChannel
from bot.measures import Measures
from bot.message import Inbound, Outbound, Receipt
from bot.middleware import edge
from config.catalogue import Catalogue
from config.clock import SettableClock
from config.labels import Speaker
from config.settings import OfficialAccount, Settings, WeChat
from intents.segment import Segmenter
from store.model import OutboxRow
from store.tokens import MemoryTokens

NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
OPENID = "o6_bmjrPTlm6_2sgVt7hMZOPfL2M"


class ScriptedIntake:
    """Stores each id once and answers from ``replies``; can be made to wait, to fail, or to lose its store."""

    def __init__(self) -> None:
        self.messages: list[Inbound] = []
        self.calls = 0
        self.replies: tuple[Outbound, ...] = (Outbound(2, "您好，请问有什么可以帮您？", "bot"),)
        self.status = "answered"
        self.error: Exception | None = None
        self.gate: asyncio.Event | None = None
        self.rejects = ""
        self._lock = asyncio.Lock()
        self._called = asyncio.Condition()

    async def called(self, times: int) -> None:
        """Wait until so many messages have come in."""
        async with self._called:
            await self._called.wait_for(lambda: self.calls >= times)

    async def receive(self, inbound: Inbound) -> Receipt:
        async with self._called:
            self.calls += 1
            self._called.notify_all()
        async with self._lock:
            if self.gate is not None:
                await self.gate.wait()
            if self.error is not None:
                raise self.error
            if self.rejects:
                return Receipt("rejected", reason=self.rejects)
            if any(known.message_id == inbound.message_id for known in self.messages):
                return Receipt("duplicate", "c1", 1, self.replies)
            self.messages.append(inbound)
            return Receipt(self.status, "c1", 1, self.replies)


class Ledger:
    """Delivery's part towards the channel: which replies were answered in the response and which were left to the API."""

    def __init__(self) -> None:
        self.settled: list[int] = []
        self.released: list[int] = []
        self.changed = asyncio.Event()

    async def settle_passive(self, conversation_id: str, seqs: list[int]) -> None:
        self.settled += [seq for seq in seqs if seq not in self.settled + self.released]
        self.changed.set()

    async def release_passive(self, conversation_id: str, seqs: list[int]) -> None:
        self.released += [seq for seq in seqs if seq not in self.settled + self.released]
        self.changed.set()

    async def answered_passively(self, conversation_id: str, seqs: list[int]) -> bool:
        return not set(seqs) & set(self.released)


class Notes:
    """Keeps what pushes told beside messages."""

    def __init__(self) -> None:
        self.noted: list[tuple[str, object]] = []

    async def note(self, account: str, push) -> None:
        self.noted += [(account, happening) for happening in push.happenings]

    async def with_operators(self, conversation_id: str) -> bool:
        return False


class Requests:
    """Counts what the service is still working on: it goes on after the answer is out."""

    def __init__(self) -> None:
        self._running = 0
        self._changed = asyncio.Condition()

    @web.middleware
    async def count(self, request: web.Request, handler) -> web.StreamResponse:
        self._running += 1
        try:
            return await handler(request)
        finally:
            self._running -= 1
            async with self._changed:
                self._changed.notify_all()

    async def all_done(self) -> None:
        """Wait until nothing is worked on."""
        async with self._changed:
            await self._changed.wait_for(lambda: self._running == 0)


class MemoryBlobs:
    """Blobs by id, in memory."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}

    async def get(self, blob_id: str) -> bytes:
        return self.kept[blob_id]


@dataclass
class World:
    """Service and platform, connected."""

    settings: Settings
    clock: SettableClock
    intake: ScriptedIntake
    ledger: Ledger
    blobs: MemoryBlobs
    channel: OfficialChannel
    platform: FakeWeChat
    session: aiohttp.ClientSession
    callback: str
    account: FakeAccount
    requests: "Requests"
    openid: str = OPENID
    number: int = field(default=7_000_000_000_000_000_000)

    def seen(self) -> list[tuple[str, str]]:
        return [(seen.via, seen.text) for seen in self.platform.seen[self.openid]]

    async def say(self, text: str, **fields) -> bool:
        return await self.platform.message("main", self.openid, MsgType="text", Content=text, **fields)

    def xml(self, **fields) -> str:
        base = {
            "ToUserName": self.account.original_id,
            "FromUserName": self.openid,
            "CreateTime": int(self.clock.now().timestamp()),
        }
        return to_xml({**base, "MsgType": "text", "Content": "你好", "MsgId": self.number, **fields})

    def request(self, xml: str | None = None, *, age_s: int = 0, nonce: str = "1320562132") -> tuple[dict[str, str], str]:
        timestamp = str(int(self.clock.now().timestamp()) - age_s)
        return signed_request(self.account, self.xml() if xml is None else xml, timestamp, nonce, self.openid)

    async def post(self, query: dict[str, str], body: str | bytes) -> tuple[int, str]:
        async with self.session.post(self.callback, params=query, data=body) as response:
            return response.status, await response.text()

    async def until(self, true: Callable[[], bool]) -> None:
        while not true():
            self.ledger.changed.clear()
            if not true():
                await self.ledger.changed.wait()

    def row(self, text: str = "您好", **payload) -> OutboxRow:
        return OutboxRow("c1:2", "c1", 2, "official:main", self.openid, Speaker.AGENT, text, payload, 1, "c1-2")


@pytest.fixture
async def make_world(tmp_path: Path) -> AsyncGenerator[Callable]:
    async with AsyncExitStack() as stack:

        async def make(
            *, encrypted: bool = True, accept_plain: bool = False, strict: bool = False, account_settings=None, **wechat
        ) -> World:
            clock = SettableClock(NOW)
            session = await stack.enter_async_context(aiohttp.ClientSession())
            account = FakeAccount(
                "main", "wx5823bf96d3bd56c7", "s3cret-of-the-app", "t0ken-of-ours", "", AES_KEY if encrypted else None
            )
            platform = FakeWeChat([account], session, clock, strict=strict)
            api = web.Application()
            platform.add_routes(api)
            api_server = await stack.enter_async_context(_serving(api))
            configured = OfficialAccount(
                name="main",
                appid=account.appid,
                secret=account.secret,
                token=account.token,
                aes_key=account.aes_key,
                accept_plain=accept_plain,
                **(account_settings or {}),
            )
            base = str(api_server.make_url("")).rstrip("/")
            settings = Settings(
                data_dir=tmp_path,
                wechat=WeChat(official=(configured,), **{"api_base": base, "fallback_api_base": None, **wechat}),
            )
            intake, ledger, blobs = ScriptedIntake(), Ledger(), MemoryBlobs()
            channel = OfficialChannel(
                settings, intake, ledger, Notes(), blobs, Means(session, MemoryTokens(clock), clock, Attention())
            )
            requests = Requests()
            app = web.Application(middlewares=[requests.count, edge(Catalogue(), Measures(CollectorRegistry()))])
            channel.add_routes(app)
            server = await stack.enter_async_context(_serving(app))
            callback = str(server.make_url("/wechat/official/main"))
            account = replace(account, callback_url=callback)
            platform.accounts["main"] = account
            platform.followers.add(OPENID)
            return World(settings, clock, intake, ledger, blobs, channel, platform, session, callback, account, requests)

        yield make


@pytest.fixture
async def world(make_world) -> World:
    return await make_world()


@pytest.fixture
async def plain(make_world) -> World:
    return await make_world(encrypted=False)


def _serving(app: web.Application) -> TestServer:
    return TestServer(app)


@pytest.fixture(scope="session")
def dictionary(tmp_path_factory) -> Path:
    """jieba's dictionary as it is cached: building it takes longer than most of these tests."""
    folder = tmp_path_factory.mktemp("dictionary")
    Segmenter(folder).warm()
    return folder


@pytest.fixture
async def open_bank(tmp_path: Path, clock: SettableClock, dictionary: Path) -> AsyncGenerator[Callable]:
    """Opens the whole service with WeChat Customer Service; what it is given changes the corporation's settings."""
    async with AsyncExitStack() as stack:

        async def opened(**corp) -> KfBank:
            return await stack.enter_async_context(kf_bank(tmp_path, clock, dictionary, **corp))

        yield opened


@pytest.fixture
async def bank(open_bank) -> KfBank:
    return await open_bank()
