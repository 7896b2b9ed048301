"""A database that goes away under load: what can't be stored isn't acknowledged, and what was acknowledged is there afterwards."""

import asyncio
import threading
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

import pytest
from aiohttp import ClientSession
from aiohttp.test_utils import TestServer
from browser.proxy import Proxy
from making_services import settings_for
from sqlalchemy import create_engine, text

from bot.app import make_app
from config.settings import Database

SENDERS = 8


class Line:
    """The way to the database, in a thread of its own: the service waits for the database while it starts."""

    def __init__(self, port: int) -> None:
        self._proxy = Proxy(port)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    async def __aenter__(self) -> Self:
        self._thread.start()
        await self._there(self._proxy.__aenter__())
        self.port = urlsplit(self._proxy.url).port
        return self

    async def __aexit__(self, *_error: object) -> None:
        await self._there(self._proxy.__aexit__())
        self._loop.call_soon_threadsafe(self._loop.stop)
        await asyncio.to_thread(self._thread.join)
        self._loop.close()

    def cut(self) -> None:
        self._loop.call_soon_threadsafe(self._proxy.cut)

    def mend(self) -> None:
        self._loop.call_soon_threadsafe(self._proxy.mend)

    async def _there(self, work) -> object:
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, self._loop))


async def say(session: ClientSession, url: str, sender: str, message_id: str) -> int:
    body = {"sender": sender, "message": "你们几点上班", "metadata": {"message_id": message_id}}
    async with session.post(url, json=body) as answer:
        if answer.status != 200:
            problem = await answer.json()
            assert answer.status == 503 and problem["title"] in ("unavailable", "busy"), problem
            assert "Retry-After" in answer.headers
        return answer.status


@pytest.mark.timeout(120)
async def test_a_database_that_goes_away_loses_nothing_acknowledged_and_doubles_nothing_resent(postgres_url: str, tmp_path: Path):
    parts = urlsplit(postgres_url.replace("+psycopg", ""))
    async with Line(parts.port) as line:
        through = postgres_url.replace(f":{parts.port}/", f":{line.port}/")
        server = TestServer(await make_app(settings_for(tmp_path, database=Database(url=through)), background=False))
        await server.start_server()
        url, ready = str(server.make_url("/webhooks/rest/webhook")), str(server.make_url("/readyz"))
        acknowledged: set[str] = set()
        async with ClientSession() as session:

            async def send_all(sender: int, count: int) -> None:
                for number in range(count):
                    if await say(session, url, f"u{sender}", f"m{sender}-{number}") == 200:
                        acknowledged.add(f"m{sender}-{number}")

            load = asyncio.gather(*(send_all(sender, 12) for sender in range(SENDERS)))
            while len(acknowledged) < SENDERS * 3:
                await asyncio.wait([asyncio.ensure_future(say(session, url, "probe", f"p{len(acknowledged)}"))])
            line.cut()
            await load
            assert 0 < len(acknowledged) < SENDERS * 12, "the cut has to come in the middle"
            async with session.get(ready) as answer:
                assert answer.status == 503
            line.mend()
            before = set(acknowledged)
            assert await say(session, url, "probe", "back") == 200, "a dead connection is replaced without anybody noticing"
            async with session.get(ready) as answer:
                assert answer.status == 200
            await asyncio.gather(*(send_all(sender, 12) for sender in range(SENDERS)))
        await server.close()
    assert len(acknowledged) == SENDERS * 12
    engine = create_engine(postgres_url)
    with engine.connect() as connection:
        stored = connection.execute(
            text("SELECT external_id, count(*) FROM messages WHERE external_id LIKE 'm%' GROUP BY 1")
        ).all()
        gaps = connection.execute(
            text(
                "SELECT c.id FROM conversations c JOIN messages m ON m.conversation_id = c.id GROUP BY c.id, c.last_seq"
                " HAVING count(*) <> c.last_seq OR max(m.seq) <> c.last_seq"
            )
        ).all()
    engine.dispose()
    assert before <= {name for name, _ in stored} == acknowledged
    assert {count for _, count in stored} == {1}
    assert gaps == []
