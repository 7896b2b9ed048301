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

from intents.sieve import DIGIT, NEEDS_FILE, SIEVES, digest

# How Python itself reads a pattern: no public module tells it. What is not known here makes a pattern pass always.
_parser: Any = importlib.import_module("re._parser")

_MOST = 200  # strings that one part of a pattern may stand for
# Single characters and pairs of these stand in most messages: what is told by other characters tells more.
_COMMON = frozenset("的不我了是一你有在个没人们到这好上给都就也还要说行么来他打款银卡钱能什去用为出账客0123456789,，。!?")
_COMMON_DIGIT = 10 * 0.3
_EMPTY = frozenset({""})


class _Part(NamedTuple):
    """What is known of a part of a pattern: every string it matches, or strings of which each match holds one; None: unknown."""

    exact: frozenset[str] | None
    needs: frozenset[str] | None


_ANYTHING = _Part(None, None)
_NOTHING = _Part(_EMPTY, None)


def needs_of_ours() -> dict[str, list[str] | None]:
    """The needs of every pattern in a sieve of the package, by its digest."""
    importlib.import_module("intents.understander")  # and with it every module that has patterns
    found = {digest(source): needed(source) for sieve in SIEVES for source in sieve.sources}
    return {name: None if needs is None else sorted(needs) for name, needs in sorted(found.items())}


def needed(pattern: str) -> frozenset[str] | None:
    """Characters and pairs of characters of which every match of *pattern* holds one; None where no such are known."""
    parsed = _parser.parse(pattern)
    needs = None if parsed.state.flags & re.IGNORECASE else _sequence(parsed).needs
    return None if needs is None else frozenset(map(_gram, needs))


def _gram(string: str) -> str:
    """The pair in *string* that tells most."""
    return string if len(string) <= 2 else min(map(add, string, string[1:]), key=_commonness)  # noqa: PLR2004


def _commonness(string: str) -> float:
    return _COMMON_DIGIT if string == DIGIT else math.prod(0.3 if char in _COMMON else 0.03 for char in string)


@lru_cache(maxsize=256)
def _weight(needs: frozenset[str]) -> float:
    """How often one of *needs* is likely to be met."""
    return math.fsum(map(_commonness, map(_gram, needs)))  # the same in any order


def _best(found: Sequence[frozenset[str] | None]) -> frozenset[str] | None:
    """Of several needs the one that is met least often."""
    return min((needs for needs in found if needs), key=_weight, default=None)


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
        return _Part(None if chars is None or len(chars) > _MOST or DIGIT in chars else chars, chars)
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


if __name__ == "__main__":
    lines = (f"{json.dumps(name)}: {json.dumps(needs)}" for name, needs in needs_of_ours().items())
    NEEDS_FILE.write_text("{\n" + ",\n".join(lines) + "\n}\n", "ascii")
    sys.stdout.write(f"huiyin: wrote {NEEDS_FILE.name}\n")
