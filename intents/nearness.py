"""What the taught examples nearest to a text were: said where the words alone leave a doubt.

The linear heads add up what each word says. Two messages that mean the same may share no word, and words that point one way each may
together point another: an example that lies near as a whole tells that.
"""

import numpy as np
import numpy.typing as npt

WIDTH = 0.4  # of squared distance (0 to 4) after which an example says a third of what it says of itself
_Floats = npt.NDArray[np.float32]
_STEPS = 127


def closeness(these: _Floats, those: _Floats, width: float = WIDTH) -> _Floats:
    """How near each of *these* lies to each of *those*, 1 for the same direction: vectors of length 1, or of zeros; *width* as ``WIDTH``."""
    near = these @ those.T
    # |a - b|^2 = |a|^2 + |b|^2 - 2ab, in place: there may be some 10,000 of each.
    near *= 2.0
    near -= (these * these).sum(axis=-1)[..., None] if these.ndim > 1 else these @ these
    near -= (those * those).sum(axis=-1)
    near /= width
    result: _Floats = np.exp(near, out=near)
    return result


class Examples:
    """What all examples say of a text: their vectors and weights, kept as one look at all of them needs them."""

    def __init__(self, stored: npt.NDArray[np.int8], weights: npt.NDArray[np.float16], width: float = WIDTH) -> None:
        vectors = unpacked(stored)
        self._vectors = vectors * np.float32(2 / width)
        self._squares: _Floats = (vectors * vectors).sum(axis=-1) / np.float32(width)
        self._weights: _Floats = np.ascontiguousarray(weights.T, dtype=np.float32)
        self._width = width

    def say(self, vector: _Floats) -> _Floats:
        """A number an answer, for the text of this *vector*: ``closeness`` to every example, times its weights.

        By einsum: a product as large as this one is shared among the threads of the linear algebra, which on a busy machine wait for each
        other for up to 100 ms, with the event loop behind them.
        """
        near = np.einsum("ij,j->i", self._vectors, vector)
        near -= self._squares
        near -= float(vector @ vector) / self._width
        result: _Floats = np.einsum("ij,j->i", self._weights, np.exp(near, out=near))
        return result


def packed(vectors: _Floats) -> npt.NDArray[np.int8]:
    """*vectors* of length 1 in an eighth of the room that they were trained in."""
    return np.rint(vectors * _STEPS).astype(np.int8)


def unpacked(stored: npt.NDArray[np.int8]) -> _Floats:
    """The vectors that were ``packed``, as ``closeness`` wants them."""
    result: _Floats = stored.astype(np.float32) / np.float32(_STEPS)
    return result
