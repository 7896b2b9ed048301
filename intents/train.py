"""Trains the model from the files in ``nlu/``: scikit-learn here, numpy everywhere else."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from config.labels import Kind
from intents.features import features, model_text
from intents.model import MODEL_FILE
from intents.normalise import normalise
from intents.redact import redact
from intents.signals import NAMES, signals
from intents.training_data import NLU_FOLDER, Example, fingerprint

REGULARISATION_C = 20.0
SIGNAL_SCALE = 0.15  # how much a signal weighs beside the n-grams, chosen by leaving out one style after the other
MIN_WEIGHT = 1e-3  # smaller ones change nothing and would triple the file


def seen_of(text: str) -> tuple[list[str], list[int]]:
    """The n-grams and signals of *text*, on the same way as a customer's message takes."""
    normal = normalise(redact(text, expecting="amount_yuan").text)
    return features(model_text(normal)), signals(normal)


def train_model(examples: Sequence[Example], path: Path = MODEL_FILE, *, own: Path | None = None) -> None:
    """Train on *examples* and write the model to *path*. The same examples give the same file.

    *own* is the folder of a bank's own files, where *examples* hold some: the model remembers both.
    """
    from scipy.sparse import csr_matrix, hstack
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression

    seen = [seen_of(example.text) for example in examples]
    vectoriser = TfidfVectorizer(analyzer=lambda grams: grams, sublinear_tf=True, min_df=2, dtype=np.float32)
    tfidf = vectoriser.fit_transform([grams for grams, _ in seen])
    shown = np.zeros((len(seen), len(NAMES)), dtype=np.float32)
    for row, (_, numbers) in enumerate(seen):
        shown[row, numbers] = SIGNAL_SCALE
    matrix = hstack([tfidf, csr_matrix(shown)]).tocsr()

    def fit(answers: list[str | None]) -> LogisticRegression:
        rows = [row for row, answer in enumerate(answers) if answer is not None]
        head = LogisticRegression(C=REGULARISATION_C, class_weight="balanced", max_iter=3000, random_state=0)
        return head.fit(matrix[rows], [answers[row] for row in rows])

    kinds = frozenset(kind.value for kind in Kind)
    intent = fit([example.intent for example in examples])
    kind = fit([example.intent if example.intent in kinds else None for example in examples])
    product = fit([example.product for example in examples])
    urgent = fit([None if example.urgent is None else str(example.urgent) for example in examples])

    heads = (intent, kind, product, urgent)
    weights = np.hstack([head.coef_.T for head in heads])
    grams = weights[: tfidf.shape[1]].astype(np.float16)
    grams[np.abs(grams) < MIN_WEIGHT] = 0
    np.savez_compressed(
        path,
        vocabulary=vectoriser.get_feature_names_out().astype(str),
        idf=vectoriser.idf_.astype(np.float16),
        weights=grams,
        signal_weights=(weights[tfidf.shape[1] :] * SIGNAL_SCALE).astype(np.float32),
        bias=np.concatenate([head.intercept_ for head in heads]).astype(np.float32),
        intents=intent.classes_.astype(str),
        kinds=kind.classes_.astype(str),
        products=product.classes_.astype(str),
        fingerprint=np.array(fingerprint() if own is None else fingerprint(NLU_FOLDER, own)),
        base=np.array(fingerprint()),
    )
