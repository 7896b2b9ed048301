"""What a message is about, from the words in it: their vectors, distilled from a sentence encoder, weighed and added.

Words that no training example has still lie near those that one has. The table ships with the package and needs nothing else.
"""

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
            self._table = stored["table"]  # int8; a row's weight is in its length
            self._scales: Floats = stored["scales"]
            self._mean: Floats = stored["mean"]

    def words(self, text: str) -> list[int]:
        """The rows of the longest words found from left to right in the normalised *text*."""
        number, found, start, end = self._number, [], 0, min(len(text), MAX_CHARS)
        while start < end:
            for stop in range(min(start + LONGEST, end), start, -1):
                row = number.get(text[start:stop])
                if row is not None:
                    found.append(row)
                    start = stop
                    break
            else:
                start += 1
        return found

    def vector(self, text: str) -> Floats:
        """The direction of the normalised *text*, without what all messages share; zeros where no word is known."""
        rows = self.words(text)
        if not rows:
            return np.zeros_like(self._mean)
        total = self._scales.take(rows) @ self._table.take(rows, axis=0).astype(np.float32)
        moved = total / max(float(np.linalg.norm(total)), 1e-9) - self._mean
        result: Floats = moved / max(float(np.linalg.norm(moved)), 1e-9)
        return result
