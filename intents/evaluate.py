"""Figures that cannot flatter: every style, or every author, is predicted by a model that never saw one of theirs."""

import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from config.labels import Kind
from intents.figures import (
    accuracy,
    calibration,
    calibration_error,
    class_figures,
    confusion,
    interval,
    macro_f1,
)
from intents.model import Floats, Model
from intents.redact import redact
from intents.segment import Segmenter
from intents.semantic import Semantic
from intents.thresholds import ASKED, WRONG, Guess, best, choice
from intents.train import train_model
from intents.train_semantic import embeddings, train_semantic
from intents.training_data import Example, read_examples, read_file
from intents.understander import MIN_CONFIDENCE, MIN_MARGIN, Understander

LeftOut = Literal["style", "author"]
MIN_FOLD = 15  # groups with fewer examples are only trained on
MOST = 0.5  # a group with more of the data than this is split in parts: leaving it out whole would leave nothing to learn from
PARTS = 5
ADDED_PARTS = 3  # each costs a training, for which somebody waits
WORST = 12
NOW = datetime(2026, 11, 1, tzinfo=UTC)
_KINDS = frozenset(kind.value for kind in Kind)


@dataclass(frozen=True, slots=True)
class Judged:
    """One example with what was predicted for it."""

    example: Example
    kind: str
    kind_confidence: float
    product: str
    product_confidence: float
    urgent: bool
    confidence: float  # of the intent
    margin: float  # to the second intent
    intent: str


def leave_one_out(by: LeftOut = "style", examples: Sequence[Example] | None = None, *, semantic: bool = False) -> list[Judged]:
    """Every example of a kind, judged by a model trained on all the other styles or authors; *semantic* asks the embeddings too."""
    examples = examples or read_examples()
    segmenter = Segmenter()
    vectors = embeddings(examples) if semantic else []
    judged: list[Judged] = []
    for fold in _folds(examples, by):
        held_out = set(fold)
        kept = [n for n in range(len(examples)) if n not in held_out]
        understander = trained([examples[n] for n in kept], segmenter)
        second = _second([examples[n] for n in kept], [vectors[n] for n in kept]) if semantic else None
        judged += [judged_by(understander, examples[n], second) for n in fold if examples[n].intent in _KINDS]
    return judged


def on_files(path: Path, *, semantic: bool = False) -> list[Judged]:
    """The examples of a file, or of a folder's files, judged by the packaged model; *semantic* asks the embeddings too."""
    files = sorted(path.glob("*.yml")) if path.is_dir() else [path]
    understander = Understander(Model(), Segmenter())
    second = Semantic() if semantic else None
    return [judged_by(understander, item, second) for file in files for item in read_file(file) if item.intent in _KINDS]


def trained(examples: Sequence[Example], segmenter: Segmenter) -> Understander:
    """An understander whose model saw *examples* and nothing else."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.npz"
        train_model(examples, path)
        return Understander(Model(path), segmenter)


def judge(examples: Sequence[Example]) -> list[Judged]:
    """*examples* of a kind, judged by the packaged model."""
    understander = Understander(Model(), Segmenter())
    return [judged_by(understander, item) for item in examples if item.intent in _KINDS]


def with_added(examples: Sequence[Example], added: Sequence[Example]) -> list[Judged]:
    """*added*, a third at a time, each judged by a model trained on *examples* and the other thirds."""
    segmenter = Segmenter()
    judged: list[Judged] = []
    for part in range(min(ADDED_PARTS, len(added))):
        rest = [item for n, item in enumerate(added) if n % ADDED_PARTS != part]
        understander = trained([*examples, *rest], segmenter)
        judged += [judged_by(understander, item) for item in added[part::ADDED_PARTS] if item.intent in _KINDS]
    return judged


def _second(examples: Sequence[Example], vectors: Sequence[Floats]) -> Semantic:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "semantic.npz"
        train_semantic(examples, vectors, path)
        return Semantic(path)


def _folds(examples: Sequence[Example], by: LeftOut) -> Iterable[list[int]]:
    groups: dict[str, list[int]] = {}
    for number, example in enumerate(examples):
        groups.setdefault(example.style if by == "style" else example.author, []).append(number)
    for numbers in groups.values():
        kinds = [n for n in numbers if examples[n].intent in _KINDS]
        if len(kinds) < MIN_FOLD:
            continue
        if len(kinds) > len(examples) * MOST:
            yield from (kinds[part::PARTS] for part in range(PARTS))
        else:
            yield numbers


def judged_by(understander: Understander, example: Example, second: Semantic | None = None) -> Judged:
    """What *understander* makes of *example*; *second* is asked about it as well."""
    redacted = redact(example.text)
    u = understander.understand(redacted, NOW, opinion=second.opinion(redacted.text) if second else None)
    runner_up = u.intent_ranking[1][1] if len(u.intent_ranking) > 1 else 0.0
    return Judged(
        example=example,
        kind=u.kind.value,
        kind_confidence=u.kind_confidence,
        product=u.product.value,
        product_confidence=u.product_confidence,
        urgent=u.urgent,
        confidence=u.confidence,
        margin=max(0.0, u.confidence - runner_up),
        intent=u.intent,
    )


def kind_pairs(judged: Iterable[Judged]) -> list[tuple[str, str]]:
    """(truth, guess) of the kind."""
    return [(item.example.intent, item.kind) for item in judged]


def product_pairs(judged: Iterable[Judged]) -> list[tuple[str, str]]:
    """(truth, guess) of the product, where the example names one."""
    return [(item.example.product, item.product) for item in judged if item.example.product]


def urgent_pairs(judged: Iterable[Judged]) -> list[tuple[str, str]]:
    """(truth, guess) of urgency, as words."""
    return [(_word(item.example.urgent), _word(item.urgent)) for item in judged]


def _word(flag: object) -> str:
    return "urgent" if flag else "calm"


def report(judged: Sequence[Judged]) -> str:
    """The figures as text: accuracy and macro-F1 with intervals, every class, confusions, calibration, groups, worst errors."""
    kinds, products, flags = kind_pairs(judged), product_pairs(judged), urgent_pairs(judged)
    lines = [f"{len(judged)} examples; 95 % bootstrap intervals in brackets"]
    for name, pairs in (("kind", kinds), ("product", products)):
        lines.append(f"\n{name}: accuracy {interval(pairs, accuracy)}, macro-F1 {interval(pairs, macro_f1)}")
        for label in sorted({truth for truth, _ in pairs}):
            found = class_figures(pairs, label)
            lines.append(f"  {label:18} {found.support:5}  P {found.precision:.2f}  R {found.recall:.2f}  F1 {found.f1:.2f}")
    precision = interval(flags, lambda some: class_figures(some, "urgent").precision)
    recall = interval(flags, lambda some: class_figures(some, "urgent").recall)
    lines.append(f"\nurgent: precision {precision}, recall {recall}")
    lines += _confusion_table(kinds)
    lines += _thresholds(judged)
    for name, sure in (
        ("kind", [(item.kind_confidence, item.kind == item.example.intent) for item in judged]),
        ("product", [(item.product_confidence, item.product == item.example.product) for item in judged if item.example.product]),
    ):
        lines.append(f"\ncalibration of {name}: expected error {calibration_error(sure):.3f} (count, confidence, accuracy)")
        lines += [f"  {step.size:5}  {step.confidence:.2f}  {step.accuracy:.2f}" for step in calibration(sure)]
    lines += _by_group(judged, "style", lambda item: item.example.style)
    lines += _by_group(judged, "author", lambda item: item.example.author)
    lines += _worst(judged)
    return "\n".join(lines) + "\n"


def guesses(judged: Iterable[Judged]) -> list[Guess]:
    """How sure each judgement was, and whether it was right of the kind: what thresholds are chosen by."""
    return [Guess(item.confidence, item.margin, item.example.intent in {item.intent, item.kind}) for item in judged]


def _thresholds(judged: Sequence[Judged]) -> list[str]:
    made = guesses(judged)
    return [
        f"\nwhen to ask again, at a cost of {ASKED:g} for asking and {WRONG:g} for a wrong guess:",
        *(
            f"  {name:7} confidence {one.confidence:.2f}, margin {one.margin:.2f}: asked {one.asked:.4f}, wrong {one.wrong:.4f},"
            f" cost {one.cost:.4f}"
            for name, one in (
                ("best", best(made)),
                ("shipped", choice(made, MIN_CONFIDENCE, MIN_MARGIN)),
                ("never", choice(made, 0.0, 0.0)),
            )
        ),
    ]


def _confusion_table(pairs: Sequence[tuple[str, str]]) -> list[str]:
    labels = sorted({label for pair in pairs for label in pair})
    head = " ".join(f"{label[:7]:>7}" for label in labels)
    rows = [
        f"  {label[:16]:16} " + " ".join(f"{count or '.':>7}" for count in row)
        for label, row in zip(labels, confusion(pairs, labels), strict=True)
    ]
    return ["\nkind, truth by row and guess by column:", " " * 19 + head, *rows]


def _by_group(judged: Sequence[Judged], name: str, group_of: Callable[[Judged], str]) -> list[str]:
    groups: dict[str, list[Judged]] = {}
    for item in judged:
        groups.setdefault(group_of(item), []).append(item)
    return [
        f"\nby {name} (count, kind accuracy, product accuracy):",
        *(
            f"  {group:14} {len(some):5}  {accuracy(kind_pairs(some)):.3f}  {accuracy(product_pairs(some)):.3f}"
            for group, some in sorted(groups.items())
        ),
    ]


def _worst(judged: Sequence[Judged]) -> list[str]:
    wrong = sorted((item for item in judged if item.kind != item.example.intent), key=lambda item: -item.kind_confidence)
    often = Counter((item.example.intent, item.kind) for item in wrong).most_common(8)
    return [
        "\nmost often confused (truth -> guess):",
        *(f"  {count:4} {truth} -> {guess}" for (truth, guess), count in often),
        "\nsurest errors:",
        *(
            f"  {item.kind_confidence:.2f} {item.example.intent} -> {item.kind}: {item.example.text[:60]}"
            for item in wrong[:WORST]
        ),
    ]
