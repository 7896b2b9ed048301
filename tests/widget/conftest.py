"""The in-app channel on a real store, with an intake whose answers a test writes."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from prometheus_client import CollectorRegistry
from pydantic import SecretStr
from widget.speaking import IDENTITY_SECRET, People, ScriptedIntake

from bot.channels.in_app import InAppChannel
from bot.measures import Measures
from bot.middleware import edge
from config.catalogue import Catalogue
from config.clock import SettableClock
from config.settings import InAppChannel as InAppSettings
from config.settings import Settings, Uploads
from handoff.uploads.opening import Opener
from handoff.uploads.taking import FileTaker
from store.bell import Bell
from store.blobs import Blobs
from store.crypto import Crypto
from store.engine import Store
from store.migrate import migrate


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    """SQLite alone: what the channel asks of the store is tested over both kinds with the store."""
    url = f"sqlite:///{tmp_path / 'huiyin.db'}"
    migrate(url)
    return url


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    in_app = InAppSettings(identity_secret=SecretStr(IDENTITY_SECRET), allowed_origins=("https://bank.example",))
    return Settings(
        data_dir=tmp_path, in_app=in_app, uploads=Uploads(max_image_bytes=200_000, max_video_bytes=2_000_000, max_video_s=10)
    )


@pytest.fixture
def bell() -> Bell:
    return Bell()


@pytest.fixture
def intake(store: Store, bell: Bell, clock: SettableClock) -> ScriptedIntake:
    return ScriptedIntake(store, bell, clock)


@pytest.fixture
def blobs(tmp_path: Path, crypto: Crypto) -> Blobs:
    return Blobs(tmp_path / "blobs", crypto)


@pytest.fixture
def taker(settings: Settings, blobs: Blobs) -> FileTaker:
    return FileTaker(settings.uploads, blobs, Catalogue(), Opener(settings.uploads))


@pytest.fixture
def channel(settings, intake, store, blobs, bell, clock, taker) -> InAppChannel:
    return InAppChannel(settings, intake, store, blobs, bell, clock, taker)


@pytest.fixture
def line() -> str:
    """What windows speak over: ``socket`` or ``polled``."""
    return "socket"


@pytest.fixture
async def people(channel: InAppChannel, line: str) -> AsyncIterator[People]:
    """Opens chat windows."""
    app = web.Application(middlewares=[edge(Catalogue(), Measures(CollectorRegistry()))])
    channel.add_routes(app)
    async with TestClient(TestServer(app)) as client:
        yield People(client, line)
