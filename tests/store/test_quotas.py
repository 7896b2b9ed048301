"""What an address may leave in an hour is one number for all processes, through a real Redis that sees no address."""

import asyncio
from datetime import timedelta

import pytest
import redis.asyncio
from aiohttp import ClientSession
from aiohttp.test_utils import TestServer
from making_services import settings_for
from pydantic import SecretStr
from widget.test_uploads import picture

from bot.app import make_app
from config.settings import Bell, Database, Uploads
from store.quotas import AN_HOUR_S, MAX_REMEMBERED, MemoryQuota, RedisQuota

ADDRESS = "203.0.113.7"


@pytest.fixture
async def server(valkey_url):
    client = redis.asyncio.from_url(valkey_url)
    await client.flushdb()
    yield client
    await client.aclose()


async def test_a_quota_is_an_addresss_own_and_grows_back_evenly():
    now = [0.0]
    quota = MemoryQuota(3600, lambda: now[0])
    assert not await quota.is_used_up("a")
    await quota.count("a", 3600)
    assert await quota.is_used_up("a") and not await quota.is_used_up("b")
    now[0] += 60
    assert not await quota.is_used_up("a")
    await quota.count("a", 120)  # one file may go over: it was taken before its length was known
    assert await quota.is_used_up("a")
    now[0] += 61
    assert not await quota.is_used_up("a")
    endless = MemoryQuota(0)
    await endless.count("a", 10**12)
    assert not await endless.is_used_up("a")


async def test_addresses_that_have_it_all_back_are_forgotten():
    now = [0.0]
    quota = MemoryQuota(3600, lambda: now[0])
    for n in range(MAX_REMEMBERED):
        await quota.count(str(n), 1)
    now[0] += AN_HOUR_S
    await quota.count("last", 1)
    assert list(quota._kept) == ["last"]


async def test_what_one_process_counted_holds_in_the_others(server, crypto, clock):
    one, two = (RedisQuota(server, crypto, clock, 1000) for _ in range(2))
    await asyncio.gather(*(process.count(ADDRESS, 100) for process in (one, two) for _ in range(5)))
    assert [await process.is_used_up(ADDRESS) for process in (one, two)] == [True, True]
    assert not await two.is_used_up("203.0.113.8")


async def test_the_last_hour_counts_less_and_less_and_the_one_before_it_no_more(server, crypto, clock):
    quota = RedisQuota(server, crypto, clock, 1000)
    await quota.count(ADDRESS, 1500)
    clock.advance(AN_HOUR_S)
    assert await quota.is_used_up(ADDRESS)
    clock.advance(AN_HOUR_S * 0.3)
    assert await quota.is_used_up(ADDRESS)
    clock.advance(AN_HOUR_S * 0.1)
    assert not await quota.is_used_up(ADDRESS)
    clock.advance(AN_HOUR_S)
    await quota.count(ADDRESS, 999)
    assert not await quota.is_used_up(ADDRESS)


async def test_redis_shows_no_address_and_forgets_by_itself(server, crypto, clock):
    quota = RedisQuota(server, crypto, clock, 1000)
    await quota.count(ADDRESS, 100)
    await quota.count(ADDRESS, 100)
    clock.advance(AN_HOUR_S)
    await quota.count(ADDRESS, 7)
    keys = sorted(await server.keys("*"))
    assert len(keys) == 2 and not any(ADDRESS.encode() in key for key in keys)
    assert [int(await server.get(key)) for key in keys] == [200, 7]
    assert all([AN_HOUR_S < await server.ttl(key) <= 2 * AN_HOUR_S for key in keys])


async def test_without_redis_each_process_goes_by_what_it_counted_itself(crypto, clock):
    away = redis.asyncio.from_url("redis://127.0.0.1:1", socket_connect_timeout=1)
    one, two = (RedisQuota(away, crypto, clock, 100) for _ in range(2))
    await one.count(ADDRESS, 100)
    assert await one.is_used_up(ADDRESS) and not await two.is_used_up(ADDRESS)
    await away.aclose()


async def test_a_redis_that_goes_away_takes_no_count_of_this_process_along(server, crypto, clock):
    quota = RedisQuota(server, crypto, clock, 100)
    await quota.count(ADDRESS, 100)
    away = redis.asyncio.from_url("redis://127.0.0.1:1", socket_connect_timeout=1)
    quota._redis = away
    assert await quota.is_used_up(ADDRESS)
    await away.aclose()


async def test_what_stands_in_redis_wrongly_stops_no_upload(server, crypto, clock):
    quota = RedisQuota(server, crypto, clock, 1000)
    await quota.count(ADDRESS, 100)
    (key,) = await server.keys("*")
    await server.set(key, "nonsense")
    assert not await quota.is_used_up(ADDRESS)
    await quota.count(ADDRESS, 1)


async def test_no_limit_asks_nobody(crypto, clock):
    quota = RedisQuota(None, crypto, clock, 0)
    await quota.count(ADDRESS, 10**12)
    assert not await quota.is_used_up(ADDRESS)


async def test_two_services_share_what_an_address_may_leave(postgres_url, valkey_url, server, tmp_path, clock):
    settings = settings_for(
        tmp_path / "data",
        database=Database(url=postgres_url),
        bell=Bell(redis_url=SecretStr(valkey_url)),
        uploads=Uploads(max_bytes_an_hour=1),
    )
    services = [TestServer(await make_app(settings, clock, background=False)) for _ in range(2)]
    for service in services:
        await service.start_server()
    try:
        async with ClientSession() as session:

            async def send(service: TestServer) -> int:
                async with session.ws_connect(service.make_url("/widget/socket")) as window:
                    await window.send_json({"type": "hello"})
                    visitor = (await window.receive_json())["visitor"]
                bearer = {"Authorization": f"Bearer {visitor}"}
                async with session.post(service.make_url("/widget/uploads"), data=picture(), headers=bearer) as answer:
                    return answer.status

            assert [await send(service) for service in (services[0], services[1], services[0])] == [201, 429, 429]
            clock.advance(timedelta(hours=2).total_seconds())
            assert await send(services[1]) == 201
    finally:
        for service in services:
            await service.close()
