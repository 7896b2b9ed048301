"""The part of a text where a word was found, and where in it the word stands. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

BEFORE_CHARS = 24
LENGTH_CHARS = 110


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A line of text; *marks* are the places of what was looked for, as start and end in it."""

    text: str
    marks: tuple[tuple[int, int], ...]


def excerpt(text: str, terms: Sequence[str]) -> Excerpt:
    """The line around the first of *terms* in *text*."""
    line = " ".join(text.split())
    pattern = re.compile("|".join(re.escape(term) for term in sorted(terms, key=len, reverse=True)), re.IGNORECASE)
    first = pattern.search(line) if terms else None
    begins = max(0, first.start() - BEFORE_CHARS) if first and len(line) > LENGTH_CHARS else 0
    part = line[begins : begins + LENGTH_CHARS]
    shown = ("…" if begins else "") + part + ("…" if begins + LENGTH_CHARS < len(line) else "")
    marks = tuple(found.span() for found in pattern.finditer(shown)) if terms else ()
    return Excerpt(shown, marks)
