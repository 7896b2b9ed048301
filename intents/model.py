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
from intents.nearness import Examples

MODEL_FILE = Path(str(files("intents") / "model.npz"))
Floats = npt.NDArray[np.float32]
# Below this confidence of kind or product the words leave a doubt, and what the nearest examples were is heard: on real messages
# that gained as much as hearing it always, for two fifths of them, and half of all messages cost no more than before.
DOUBT = 0.6


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


class _Linear(NamedTuple):
    """What a set of heads knows: a column an answer."""

    weights: Floats  # a row a gram, and behind them a row a signal
    vector_weights: Floats
    bias: Floats

    def logits(self, rows: npt.NDArray[np.intp], values: Floats, vector: Floats) -> Floats:
        result: Floats = self.bias + vector @ self.vector_weights + values @ self.weights.take(rows, axis=0)
        return result


class Model:
    """Four linear heads (intent, kind, product, urgent) over one TF-IDF vector, the signals and the vector of the words.

    Where kind or product stay in doubt, a second set of the last three is asked, which also sees the nearest examples.
    """

    def __init__(self, path: Path = MODEL_FILE) -> None:
        """Load the weights. Raises ``OSError`` when the file is missing."""
        with np.load(path, allow_pickle=False) as stored:
            self._grams = Grams(stored["vocabulary"])
            self._idf: Floats = stored["idf"].astype(np.float32)
            weights = np.concatenate([stored["weights"], stored["signal_weights"]], dtype=np.float32)
            vector_weights, bias = stored["vector_weights"], stored["bias"]
            self._examples = Examples(stored["examples"], stored["example_weights"])
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
        self._first, self._second = (
            _Linear(*(np.ascontiguousarray(part[..., columns]) for part in (weights, vector_weights, bias)))
            for columns in (slice(begins + 1), slice(begins + 1, None))
        )

    def scores(self, text: str, signals: Sequence[int], vector: Floats) -> Scores:
        """Probabilities of the intents, the kinds and the products, and that of being urgent.

        *text* is what ``model_text`` gives, *signals* and *vector* tell the rest of it.
        """
        rows, values = self._seen(text, signals)
        logits = self._first.logits(rows, values, vector).tolist()
        scores = self._scores(logits)
        if min(max(scores.kinds), max(scores.products)) >= DOUBT:
            return scores
        second = self._second.logits(rows, values, vector) + self._examples.say(vector)
        return self._scores(logits[self.intent.columns] + second.tolist())

    def _seen(self, text: str, signals: Sequence[int]) -> tuple[npt.NDArray[np.intp], Floats]:
        """The rows of the weights that *text* calls for, and how much each counts."""
        _, known = self._grams.find(gram_codes(text))
        counts = Counter(known.tolist())
        rows = np.array([*counts, *(len(self._idf) + number for number in signals)], dtype=np.intp)
        values = np.ones(len(rows), dtype=np.float32)
        if counts:
            of_grams = self._idf.take(rows[: len(counts)])
            if len(counts) < len(known):  # some gram stands there twice: its weight grows with the logarithm
                of_grams *= 1.0 + np.log(np.array(list(counts.values()), dtype=np.float32))
            values[: len(counts)] = of_grams / math.sqrt(of_grams @ of_grams)
        return rows, values

    def _scores(self, logits: Sequence[float]) -> Scores:
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
