"""What one process was told to leave alone, all leave alone: pauses through a real Redis, which sees no account's name."""

from datetime import UTC, datetime, timedelta

import pytest
import redis.asyncio

from bot.attention import Attention
from bot.channels.wechat.caller import Means
from bot.channels.wechat.client import WeixinApi, weixin_api
from bot.channels.wechat.fake import Misstep
from bot.delivery import ChannelBusy
from store.pauses import FRESH_FOR, Pause, RedisPauses
from store.tokens import MemoryTokens

SEND = "message/custom/send"


@pytest.fixture
async def server(valkey_url):
    client = redis.asyncio.from_url(valkey_url)
    await client.flushdb()
    yield client
    await client.aclose()


def process(world, server, crypto, account: str = "official:main") -> WeixinApi:
    pauses = RedisPauses(server, crypto, world.clock)
    means = Means(world.session, MemoryTokens(world.clock), world.clock, Attention(), pauses)
    return weixin_api(account, world.account.appid, world.account.secret, world.settings.wechat.api_bases, means)


async def refused(api: WeixinApi, world) -> str:
    with pytest.raises(ChannelBusy) as busy:
        await api.message.send_text(world.openid, "您好")
    return busy.value.reason


@pytest.mark.parametrize(("code", "reason", "lasts_s"), [(45011, "minute_quota", 60), (45009, "daily_quota", 86400)])
async def test_a_pause_that_one_process_is_told_holds_in_the_others_and_ends(world, server, crypto, code, reason, lasts_s):
    one, two = process(world, server, crypto), process(world, server, crypto)
    await two.message.send_text(world.openid, "您好")
    world.platform.misstep(SEND, Misstep(errcode=code))
    assert await refused(one, world) == reason
    sends = world.platform.calls[SEND]
    world.clock.advance(FRESH_FOR.total_seconds() + 0.1)
    assert await refused(two, world) == reason
    assert world.platform.calls[SEND] == sends  # it did not ask
    another = process(world, server, crypto, "official:other")
    await another.message.send_text(world.openid, "您好")
    world.clock.advance(lasts_s)
    await two.message.send_text(world.openid, "您好")


async def test_redis_shows_no_account_and_what_stands_there_wrongly_is_passed_over(server, crypto, clock):
    pauses = RedisPauses(server, crypto, clock)
    await pauses.begin("official:main", SEND, Pause(45009, datetime.now(UTC) + timedelta(hours=1)))
    (key,) = await server.keys("*")
    assert b"official" not in key and b"main" not in key
    await server.hset(key, "menu/create", "nonsense")
    assert list(await RedisPauses(server, crypto, clock).of("official:main")) == [SEND]


async def test_without_redis_each_process_keeps_its_own(world, crypto):
    away = redis.asyncio.from_url("redis://127.0.0.1:1", socket_connect_timeout=1)
    api = process(world, away, crypto)
    world.platform.misstep(SEND, Misstep(errcode=45011))
    assert await refused(api, world) == "minute_quota"
    assert await refused(api, world) == "minute_quota"
    await away.aclose()
