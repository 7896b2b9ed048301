"""The whole service on SQLite, without its loops, and a clock that a test moves."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp.test_utils import TestServer
from desk.at_the_desk import Bank
from making_services import settings_for

from bot.app import make_app
from config.clock import SettableClock
from intents.segment import Segmenter


@pytest.fixture(scope="session")
def dictionary(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """jieba's dictionary as it is cached: building it takes longer than most of these tests."""
    folder = tmp_path_factory.mktemp("dictionary")
    Segmenter(folder).warm()
    return folder


@pytest.fixture
async def bank(tmp_path: Path, clock: SettableClock, dictionary: Path) -> AsyncIterator[Bank]:
    settings = settings_for(tmp_path)
    (tmp_path / "cache").symlink_to(dictionary)
    app = await make_app(settings, clock, background=False)
    server = TestServer(app)
    await server.start_server()
    running = Bank(server)
    yield running
    for session in running.sessions:
        await session.close()
    await server.close()
