"""Notices of the service to a customer, in the language of their conversation."""

from collections.abc import Callable
from dataclasses import dataclass

from config.catalogue import ENGLISH, Catalogue
from config.labels import Speaker
from store import speaking
from store.conversations import MessageDraft
from store.engine import Tx


@dataclass(frozen=True, slots=True)
class Spoken:
    """One notice in each language."""

    chinese: MessageDraft
    english: MessageDraft

    def in_language(self, language: str | None) -> MessageDraft:
        """The notice as it is said in *language*."""
        return self.english if language == ENGLISH else self.chinese

    def to(self, tx: Tx, conversation_id: str) -> MessageDraft:
        """The notice as the customer of that conversation reads it."""
        return self.in_language(speaking.language_of(tx, conversation_id))


def spoken(catalogue: Catalogue, make: Callable[[Catalogue], MessageDraft]) -> Spoken:
    """What *make* writes with the sentences of *catalogue*, and of the same one in English."""
    return Spoken(make(catalogue), make(catalogue.speaking(ENGLISH)))


def notice(catalogue: Catalogue, key: str, **values: str) -> Spoken:
    """The sentence under *key*."""
    return spoken(catalogue, lambda words: MessageDraft(Speaker.SYSTEM, words.text(key, **values), type="notice"))
