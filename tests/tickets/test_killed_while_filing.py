"""What was answered with 201 is there after ``kill -9``, once."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp

from store import tickets
from store.crypto import Crypto, write_key_ring
from store.engine import Store
from store.migrate import migrate

SERVER = Path(__file__).with_name("serving_feedback.py")
ROOT = Path(__file__).parents[2]
START_TIMEOUT_S = 60
REQUESTS = 200
KILL_AFTER = 60


@asynccontextmanager
async def serving(folder: Path) -> AsyncIterator[tuple[asyncio.subprocess.Process, str]]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(SERVER), str(folder), cwd=ROOT, env={"PYTHONPATH": str(ROOT)}, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        port = (await asyncio.wait_for(process.stdout.readline(), START_TIMEOUT_S)).decode().strip()
        drain = asyncio.create_task(process.stdout.read())  # its log lines must not fill the pipe
        yield process, f"http://127.0.0.1:{port}/api/v1/feedback"
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
    await drain


async def post(session: aiohttp.ClientSession, url: str, n: int) -> str | None:
    """The ticket number, or None when the server went away before it answered."""
    form = {"channel": "web_form", "content": f"第{n}件事：转账一直没到账", "kind": "complaint"}
    try:
        async with session.post(url, json=form, headers={"Idempotency-Key": f"request-{n}"}) as response:
            assert response.status == 201, await response.text()
            return str((await response.json())["ticket_no"])
    except aiohttp.ClientError:
        return None


async def test_no_acknowledged_feedback_is_lost_or_doubled_when_the_process_is_killed(tmp_path: Path) -> None:
    write_key_ring(tmp_path / "keys.json")
    database = f"sqlite:///{tmp_path / 'huiyin.db'}"
    migrate(database)
    acknowledged: dict[int, str] = {}
    async with aiohttp.ClientSession() as session:
        async with serving(tmp_path) as (process, url):

            async def send(n: int) -> None:
                number = await post(session, url, n)
                if number is not None:
                    acknowledged[n] = number
                if len(acknowledged) == KILL_AFTER and process.returncode is None:
                    process.kill()

            await asyncio.gather(*(send(n) for n in range(REQUESTS)))
        assert KILL_AFTER <= len(acknowledged) < REQUESTS

        async with serving(tmp_path) as (_, url):
            again = dict(
                zip(range(REQUESTS), await asyncio.gather(*(post(session, url, n) for n in range(REQUESTS))), strict=True)
            )
    assert {n: again[n] for n in acknowledged} == acknowledged

    store = await Store.open(database, Crypto((tmp_path / "keys.json").read_text("utf-8")))
    filed = await store.read(lambda tx: tickets.search(tx, limit=10 * REQUESTS))
    await store.close()
    assert sorted(ticket.no for ticket in filed) == sorted(number for number in again.values() if number)
    assert len(filed) == REQUESTS
