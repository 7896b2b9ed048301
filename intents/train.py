"""Trains the model from the files in ``nlu/``: scikit-learn here, numpy everywhere else."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from intents.features import features, model_text
from intents.model import MODEL_FILE
from intents.normalise import normalise
from intents.redact import redact
from intents.training_data import Example, fingerprint, read_examples

REGULARISATION_C = 12.0
MIN_WEIGHT = 1e-3  # smaller ones change nothing and would triple the file


def grams_of(text: str) -> list[str]:
    """The features of *text* on the same way as a customer's message takes."""
    return features(model_text(normalise(redact(text, expecting="amount_yuan").text)))


def train_model(examples: Sequence[Example], path: Path = MODEL_FILE) -> None:
    """Train on *examples* and write the model to *path*. The same examples give the same file."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression

    documents = [grams_of(example.text) for example in examples]
    vectoriser = TfidfVectorizer(analyzer=lambda grams: grams, sublinear_tf=True, min_df=2, dtype=np.float32)
    matrix = vectoriser.fit_transform(documents)

    def fit(rows: list[int], labels: list[str]) -> LogisticRegression:
        head = LogisticRegression(C=REGULARISATION_C, class_weight="balanced", max_iter=2000, random_state=0)
        return head.fit(matrix[rows], labels)

    every = list(range(len(examples)))
    intent = fit(every, [example.intent for example in examples])
    with_product = [n for n in every if examples[n].product is not None]
    product = fit(with_product, [str(examples[n].product) for n in with_product])
    with_urgent = [n for n in every if examples[n].urgent is not None]
    urgent = fit(with_urgent, [str(examples[n].urgent) for n in with_urgent])

    weights = np.hstack([intent.coef_.T, product.coef_.T, urgent.coef_.T]).astype(np.float16)
    weights[np.abs(weights) < MIN_WEIGHT] = 0
    np.savez_compressed(
        path,
        vocabulary=vectoriser.get_feature_names_out().astype(str),
        idf=vectoriser.idf_.astype(np.float16),
        weights=weights,
        bias=np.concatenate([intent.intercept_, product.intercept_, urgent.intercept_]).astype(np.float32),
        intents=intent.classes_.astype(str),
        products=product.classes_.astype(str),
        fingerprint=np.array(fingerprint()),
    )


def train_from_files(path: Path = MODEL_FILE) -> int:
    """Train on the packaged files; returns the number of examples."""
    examples = read_examples()
    train_model(examples, path)
    return len(examples)
