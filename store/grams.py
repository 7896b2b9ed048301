"""Texts as grams: every Chinese character, and every two characters that stand together. Pure.

Words of one and two characters are grams themselves and are found at once; longer ones by all of their pairs. No dictionary
decides what a word is, so what a dictionary does not know is found as well.
"""

import re
import unicodedata
from operator import add

MAX_TERMS = 5
MAX_QUERY_CHARS = 64
_RUN = re.compile(r"[^\W_]+")
_IDEOGRAPH = re.compile(r"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")


def normal(text: str) -> str:
    """*text* with full-width letters made plain and capitals small: how both sides of a comparison are written."""
    return unicodedata.normalize("NFKC", text).lower()


def grams(text: str) -> frozenset[str]:
    """The grams of *text*: pairs within letters, digits and characters; single ones of characters only."""
    plain = normal(text)
    found = set(_IDEOGRAPH.findall(plain))
    for run in _RUN.findall(plain):
        found.update(map(add, run, run[1:]))
    return frozenset(found)


def terms(query: str) -> tuple[str, ...]:
    """The words of a query that all have to be there; those without a gram, such as a single letter, are left out."""
    words = normal(query[:MAX_QUERY_CHARS]).split()
    return tuple(word for word in dict.fromkeys(words) if wanted(word))[:MAX_TERMS]


def wanted(term: str) -> frozenset[str]:
    """The grams to look a word up by: its pairs, or the character itself when it is a single one."""
    found = grams(term)
    pairs = frozenset(gram for gram in found if len(gram) > 1)
    singles = frozenset(run for run in _RUN.findall(normal(term)) if run in found)
    return pairs | singles
