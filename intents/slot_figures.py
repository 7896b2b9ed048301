"""How well slots are found in annotated messages: precision and recall a slot, and what was missed or found in vain."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from intents.redact import redact
from intents.understander import Understander
from intents.understanding import Entity

NOON = datetime(2026, 11, 1, 4, tzinfo=UTC)  # what the annotations take for now where they name nothing else
# Compared by value; the others by the words in the text, and a demand by how much of its words is shared.
_BY_VALUE = frozenset({"amount_yuan", "occurred_at", "card_tail", "phone", "ticket_no", "preferred_channel"})
_SHARED = 0.5  # of the characters that either of two demands has


@dataclass(slots=True)
class Figures:
    """Of one slot: how many values are right, annotated, and found."""

    right: int = 0
    wanted: int = 0
    found: int = 0
    misses: list[str] = field(default_factory=list)  # annotated and not found, each with its message
    extras: list[str] = field(default_factory=list)

    @property
    def precision(self) -> float:
        """The share of what was found that is there; 1 when nothing was found."""
        return self.right / self.found if self.found else 1.0

    @property
    def recall(self) -> float:
        """The share of what is there that was found; 1 when nothing is there."""
        return self.right / self.wanted if self.wanted else 1.0


def annotated(folder: Path) -> Iterator[Mapping[str, Any]]:
    """The messages of every ``*.jsonl`` in *folder* (or of that file), with ``text``, ``slots`` and perhaps ``now``."""
    for path in sorted(folder.glob("*.jsonl")) if folder.is_dir() else [folder]:
        for line in path.read_text("utf-8").splitlines():
            if line.strip():
                yield json.loads(line)


def judge_slots(understander: Understander, messages: Iterable[Mapping[str, Any]]) -> dict[str, Figures]:
    """The figures of every slot that is annotated or found in *messages*."""
    figures: dict[str, Figures] = {}
    for message in messages:
        now = datetime.fromisoformat(message["now"]) if "now" in message else NOON
        redacted = redact(message["text"])
        found = understander.understand(redacted, now).entities
        for slot in {item["slot"] for item in message["slots"]} | {item.entity for item in found}:
            wanted = [item for item in message["slots"] if item["slot"] == slot]
            of_slot = [item for item in found if item.entity == slot]
            compare = _shared if slot == "demand" else _equal
            _count(figures.setdefault(slot, Figures()), *compare(wanted, of_slot, redacted.text), message["text"])
    return figures


def _count(figures: Figures, right: int, missed: list[str], extra: list[str], text: str) -> None:
    figures.right += right
    figures.wanted += right + len(missed)
    figures.found += right + len(extra)
    figures.misses += [f"{value} | {text}" for value in missed]
    figures.extras += [f"{value} | {text}" for value in extra]


def _equal(wanted: list[dict[str, Any]], found: list[Entity], _text: str) -> tuple[int, list[str], list[str]]:
    want = Counter(_comparable(item["slot"], item["value"], item["text"], item.get("precision")) for item in wanted)
    got = Counter(_comparable(item.entity, item.value, item.text, item.details.get("precision")) for item in found)
    return (want & got).total(), list((want - got).elements()), list((got - want).elements())


def _comparable(slot: str, value: Any, text: str, precision: str | None) -> str:
    if slot not in _BY_VALUE:
        return text.upper()
    if slot == "amount_yuan":
        return f"{float(value):.2f}"
    if slot == "occurred_at":
        return str(value)[: 10 if precision == "day" else 16]
    return str(value).upper()


def _shared(wanted: list[dict[str, Any]], found: list[Entity], text: str) -> tuple[int, list[str], list[str]]:
    left, missed = list(found), []
    for item in wanted:
        # The annotations quote the message, the entities its redacted form.
        said = redact(item["text"], expecting="phone").text
        start = text.find(said)
        places = set(range(start, start + len(said)))
        same = next((one for one in left if _overlap(places, set(range(one.start, one.end))) >= _SHARED), None)
        if same is None:
            missed.append(said)
        else:
            left.remove(same)
    return len(wanted) - len(missed), missed, [item.text for item in left]


def _overlap(one: set[int], other: set[int]) -> float:
    return len(one & other) / len(one | other)


def slot_report(figures: Mapping[str, Figures], *, errors: int = 0) -> str:
    """A table for people, and up to *errors* misses and extras a slot."""
    lines = [f"{'slot':18} {'precision':>9} {'recall':>7} {'wanted':>7} {'found':>6}"]
    for slot, item in sorted(figures.items()):
        lines.append(f"{slot:18} {item.precision:9.2f} {item.recall:7.2f} {item.wanted:7} {item.found:6}")
    for slot, item in sorted(figures.items()):
        lines += [f"missed {slot}: {line}" for line in item.misses[:errors]]
        lines += [f"in vain {slot}: {line}" for line in item.extras[:errors]]
    return "\n".join(lines) + "\n"
