"""Trains the heads that stand on sentence embeddings; needs the extras ``train`` and ``semantic``."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from config.labels import Kind
from intents.model import Floats
from intents.nearness import packed, unpacked
from intents.redact import redact
from intents.ridge import fit, kernel_of, one_hot, weights_of
from intents.semantic import EXAMPLES_WIDTH, SEMANTIC_FILE, centred, embedding, encoder
from intents.train import KIND_SCALE, PRODUCT_SCALE
from intents.training_data import NLU_FOLDER, Example, fingerprint

NEARNESS = 2.0  # how much the nearest examples say beside the embedding itself
_KINDS = frozenset(kind.value for kind in Kind)


def embeddings(examples: Sequence[Example]) -> list[Floats]:
    """The vector of every example; some 20 ms each."""
    model = encoder()
    return [embedding(model, redact(example.text).text) for example in examples]


def train_semantic(
    examples: Sequence[Example], vectors: Sequence[Floats], path: Path = SEMANTIC_FILE, *, own: Path | None = None
) -> None:
    """Write the heads for *examples*, whose embeddings are *vectors*, to *path*; *own* as in ``train_model``."""
    rows = [row for row, example in enumerate(examples) if example.intent in _KINDS]
    mean = np.mean(np.stack(vectors), axis=0).astype(np.float32)
    stored = packed(np.stack([centred(vectors[row], mean) for row in rows]))
    read = unpacked(stored)
    kinds, products = [examples[row].intent for row in rows], [str(examples[row].product) for row in rows]
    labels = [sorted(set(some)) for some in (kinds, products)]
    targets = np.hstack([one_hot(kinds, labels[0]), one_hot(products, labels[1])])
    fitted = fit([read], kernel_of([read]), targets, weights_of(kinds), near=read, nearness=NEARNESS, width=EXAMPLES_WIDTH)
    scales = np.repeat([KIND_SCALE, PRODUCT_SCALE], [*map(len, labels)]).astype(np.float32)
    np.savez_compressed(
        path,
        mean=mean,
        weights=(fitted.blocks[0] * scales).astype(np.float32),
        bias=(fitted.intercept * scales).astype(np.float32),
        examples=stored,
        example_weights=(fitted.examples * scales).astype(np.float16),
        kinds=np.array(len(labels[0])),
        fingerprint=np.array(fingerprint() if own is None else fingerprint(NLU_FOLDER, own)),
    )
