"""Durable bot turns over distinct senders through Rasa's REST shape, beside a bare aiohttp server with the same client."""

import asyncio
import json

from benchmarks.service import floor, load, percentile_ms, serving

SECONDS = 5.0


def main() -> None:
    """Print one line for 16 and one for 64 concurrent connections."""
    for concurrency in (16, 64):
        with floor() as bare:
            asyncio.run(load(bare.port, concurrency, 0.5, "warm"))
            ceiling = len(asyncio.run(load(bare.port, concurrency, 2.0, "floor"))) / 2.0
        with serving() as service:
            asyncio.run(load(service.port, concurrency, 1.0, "warm"))
            before = service.cpu_s()
            times = asyncio.run(load(service.port, concurrency, SECONDS, "run"))
            cpu = service.cpu_s() - before
        line = {
            "benchmark": "rest_turns",
            "database": "sqlite",
            "concurrency": concurrency,
            "turns_per_s": round(len(times) / SECONDS),
            "p50_ms": percentile_ms(times, 0.5),
            "p99_ms": percentile_ms(times, 0.99),
            "server_cpu_ms_per_turn": round(cpu / len(times) * 1000, 3),
            "floor_aiohttp_echo_per_s": round(ceiling),
        }
        print(json.dumps(line))


if __name__ == "__main__":
    main()
