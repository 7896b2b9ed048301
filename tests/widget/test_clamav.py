"""Uploads past a real ClamAV daemon, with one signature of our own: what it knows is refused, and so is everything once it is gone."""

import asyncio
import hashlib
import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from widget.test_hostile_uploads import explained, kept
from widget.test_uploads import new_visitor, picture, upload
from widget.test_videos import EICAR

from handoff.uploads.scanner import Scanner, TooLargeToScan

CLAMD = shutil.which("clamd", path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin")
pytestmark = pytest.mark.skipif(CLAMD is None, reason="no clamd on this machine (Debian: clamav-daemon)")
STARTS_WITHIN_S = 60


@pytest_asyncio.fixture
async def clamd(tmp_path: Path, taker) -> AsyncIterator[asyncio.subprocess.Process]:
    """A daemon that knows EICAR and one picture; the service asks it."""
    home = tmp_path / "clamav"
    home.mkdir()
    known = picture("PNG")
    (home / "own.ndb").write_text(f"Eicar-Test:0:*:{EICAR.hex()}\n")
    (home / "own.hdb").write_text(f"{hashlib.md5(known).hexdigest()}:{len(known)}:Known-Picture\n")
    socket, config = home / "socket", home / "clamd.conf"
    config.write_text(f"DatabaseDirectory {home}\nLocalSocket {socket}\nForeground yes\nStreamMaxLength 1M\nMaxThreads 2\n")
    process = await asyncio.create_subprocess_exec(
        CLAMD, "--config-file", config, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL
    )
    scanner = Scanner(f"unix:{socket}")
    async with asyncio.timeout(STARTS_WITHIN_S):
        while not socket.exists() and process.returncode is None:  # noqa: ASYNC110 -- another process makes it
            await asyncio.sleep(0.05)
    assert process.returncode is None
    taker._opener._scanner = scanner
    yield process
    if process.returncode is None:
        process.kill()
    await process.wait()


async def test_real_scanner_refuses_what_it_knows_takes_what_it_does_not_and_once_gone_nothing(people, taker, clamd, tmp_path):
    visitor = await new_visitor(people)
    for data in (EICAR, picture("JPEG") + EICAR, picture("PNG")):
        response = await upload(people, visitor, data)
        assert response.status == 422
        assert "安全检查" in await explained(response)
    assert kept(tmp_path) == []
    assert (await upload(people, visitor, picture("JPEG"))).status == 201
    with pytest.raises(TooLargeToScan):
        await taker._opener._scanner.check(os.urandom(5_000_000))
    clamd.kill()
    await clamd.wait()
    assert (await upload(people, visitor, picture("JPEG"))).status == 503
