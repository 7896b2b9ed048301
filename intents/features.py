"""What the model sees of a text: character n-grams."""

import re

import numpy as np

from intents.grams import Codes, pairs, singles, triples

MAX_CHARS = 1200  # of a longer text the model sees the beginning and the end; nets and entities see all of it
_DIGIT = re.compile(r"\d")
_SPACE = re.compile(r"\s+")


def model_text(normalised: str) -> str:
    """*normalised* as the model sees it: digits alike, blanks gone, long texts without their middle."""
    text = _SPACE.sub("", _DIGIT.sub("0", normalised[:MAX_CHARS] + normalised[MAX_CHARS:][-MAX_CHARS:]))
    return text if len(text) <= MAX_CHARS else text[: MAX_CHARS // 2] + text[-MAX_CHARS // 2 :]


def features(text: str) -> list[str]:
    """All n-grams of 1 to 3 characters, with marks for begin and end.

    Words add nothing to these on our data and cost a look-up in jieba's dictionary of 350,000 for every character: half of the
    time of a turn was spent waiting for memory there. Segmentation is for tokens that people and programs read.
    """
    marked = f"^{text}$"
    pairs = [marked[i : i + 2] for i in range(len(marked) - 1)]
    return [*text, *pairs, *(marked[i : i + 3] for i in range(len(marked) - 2))]


def gram_codes(text: str) -> Codes:
    """The same n-grams in the same order, to be looked up in ``Grams``."""
    ones = singles(f"^{text}$")
    twos = pairs(ones)
    return np.concatenate((ones[1:-1], twos, triples(ones, twos)))
