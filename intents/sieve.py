"""Tells which of many patterns can match a text at all, from the single characters and pairs of characters in it.

Of each pattern is known of which characters every match holds at least one: 盗刷|被盗 needs 盗刷 or 被盗 (``needs.py``). Most messages
hold few of them, and looking them up costs a tenth of searching with every pattern.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from importlib.resources import files
from operator import add
from pathlib import Path

DIGIT = "\uffff"  # stands for whatever \d matches among the needs of a pattern; no text holds it, for it is no character
# What ``needs.py`` found out of our patterns, so that no start has to: by the pattern's digest.
NEEDS_FILE = Path(str(files("intents") / "needs.json"))
_DECIMALS = tuple(char for char in map(chr, range(0x20000)) if char.isdecimal())  # there are none beyond
_FOUND_OUT: dict[str, list[str] | None] = json.loads(NEEDS_FILE.read_text("utf-8")) if NEEDS_FILE.exists() else {}


class _Index:
    """The patterns of all sieves together, a bit for each, so that a text is looked through once."""

    def __init__(self) -> None:
        self._size = 0
        self._always = 0
        self._by_gram: dict[str, int] = {}
        self.passing = lru_cache(maxsize=4)(self._passing)  # for the few texts that many sieves ask about in a row

    def enter(self, needs: Iterable[frozenset[str] | None]) -> int:
        """Take patterns with these *needs* in; the number of the first one's bit."""
        first = self._size
        for of_one in needs:
            bit = 1 << self._size
            self._size += 1
            if of_one is None:
                self._always |= bit
            for need in of_one or ():
                for gram in _DECIMALS if need == DIGIT else (need,):
                    self._by_gram[gram] = self._by_gram.get(gram, 0) | bit
        self.passing.cache_clear()
        return first

    def _passing(self, text: str) -> int:
        """The bits of all patterns that may match somewhere in *text*."""
        mask = self._always
        for gram in self._by_gram.keys() & frozenset((*text, *map(add, text, text[1:]))):
            mask |= self._by_gram[gram]
        return mask


_INDEX = _Index()
SIEVES: "list[Sieve]" = []


def warm() -> None:
    """Compile the patterns of all sieves, so that no text has to wait for one. Any thread may call this."""
    for sieve in tuple(SIEVES):
        sieve.warm()


class Sieve:
    """Patterns by number, ready to be left out. Made once, where a module is loaded: what is made stays in the common index.

    A pattern is compiled when a text first passes it: all of ours at once would take longer than all else of the start.
    """

    def __init__(self, patterns: Iterable[str]) -> None:
        self.sources = tuple(patterns)
        self.pattern = lru_cache(maxsize=None)(self._compiled)
        self._first = _INDEX.enter(map(_needed, self.sources))
        SIEVES.append(self)
        self._own = (1 << len(self.sources)) - 1

    def warm(self) -> None:
        """Compile every pattern now. Any thread may call this."""
        for number in range(len(self.sources)):
            self.pattern(number)

    def _compiled(self, number: int) -> re.Pattern[str]:
        """The pattern of that number."""
        return re.compile(self.sources[number])

    def passing(self, text: str) -> Iterable[int]:
        """The numbers, rising, of all patterns that may match somewhere in *text*; the others cannot."""
        mask = _INDEX.passing(text) >> self._first & self._own
        return _places(mask) if mask else ()

    def search(self, text: str) -> Iterable[tuple[int, re.Match[str]]]:
        """The number of each pattern that matches in *text*, rising, and its first match; each is only tried when it is asked for."""
        passing = self.passing(text)
        return self._search(passing, text) if passing else ()

    def finditer(self, text: str) -> Iterable[re.Match[str]]:
        """Every match of every pattern in *text*, pattern by pattern."""
        passing = self.passing(text)
        return self._finditer(passing, text) if passing else ()

    def _search(self, passing: Iterable[int], text: str) -> Iterator[tuple[int, re.Match[str]]]:
        for number in passing:
            if match := self.pattern(number).search(text):
                yield number, match

    def _finditer(self, passing: Iterable[int], text: str) -> Iterator[re.Match[str]]:
        for number in passing:
            yield from self.pattern(number).finditer(text)


def _places(mask: int) -> list[int]:
    """The places of the bits in *mask*, rising."""
    found = []
    while mask:
        lowest = mask & -mask
        found.append(lowest.bit_length() - 1)
        mask ^= lowest
    return found


def digest(pattern: str) -> str:
    """The name of *pattern* in ``NEEDS_FILE``."""
    return hashlib.sha256(pattern.encode()).hexdigest()[:16]


def _needed(pattern: str) -> frozenset[str] | None:
    name = digest(pattern)
    if name not in _FOUND_OUT:  # one of a test, or one that was changed since
        from intents.needs import needed

        return needed(pattern)
    found = _FOUND_OUT[name]
    return None if found is None else frozenset(found)
