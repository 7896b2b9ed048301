"""The trained model as it is served: a vocabulary, its weights, and numpy. No scikit-learn, no compiler."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from intents.features import gram_codes
from intents.grams import Grams

MODEL_FILE = Path(str(files("intents") / "model.npz"))
Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Head:
    """One question put to the features: its answers, in the order of the model's columns."""

    labels: tuple[str, ...]
    columns: slice


class Scores(NamedTuple):
    """What the heads say of one text: probabilities in the order of their labels."""

    intents: Sequence[float]
    kinds: Sequence[float]
    products: Sequence[float]
    urgent: float


class Model:
    """Four linear heads (intent, kind, product, urgent) over one TF-IDF vector, the signals and the vector of the words."""

    def __init__(self, path: Path = MODEL_FILE) -> None:
        """Load the weights. Raises ``OSError`` when the file is missing."""
        with np.load(path, allow_pickle=False) as stored:
            self._grams = Grams(stored["vocabulary"])
            self._idf: Floats = stored["idf"].astype(np.float32)
            # A row a gram, and behind them a row a signal.
            self._weights: Floats = np.concatenate([stored["weights"], stored["signal_weights"]], dtype=np.float32)
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

    def scores(self, text: str, signals: Sequence[int], vector: Floats) -> Scores:
        """Probabilities of the intents, the kinds and the products, and that of being urgent.

        *text* is what ``model_text`` gives, *signals* and *vector* tell the rest of it.
        """
        _, known = self._grams.find(gram_codes(text))
        counts = Counter(known.tolist())
        rows = np.array([*counts, *(len(self._idf) + number for number in signals)], dtype=np.intp)
        values = np.ones(len(rows), dtype=np.float32)
        if counts:
            of_grams = self._idf.take(rows[: len(counts)])
            if len(counts) < len(known):  # some gram stands there twice: its weight grows with the logarithm
                of_grams *= 1.0 + np.log(np.array(list(counts.values()), dtype=np.float32))
            values[: len(counts)] = of_grams / math.sqrt(of_grams @ of_grams)
        logits = (self._bias + vector @ self._vector_weights + values @ self._weights.take(rows, axis=0)).tolist()
        return Scores(
            softmax(logits[self.intent.columns]),
            softmax(logits[self.kind.columns]),
            softmax(logits[self.product.columns]),
            1.0 / (1.0 + math.exp(-logits[self._urgent_column])),
        )


def softmax(logits: Sequence[float]) -> list[float]:
    """Probabilities from *logits*: so few that numpy would only be in the way."""
    highest = max(logits)
    raised = [math.exp(logit - highest) for logit in logits]
    total = sum(raised)
    return [one / total for one in raised]
