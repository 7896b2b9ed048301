"""One conversation: does a turn get slower with its length, and are ten messages at once answered in order?"""

import asyncio
import json
import time

from benchmarks.service import Client, Request, floor, post, serving


def message(sender: str) -> Request:
    """A question that the catalogue answers."""
    return post("/webhooks/rest/webhook", json.dumps({"sender": sender, "message": "你们几点上班"}).encode())


async def one_after_the_other(port: int, count: int) -> list[float]:
    """Times of *count* messages of one sender, in order."""
    times = []
    async with Client(port) as client:
        for _ in range(count):
            started = time.perf_counter()
            await client.send(message("long"))
            times.append(time.perf_counter() - started)
    return times


async def at_once(port: int, sender: str) -> float:
    """Milliseconds until ten messages of one sender, sent together, are all answered."""
    clients = [await Client(port).__aenter__() for _ in range(10)]
    started = time.perf_counter()
    answers = await asyncio.gather(*(client.send(message(sender)) for client in clients))
    took = time.perf_counter() - started
    for client in clients:
        await client.__aexit__()
    if not all(json.loads(answer) for answer in answers):
        raise RuntimeError("a message was not answered")
    return took * 1000


def median(times: list[float]) -> float:
    """The middle one."""
    return sorted(times)[len(times) // 2]


def main() -> None:
    """Print one line."""
    with serving() as service:
        times = asyncio.run(one_after_the_other(service.port, 400))  # two numbered messages a turn: seq passes 750
        bursts = sorted(asyncio.run(at_once(service.port, f"burst{n}")) for n in range(7))
    with floor() as bare:
        ceiling = median(asyncio.run(one_after_the_other(bare.port, 200)))
    early, late = median(times[5:25]), median(times[375:395])
    line = {
        "benchmark": "conversation",
        "turn_ms_at_message_10": round(early * 1000, 2),
        "turn_ms_at_message_750": round(late * 1000, 2),
        "ratio": round(late / early, 2),
        "ten_at_once_ms": round(bursts[len(bursts) // 2], 1),
        "floor_aiohttp_echo_ms": round(ceiling * 1000, 2),
    }
    print(json.dumps(line))


if __name__ == "__main__":
    main()
