"""The trained model as it is served: a vocabulary, its weights, and numpy. No scikit-learn, no compiler."""

import math
from collections import Counter
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

MODEL_FILE = Path(str(files("intents") / "model.npz"))
Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Head:
    """One question put to the features: its answers, in the order of the model's columns."""

    labels: tuple[str, ...]
    columns: slice


class Scores(NamedTuple):
    """What the heads say of one text."""

    intents: Floats
    kinds: Floats
    products: Floats
    urgent: float


class Model:
    """Four linear heads (intent, kind, product, urgent) over one TF-IDF vector, the signals and the vector of the words."""

    def __init__(self, path: Path = MODEL_FILE) -> None:
        """Load the weights. Raises ``OSError`` when the file is missing."""
        with np.load(path, allow_pickle=False) as stored:
            grams = stored["vocabulary"].tolist()
            self._vocabulary: dict[str, int] = {gram: number for number, gram in enumerate(grams)}
            self._idf: Floats = stored["idf"].astype(np.float32)
            self._weights: Floats = stored["weights"].astype(np.float32)
            self._signal_weights: Floats = stored["signal_weights"].astype(np.float32)
            self._vector_weights: Floats = stored["vector_weights"]
            self._bias: Floats = stored["bias"].astype(np.float32)
            self.fingerprint = str(stored["fingerprint"])
            self.base = str(stored["base"])
            answers = [tuple(stored[name].tolist()) for name in ("intents", "kinds", "products")]
        begins = 0
        heads = []
        for labels in answers:
            heads.append(Head(labels, slice(begins, begins + len(labels))))
            begins += len(labels)
        self.intent, self.kind, self.product = heads
        self._urgent_column = begins

    def scores(self, grams: list[str], signals: list[int], vector: Floats) -> Scores:
        """Probabilities of the intents, the kinds and the products, and that of being urgent."""
        known = [number for number in map(self._vocabulary.get, grams) if number is not None]
        counts = Counter(known)
        logits: Any = self._bias + vector @ self._vector_weights
        if counts:
            rows = np.array(list(counts), dtype=np.intp)
            values = self._idf.take(rows)
            if len(counts) < len(known):  # some gram may stand there twice: its weight grows with the logarithm
                values *= 1.0 + np.log(np.array(list(counts.values()), dtype=np.float32))
            logits = (values @ self._weights.take(rows, axis=0)) / math.sqrt(values @ values) + logits
        if signals:
            logits = logits + self._signal_weights.take(signals, axis=0).sum(axis=0)
        urgent = float(1.0 / (1.0 + math.exp(-logits[self._urgent_column])))
        return Scores(
            softmax(logits[self.intent.columns]),
            softmax(logits[self.kind.columns]),
            softmax(logits[self.product.columns]),
            urgent,
        )


def softmax(logits: Floats) -> Floats:
    """Probabilities from *logits*."""
    raised: Floats = np.exp(logits - np.maximum.reduce(logits))
    result: Floats = raised / np.add.reduce(raised)
    return result
