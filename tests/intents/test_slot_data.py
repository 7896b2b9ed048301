"""The annotated messages themselves: what is marked stands in the text and has a value of its slot's kind."""

import json
from collections import Counter
from datetime import datetime
from pathlib import Path

import pytest

FILES = sorted((Path(__file__).parent.parent / "data" / "slots").glob("*.jsonl"))
MESSAGES = [json.loads(line) for file in FILES for line in file.read_text("utf-8").splitlines()]
SLOTS = [(message, slot) for message in MESSAGES for slot in message["slots"]]
NAMES = {
    "demand",
    "amount_yuan",
    "occurred_at",
    "place",
    "branch",
    "machine",
    "product_name",
    "card_tail",
    "phone",
    "staff_name",
    "app_function",
    "business_channel",
    "ticket_no",
    "person_praised",
    "preferred_channel",
}
LENGTH_WRITTEN = {"day": len("2026-11-01"), "hour": len("2026-11-01T12:00"), "minute": len("2026-11-01T12:00")}


def test_every_annotated_value_stands_in_its_message():
    assert [(slot["text"], message["text"]) for message, slot in SLOTS if slot["text"] not in message["text"]] == []


def test_every_slot_is_one_of_the_register_and_has_at_least_ten_examples():
    counts = Counter(slot["slot"] for _, slot in SLOTS)
    assert set(counts) == NAMES
    assert min(counts.values()) >= 10, counts


def test_no_message_is_annotated_twice():
    assert [text for text, count in Counter(message["text"] for message in MESSAGES).items() if count > 1] == []


def test_a_demand_is_quoted_and_not_retold():
    assert [slot for _, slot in SLOTS if slot["slot"] == "demand" and slot["value"] != slot["text"]] == []


@pytest.mark.parametrize(
    ("name", "fits"),
    [
        ("amount_yuan", lambda slot: isinstance(slot["value"], int | float) and slot["value"] >= 0),
        ("card_tail", lambda slot: len(slot["value"]) == 4 and slot["value"].isdecimal()),
        ("phone", lambda slot: slot["value"].replace("-", "").isdecimal()),
        ("preferred_channel", lambda slot: slot["value"] in {"phone", "sms", "email", "app", "wechat"}),
        (
            "occurred_at",
            lambda slot: len(slot["value"]) == LENGTH_WRITTEN[slot["precision"]] and datetime.fromisoformat(slot["value"]),
        ),
    ],
)
def test_a_value_is_of_the_kind_of_its_slot(name, fits):
    assert [slot for _, slot in SLOTS if slot["slot"] == name and not fits(slot)] == []


def test_a_now_says_its_time_zone():
    assert all(datetime.fromisoformat(message["now"]).tzinfo for message in MESSAGES if "now" in message)
