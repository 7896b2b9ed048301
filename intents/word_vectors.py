"""What a message is about, from the words in it: their vectors, distilled from a sentence encoder, weighed and added.

Words that no training example has still lie near those that one has. The table ships with the package and needs nothing else.
"""

import math
from importlib.resources import files
from pathlib import Path

import numpy as np

from intents.model import Floats

TABLE_FILE = Path(str(files("intents") / "word_vectors.npz"))
LONGEST = 4
MAX_CHARS = 400  # of a longer text the beginning tells what it is about


class WordVectors:
    """The packaged table: some 39,000 words and characters with 128 numbers each, 5 MB."""

    def __init__(self, path: Path = TABLE_FILE) -> None:
        """Load the table. Raises ``OSError`` when the file is missing."""
        with np.load(path, allow_pickle=False) as stored:
            self._number: dict[str, int] = {
                word: number for number, word in enumerate(bytes(stored["words"]).decode().split("\n"))
            }
            self._longest: dict[str, int] = {}  # of the words that begin with two characters, the length of the longest
            for word in self._number:
                if 1 < len(word) <= LONGEST:
                    self._longest[word[:2]] = max(len(word), self._longest.get(word[:2], 0))
            self._table = stored["table"]  # int8; a row's weight is in its length
            self._scales: Floats = stored["scales"]
            self._mean: Floats = stored["mean"]

    def words(self, text: str) -> list[int]:
        """The rows of the longest words found from left to right in the normalised *text*."""
        known, longest, found, start, text = self._number.get, self._longest.get, [], 0, text[:MAX_CHARS]
        while start < len(text):
            for length in range(longest(text[start : start + 2], 1), 0, -1):
                # At the end of the text the longer ones are the last word as well, and whatever was found is the last one.
                if (row := known(text[start : start + length])) is not None:
                    found.append(row)
                    start += length
                    break
            else:
                start += 1
        return found

    def vector(self, text: str) -> Floats:
        """The direction of the normalised *text*, without what all messages share; zeros where no word is known."""
        rows = self.words(text)
        if not rows:
            return np.zeros_like(self._mean)
        numbers = np.array(rows, dtype=np.intp)
        total = np.einsum("i,ij->j", self._scales.take(numbers), self._table.take(numbers, axis=0).astype(np.float32))
        moved = total / max(math.sqrt(np.einsum("i,i", total, total)), 1e-9) - self._mean
        result: Floats = moved / max(math.sqrt(np.einsum("i,i", moved, moved)), 1e-9)
        return result
