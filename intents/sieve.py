"""Tells which of many patterns can match a text at all, from the single characters and pairs of characters in it.

Each pattern is read once, for characters of which every match holds at least one: 盗刷|被盗 needs 盗刷 or 被盗. Most messages hold
few of them, and looking them up in a dictionary costs a tenth of searching with every pattern.
"""

import importlib
import math
import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import product
from operator import add
from typing import Any, NamedTuple

# How Python itself reads a pattern: no public module tells it. What is not known here makes a pattern pass always.
_parser: Any = importlib.import_module("re._parser")

_MOST = 200  # strings that one part of a pattern may stand for
_DECIMALS = frozenset(map(chr, filter(lambda code: chr(code).isdecimal(), range(0x110000))))
# Single characters and pairs of these stand in most messages: what is told by other characters tells more.
_COMMON = frozenset("的不我了是一你有在个没人们到这好上给都就也还要说行么来他打款银卡钱能什去用为出账客0123456789,，。!?")
_EMPTY = frozenset({""})


class _Part(NamedTuple):
    """What is known of a part of a pattern: every string it matches, or strings of which each match holds one; None: unknown."""

    exact: frozenset[str] | None
    needs: frozenset[str] | None


_ANYTHING = _Part(None, None)
_NOTHING = _Part(_EMPTY, None)


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
            for gram in of_one or ():
                self._by_gram[gram] = self._by_gram.get(gram, 0) | bit
        self.passing.cache_clear()
        return first

    def _passing(self, text: str) -> int:
        """The bits of all patterns that may match somewhere in *text*."""
        mask = self._always
        for gram in self._by_gram.keys() & grams(text):
            mask |= self._by_gram[gram]
        return mask


_INDEX = _Index()


class Sieve:
    """Patterns by number, ready to be left out. Made once, where a module is loaded: what is made stays in the common index."""

    def __init__(self, patterns: Iterable[re.Pattern[str]]) -> None:
        self.patterns = tuple(patterns)
        self._first = _INDEX.enter(map(needed, self.patterns))
        self._own = (1 << len(self.patterns)) - 1

    def passing(self, text: str) -> Iterator[int]:
        """The numbers, rising, of all patterns that may match somewhere in *text*; the others cannot."""
        mask = _INDEX.passing(text) >> self._first & self._own
        while mask:
            lowest = mask & -mask
            yield lowest.bit_length() - 1
            mask ^= lowest

    def search(self, text: str) -> Iterator[tuple[int, re.Match[str]]]:
        """The number of each pattern that matches in *text*, rising, and its first match."""
        for number in self.passing(text):
            if match := self.patterns[number].search(text):
                yield number, match

    def finditer(self, text: str) -> Iterator[re.Match[str]]:
        """Every match of every pattern in *text*, pattern by pattern."""
        for number in self.passing(text):
            yield from self.patterns[number].finditer(text)


@lru_cache(maxsize=4)
def grams(text: str) -> frozenset[str]:
    """The characters of *text* and its pairs of neighbours. Kept for the few texts that many sieves ask for in a row."""
    return frozenset((*text, *map(add, text, text[1:])))


def needed(pattern: re.Pattern[str]) -> frozenset[str] | None:
    """Characters and pairs of characters of which every match of *pattern* holds one; None where no such are known."""
    if pattern.flags & re.IGNORECASE:
        return None
    needs = _sequence(_parser.parse(pattern.pattern, pattern.flags)).needs
    return None if needs is None else frozenset(map(_gram, needs))


def _gram(string: str) -> str:
    """The pair in *string* that tells most."""
    return string if len(string) <= 2 else min(map(add, string, string[1:]), key=_commonness)  # noqa: PLR2004


def _commonness(string: str) -> float:
    return math.prod(0.3 if char in _COMMON else 0.03 for char in string)


@lru_cache(maxsize=256)
def _weight(needs: frozenset[str]) -> float:
    """How often one of *needs* is likely to be met."""
    return sum(map(_commonness, map(_gram, needs)))


def _best(found: Sequence[frozenset[str] | None]) -> frozenset[str] | None:
    """Of several needs the one that is met least often."""
    return min({needs for needs in found if needs}, key=_weight, default=None)


def _sequence(items: Iterable[tuple[Any, Any]]) -> _Part:
    run: frozenset[str] = _EMPTY
    found: list[frozenset[str] | None] = []
    is_exact = True
    for kind, value in items:
        part = _part(str(kind), value)
        found.append(part.needs)
        if part.exact is not None and len(run) * len(part.exact) <= _MOST:
            run = frozenset(map("".join, product(run, part.exact)))
            continue
        is_exact = False
        found.append(_certain(run))
        run = _EMPTY if part.exact is None else part.exact
    found.append(_certain(run))
    return _Part(run if is_exact else None, _best(found))


def _certain(strings: frozenset[str] | None) -> frozenset[str] | None:
    return None if strings is None or "" in strings else strings


def _part(kind: str, value: Any) -> _Part:
    if kind == "LITERAL":
        return _Part(frozenset({chr(value)}), None)
    if kind == "IN":
        chars = _class(value)
        return _Part(chars if chars is not None and len(chars) <= _MOST else None, chars)
    if kind == "SUBPATTERN":
        return _ANYTHING if value[1] & re.IGNORECASE else _sequence(value[3])
    if kind == "BRANCH":
        return _branch([_sequence(branch) for branch in value[1]])
    if kind == "ASSERT":
        return _Part(_EMPTY, _sequence(value[1]).needs)
    if kind in ("ASSERT_NOT", "AT"):
        return _NOTHING
    if kind in ("MAX_REPEAT", "MIN_REPEAT"):
        return _repeat(*value)
    return _ANYTHING


def _class(items: Iterable[tuple[Any, Any]]) -> frozenset[str] | None:
    chars: set[str] = set()
    for kind, value in items:
        if str(kind) == "LITERAL":
            chars.add(chr(value))
        elif str(kind) == "RANGE" and value[1] - value[0] < _MOST:
            chars.update(map(chr, range(value[0], value[1] + 1)))
        elif str(kind) == "CATEGORY" and str(value) == "CATEGORY_DIGIT":
            chars |= _DECIMALS
        else:
            return None
    return frozenset(chars)


def _branch(parts: list[_Part]) -> _Part:
    exact = _union([part.exact for part in parts])
    needs = _union([_best([_certain(part.exact), part.needs]) for part in parts])
    return _Part(exact if exact is not None and len(exact) <= _MOST else None, needs)


def _union(sets: list[frozenset[str] | None]) -> frozenset[str] | None:
    return None if None in sets else frozenset().union(*(one for one in sets if one is not None))


def _repeat(least: int, most: int, items: Any) -> _Part:
    if most == 1:
        part = _sequence(items)
        return part if least else _Part(part.exact and part.exact | _EMPTY, None)
    # Two in a row tell more than one; more than two tell no more.
    part = _sequence([*items] * min(least, 2))
    return _Part(part.exact if least == most <= 2 else None, part.needs)  # noqa: PLR2004
