"""Trains the model from the files in ``nlu/``: scikit-learn here, numpy everywhere else."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from config.labels import DialogueAct
from intents.features import features, model_text
from intents.model import MODEL_FILE, Floats
from intents.nearness import packed, unpacked
from intents.normalise import normalise
from intents.redact import redact
from intents.ridge import fit, kernel_of, one_hot, weights_of
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
    directions = np.stack([vector for _, _, vector in seen])
    blocks = [tfidf, shown, directions * VECTOR_SCALE]

    intents = [example.intent for example in examples]
    acts = frozenset(act.value for act in DialogueAct)
    matters = [row for row, intent in enumerate(intents) if intent not in acts]
    kinds, products = [intents[row] for row in matters], [str(examples[row].product) for row in matters]
    urgent = np.array([[float(bool(examples[row].urgent))] for row in matters], dtype=np.float32)
    labels = [sorted(set(some)) for some in (intents, kinds, products)]

    kernel = kernel_of(blocks)
    of_intents = fit(blocks, kernel, one_hot(intents, labels[0]), weights_of(intents))
    targets = np.hstack([one_hot(kinds, labels[1]), one_hot(products, labels[2]), urgent])
    chosen, counted, stored = [block[matters] for block in blocks], weights_of(kinds), packed(directions[matters])
    kernel = kernel[np.ix_(matters, matters)]
    of_matters = fit(chosen, kernel, targets, counted)
    near = fit(chosen, kernel, targets, counted, near=unpacked(stored))

    scales = [
        np.repeat([INTENT_SCALE], len(labels[0])),
        np.repeat([KIND_SCALE, PRODUCT_SCALE, URGENT_SCALE], [*map(len, labels[1:]), 1]),
    ]
    fitted = (of_intents, of_matters, near)
    factors = [scales[0], scales[1], scales[1]]
    of_grams, of_signals, of_vectors = (
        np.hstack([one.blocks[block] * factor for one, factor in zip(fitted, factors, strict=True)])
        for block in range(len(blocks))
    )
    bias = np.concatenate([one.intercept * factor for one, factor in zip(fitted, factors, strict=True)])
    bias[[len(labels[0]) + len(scales[1]) - 1, -1]] += URGENT_SHIFT
    np.savez_compressed(
        path,
        vocabulary=vectoriser.get_feature_names_out().astype(str),
        idf=vectoriser.idf_.astype(np.float16),
        weights=of_grams.astype(np.float16),
        signal_weights=(of_signals * SIGNAL_SCALE).astype(np.float32),
        vector_weights=(of_vectors * VECTOR_SCALE).astype(np.float32),
        bias=bias.astype(np.float32),
        examples=stored,
        example_weights=(near.examples * scales[1]).astype(np.float16),
        intents=np.array(labels[0]),
        kinds=np.array(labels[1]),
        products=np.array(labels[2]),
        fingerprint=np.array(fingerprint() if own is None else fingerprint(NLU_FOLDER, own)),
        base=np.array(fingerprint()),
    )
