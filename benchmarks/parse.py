"""Understanding one message: in process, and over HTTP through ``/model/parse``."""

import asyncio
import json
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.service import Client, floor, percentile_ms, post, serving
from intents.redact import redact
from intents.training_data import read_examples
from intents.understander import Understander

ROUNDS = 2000


async def over_http(port: int, path: str, texts: list[str]) -> list[float]:
    """Times of one parse after the other."""
    times = []
    async with Client(port) as client:
        for number in range(ROUNDS):
            started = time.perf_counter()
            await client.send(post(path, json.dumps({"text": texts[number % len(texts)]}).encode()))
            times.append(time.perf_counter() - started)
    return times


def main() -> None:
    """Print one line."""
    texts = [example.text for example in read_examples() if len(example.text) >= 8]
    now = datetime.now(UTC)
    with tempfile.TemporaryDirectory() as folder:
        understander = Understander.load(cache_dir=Path(folder))
        times = []
        used = time.process_time()
        for number in range(ROUNDS):
            text = texts[number % len(texts)]
            started = time.perf_counter()
            understander.understand(redact(text), now)
            times.append(time.perf_counter() - started)
        used = time.process_time() - used
    with serving() as service:
        http = asyncio.run(over_http(service.port, "/model/parse", texts))
    with floor() as bare:
        ceiling = asyncio.run(over_http(bare.port, "/webhooks/rest/webhook", texts))
    line = {
        "benchmark": "parse",
        "in_process_p50_ms": percentile_ms(times, 0.5),
        "in_process_p99_ms": percentile_ms(times, 0.99),
        "in_process_cpu_ms": round(used / ROUNDS * 1000, 3),  # says more than the times where the machine is shared
        "http_p50_ms": percentile_ms(http, 0.5),
        "http_p99_ms": percentile_ms(http, 0.99),
        "floor_aiohttp_echo_p50_ms": percentile_ms(ceiling, 0.5),
    }
    print(json.dumps(line))


if __name__ == "__main__":
    main()
