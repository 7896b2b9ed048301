"""What a push without a signature costs, beside a bare POST, and what a flood of them does to WeChat's own pushes."""

import asyncio
import json

from benchmarks.service import Service, load, percentile_ms, post, running, serving
from benchmarks.wechat import SETTING, endless, push, wrongly_signed

CONCURRENCY = 16
FLOOD = 32  # connections
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
        floor_ms, floor_per_s = _cost(bare, [post("/bare", body, "text/xml")], b" 200 ")
    with serving(WECHAT__OFFICIAL=SETTING) as service:
        refusal_ms, refusals_per_s = _cost(service, unsigned, FORBIDDEN)
        wrong_ms, _ = _cost(service, wrong, FORBIDDEN)
        quiet = asyncio.run(_steady(service.port, signed[:1000]))
        flooded = asyncio.run(_under_flood(service.port, signed[1000:], wrong))
    quiet_ms, flooded_ms = percentile_ms(quiet, 0.99), percentile_ms(flooded, 0.99)
    line = {
        "benchmark": "wechat_refusals",
        "refusal_cpu_ms": round(refusal_ms, 4),
        "floor_bare_post_cpu_ms": round(floor_ms, 4),
        "cost_ratio": round(refusal_ms / floor_ms, 2),
        "cost_ratio_wrongly_signed": round(wrong_ms / floor_ms, 2),
        "refusals_per_s": refusals_per_s,
        "floor_bare_posts_per_s": floor_per_s,
        "signed_p99_ms_quiet": quiet_ms,
        "signed_p99_ms_flooded": flooded_ms,
        "p99_ratio": round(flooded_ms / quiet_ms, 2),
    }
    print(json.dumps(line))


def _cost(service: Service, requests: list[bytes], status: bytes) -> tuple[float, int]:
    """Processor milliseconds of one request, and how many are answered in a second."""
    asyncio.run(load(service.port, CONCURRENCY, 0.5, endless(requests), status))
    before = service.cpu_s()
    times = asyncio.run(load(service.port, CONCURRENCY, SECONDS, endless(requests), status))
    return (service.cpu_s() - before) / len(times) * 1000, round(len(times) / SECONDS)


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
