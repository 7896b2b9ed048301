"""Two services on one PostgreSQL and one Redis are one desk: what happens at one is heard and respected at the other."""

import asyncio
from pathlib import Path

from aiohttp import ClientSession
from aiohttp.test_utils import TestServer
from making_services import settings_for
from pydantic import SecretStr

from bot.app import SERVICE, make_app
from config.settings import Bell as BellSettings
from config.settings import Database
from store import conversations, queue
from store.bell import Bell, News


async def _heard(news: "asyncio.Queue[News]", conversation_id: str) -> bool:
    async with asyncio.timeout(30):
        while (await news.get()).conversation_id != conversation_id:
            pass
    return True


async def test_two_services_share_conversations_order_and_news(postgres_url: str, valkey_url: str, tmp_path: Path):
    settings = settings_for(
        tmp_path / "data", database=Database(url=postgres_url), bell=BellSettings(redis_url=SecretStr(valkey_url))
    )
    servers = [TestServer(await make_app(settings, background=False)) for _ in range(2)]
    for server in servers:
        await server.start_server()
    try:
        urls = [str(server.make_url("/webhooks/rest/webhook")) for server in servers]
        async with ClientSession() as session:

            async def say(service: int, text: str, message_id: str) -> int:
                body = {"sender": "u1", "message": text, "metadata": {"message_id": message_id}}
                async with session.post(urls[service], json=body) as answer:
                    return answer.status

            assert await say(0, "你们几点上班", "m0") == 200
            first, second = (server.app[SERVICE] for server in servers)
            found = await second.store.read(lambda tx: conversations.of_customer(tx, "rest:main", "u1"))
            news: asyncio.Queue[News] = asyncio.Queue()
            second.bell.subscribe(news.put_nowait)
            # Redis subscriptions start by themselves; ring until the other side listens.
            async with asyncio.timeout(30):
                while news.empty():
                    first.bell.ring("probe")
                    await asyncio.wait([asyncio.create_task(first.store.read(queue.length))])
            assert await say(0, "怎么\x00开户\ud83d", "m1") == 200  # PostgreSQL takes no zero byte, no driver half a pair
            assert await _heard(news, found.id)
            # The same customer at both services at once, every message sent to both.
            both = [say(service, "你们几点上班", f"x{number}") for number in range(10) for service in (0, 1)]
            assert set(await asyncio.gather(*both)) == {200}
            messages = await first.store.read(lambda tx: conversations.messages(tx, found.id))
        assert [message.seq for message in messages] == list(range(1, len(messages) + 1))
        assert "怎么开户" in [message.text for message in messages]
        ids = [message.external_id for message in messages if message.external_id]
        assert sorted(ids) == sorted({"m0", "m1", *(f"x{number}" for number in range(10))})
    finally:
        for server in servers:
            await server.close()


async def test_a_bell_whose_redis_is_away_still_rings_here(tmp_path: Path):
    bell = Bell()
    await bell.connect("redis://127.0.0.1:1/0")
    heard: list[News] = []
    bell.subscribe(heard.append)
    bell.ring("c1", 5)
    await bell.close()
    assert heard == [News("c1", 5)]
