"""From starting the process to the first answered message, and the memory it holds then."""

import asyncio
import json
import time

from benchmarks.service import Client, floor, serving, turn


async def first(port: int) -> None:
    """One message and its answer."""
    async with Client(port) as client:
        await client.send(turn("first"))


def main() -> None:
    """Print one line. The start includes two short commands that make keys and an administrator; they are timed apart."""
    with floor():
        pass
    started = time.perf_counter()
    with floor() as bare:
        asyncio.run(first(bare.port))
        ceiling = time.perf_counter() - started
    with serving() as service:
        stat = service.process
        asyncio.run(first(service.port))
        with open(f"/proc/{stat.pid}/stat") as file:
            begun_ticks = int(file.read().rpartition(")")[2].split()[19])
        with open("/proc/uptime") as file:
            uptime = float(file.read().split()[0])
        took = uptime - begun_ticks / 100
        line = {
            "benchmark": "start",
            "first_reply_s": round(took, 2),
            "resident_mb": round(service.resident_mb()),
            "floor_aiohttp_start_s": round(ceiling, 2),
        }
    print(json.dumps(line))


if __name__ == "__main__":
    main()
