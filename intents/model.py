"""The trained model as it is served: a vocabulary, its weights, and numpy. No scikit-learn, no compiler."""

import math
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
    """What a set of heads knows: a column an answer.

    Added up by einsum: products this small take longer by the linear algebra of numpy, which is made for large ones.
    """

    weights: Floats  # a row a gram, behind them a row a signal, and one for what every text shows
    vector_weights: Floats

    def logits(self, rows: npt.NDArray[np.intp], values: Floats, vector: Floats) -> Floats:
        result: Floats = np.einsum("i,ij->j", values, self.weights.take(rows, axis=0))
        result += np.einsum("i,ij->j", vector, self.vector_weights)
        return result


class Model:
    """Four linear heads (intent, kind, product, urgent) over one TF-IDF vector, the signals and the vector of the words.

    Where kind or product stay in doubt, a second set of the last three is asked, which also sees the nearest examples.
    """

    def __init__(self, path: Path = MODEL_FILE) -> None:
        """Load the weights. Raises ``OSError`` when the file is missing."""
        with np.load(path, allow_pickle=False) as stored:
            self._grams = Grams(stored["vocabulary"])
            idf, signal_weights, vector_weights = stored["idf"], stored["signal_weights"], stored["vector_weights"]
            weights = np.concatenate([stored["weights"], signal_weights, stored["bias"][None]], dtype=np.float32)
            self._first_signal = len(idf)
            # How much each row counts: a signal as much as another.
            self._counts: Floats = np.concatenate([idf, np.ones(len(signal_weights) + 1)], dtype=np.float32)
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
            _Linear(*(np.ascontiguousarray(part[:, columns]) for part in (weights, vector_weights)))
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
        found = self._grams.find(gram_codes(text))
        times: dict[int, int] = {}
        for number in found:
            times[number] = times.get(number, 0) + 1
        rows = np.array([*times, *[self._first_signal + number for number in signals], -1], dtype=np.intp)
        values = self._counts.take(rows)
        if times:
            of_grams = values[: len(times)]
            if len(times) < len(found):  # some gram stands there twice: its weight grows with the logarithm
                of_grams *= np.array([1.0 + math.log(count) for count in times.values()], dtype=np.float32)
            of_grams /= math.sqrt(np.einsum("i,i", of_grams, of_grams))
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
