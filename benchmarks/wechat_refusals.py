"""What a push without a signature costs, beside a bare POST, and what a flood of them does to WeChat's own pushes."""

import asyncio
import json
import time

from benchmarks.service import Client, Service, load, percentile_ms, post, running, serving
from benchmarks.wechat import SETTING, endless, push, wrongly_signed

CONCURRENCY = 16
FLOOD = 32  # connections
REFUSALS = 1500  # a second, the floor's too: fewer than are answered without waiting
SECONDS = 3.0
RATE = 100  # signed pushes a second, quiet and under the flood
FORBIDDEN = b" 403 "


def main() -> None:
    """Print one line."""
    signed = [push(f"o{number:027d}") for number in range(2000)]
    wrong = [wrongly_signed(one) for one in signed]
    body = signed[0].partition(b"\r\n\r\n")[2]
    unsigned = [post("/wechat/official/bench", body, "text/xml")]
    with running("-m", "benchmarks.wechat_floor") as bare:
        floor_ms = _cost(bare, [post("/bare", body, "text/xml")], b" 200 ")
    with serving(WECHAT__OFFICIAL=SETTING) as service:
        refusal_ms = _cost(service, unsigned, FORBIDDEN)
        wrong_ms = _cost(service, wrong, FORBIDDEN)
        quiet = asyncio.run(_steady(service.port, signed[:1000]))
        flooded = asyncio.run(_under_flood(service.port, signed[1000:], wrong))
    quiet_ms, flooded_ms = percentile_ms(quiet, 0.99), percentile_ms(flooded, 0.99)
    line = {
        "benchmark": "wechat_refusals",
        "refusal_cpu_ms": round(refusal_ms, 4),
        "floor_bare_post_cpu_ms": round(floor_ms, 4),
        "cost_ratio": round(refusal_ms / floor_ms, 2),
        "cost_ratio_wrongly_signed": round(wrong_ms / floor_ms, 2),
        "at_refusals_per_s": REFUSALS,
        "signed_p99_ms_quiet": quiet_ms,
        "signed_p99_ms_flooded": flooded_ms,
        "p99_ratio": round(flooded_ms / quiet_ms, 2),
    }
    print(json.dumps(line))


def _cost(service: Service, requests: list[bytes], status: bytes) -> float:
    """Processor milliseconds of one request, beside what the service does anyway."""
    before = service.cpu_s()
    time.sleep(SECONDS)  # nobody asks: what is used now is used anyway
    idle_s = service.cpu_s() - before
    asyncio.run(_at_a_rate(service.port, requests, status, 0.5))
    before = service.cpu_s()
    count = asyncio.run(_at_a_rate(service.port, requests, status, SECONDS))
    return (service.cpu_s() - before - idle_s) / count * 1000


async def _at_a_rate(port: int, requests: list[bytes], status: bytes, seconds: float) -> int:
    """Send *requests* over a few connections, ``REFUSALS`` a second together; returns how many it were."""
    waiting = endless(requests)
    count, began = 0, time.perf_counter()

    async def work(first: int) -> None:
        nonlocal count
        async with Client(port) as client:
            for n in range(first, int(seconds * REFUSALS), CONCURRENCY):
                await asyncio.sleep(max(0.0, began + n / REFUSALS - time.perf_counter()))
                await client.send(next(waiting), status)
                count += 1

    await asyncio.gather(*(work(first) for first in range(CONCURRENCY)))
    return count


async def _steady(port: int, requests: list[bytes]) -> list[float]:
    """Times of *requests*, sent at a steady rate whether or not those before are answered."""
    times: list[float] = []
    tasks = []
    for request in requests[: int(SECONDS * RATE)]:
        tasks.append(asyncio.create_task(load(port, 1, 1e9, iter([request]))))
        await asyncio.sleep(1 / RATE)
    for task in tasks:
        times += await task
    return times


async def _under_flood(port: int, signed: list[bytes], wrong: list[bytes]) -> list[float]:
    """Times of *signed* while others send *wrong* as fast as they are answered."""
    flood = asyncio.create_task(load(port, FLOOD, SECONDS, endless(wrong), FORBIDDEN))
    times = await _steady(port, signed)
    await flood
    return times


if __name__ == "__main__":
    main()
