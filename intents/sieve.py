"""Tells which of many patterns can match a text at all, from the single characters and pairs of characters in it.

Of each pattern is known of which characters every match holds at least one: 盗刷|被盗 needs 盗刷 or 被盗, and [转打]错(?:账|人) needs both 转错 or
打错 and 错账 or 错人 (``needs.py``). Most messages hold few of them, and looking them up costs a tenth of searching with every pattern.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from importlib.resources import files
from operator import add
from pathlib import Path

NEEDS = 3  # sets of characters that a pattern may need one of each
DIGIT = "\uffff"  # stands for whatever \d matches among the needs of a pattern; no text holds it, for it is no character
# What ``needs.py`` found out of our patterns, so that no start has to: by the pattern's digest.
NEEDS_FILE = Path(str(files("intents") / "needs.json"))
_A_DIGIT = re.compile(r"\d")
_FOUND_OUT: dict[str, list[list[str]]] = json.loads(NEEDS_FILE.read_text("utf-8")) if NEEDS_FILE.exists() else {}


class _Index:
    """The patterns of all sieves together, a bit for each of their needs, so that a text is looked through once."""

    def __init__(self) -> None:
        self._sieves: list[tuple[Sieve, int]] = []  # of each pattern its sieve and its number there
        self._always = 0
        self._firsts = 0  # the first bit of each pattern
        self._by_gram: dict[str, int] = {}
        self.passing = lru_cache(maxsize=4)(self._passing)  # for the few texts that many sieves ask about in a row

    def enter(self, sieve: "Sieve", needs: Iterable[Sequence[Iterable[str]]]) -> None:
        """Take in the patterns of *sieve*, with these *needs*."""
        for number, of_one in enumerate(needs):
            first = 1 << NEEDS * len(self._sieves)
            self._sieves.append((sieve, number))
            self._firsts |= first
            self._always |= ((1 << NEEDS) - (1 << len(of_one))) * first
            for place, grams in enumerate(of_one):
                for gram in grams:
                    self._by_gram[gram] = self._by_gram.get(gram, 0) | first << place
        self.passing.cache_clear()

    def _passing(self, text: str) -> "Mapping[Sieve, list[int]]":
        """By sieve the numbers, rising, of all patterns that may match somewhere in *text*; no sieve of which none may."""
        met, by_gram = self._always, self._by_gram
        if _A_DIGIT.search(text):
            met |= by_gram.get(DIGIT, 0)
        for gram in (*text, *map(add, text, text[1:])):
            if gram in by_gram:
                met |= by_gram[gram]
        all_met = met & met >> 1 & met >> 2 & self._firsts
        found: dict[Sieve, list[int]] = {}
        while all_met:
            lowest = all_met & -all_met
            sieve, number = self._sieves[lowest.bit_length() // NEEDS]
            found.setdefault(sieve, []).append(number)
            all_met ^= lowest
        return found


_INDEX = _Index()
passing = _INDEX.passing  # of all sieves at once, for whoever can leave several out
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
        _INDEX.enter(self, map(_needed, self.sources))
        SIEVES.append(self)

    def warm(self) -> None:
        """Compile every pattern now. Any thread may call this."""
        for number in range(len(self.sources)):
            self.pattern(number)

    def _compiled(self, number: int) -> re.Pattern[str]:
        """The pattern of that number."""
        return re.compile(self.sources[number])

    def passing(self, text: str) -> Sequence[int]:
        """The numbers, rising, of all patterns that may match somewhere in *text*; the others cannot."""
        return passing(text).get(self, ())

    def search(self, text: str) -> Iterable[tuple[int, re.Match[str]]]:
        """The number of each pattern that matches in *text*, rising, and its first match; each is only tried when it is asked for."""
        numbers = passing(text).get(self)
        return self._search(numbers, text) if numbers else ()

    def finditer(self, text: str) -> Iterable[re.Match[str]]:
        """Every match of every pattern in *text*, pattern by pattern."""
        numbers = passing(text).get(self)
        return self._finditer(numbers, text) if numbers else ()

    def _search(self, numbers: Iterable[int], text: str) -> Iterator[tuple[int, re.Match[str]]]:
        for number in numbers:
            if match := self.pattern(number).search(text):
                yield number, match

    def _finditer(self, numbers: Iterable[int], text: str) -> Iterator[re.Match[str]]:
        for number in numbers:
            yield from self.pattern(number).finditer(text)


def digest(pattern: str) -> str:
    """The name of *pattern* in ``NEEDS_FILE``."""
    return hashlib.sha256(pattern.encode()).hexdigest()[:16]


def _needed(pattern: str) -> Sequence[Iterable[str]]:
    name = digest(pattern)
    if name not in _FOUND_OUT:  # one of a test, or one that was changed since
        from intents.needs import needed

        return needed(pattern)
    return _FOUND_OUT[name]
