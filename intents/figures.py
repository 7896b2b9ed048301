"""Figures of predictions against the truth: pure arithmetic over pairs of labels and over confidences."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

Pairs = Sequence[tuple[str, str]]  # (truth, guess)
RESAMPLES = 400
SEED = 20240607  # any fixed one: the same predictions give the same interval


class ClassFigures(NamedTuple):
    """How well one label is found."""

    label: str
    support: int
    precision: float
    recall: float
    f1: float


@dataclass(frozen=True, slots=True)
class Interval:
    """A figure with its 95 % bootstrap interval."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.3f} [{self.low:.3f}, {self.high:.3f}]"


class Bin(NamedTuple):
    """Predictions of about the same confidence: how sure they were and how often they were right."""

    size: int
    confidence: float
    accuracy: float


def accuracy(pairs: Pairs) -> float:
    """The share of right guesses; 0 for none."""
    return sum(truth == guess for truth, guess in pairs) / len(pairs) if pairs else 0.0


def class_figures(pairs: Pairs, label: str) -> ClassFigures:
    """Precision, recall and F1 of *label*; 0 where nothing was guessed or nothing was there."""
    hits = sum(truth == guess == label for truth, guess in pairs)
    guessed = sum(guess == label for _, guess in pairs)
    true = sum(truth == label for truth, _ in pairs)
    precision = hits / guessed if guessed else 0.0
    recall = hits / true if true else 0.0
    return ClassFigures(label, true, precision, recall, 2 * hits / (guessed + true) if hits else 0.0)


def macro_f1(pairs: Pairs) -> float:
    """The mean F1 over the labels that occur in the truth."""
    labels = {truth for truth, _ in pairs}
    return sum(class_figures(pairs, label).f1 for label in labels) / len(labels) if labels else 0.0


def interval(pairs: Pairs, figure: Callable[[Pairs], float]) -> Interval:
    """*figure* of *pairs* with its interval from ``RESAMPLES`` resamples of the same size."""
    random = np.random.default_rng(SEED)
    drawn = sorted(figure([pairs[n] for n in random.integers(0, len(pairs), len(pairs))]) for _ in range(RESAMPLES))
    return Interval(figure(pairs), drawn[int(0.025 * RESAMPLES)], drawn[int(0.975 * RESAMPLES)])


def calibration(sure: Sequence[tuple[float, bool]], bins: int = 10) -> list[Bin]:
    """(confidence, was right) in equal steps of confidence; steps that nothing falls into are left out."""
    kept: dict[int, list[tuple[float, bool]]] = {}
    for confidence, right in sure:
        kept.setdefault(min(int(confidence * bins), bins - 1), []).append((confidence, right))
    return [
        Bin(len(items), sum(c for c, _ in items) / len(items), sum(r for _, r in items) / len(items))
        for _, items in sorted(kept.items())
    ]


def calibration_error(sure: Sequence[tuple[float, bool]]) -> float:
    """The expected calibration error: the mean distance of confidence and accuracy, weighed by how many there are."""
    return sum(b.size * abs(b.confidence - b.accuracy) for b in calibration(sure)) / max(1, len(sure))


def confusion(pairs: Pairs, labels: Sequence[str]) -> list[list[int]]:
    """One row a truth and one column a guess, in the order of *labels*."""
    counts = Counter(pairs)
    return [[counts[truth, guess] for guess in labels] for truth in labels]


class Answered(NamedTuple):
    """What a threshold does: the share that is answered at all, and the share of the answered that is right."""

    threshold: float
    coverage: float
    accuracy: float


def thresholds(sure: Sequence[tuple[float, bool]], steps: Sequence[float]) -> list[Answered]:
    """Coverage and accuracy for each threshold of *steps*."""
    result = []
    for step in steps:
        kept = [right for confidence, right in sure if confidence >= step]
        result.append(Answered(step, len(kept) / max(1, len(sure)), sum(kept) / len(kept) if kept else 1.0))
    return result
