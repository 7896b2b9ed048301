"""Reads a pattern for the characters that every match of it must hold, and writes down those of all our patterns.

``python -m intents.needs`` after a pattern was changed: reading them all takes longer than the rest of a start.
"""

import importlib
import json
import math
import re
import sys
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import product
from operator import add
from typing import Any, NamedTuple

from intents.sieve import DIGIT, NEEDS, NEEDS_FILE, SIEVES, digest

# How Python itself reads a pattern: no public module tells it. What is not known here makes a pattern pass always.
_parser: Any = importlib.import_module("re._parser")

_MOST = 200  # strings that one part of a pattern may stand for
# Single characters and pairs of these stand in most messages: what is told by other characters tells more.
_COMMON = frozenset("的不我了是一你有在个没人们到这好上给都就也还要说行么来他打款银卡钱能什去用为出账客0123456789,，。!?")
_COMMON_DIGIT = 10 * 0.3
_TOGETHER = 0.3
_EMPTY = frozenset({""})
Needs = tuple[frozenset[str], ...]


class _Part(NamedTuple):
    """What is known of a part of a pattern: every string that it matches (None: unknown), and what each match needs."""

    exact: frozenset[str] | None
    needs: Needs


_ANYTHING = _Part(None, ())
_NOTHING = _Part(_EMPTY, ())


def needs_of_ours() -> dict[str, list[list[str]]]:
    """The needs of every pattern in a sieve of the package, by its digest."""
    importlib.import_module("intents.understander")  # and with it every module that has patterns
    found = {digest(source): needed(source) for sieve in SIEVES for source in sieve.sources}
    return {name: [sorted(grams) for grams in needs] for name, needs in sorted(found.items())}


def needed(pattern: str) -> Needs:
    """Sets of characters and pairs of characters: every match of *pattern* holds one of each. None where no such are known."""
    parsed = _parser.parse(pattern)
    return () if parsed.state.flags & re.IGNORECASE else _sequence(parsed).needs


def _commonness(gram: str) -> float:
    """How often a text holds *gram*, about: two characters stand together less often than each stands anywhere."""
    if gram == DIGIT:
        return _COMMON_DIGIT
    return _TOGETHER ** (len(gram) - 1) * math.prod(0.3 if char in _COMMON else 0.03 for char in gram)


@lru_cache(maxsize=256)
def _weight(grams: frozenset[str]) -> float:
    """How often one of *grams* is likely to be met."""
    return math.fsum(map(_commonness, grams))  # the same in any order


def _best(found: Iterable[frozenset[str]]) -> Needs:
    """Of several sets those that are met least often, and none that another one implies."""
    best: list[frozenset[str]] = []
    for grams in sorted(set(found), key=lambda grams: (_weight(grams), sorted(grams))):
        if not any(_implies(sharper, grams) for sharper in best):
            best.append(grams)
    return tuple(best[:NEEDS])


def _implies(these: frozenset[str], those: frozenset[str]) -> bool:
    """Whether every text that holds one of *these* holds one of *those*: 转错 is there only where 转 is."""
    return all(any(that in this for that in those) for this in these)


def _sequence(items: Iterable[tuple[Any, Any]]) -> _Part:
    run: frozenset[str] = _EMPTY
    found: list[frozenset[str]] = []
    is_exact = True
    for kind, value in items:
        part = _part(str(kind), value)
        found += part.needs
        if part.exact is not None and len(run) * len(part.exact) <= _MOST:
            run = frozenset(map("".join, product(run, part.exact)))
            continue
        is_exact = False
        found += _certain(run)
        run = _EMPTY if part.exact is None else part.exact
    found += _certain(run)
    return _Part(run if is_exact else None, _best(found))


def _certain(strings: frozenset[str] | None) -> Needs:
    """What a match needs that holds one of *strings*."""
    return () if strings is None or "" in strings else _either([_grams(string) for string in strings])


def _grams(string: str) -> Needs:
    """The pairs in *string*, those that tell most first; or itself, if it is no longer than a pair."""
    pairs = sorted(set(map(add, string, string[1:])), key=lambda pair: (_commonness(pair), pair))
    return tuple(frozenset({pair}) for pair in pairs or [string])


def _either(ways: Sequence[Needs]) -> Needs:
    """What a match needs that needs one of *ways*: the first of each or its like, the second of each, and so on."""
    if not all(ways):
        return ()
    most = min(NEEDS, max(map(len, ways)))
    return tuple(frozenset().union(*(needs[min(number, len(needs) - 1)] for needs in ways)) for number in range(most))


def _part(kind: str, value: Any) -> _Part:
    if kind == "LITERAL":
        return _Part(frozenset({chr(value)}), ())
    if kind == "IN":
        chars = _class(value)
        return _ANYTHING if chars is None else _Part(None if len(chars) > _MOST or DIGIT in chars else chars, (chars,))
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
            chars.add(DIGIT)
        else:
            return None
    return frozenset(chars)


def _branch(parts: list[_Part]) -> _Part:
    known = [part.exact for part in parts if part.exact is not None]
    exact = frozenset[str]().union(*known)
    needs = _best(_either([_best([*_certain(part.exact), *part.needs]) for part in parts]))
    return _Part(exact if len(known) == len(parts) and len(exact) <= _MOST else None, needs)


def _repeat(least: int, most: int, items: Any) -> _Part:
    if most == 1:
        part = _sequence(items)
        return part if least else _Part(part.exact and part.exact | _EMPTY, ())
    # Two in a row tell more than one; more than two tell no more.
    part = _sequence([*items] * min(least, 2))
    return _Part(part.exact if least == most <= 2 else None, part.needs)  # noqa: PLR2004


if __name__ == "__main__":
    lines = (f"{json.dumps(name)}: {json.dumps(needs, ensure_ascii=False)}" for name, needs in needs_of_ours().items())
    NEEDS_FILE.write_text("{\n" + ",\n".join(lines) + "\n}\n", "utf-8")
    sys.stdout.write(f"huiyin: wrote {NEEDS_FILE.name}\n")
