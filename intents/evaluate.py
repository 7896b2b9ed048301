"""Figures that cannot flatter: every style is predicted by a model that never saw it."""

import tempfile
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from config.labels import Kind
from intents.model import Model
from intents.redact import redact
from intents.segment import Segmenter
from intents.train import train_model
from intents.training_data import Example, read_examples
from intents.understander import Understander

MIN_FOLD = 15  # styles with fewer examples are only trained on
_KINDS = frozenset(kind.value for kind in Kind)


@dataclass(frozen=True, slots=True)
class Judged:
    """One example with what was predicted for it."""

    example: Example
    kind: str
    product: str
    urgent: bool


def leave_one_out(examples: Sequence[Example] | None = None) -> list[Judged]:
    """Every kind example of every style, judged by a model trained on all the other styles (one random style is split in two)."""
    examples = examples or read_examples()
    segmenter = Segmenter()
    judged: list[Judged] = []
    for fold in _folds(examples):
        held_out = set(fold)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "model.npz"
            train_model([item for n, item in enumerate(examples) if n not in held_out], path)
            understander = Understander(Model(path), segmenter)
        judged += [_judge(understander, examples[n]) for n in fold if examples[n].intent in _KINDS]
    return judged


def _folds(examples: Sequence[Example]) -> Iterable[list[int]]:
    by_style: dict[str, list[int]] = {}
    for number, example in enumerate(examples):
        by_style.setdefault(example.style, []).append(number)
    for numbers in by_style.values():
        kinds = [n for n in numbers if examples[n].intent in _KINDS]
        if len(kinds) < MIN_FOLD:
            continue
        if len(kinds) > len(examples) / 2:
            # Most of the data is one style: leaving it out whole would leave nothing to learn from.
            yield from (kinds[part::5] for part in range(5))
        else:
            yield numbers


def _judge(understander: Understander, example: Example) -> Judged:
    u = understander.understand(redact(example.text), datetime(2026, 11, 1, tzinfo=UTC))
    return Judged(example, u.kind.value, u.product.value, u.urgent)


def report(judged: Sequence[Judged]) -> str:
    """The figures as text: accuracy and macro-F1, each class, urgency, and the kinds most often confused."""
    lines = [f"{len(judged)} examples, each judged by a model that had not seen its fold"]
    for name, pairs in (
        ("kind", [(item.example.intent, item.kind) for item in judged]),
        ("product", [(str(item.example.product), item.product) for item in judged if item.example.product]),
    ):
        right = sum(truth == guess for truth, guess in pairs)
        scores = {label: _precision_recall(pairs, label) for label in sorted({truth for truth, _ in pairs})}
        macro = sum(f1 for *_, f1 in scores.values()) / len(scores)
        lines.append(f"\n{name}: accuracy {right / len(pairs):.3f}, macro-F1 {macro:.3f}")
        lines += [f"  {label:20} precision {p:.2f}  recall {r:.2f}  F1 {f1:.2f}" for label, (p, r, f1) in scores.items()]
    flags = [(str(bool(item.example.urgent)), str(item.urgent)) for item in judged]
    precision, recall, _ = _precision_recall(flags, "True")
    lines.append(f"\nurgent: precision {precision:.3f}, recall {recall:.3f}")
    confused = Counter((item.example.intent, item.kind) for item in judged if item.example.intent != item.kind)
    lines.append("\nmost often confused (truth -> guess):")
    lines += [f"  {count:4} {truth} -> {guess}" for (truth, guess), count in confused.most_common(8)]
    return "\n".join(lines) + "\n"


def _precision_recall(pairs: Sequence[tuple[str, str]], label: str) -> tuple[float, float, float]:
    hits = sum(truth == guess == label for truth, guess in pairs)
    guessed = sum(guess == label for _, guess in pairs)
    true = sum(truth == label for truth, _ in pairs)
    precision = hits / guessed if guessed else 0.0
    recall = hits / true if true else 0.0
    return precision, recall, 2 * precision * recall / (precision + recall) if hits else 0.0
