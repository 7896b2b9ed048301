"""Encrypted texts to encrypted passive replies, each a durable turn, beside a handler that only decrypts and encrypts."""

import asyncio
import json
import time
from collections.abc import Iterator

from benchmarks.service import MESSAGE, Client, Request, load, percentile_ms, post, running, serving
from bot.channels.wechat.fake import FakeAccount, signed_request, text_in_answer, to_xml

SECONDS = 5.0
CONCURRENCY = 32
PREPARED = 12_000  # sealed before the clock starts: the sender's work is not what is measured
ACCOUNT = FakeAccount("bench", "wx0000000000000000", "s" * 32, "t" * 16, "", "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG")
SETTING = json.dumps(
    [{"name": "bench", "appid": ACCOUNT.appid, "secret": ACCOUNT.secret, "token": ACCOUNT.token, "aes_key": ACCOUNT.aes_key}]
)


def main() -> None:
    """Print one line."""
    with running("-m", "benchmarks.wechat_floor") as bare:
        requests = iter([push(f"f{number:027d}") for number in range(PREPARED)])
        asyncio.run(load(bare.port, CONCURRENCY, 0.5, requests))
        ceiling = len(asyncio.run(load(bare.port, CONCURRENCY, 2.0, requests))) / 2.0
    with serving(WECHAT__OFFICIAL=SETTING) as service:
        asyncio.run(_one_is_answered(service.port))
        requests = iter([push(f"o{number:027d}") for number in range(PREPARED)])
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
        "floor_decrypt_parse_encrypt_per_s": round(ceiling),
    }
    print(json.dumps(line))


async def _one_is_answered(port: int) -> None:
    """What is measured is the whole way: one answer is opened and read as WeChat would."""
    async with Client(port) as client:
        body = (await client.send(push("o-first"))).decode()
    if not text_in_answer(ACCOUNT, body, openid="o-first", nonce="1"):
        raise RuntimeError("no passive reply came")


def push(openid: str) -> Request:
    """One push as it goes over the wire, signed and sealed."""
    now = str(int(time.time()))
    fields = {"ToUserName": ACCOUNT.original_id, "FromUserName": openid, "CreateTime": int(now), "MsgType": "text"}
    xml = to_xml({**fields, "Content": MESSAGE, "MsgId": int(time.time_ns())})
    query, body = signed_request(ACCOUNT, xml, now, "1", openid)
    path = "/wechat/official/bench?" + "&".join(f"{name}={value}" for name, value in query.items())
    return post(path, body.encode(), "text/xml")


def wrongly_signed(signed: Request) -> Request:
    """The same push from somebody without the token: the last digit of its signature is another."""
    begin = signed.index(b"signature=") + len(b"signature=")
    last = signed[begin + 39 : begin + 40]
    return signed[: begin + 39] + (b"1" if last == b"0" else b"0") + signed[begin + 40 :]


def endless(requests: list[Request]) -> Iterator[Request]:
    """*requests* over and over."""
    while True:
        yield from requests


if __name__ == "__main__":
    main()
