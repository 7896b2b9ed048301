"""Stretches of a text given out once each, in constant time however many there are."""


class Spans:
    """Which places of a text of *length* characters are taken."""

    def __init__(self, length: int) -> None:
        self._taken = bytearray(length)

    def take(self, start: int, end: int) -> bool:
        """Take the places from *start* up to *end*; False, and nothing is taken, when one of them was."""
        if self._taken.find(1, start, end) >= 0:
            return False
        self._taken[start:end] = b"\1" * (min(end, len(self._taken)) - start)
        return True
