"""Frequent questions, found by their words."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from config.catalogue import ENGLISH, load_yaml
from intents.normalise import normalise

_NO_WORD = re.compile(r"[^a-z0-9']+")


@dataclass(frozen=True, slots=True)
class Entry:
    """A question's groups of words, one of each of which must appear, and its answer."""

    id: str
    groups: tuple[tuple[str, ...], ...]
    answer: str


class Faq:
    """The packaged questions and answers."""

    def __init__(self, language: str | None = None) -> None:
        """With answers in *language*, or in Chinese where an entry has no others."""
        self._is_english = language == ENGLISH
        self._entries = tuple(entry for item in load_yaml("faq.yaml") for entry in _entries(item, is_english=self._is_english))

    def answer(self, text: str) -> str | None:
        """The answer to the question in *text*, or None: the bot does not guess."""
        plain = normalise(text)
        if self._is_english:
            plain = f"{plain}\n{_words(plain)}"
        best, score = None, 0
        for entry in self._entries:
            hits = [sum(word in plain for word in group) for group in entry.groups]
            if all(hits) and sum(hits) + len(hits) > score:
                best, score = entry.answer, sum(hits) + len(hits)
        return best


def _entries(item: dict[str, Any], *, is_english: bool) -> Iterator[Entry]:
    """An entry as it is asked for in Chinese, and in an English conversation in English too."""
    english = item.get("english", {}) if is_english else {}
    groups = tuple(tuple(normalise(str(word)) for word in group) for group in item["groups"])
    yield Entry(item["id"], groups, english.get("answer", item["answer"]))
    if english:
        # Beginnings of words: "card" is asked for by cards too, but not by discard.
        beginnings = tuple(tuple(f" {word}" for word in group) for group in english["groups"])
        yield Entry(item["id"], beginnings, english["answer"])


def _words(plain: str) -> str:
    """The English words in a normalised text, with a blank before each."""
    return f" {_NO_WORD.sub(' ', plain.replace('’', chr(39)))} "
