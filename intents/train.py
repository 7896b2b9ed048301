"""Trains the model from the files in ``nlu/``: scikit-learn here, numpy everywhere else."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from config.labels import DialogueAct
from intents.features import features, model_text
from intents.model import MODEL_FILE, Floats
from intents.normalise import normalise
from intents.redact import redact
from intents.ridge import fit, one_hot, weights_of
from intents.signals import NAMES, signals
from intents.training_data import NLU_FOLDER, Example, fingerprint
from intents.word_vectors import WordVectors

VECTOR_SCALE = 0.5  # the same for the vector of the words
# What turns the scores of least squares, some 0 to 1, into the logits of probabilities that hold: fitted on left-out styles and authors.
INTENT_SCALE = KIND_SCALE = 8.5
PRODUCT_SCALE = 9.0
URGENT_SCALE, URGENT_SHIFT = 15.0, -6.4
SIGNAL_SCALE = 0.15  # how much a signal weighs beside the n-grams, chosen by leaving out one style after the other


def seen_of(text: str, words: WordVectors) -> tuple[list[str], list[int], Floats]:
    """The n-grams, the signals and the vector of *text*, on the same way as a customer's message takes."""
    normal = normalise(redact(text, expecting="amount_yuan").text)
    return features(model_text(normal)), signals(normal), words.vector(normal)


def train_model(examples: Sequence[Example], path: Path = MODEL_FILE, *, own: Path | None = None) -> None:
    """Train on *examples* and write the model to *path*. The same examples give the same file.

    *own* is the folder of a bank's own files, where *examples* hold some: the model remembers both.
    """
    from sklearn.feature_extraction.text import TfidfVectorizer

    words = WordVectors()
    seen = [seen_of(example.text, words) for example in examples]
    vectoriser = TfidfVectorizer(analyzer=lambda grams: grams, sublinear_tf=True, min_df=2, dtype=np.float32)
    tfidf = vectoriser.fit_transform([grams for grams, _, _ in seen])
    shown = np.zeros((len(seen), len(NAMES)), dtype=np.float32)
    for row, (_, numbers, _) in enumerate(seen):
        shown[row, numbers] = SIGNAL_SCALE
    vectors = np.stack([vector for _, _, vector in seen]) * VECTOR_SCALE
    blocks = [tfidf, shown, vectors]

    intents = [example.intent for example in examples]
    acts = frozenset(act.value for act in DialogueAct)
    matters = [row for row, intent in enumerate(intents) if intent not in acts]
    kinds, products = [intents[row] for row in matters], [str(examples[row].product) for row in matters]
    urgent = np.array([[float(bool(examples[row].urgent))] for row in matters], dtype=np.float32)
    labels = [sorted(set(some)) for some in (intents, kinds, products)]

    of_intents, intent_bias = fit(blocks, one_hot(intents, labels[0]), weights_of(intents))
    targets = np.hstack([one_hot(kinds, labels[1]), one_hot(products, labels[2]), urgent])
    of_matters, matter_bias = fit([block[matters] for block in blocks], targets, weights_of(kinds))

    columns = [len(some) for some in labels]
    scale = np.repeat([INTENT_SCALE, KIND_SCALE, PRODUCT_SCALE, URGENT_SCALE], [*columns, 1]).astype(np.float32)
    of_grams, of_signals, of_vectors = (np.hstack(both) * scale for both in zip(of_intents, of_matters, strict=True))
    bias = np.concatenate([intent_bias, matter_bias]) * scale
    bias[-1] += URGENT_SHIFT
    np.savez_compressed(
        path,
        vocabulary=vectoriser.get_feature_names_out().astype(str),
        idf=vectoriser.idf_.astype(np.float16),
        weights=of_grams.astype(np.float16),
        signal_weights=(of_signals * SIGNAL_SCALE).astype(np.float32),
        vector_weights=(of_vectors * VECTOR_SCALE).astype(np.float32),
        bias=bias.astype(np.float32),
        intents=np.array(labels[0]),
        kinds=np.array(labels[1]),
        products=np.array(labels[2]),
        fingerprint=np.array(fingerprint() if own is None else fingerprint(NLU_FOLDER, own)),
        base=np.array(fingerprint()),
    )
