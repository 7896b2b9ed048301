"""Text that every store, page and platform can carry."""

import re

# Control characters but for tabs and line ends, halves of a pair that lost the other one, and what Unicode says is no character:
# PostgreSQL refuses the first of them, no file holds the second, XML has no way to write any.
_UNSPEAKABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def speakable(text: str) -> str:
    """*text* without characters that nobody can see and something on the way would choke on."""
    return _UNSPEAKABLE.sub("", text)
