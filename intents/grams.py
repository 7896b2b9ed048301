"""Looks up many short strings at once: as numbers in one sorted list.

A dictionary of strings answers each question alone, and nearly every answer has to be fetched from far away in memory. A sorted list of
numbers is small enough to stay near the processor, and numpy asks it for a whole text in one call.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

LONGEST = 3  # characters that fit into one number, 21 bits each
Codes = npt.NDArray[np.int64]
_FIRST, _SECOND = 42, 21


class Grams:
    """Strings of 1 to 3 characters, numbered in their order."""

    def __init__(self, strings: Sequence[str]) -> None:
        """Number *strings*, which are sorted and none twice. Raises ``ValueError`` where they are not."""
        codes = np.array(strings, dtype=f"U{LONGEST}").view(np.uint32).reshape(-1, LONGEST).astype(np.int64)
        self._codes: Codes = codes[:, 0] << _FIRST | codes[:, 1] << _SECOND | codes[:, 2]
        if (np.diff(self._codes) <= 0).any():
            raise ValueError("the strings must be sorted, and none there twice")

    def find(self, codes: Codes) -> list[int]:
        """The numbers of those strings that stand among *codes*, in their order there."""
        if not len(self._codes):
            return []
        near = self._codes.searchsorted(codes)
        found: list[int] = near[self._codes.take(near, mode="clip") == codes].tolist()
        return found


def singles(text: str) -> Codes:
    """The characters of *text*, as ``Grams.find`` wants them."""
    encoded = text.encode("utf-32", "surrogatepass")  # in the order of bytes of this machine, with a mark before it
    return np.frombuffer(encoded, dtype=np.uint32, offset=4).astype(np.int64) << _FIRST


def pairs(ones: Codes) -> Codes:
    """Each character of a text with the one behind it, given its ``singles``."""
    return ones[:-1] | ones[1:] >> (_FIRST - _SECOND)


def triples(ones: Codes, twos: Codes) -> Codes:
    """Each character with the two behind it, given the ``singles`` and ``pairs`` of a text."""
    return twos[:-1] | ones[2:] >> _FIRST
