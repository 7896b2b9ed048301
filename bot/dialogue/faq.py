"""Frequent questions, found by their words."""

from dataclasses import dataclass

from config.catalogue import load_yaml
from intents.normalise import normalise


@dataclass(frozen=True, slots=True)
class Entry:
    """A question's groups of words, one of each of which must appear, and its answer."""

    id: str
    groups: tuple[tuple[str, ...], ...]
    answer: str


class Faq:
    """The packaged questions and answers."""

    def __init__(self) -> None:
        self._entries = tuple(
            Entry(item["id"], tuple(tuple(normalise(str(word)) for word in group) for group in item["groups"]), item["answer"])
            for item in load_yaml("faq.yaml")
        )

    def answer(self, text: str) -> str | None:
        """The answer to the question in *text*, or None: the bot does not guess."""
        plain = normalise(text)
        best, score = None, 0
        for entry in self._entries:
            hits = [sum(word in plain for word in group) for group in entry.groups]
            if all(hits) and sum(hits) + len(hits) > score:
                best, score = entry.answer, sum(hits) + len(hits)
        return best
