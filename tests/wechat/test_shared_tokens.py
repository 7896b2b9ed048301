"""Access tokens that several processes share through a real Redis: one fetch for all, and nothing readable in it."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
import redis.asyncio

from bot.channels.wechat.token import TokenSource
from bot.delivery import ChannelBusy
from config.clock import SettableClock
from store.crypto import Crypto, new_key_ring
from store.tokens import RedisTokens

APPID = "wx5823bf96d3bd56c7"


class Platform:
    """Gives the same token until it is expired, or a forced one; counts how often it was asked."""

    def __init__(self) -> None:
        self.n = 0
        self.asked: list[bool] = []
        self.gate: asyncio.Event | None = None

    async def fetch(self, force: bool) -> tuple[str, float]:
        self.asked.append(force)
        if self.gate is not None:
            await self.gate.wait()
        self.n += force
        return f"token-{self.n}", 7200.0


@pytest.fixture
async def server(valkey_url):
    client = redis.asyncio.from_url(valkey_url)
    await client.flushdb()
    yield client
    await client.aclose()


@pytest.fixture
def clock():
    return SettableClock(datetime.now(UTC))


@pytest.fixture
async def process(valkey_url, server, crypto, clock):
    """Makes the token source of one more process."""
    opened = []

    def make(platform: Platform, *, can_force: bool = True, url: str = valkey_url, ring: Crypto = crypto) -> TokenSource:
        tokens = RedisTokens.at(url, ring, clock)
        opened.append(tokens)
        return TokenSource(APPID, platform.fetch, tokens, clock, can_force=can_force)

    yield make
    for tokens in opened:
        await tokens.close()


async def test_two_processes_with_fifty_cold_calls_each_fetch_one_token(process):
    platform = Platform()
    platform.gate = asyncio.Event()
    one, two = process(platform), process(platform)
    calls = [asyncio.create_task(source.current()) for source in (one, two) for _ in range(50)]
    while not platform.asked:  # noqa: ASYNC110 -- Redis tells us nothing
        await asyncio.sleep(0)
    platform.gate.set()
    assert set(await asyncio.gather(*calls)) == {"token-0"}
    assert platform.asked == [False]


async def test_a_refused_token_is_renewed_once_for_all_processes(process):
    platform = Platform()
    sources = [process(platform) for _ in range(3)]
    failed = await sources[0].current()
    renewed = await asyncio.gather(*(source.after(failed) for source in sources for _ in range(10)))
    assert set(renewed) == {"token-1"}
    assert platform.asked.count(True) == 1


async def test_no_process_forces_a_refresh_again_within_half_a_minute(process):
    platform = Platform()
    one, two = process(platform), process(platform)
    failed = await one.after(await one.current())
    with pytest.raises(ChannelBusy, match="token_refused"):
        await two.after(failed)
    assert platform.asked.count(True) == 1


async def test_a_platform_without_forced_refreshes_is_not_asked_for_one(process):
    platform = Platform()
    source = process(platform, can_force=False)
    with pytest.raises(ChannelBusy):
        await source.after(await source.current())
    assert platform.asked == [False, False]


async def test_neither_the_account_nor_the_token_can_be_read_in_redis(process, server):
    source = process(Platform())
    await source.after(await source.current())
    held = []
    for key in await server.keys("*"):
        held += [key, await server.get(key)]
    everything = b" ".join(held)
    assert len(held) == 4  # the token and the mark of the forced refresh; the lock is gone
    assert not any(word in everything for word in (APPID.encode(), b"token-0", b"token-1"))


async def test_a_token_leaves_redis_when_it_expires(process, server, clock):
    await process(Platform()).current()
    (key,) = await server.keys("huiyin:token:*")
    assert 6800 < await server.ttl(key) <= 6900
    clock.advance(6901)
    platform = Platform()
    await process(platform).current()
    assert platform.asked == [False]


async def test_a_token_sealed_by_another_deployment_is_fetched_anew(process, server, crypto):
    await process(Platform()).current()
    (key,) = await server.keys("huiyin:token:*")
    await server.set(key, Crypto(new_key_ring()).encrypt('["stolen","2099-01-01T00:00:00+00:00"]', key.decode()))
    platform = Platform()
    assert await process(platform).current() == "token-0"
    assert platform.asked == [False]


async def test_a_lock_whose_holder_died_only_delays(process, server, crypto, clock):
    platform = Platform()
    source = process(platform)
    lock = f"huiyin:lock:{crypto.hmac('platform_account', APPID)[:32]}"
    await server.set(lock, "dead", px=150)
    assert await source.current() == "token-0"
    assert await server.get(lock) is None


async def test_without_redis_each_process_fetches_its_own_and_keeps_it(process, unused_tcp_port, clock):
    platform = Platform()
    source = process(platform, url=f"redis://127.0.0.1:{unused_tcp_port}/0")
    assert set(await asyncio.gather(*(source.current() for _ in range(20)))) == {"token-0"}
    assert platform.asked == [False]
    assert await source.after("token-0") == "token-1"
    with pytest.raises(ChannelBusy):
        await source.after("token-1")
    clock.advance(timedelta(seconds=31).total_seconds())
    assert await source.after("token-1") == "token-2"
