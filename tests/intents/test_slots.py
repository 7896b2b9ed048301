"""Annotated messages of an author who saw no pattern of ours: how many slot values are found, and how many found are there."""

import json
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from intents.redact import redact
from intents.understander import Understander

NOW = datetime(2026, 11, 1, 4, tzinfo=UTC)  # what the annotations take for now: 12:00 in Shanghai
FILES = sorted((Path(__file__).parent.parent / "data" / "slots").glob("*.jsonl"))
AS_WRITTEN = frozenset({"staff_name", "machine"})
# (precision, recall) that no change may fall below; what is reached stands in docs/understanding.md.
LEAST = {
    "amount_yuan": (0.93, 0.90),
    "occurred_at": (0.85, 0.88),
    "card_tail": (0.97, 0.97),
    "branch": (0.90, 0.90),
    "phone": (0.97, 0.90),
    "ticket_no": (1.0, 1.0),
    "staff_name": (0.80, 0.70),
    "machine": (0.95, 0.88),
}


def comparable(slot: str, value: object, precision: str | None) -> object:
    if slot == "amount_yuan":
        return round(float(str(value)), 2)
    if slot == "occurred_at":
        return str(value)[: 10 if precision == "day" else 16]
    return str(value).upper()


@pytest.fixture(scope="module")
def counts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Counter[str]]:
    understander = Understander.load(cache_dir=tmp_path_factory.mktemp("jieba"))
    found: dict[str, Counter[str]] = {slot: Counter() for slot in LEAST}
    for line in (line for file in FILES for line in file.read_text("utf-8").splitlines()):
        item = json.loads(line)
        want = Counter((s["slot"], comparable(s["slot"], s["value"], s.get("precision"))) for s in item["slots"])
        got = Counter(
            (e.entity, comparable(e.entity, e.text if e.entity in AS_WRITTEN else e.value, e.details.get("precision")))
            for e in understander.understand(redact(item["text"]), NOW).entities
            if e.entity in LEAST
        )
        for key in want | got:
            found[key[0]] += Counter(right=min(want[key], got[key]), wanted=want[key], got=got[key])
    return found


@pytest.mark.parametrize("slot", LEAST)
def test_slot_values_are_found_and_what_is_found_is_there(counts: dict[str, Counter[str]], slot: str):
    count = counts[slot]
    assert count["wanted"] >= 10
    assert count["right"] / count["got"] >= LEAST[slot][0], count
    assert count["right"] / count["wanted"] >= LEAST[slot][1], count
