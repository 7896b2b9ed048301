"""What people read as digits, whatever it is written in: other scripts, styles of letters, circles, brackets, keys of a telephone.

A digit that is nothing else becomes an ASCII one wherever a text is normalised. One in a circle, in brackets, raised, lowered or
on a key may as well number the lines of a list: ① before a phone number is no part of it. So a text with such has two
readings, and whoever looks for numbers looks into both.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

# The zero of every set of ten decimal digits that Unicode 17 knows, but ASCII's; full-width ones have a table of their own.
_ZEROS = (
    *(0x0660, 0x06F0, 0x07C0, 0x0966, 0x09E6, 0x0A66, 0x0AE6, 0x0B66, 0x0BE6, 0x0C66, 0x0CE6, 0x0D66, 0x0DE6, 0x0E50, 0x0ED0),
    *(0x0F20, 0x1040, 0x1090, 0x17E0, 0x1810, 0x1946, 0x19D0, 0x1A80, 0x1A90, 0x1B50, 0x1BB0, 0x1C40, 0x1C50, 0xA620, 0xA8D0),
    *(0xA900, 0xA9D0, 0xA9F0, 0xAA50, 0xABF0, 0x104A0, 0x10D30, 0x10D40, 0x11066, 0x110F0, 0x11136, 0x111D0, 0x112F0, 0x11450),
    *(0x114D0, 0x11650, 0x116C0, 0x116D0, 0x116DA, 0x11730, 0x118E0, 0x11950, 0x11BF0, 0x11C50, 0x11D50, 0x11DA0, 0x11DE0),
    *(0x11F50, 0x16130, 0x16A60, 0x16AC0, 0x16B50, 0x16D70, 0x1CCF0, 0x1D7CE, 0x1D7D8, 0x1D7E2, 0x1D7EC, 0x1D7F6, 0x1E140),
    *(0x1E2F0, 0x1E4F0, 0x1E5F1, 0x1E950, 0x1FBF0),
)
_MATHEMATICAL = range(0x1D400, 0x1D6A4)  # the letters A to Z and a to z in thirteen styles, one after another
PLAIN: dict[int, int] = {zero + n: ord("0") + n for zero in _ZEROS for n in range(10)} | {
    code: ord("a") + (code - _MATHEMATICAL.start) % 26 for code in _MATHEMATICAL
}

# Marks upon the character before them, and what shows nothing: they part no digits.
_MARKS = (
    "\u00ad\u0300-\u036f\u0483-\u0489\u061c\u180b-\u180f\u1ab0-\u1aff\u1dc0-\u1dff\u200b-\u200f\u202a-\u202e\u2060-\u206f\u20d0-\u20f0"
    "\ufe00-\ufe0f\ufe20-\ufe2f\ufeff\U000e0000-\U000e01ef"
)
_KEYS = "\u20dd-\u20e0\u20e2-\u20e4"  # of the marks those that make a button, a circle or a square of a digit
# Digits that may number a list or stand beside a word; also in pairs: ⑬ is a 13.
_NUMBERING = "²³¹\u2070\u2074-\u2079\u2080-\u2089①-⒛⓪⓫-⓿❶-➓㈠-㈨㉈-㉏㉑-㉟㊀-㊈㊱-㊿\U0001f100-\U0001f10c\u3192-\u3195"
_NOTHING = "\ufffc"  # stands between digits where a number of the list was, and joins none of them
_ODD = re.compile(f"[{_MARKS}{_NUMBERING}]")
_IS_MARK = re.compile(f"[{_MARKS}]")
_IS_KEY = re.compile(f"[{_KEYS}]")
_IS_NUMBERING = re.compile(f"[{_NUMBERING}]")


class Reading:
    """A text as it may be read, and where each of its characters came from."""

    def __init__(self, plain: str, places: list[int], text: str) -> None:
        self.plain = plain
        self._places = places
        self._text = text

    def origin(self, start: int, end: int) -> tuple[int, int]:
        """The stretch of the text that *start* to *end* of the reading stands for, with the marks upon its last character."""
        last = self._places[end - 1] + 1
        while last < len(self._text) and _IS_MARK.match(self._text, last):
            last += 1
        return self._places[start], last


def is_odd(text: str) -> bool:
    """Whether *text* can be read in more than one way, or holds marks between its characters."""
    return _ODD.search(text) is not None


def readings(text: str, plain: str) -> Iterator[Reading]:
    """Both readings of *text*, of which *plain* is the normalised form: with what may number a list as digits, and without it."""
    for as_digits in (True, False):
        read: list[str] = []
        places: list[int] = []
        for place, (char, simple) in enumerate(zip(text, plain, strict=True)):
            if _IS_MARK.match(char):
                if read and not as_digits and _IS_KEY.match(char) and read[-1].isdecimal():
                    read[-1] = _NOTHING
                continue
            seen = (_value(char) if as_digits else _NOTHING) if _IS_NUMBERING.match(char) else simple
            read.append(seen)
            places += [place] * len(seen)
        yield Reading("".join(read), places, text)


@lru_cache(maxsize=256)
def _value(char: str) -> str:
    """The number that a character shows, in ASCII digits."""
    return str(int(unicodedata.numeric(char)))
