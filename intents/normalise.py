"""Brings one message into the one form that the rest reads: width, case, styles and scripts of digits, and traditional characters. Length never changes.

Because every character maps to exactly one, positions in the normalised text are positions in the original.
"""

from intents.numerals import PLAIN
from intents.traditional import PAIRS

_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}
_UPPER = {code: code + 32 for code in range(ord("A"), ord("Z") + 1)}
# Full-width capitals need both steps at once: a table is applied only once.
_FULL_UPPER = {code: code - 0xFEE0 + 32 for code in range(0xFF21, 0xFF3B)}
_CONTROL = dict.fromkeys((*range(32), 127, 8203, 8204, 8205, 8288, 65279), 32)
_SURROGATES = dict.fromkeys(range(55296, 57344), 32)
_TABLE: dict[int, int] = _FULL_WIDTH | _UPPER | _FULL_UPPER | _CONTROL | _SURROGATES | PAIRS | PLAIN


def normalise(text: str) -> str:
    """*text* in half-width lower case, ASCII digits, simplified characters, without control characters; as long as before."""
    return text.translate(_TABLE)
