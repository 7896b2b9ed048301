"""Texts that people see, kept in YAML beside this file and never in code."""

import re
from functools import cache
from typing import Any, Self

import yaml

from config.own_rules import source_of

CHINESE = "zh-CN"
ENGLISH = "en"
WISHES_READ = 200  # characters of an ``Accept-Language``: nobody lists more languages than that


def load_yaml(name: str) -> Any:
    """The parsed content of *name*: the bank's own file of that name, or else the packaged one in ``config/``."""
    text = source_of(name).read_text("utf-8")
    return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))


class Sentence(str):
    """A sentence that remembers what it says, so that somebody who reads another language can be told it in theirs."""

    __slots__ = ("key", "values")

    def __new__(cls, text: str, key: str, values: dict[str, object]) -> Self:
        """*text* is what the sentence under *key* says with *values* in it."""
        sentence = super().__new__(cls, text)
        sentence.key, sentence.values = key, values
        return sentence

    key: str
    values: dict[str, object]


class Catalogue:
    """Sentences by key, filled in with values: ``text("queue.position", ahead=3)``.

    A missing key or value raises ``KeyError`` at once: a customer must never see a placeholder.
    """

    def __init__(self, name: str = "notices.zh-CN.yaml", *beneath: str) -> None:
        """The file *name*; where it lacks a sentence, the files *beneath* it."""
        self._name = name
        self.language = ENGLISH if f".{ENGLISH}." in name else CHINESE
        self._texts: dict[str, str] = {}
        for file in (*reversed(beneath), name):
            self._flatten("", load_yaml(file))

    def asked_for(self, accept_language: str | None) -> "Catalogue":
        """This catalogue for a caller with that ``Accept-Language``: in English where they prefer it to Chinese.

        What nobody has translated is said in Chinese all the same.
        """
        return self.speaking(ENGLISH if prefers_english(accept_language) else None)

    def speaking(self, language: str | None) -> "Catalogue":
        """This catalogue in *language*: English where that is wished for, else as it is."""
        return _in_english(self._name) if language == ENGLISH else self

    def _flatten(self, prefix: str, node: dict[str, Any]) -> None:
        for key, value in node.items():
            if isinstance(value, dict):
                self._flatten(f"{prefix}{key}.", value)
            else:
                self._texts[f"{prefix}{key}"] = str(value).strip()

    def text(self, key: str, **values: object) -> str:
        """The sentence under *key* with *values* in it."""
        return self._texts[key].format(**values)

    def sentence(self, key: str, **values: object) -> Sentence:
        """The same for somebody whose language is not known here."""
        return Sentence(self.text(key, **values), key, values)

    def says(self, text: str) -> str:
        """*text* in the words of this catalogue, if it is a sentence that knows what it says; else as it is."""
        return self.text(text.key, **text.values) if isinstance(text, Sentence) else text

    def find(self, key: str) -> str | None:
        """The plain sentence under *key*, if there is one."""
        return self._texts.get(key)


@cache
def _in_english(name: str) -> Catalogue:
    return Catalogue(name.replace(CHINESE, ENGLISH), name)


def language_of(locale: object) -> str | None:
    """In which language a page with that *locale* wants to be spoken to; None: Chinese."""
    return ENGLISH if isinstance(locale, str) and re.fullmatch(r"en(?:[-_].*)?", locale[:WISHES_READ], re.IGNORECASE) else None


def prefers_english(accept_language: str | None) -> bool:
    """Whether somebody who sends this ``Accept-Language`` would rather read English than Chinese. No wish means Chinese."""
    wishes = dict.fromkeys((ENGLISH, "zh"), 0.0)
    for part in (accept_language or "")[:WISHES_READ].split(","):
        tag, _, weight = part.partition(";")
        language = tag.strip().lower().split("-")[0]
        if language in wishes:
            wishes[language] = max(wishes[language], _weight(weight))
    return wishes[ENGLISH] > wishes["zh"]


def _weight(parameter: str) -> float:
    """The ``q`` of a part of ``Accept-Language``: 1 where none is given, 0 where it makes no sense."""
    name, _, value = parameter.strip().partition("=")
    if not name:
        return 1.0
    try:
        return float(value) if name.strip() == "q" else 0.0
    except ValueError:
        return 0.0
