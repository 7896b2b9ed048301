"""Encrypted WeChat texts to encrypted passive replies, beside the same pushes answered by a bare aiohttp server."""

import asyncio
import json
import time
from collections.abc import Iterator

from benchmarks.service import MESSAGE, Client, Request, floor, load, percentile_ms, post, serving
from bot.channels.wechat.fake import FakeAccount, signed_request, text_in_answer, to_xml

SECONDS = 5.0
CONCURRENCY = 16
PREPARED = 12_000  # sealed before the clock starts: the sender's work is not what is measured
ACCOUNT = FakeAccount("bench", "wx0000000000000000", "s" * 32, "t" * 16, "", "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG")
SETTING = json.dumps(
    [{"name": "bench", "appid": ACCOUNT.appid, "secret": ACCOUNT.secret, "token": ACCOUNT.token, "aes_key": ACCOUNT.aes_key}]
)


def main() -> None:
    """Print one line for 16 concurrent connections."""
    asyncio.run(_one_is_answered())
    with floor() as bare:
        asyncio.run(load(bare.port, CONCURRENCY, 0.5, _bare()))
        ceiling = len(asyncio.run(load(bare.port, CONCURRENCY, 2.0, _bare()))) / 2.0
    with serving(WECHAT__OFFICIAL=SETTING) as service:
        requests = iter([_push(f"o{number:027d}") for number in range(PREPARED)])
        asyncio.run(load(service.port, CONCURRENCY, 1.0, requests))
        before, started = service.cpu_s(), time.perf_counter()
        times = asyncio.run(load(service.port, CONCURRENCY, SECONDS, requests))
        cpu, took = service.cpu_s() - before, time.perf_counter() - started
    line = {
        "benchmark": "wechat_encrypted",
        "database": "sqlite",
        "concurrency": CONCURRENCY,
        "turns_per_s": round(len(times) / took),
        "p50_ms": percentile_ms(times, 0.5),
        "p99_ms": percentile_ms(times, 0.99),
        "server_cpu_ms_per_turn": round(cpu / len(times) * 1000, 3),
        "floor_aiohttp_echo_per_s": round(ceiling),
    }
    print(json.dumps(line))


async def _one_is_answered() -> None:
    """What is measured is the whole way: one answer is opened and read as WeChat would."""
    with serving(WECHAT__OFFICIAL=SETTING) as service:
        async with Client(service.port) as client:
            body = (await client.send(_push("o-first"))).decode()
    if not text_in_answer(ACCOUNT, body, openid="o-first", nonce="1"):
        raise RuntimeError("no passive reply came")


def _push(openid: str) -> Request:
    now = str(int(time.time()))
    fields = {"ToUserName": ACCOUNT.original_id, "FromUserName": openid, "CreateTime": int(now), "MsgType": "text"}
    xml = to_xml({**fields, "Content": MESSAGE, "MsgId": int(time.time_ns())})
    query, body = signed_request(ACCOUNT, xml, now, "1", openid)
    path = "/wechat/official/bench?" + "&".join(f"{name}={value}" for name, value in query.items())
    return post(path, body.encode(), "text/xml")


def _bare() -> Iterator[Request]:
    while True:
        yield post("/webhooks/rest/webhook", b'{"x": "' + b"x" * 600 + b'"}')


if __name__ == "__main__":
    main()
