"""A real Chromium, a phone and a desk in it, and the service they talk to. Everything runs in one loop with the tests.

``running_app`` is the whole service as ``bot.app`` makes it; ``chat_service`` is the in-app channel alone with scripted answers.
"""

import os
import re
import shutil
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import pytest
import pytest_asyncio
from aiohttp import web
from browser.proxy import Proxy
from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Error, async_playwright, expect
from prometheus_client import CollectorRegistry
from pydantic import SecretStr
from widget.speaking import IDENTITY_SECRET, ScriptedIntake

from bot.channels.in_app import InAppChannel
from bot.measures import Measures
from bot.middleware import edge
from config.catalogue import Catalogue
from config.clock import SystemClock
from config.settings import Desk, OfficialAccount, RestChannel, Server, Settings, WeChat
from config.settings import InAppChannel as InAppSettings
from handoff.uploads.opening import Opener
from handoff.uploads.taking import FileTaker
from store.bell import Bell
from store.blobs import Blobs
from store.crypto import Crypto, new_key_ring, write_key_ring
from store.engine import Store
from store.migrate import migrate

LOOP = "session"
LAUNCH_ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}
SMALL_PHONE = {**PHONE, "viewport": {"width": 360, "height": 640}}
DESK = {"viewport": {"width": 1280, "height": 800}}
WAIT_MS = 30_000  # a machine that stands still for a moment is not what is tested
expect.set_options(timeout=WAIT_MS)
FAILED = Path(__file__).parents[2] / ".artefacts" / "failed"
HAS_FAILED = pytest.StashKey[bool]()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A browser lives longer than one test, and so must the loop that it is driven from."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.asyncio(loop_scope=LOOP), append=False)


def find_chromium() -> str | None:
    """The machine's own Chromium: ``HUIYIN_CHROMIUM`` or where distributions put it."""
    named = os.environ.get("HUIYIN_CHROMIUM")
    return named or next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


@pytest_asyncio.fixture(scope="session", loop_scope=LOOP)
async def browser() -> AsyncIterator[Browser]:
    """The browser itself. Without one these tests are skipped, in CI they fail."""
    path = find_chromium()
    if path is None:
        reason = "NO CHROMIUM FOUND: the pages are not tested. Install one with: make browser"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    async with async_playwright() as playwright:
        launched = await playwright.chromium.launch(executable_path=path, args=LAUNCH_ARGS)
        yield launched
        await launched.close()


@dataclass(frozen=True, slots=True)
class Watched:
    """A browser context whose pages report what goes wrong in them."""

    context: BrowserContext
    errors: list[str]

    async def page(self, url: str):
        """A new page at *url*."""
        page = await self.context.new_page()
        page.set_default_timeout(WAIT_MS)
        await page.goto(url)
        return page


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]):
    """Lets ``contexts`` know how its test went."""
    report = yield
    if report.when == "call":
        item.stash[HAS_FAILED] = report.failed
    return report


async def _keep_what_was_shown(name: str, opened: list[Watched]) -> None:
    """How every page looked when its test failed: what a log does not tell."""
    FAILED.mkdir(parents=True, exist_ok=True)
    pages = [page for watched in opened for page in watched.context.pages]
    for n, page in enumerate(pages, 1):
        with suppress(Error):
            await page.screenshot(path=FAILED / f"{re.sub(r'[^0-9a-zA-Z_-]+', '-', name)}-{n}.png", timeout=WAIT_MS)


@pytest_asyncio.fixture(loop_scope=LOOP)
async def contexts(browser: Browser, request: pytest.FixtureRequest):
    """Makes contexts. A script error or a blocked resource in any of their pages fails the test."""
    opened: list[Watched] = []

    async def new(**options) -> Watched:
        context = await browser.new_context(locale="zh-CN", timezone_id="Asia/Shanghai", **options)
        watched = Watched(context, [])
        context.on("weberror", lambda error: watched.errors.append(str(error.error)))
        context.on("console", lambda message: _note(watched, message))
        opened.append(watched)
        return watched

    yield new
    if request.node.stash.get(HAS_FAILED, False):
        await _keep_what_was_shown(request.node.name, opened)
    errors = [error for watched in opened for error in watched.errors]
    for watched in opened:
        await watched.context.close()
    assert errors == []


def _note(watched: Watched, message: ConsoleMessage) -> None:
    # A line that was cut is what some tests are about; the browser reports it as an error of the page.
    is_network = "WebSocket connection" in message.text or "Failed to load resource" in message.text
    if message.type == "error" and not is_network:
        watched.errors.append(message.text)


@pytest_asyncio.fixture(loop_scope=LOOP)
async def phone(contexts) -> Watched:
    """A customer's phone, 390 by 844, with touch."""
    return await contexts(**PHONE)


@pytest_asyncio.fixture(loop_scope=LOOP)
async def small_phone(contexts) -> Watched:
    """The smallest phone that we promise, 360 by 640."""
    return await contexts(**SMALL_PHONE)


@pytest_asyncio.fixture(loop_scope=LOOP)
async def desk(contexts) -> Watched:
    """A screen at work, 1280 by 800."""
    return await contexts(**DESK)


@asynccontextmanager
async def served(app: web.Application, listening: socket.socket) -> AsyncIterator[str]:
    """*app* on that socket; its address."""
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.SockSite(runner, listening).start()
    try:
        yield address_of(listening)
    finally:
        await runner.cleanup()


def listen() -> socket.socket:
    """A listening socket on a free port: its address is known before the service is made."""
    listening = socket.socket()
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.bind(("127.0.0.1", 0))
    return listening


def address_of(listening: socket.socket) -> str:
    return f"http://127.0.0.1:{listening.getsockname()[1]}"


@dataclass(frozen=True, slots=True)
class RunningApp:
    """The whole service, reachable at ``url``; ``service`` holds its parts."""

    url: str
    service: object
    settings: Settings


@pytest_asyncio.fixture(loop_scope=LOOP)
async def running_app(tmp_path: Path) -> AsyncIterator[RunningApp]:
    """The service as the demo runs it, its loops included, on a database of the test's own."""
    from bot.app import SERVICE, make_app

    listening = listen()
    url = address_of(listening)
    write_key_ring(tmp_path / "keys.json")
    account = OfficialAccount(
        name="demo",
        appid="wx0000000000000000",
        secret=SecretStr("s" * 32),
        token=SecretStr("t" * 16),
        aes_key=SecretStr("0" * 42 + "A"),
    )
    settings = Settings(
        demo=True,
        data_dir=tmp_path,
        server=Server(public_url=url),
        rest=RestChannel(open=True),
        in_app=InAppSettings(identity_secret=SecretStr(IDENTITY_SECRET)),
        wechat=WeChat(official=(account,), api_base=f"{url}/simulator/api", fallback_api_base=None),
        desk=Desk(opening_hours="00:00-24:00", open_every_day=True),
    )
    app = await make_app(settings)
    async with served(app, listening):
        yield RunningApp(url, app[SERVICE], settings)


@dataclass(frozen=True, slots=True)
class ChatService:
    """The in-app channel with scripted answers. ``line`` and ``old_line`` go through proxies that a test may cut."""

    url: str
    line: Proxy
    old_line: Proxy  # lets no WebSocket through
    site: str  # another origin, whose page embeds the chat and may; as "localhost" it may not
    other_site: str  # another site altogether in the browser's eyes, that may embed it too
    intake: ScriptedIntake
    store: Store
    bell: Bell
    clock: SystemClock


@pytest_asyncio.fixture(loop_scope=LOOP)
async def chat_service(tmp_path: Path) -> AsyncIterator[ChatService]:
    """A chat to talk to, in its demo dress."""
    url = f"sqlite:///{tmp_path / 'huiyin.db'}"
    migrate(url)
    crypto, bell, clock = Crypto(new_key_ring()), Bell(), SystemClock()
    store = await Store.open(url, crypto)
    intake = ScriptedIntake(store, bell, clock)
    listening, elsewhere, far = listen(), listen(), listen()
    far_address = address_of(far).replace("127.0.0.1", "localhost")
    in_app = InAppSettings(identity_secret=SecretStr(IDENTITY_SECRET), allowed_origins=(address_of(elsewhere), far_address))
    settings = Settings(data_dir=tmp_path, demo=True, in_app=in_app)
    app = web.Application(middlewares=[edge(Catalogue(), Measures(CollectorRegistry()))])
    blobs = Blobs(tmp_path / "blobs", crypto)
    taker = FileTaker(settings.uploads, blobs, Catalogue(), Opener(settings.uploads))
    InAppChannel(settings, intake, store, blobs, bell, clock, taker).add_routes(app)
    app.router.add_static("/static/", Path(str(files("config") / "static")))
    site = a_banks_site(address_of(listening))
    async with (
        served(app, listening) as address,
        served(site, elsewhere) as site_address,
        served(a_banks_site(address_of(listening)), far),
        Proxy(listening.getsockname()[1]) as line,
        Proxy(listening.getsockname()[1], upgrades=False) as old_line,
    ):
        yield ChatService(address, line, old_line, site_address, far_address, intake, store, bell, clock)
    await store.close()


def a_banks_site(service: str) -> web.Application:
    """One page that embeds the chat; in GBK, as many banks' sites still are."""

    async def page(_request: web.Request) -> web.Response:
        text = f'<!doctype html><meta name="viewport" content="width=device-width"><title>.</title><body><script src="{service}/widget/sdk.js"></script>'
        return web.Response(text=text, content_type="text/html", charset="gbk")

    app = web.Application()
    app.router.add_get("/", page)
    return app
