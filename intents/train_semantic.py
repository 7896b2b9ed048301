"""Trains the heads that stand on sentence embeddings; needs the extras ``train`` and ``semantic``."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from config.labels import Kind
from intents.model import Floats
from intents.redact import redact
from intents.semantic import SEMANTIC_FILE, centred, embedding, encoder
from intents.training_data import NLU_FOLDER, Example, fingerprint

REGULARISATION_C = 6.0
_KINDS = frozenset(kind.value for kind in Kind)


def embeddings(examples: Sequence[Example]) -> list[Floats]:
    """The vector of every example; some 20 ms each."""
    model = encoder()
    return [embedding(model, redact(example.text).text) for example in examples]


def train_semantic(
    examples: Sequence[Example], vectors: Sequence[Floats], path: Path = SEMANTIC_FILE, *, own: Path | None = None
) -> None:
    """Write the heads for *examples*, whose embeddings are *vectors*, to *path*; *own* as in ``train_model``."""
    from sklearn.linear_model import LogisticRegression

    mean = np.mean(np.stack(vectors), axis=0).astype(np.float32)
    matrix = np.stack([centred(vector, mean) for vector in vectors])

    def fit(answers: list[str | None]) -> LogisticRegression:
        rows = [row for row, answer in enumerate(answers) if answer is not None]
        head = LogisticRegression(C=REGULARISATION_C, class_weight="balanced", max_iter=3000, random_state=0)
        return head.fit(matrix[rows], [answers[row] for row in rows])

    kind = fit([example.intent if example.intent in _KINDS else None for example in examples])
    product = fit([example.product for example in examples])
    np.savez_compressed(
        path,
        mean=mean,
        weights=np.hstack([kind.coef_.T, product.coef_.T]).astype(np.float32),
        bias=np.concatenate([kind.intercept_, product.intercept_]).astype(np.float32),
        kinds=np.array(len(kind.classes_)),
        fingerprint=np.array(fingerprint() if own is None else fingerprint(NLU_FOLDER, own)),
    )
