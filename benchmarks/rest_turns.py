"""Durable bot turns over distinct senders through Rasa's REST shape, beside a bare aiohttp server with the same client."""

import asyncio
import json

from benchmarks.postgres import running_postgres
from benchmarks.service import floor, load, percentile_ms, serving, turns

SECONDS = 5.0


def main() -> None:
    """Print one line for 16 and one for 64 concurrent connections on SQLite, and one for 16 on PostgreSQL."""
    for concurrency in (16, 64):
        _measure("sqlite", concurrency)
    with running_postgres() as server:
        _measure("postgresql", 16, DATABASE__URL=f"{server}/postgres")


def _measure(database: str, concurrency: int, **settings: str) -> None:
    with floor() as bare:
        asyncio.run(load(bare.port, concurrency, 0.5, turns("warm")))
        ceiling = len(asyncio.run(load(bare.port, concurrency, 2.0, turns("floor")))) / 2.0
    with serving(**settings) as service:
        asyncio.run(load(service.port, concurrency, 1.0, turns("warm")))
        before = service.cpu_s()
        times = asyncio.run(load(service.port, concurrency, SECONDS, turns("run")))
        cpu = service.cpu_s() - before
    line = {
        "benchmark": "rest_turns",
        "database": database,
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
