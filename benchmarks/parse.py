"""Understanding one message: in process, over HTTP through ``/model/parse``, and so by a real Rasa where there is one."""

import asyncio
import json
import subprocess
import tempfile
import time
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.service import Client, Service, floor, free_port, percentile_ms, post, serving, wait
from intents.redact import redact
from intents.training_data import read_examples
from intents.understander import Understander

ROUNDS = 2000
RASA = Path(".cache/rasa")  # where ``make rasa-check`` puts it
RASA_ROUNDS = 300
RASA_START_S = 180


async def over_http(port: int, path: str, texts: list[str], rounds: int = ROUNDS) -> list[float]:
    """Times of one parse after the other."""
    times = []
    async with Client(port) as client:
        for number in range(rounds):
            started = time.perf_counter()
            await client.send(post(path, json.dumps({"text": texts[number % len(texts)]}).encode()))
            times.append(time.perf_counter() - started)
    return times


def beside_rasa(texts: list[str]) -> dict[str, float]:
    """The same texts through Rasa's own server, with the model that it trained on our files; nothing where there is none."""
    command, model = RASA / "venv" / "bin" / "rasa", RASA / "project" / "models" / "huiyin.tar.gz"
    if not (command.exists() and model.exists()):
        return {}
    port = free_port()
    run = [str(command.resolve()), "run", "--enable-api", "--interface", "127.0.0.1", "--model", str(model.resolve())]
    process = subprocess.Popen(
        [*run, "--port", str(port)], cwd=model.parent.parent, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        wait(port, process, "/", RASA_START_S)
        times = asyncio.run(over_http(port, "/model/parse", texts, RASA_ROUNDS))
        memory = Service(port, process).resident_mb()
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(30)
    return {"rasa_p50_ms": percentile_ms(times, 0.5), "rasa_p99_ms": percentile_ms(times, 0.99), "rasa_mb": round(memory)}


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
        asyncio.run(over_http(service.port, "/model/parse", texts, 1))  # loads jieba's dictionary
        http = asyncio.run(over_http(service.port, "/model/parse", texts))
        memory = service.resident_mb()
    with floor() as bare:
        ceiling = asyncio.run(over_http(bare.port, "/webhooks/rest/webhook", texts))
    line = {
        "benchmark": "parse",
        "in_process_p50_ms": percentile_ms(times, 0.5),
        "in_process_p99_ms": percentile_ms(times, 0.99),
        "in_process_cpu_ms": round(used / ROUNDS * 1000, 3),  # says more than the times where the machine is shared
        "http_p50_ms": percentile_ms(http, 0.5),
        "http_p99_ms": percentile_ms(http, 0.99),
        "service_mb": round(memory),
        "floor_aiohttp_echo_p50_ms": percentile_ms(ceiling, 0.5),
        **beside_rasa(texts),
    }
    print(json.dumps(line))


if __name__ == "__main__":
    main()
