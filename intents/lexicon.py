"""Names that a bank changes: its products, branches, app functions, channels. Found in a text by a look-up, however many there are.

The lists are Rasa 3.1 training files (``lookup`` and ``synonym`` items), so that the same files serve Rasa as well. Those of
``intents/lexicons`` come first; files of the bank's own folder are laid on top.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from operator import add
from pathlib import Path
from typing import Any

import yaml

from intents.normalise import normalise

LEXICONS = Path(str(files("intents") / "lexicons"))
SLOTS = frozenset(
    {"product_name", "app_function", "business_channel", "machine", "branch", "place", "staff_name", "preferred_channel"}
)
_KEY_CHARS = 2  # one character names nothing


@dataclass(frozen=True, slots=True)
class Term:
    """One way to say a name: the slot it fills and the name itself."""

    said: str
    slot: str
    name: str


class Lexicon:
    """The names known, ready to be found."""

    def __init__(self, terms: tuple[Term, ...] = ()) -> None:
        self._by_start: dict[str, list[Term]] = {}  # by their first two characters, the longest first
        known = {(term.slot, term.said): term for term in terms if len(term.said) >= _KEY_CHARS}
        for term in sorted(known.values(), key=lambda item: -len(item.said)):
            self._by_start.setdefault(term.said[:_KEY_CHARS], []).append(term)

    @classmethod
    def load(cls, own: Path | None = None) -> "Lexicon":
        """The packaged lists, and those among the training files in the folder *own*.

        Raises ``ValueError`` naming the file and the slot when a list is for none of ``SLOTS``.
        """
        paths = [*sorted(LEXICONS.glob("*.yml")), *(sorted(own.glob("*.yml")) if own is not None else ())]
        items = [(path, item) for path in paths for item in _items(path)]
        synonyms = [(said, str(item["synonym"])) for _, item in items if "synonym" in item for said in _lines(item)]
        terms = []
        for path, item in items:
            if "lookup" not in item:
                continue
            slot = str(item["lookup"])
            if slot not in SLOTS:
                raise ValueError(f"{path.name}: no names are looked up for {slot}; possible are {', '.join(sorted(SLOTS))}")
            names = {said: said for said in _lines(item)}
            # Other ways to say a listed name need not be listed again.
            names |= {said: name for said, name in synonyms if name in names}
            terms += [Term(normalise(said), slot, name) for said, name in names.items()]
        return cls(tuple(terms))

    def find(self, text: str) -> Iterator[tuple[Term, int]]:
        """Every name in the normalised *text* and where it starts; of names for the same slot the longest, none twice."""
        ends: dict[str, int] = {}
        begins = self._by_start
        for start, terms in [(start, begins[pair]) for start, pair in enumerate(map(add, text, text[1:])) if pair in begins]:
            for term in terms:
                if start >= ends.get(term.slot, 0) and text.startswith(term.said, start):
                    ends[term.slot] = start + len(term.said)
                    yield term, start


def _items(path: Path) -> Iterator[dict[str, Any]]:
    text = path.read_text("utf-8")
    if "lookup:" not in text and "synonym:" not in text:
        return  # most training files hold none: parsing them all would slow the start
    data = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    if not isinstance(data, dict) or str(data.get("version")) != "3.1":
        raise ValueError(f"{path.name}: not a Rasa 3.1 file")
    yield from (item for item in data.get("nlu") or () if "lookup" in item or "synonym" in item)


def _lines(item: dict[str, Any]) -> Iterator[str]:
    for line in str(item.get("examples") or "").splitlines():
        said = line.strip().removeprefix("-").strip()
        if said:
            yield said
