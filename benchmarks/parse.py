"""Understanding one message: in process, over HTTP through ``/model/parse``, and so by a real Rasa where there is one."""

import asyncio
import gc
import json
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from benchmarks.service import Client, Service, floor, free_port, percentile_ms, post, serving, wait
from intents.features import model_text
from intents.model import Model, Scores
from intents.normalise import normalise
from intents.redact import redact
from intents.signals import signals
from intents.training_data import read_examples
from intents.understander import Understander
from intents.word_vectors import WordVectors

ROUNDS = 2000
RASA = Path(".cache/rasa")  # where ``make rasa-check`` puts it
RASA_ROUNDS = 300
RASA_START_S = 180
Given = TypeVar("Given")
LOOP = 10_000  # additions in plain Python: how fast the machine is for such work


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


def timed(work: Callable[[Given], object], inputs: Sequence[Given]) -> list[float]:
    """Times of one call after the other, each with the next of *inputs*."""
    times = []
    for number in range(ROUNDS):
        given = inputs[number % len(inputs)]
        started = time.perf_counter()
        work(given)
        times.append(time.perf_counter() - started)
    return times


def default_model() -> Callable[[str], Scores]:
    """What the default model alone says of a text: its n-grams, signals and words, without slots and what the nets decide."""
    model, words = Model(), WordVectors()

    def scores(text: str) -> Scores:
        normal = normalise(text)
        return model.scores(model_text(normal), signals(normal), words.vector(normal))

    return scores


def plain_loop(additions: int) -> int:
    """A loop of so many additions, and nothing else."""
    total = 0
    for number in range(additions):
        total += number
    return total


def main() -> None:
    """Print one line."""
    texts = [example.text for example in read_examples() if len(example.text) >= 8]
    now = datetime.now(UTC)
    with tempfile.TemporaryDirectory() as folder:
        understander = Understander.load(cache_dir=Path(folder))
        model = default_model()
        # As the service does beside its first messages.
        understander.warm()
        gc.collect()
        gc.freeze()
        used = time.process_time()
        times = timed(lambda text: understander.understand(redact(text), now), texts)
        used = time.process_time() - used
        of_model = timed(model, texts)
        of_loop = timed(plain_loop, [LOOP])
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
        "model_p50_ms": percentile_ms(of_model, 0.5),  # the default model alone
        f"floor_python_loop_of_{LOOP}_p50_ms": percentile_ms(of_loop, 0.5),
        "http_p50_ms": percentile_ms(http, 0.5),
        "http_p99_ms": percentile_ms(http, 0.99),
        "service_mb": round(memory),
        "floor_aiohttp_echo_p50_ms": percentile_ms(ceiling, 0.5),
        **beside_rasa(texts),
    }
    print(json.dumps(line))


if __name__ == "__main__":
    main()
