"""What ``huiyin nlu`` runs."""

import json
import sys
from pathlib import Path
from typing import TextIO

from config.clock import SystemClock
from intents.redact import redact
from intents.understander import Understander


def parse_jsonl(source: TextIO, sink: TextIO, *, cache_dir: Path | None = None) -> int:
    """Understand one JSON object with ``text`` a line and write a parse result a line; a bad line gets an ``error`` object.

    Returns 1 when some line was bad, 0 otherwise.
    """
    understander = Understander.load(cache_dir=cache_dir)
    clock = SystemClock()
    bad = 0
    for line in source:
        if not line.strip():
            continue
        try:
            text = json.loads(line)["text"]
            if not isinstance(text, str):
                raise TypeError
        except (ValueError, TypeError, KeyError, RecursionError):
            bad += 1
            sink.write(json.dumps({"error": "each line must be a JSON object with a string under text"}) + "\n")
            continue
        result = understander.parse_result(understander.understand(redact(text), clock.now()))
        sink.write(json.dumps(result, ensure_ascii=False) + "\n")
        sink.flush()
    return 1 if bad else 0


def train() -> int:
    """Train the packaged model from the packaged files; needs the extra ``train``."""
    from intents.train import train_from_files

    count = train_from_files()
    sys.stdout.write(f"huiyin: trained on {count} examples\n")
    return 0


def evaluate() -> int:
    """Print figures for every style left out in turn; needs the extra ``train``."""
    from intents.evaluate import leave_one_out, report

    sys.stdout.write(report(leave_one_out()))
    return 0
