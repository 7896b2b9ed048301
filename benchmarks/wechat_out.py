"""Messages to customers: the API client alone, and from the outbox, against the fake platform in a process of its own."""

import asyncio
import contextlib
import json
import tempfile
import time
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp
from aiohttp.test_utils import TestServer
from prometheus_client import CollectorRegistry

from benchmarks.service import load, running
from benchmarks.wechat import ACCOUNT, push
from bot.app import SERVICE, make_app
from bot.attention import Attention
from bot.channels.wechat.caller import Means
from bot.channels.wechat.client import weixin_api
from config import logging
from config.clock import SystemClock
from config.settings import OfficialAccount, Settings, WeChat
from store.crypto import write_key_ring
from store.tokens import MemoryTokens

CONCURRENCY = 50
SECONDS = 4.0
ROWS = 1500
FAKE = ("-m", "benchmarks.wechat_fake")


def main() -> None:
    """Print one line."""
    with running(*FAKE) as fake:
        alone, cpu_ms = asyncio.run(_client_alone(fake.port))
    with running(*FAKE) as fake:
        floor = asyncio.run(_bare_client(fake.port))
    with running(*FAKE) as fake:
        outbox_per_s, outbox_cpu_ms = asyncio.run(_through_the_outbox(fake.port))
    line = {
        "benchmark": "wechat_outbound",
        "concurrency": CONCURRENCY,
        "client_per_s": alone,
        "client_cpu_ms": cpu_ms,
        "floor_bare_aiohttp_per_s": floor,
        "outbox_per_s": outbox_per_s,
        "outbox_cpu_ms": outbox_cpu_ms,
    }
    print(json.dumps(line))


async def _client_alone(port: int) -> tuple[int, float]:
    """Calls a second, and processor milliseconds of each."""
    clock = SystemClock()
    async with aiohttp.ClientSession() as session:
        means = Means(session, MemoryTokens(clock), clock, Attention(CollectorRegistry()))
        api = weixin_api("official:bench", ACCOUNT.appid, ACCOUNT.secret, (f"http://127.0.0.1:{port}",), means)
        await api.message.send_text("o1", "预热")
        return await _as_many_as_fit(lambda: api.message.send_text("o1", "您的工单已经办结，详情请看答复。"))


async def _bare_client(port: int) -> int:
    """The same bodies by aiohttp alone, to the endpoint that answers without a look."""
    body = json.dumps({"touser": "o1", "msgtype": "text", "text": {"content": "您的工单已经办结，详情请看答复。"}}).encode()
    async with aiohttp.ClientSession() as session:

        async def call() -> None:
            async with session.post(f"http://127.0.0.1:{port}/bare", data=body) as response:
                await response.read()

        return (await _as_many_as_fit(call))[0]


async def _as_many_as_fit(call) -> tuple[int, float]:
    count, stop_at = 0, time.perf_counter() + SECONDS
    cpu = time.process_time()

    async def work() -> None:
        nonlocal count
        while time.perf_counter() < stop_at:
            await call()
            count += 1

    await asyncio.gather(*(work() for _ in range(CONCURRENCY)))
    return round(count / SECONDS), round((time.process_time() - cpu) / count * 1000, 3)


async def _through_the_outbox(port: int) -> tuple[int, float]:
    """Rows delivered a second, each of another conversation, and processor milliseconds of each."""
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        account = OfficialAccount(
            name="bench", appid=ACCOUNT.appid, secret=ACCOUNT.secret, token=ACCOUNT.token, aes_key=ACCOUNT.aes_key
        )
        # No time for passive replies: every answer goes through the outbox.
        wechat = WeChat(official=(account,), api_base=f"http://127.0.0.1:{port}", fallback_api_base=None, passive_reply_s=0)
        settings = Settings(data_dir=Path(folder), wechat=wechat)
        write_key_ring(Path(folder, "keys.json"))
        log = stack.enter_context(Path(folder, "log").open("w"))
        stack.enter_context(contextlib.redirect_stderr(log))
        logging.configure(settings.logging)  # every line is written, as in production
        app = await make_app(settings, background=False)
        async with TestServer(app) as server:
            inside = urlsplit(str(server.make_url("/"))).port
            await load(inside, 32, 1e9, iter([push(f"o{number:027d}") for number in range(ROWS)]))
            delivery = app[SERVICE].delivery
            # The turns that nobody waited for have ended when the last answer stands in the outbox.
            started, cpu, sent = time.perf_counter(), time.process_time(), 0
            while sent < ROWS:
                done = await delivery.deliver_due()
                sent += done
                if not done:
                    await asyncio.sleep(0.01)
            took = time.perf_counter() - started
            return round(ROWS / took), round((time.process_time() - cpu) / ROWS * 1000, 3)


if __name__ == "__main__":
    main()
