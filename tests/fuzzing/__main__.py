"""``make fuzz``: every parser of what WeChat pushes, by hypothesis and by atheris. One JSON line each; fails on the first surprise."""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from fuzzing.seeds import WORDS
from fuzzing.strategies import inputs
from fuzzing.targets import TARGETS
from hypothesis import HealthCheck, Phase, given, seed, settings


def by_hypothesis(name: str, examples: int, number: int) -> int:
    """How many inputs *name* took. Whatever it raises comes out, with the input made small."""
    target, seeds = TARGETS[name]
    count = 0

    @seed(number)
    @settings(
        max_examples=examples,
        database=None,
        deadline=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    @given(inputs(seeds()))
    def run(data: bytes) -> None:
        nonlocal count
        count += 1
        target(data)

    run()
    return count


def by_atheris(name: str, runs: int, number: int) -> int:
    """How many inputs *name* took. Raises ``CalledProcessError`` when one made it raise; libFuzzer has printed it then."""
    with tempfile.TemporaryDirectory() as folder:
        corpus = Path(folder, "corpus")
        corpus.mkdir()
        for at, body in enumerate(TARGETS[name][1]()):
            (corpus / str(at)).write_bytes(body)
        dictionary = Path(folder, "words")
        dictionary.write_text("".join(f'"{_escaped(word)}"\n' for word in WORDS))
        options = [f"-atheris_runs={runs}", f"-seed={number}", f"-dict={dictionary}", "-max_len=4096"]
        command = [sys.executable, "-m", "fuzzing.coverage_guided", name, *options, f"-artifact_prefix={folder}/", str(corpus)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=os.environ)
    return runs


def _escaped(word: str) -> str:
    return "".join(f"\\x{byte:02x}" for byte in word.encode("utf-8", "surrogatepass"))


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--examples", type=int, default=20_000, help="a target, by hypothesis")
    parser.add_argument("--runs", type=int, default=400_000, help="a target, by atheris; 0 leaves it out")
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("targets", nargs="*", default=list(TARGETS))
    asked = parser.parse_args()
    for name in asked.targets:
        for way, run, wanted in (("hypothesis", by_hypothesis, asked.examples), ("atheris", by_atheris, asked.runs)):
            if wanted:
                began = time.perf_counter()
                count = run(name, wanted, asked.seed)
                line = {
                    "fuzz": name,
                    "by": way,
                    "inputs": count,
                    "seed": asked.seed,
                    "seconds": round(time.perf_counter() - began),
                }
                print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main()
