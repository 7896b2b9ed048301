"""Heads by least squares, solved exactly: as good as logistic regression on our data, and in one step for all answers."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from intents.model import Floats
from intents.nearness import WIDTH, closeness

PENALTY = 0.3  # chosen by leaving out one style after the other
NEARNESS = 1.5  # how much lying near an example weighs beside what n-grams, signals and words say


class Fitted(NamedTuple):
    """A column an answer."""

    blocks: list[Floats]  # of each block of features, a row a feature
    examples: Floats  # a row an example: what lying near it says
    intercept: Floats


def weights_of(labels: Sequence[str]) -> Floats:
    """How much each example counts: rare labels more, by the root of how rare they are. Their mean is 1."""
    _, which, counts = np.unique(np.asarray(labels), return_inverse=True, return_counts=True)
    weights = (1.0 / np.sqrt(counts))[which]
    result: Floats = (weights / weights.mean()).astype(np.float32)
    return result


def kernel_of(blocks: Sequence[Any]) -> Floats:
    """How alike the examples are: a row and a column an example. A block is an array or a sparse matrix with a row an example."""
    kernel = _dense(blocks[0] @ blocks[0].T)
    for block in blocks[1:]:
        kernel += _dense(block @ block.T)
    result: Floats = kernel
    return result


def fit(
    blocks: Sequence[Any],
    kernel: Floats,
    targets: Floats,
    weights: Floats,
    *,
    near: Floats | None = None,
    nearness: float = NEARNESS,
    width: float = WIDTH,
) -> Fitted:
    """The coefficients of each block of features and the intercepts; *kernel* is the ``kernel_of`` these *blocks*.

    *near* holds vectors of the examples: where it is given, what an example was also counts for texts near it, and each of them has
    coefficients as well; *nearness* and *width* say how much and how far.

    There are fewer examples than features, so what is solved has a row an example: cubic in their number, some seconds for 8,000.
    """
    from scipy.linalg import cho_factor, cho_solve

    matrix = kernel.copy() if near is None else kernel + nearness * closeness(near, near, width)
    matrix[np.diag_indices_from(matrix)] += PENALTY / weights
    intercept = targets.mean(axis=0)
    dual = cho_solve(cho_factor(matrix, overwrite_a=True, check_finite=False), targets - intercept, check_finite=False)
    return Fitted(
        [np.asarray(block.T @ dual, dtype=np.float32) for block in blocks],
        np.asarray(nearness * dual, dtype=np.float32),
        intercept.astype(np.float32),
    )


def _dense(product: Any) -> Any:
    return product if isinstance(product, np.ndarray) else product.toarray()


def one_hot(labels: Sequence[str], classes: Sequence[str]) -> Floats:
    """A row a label, 1 in the column of its class."""
    result: Floats = (np.asarray(labels)[:, None] == np.asarray(classes)[None, :]).astype(np.float32)
    return result
