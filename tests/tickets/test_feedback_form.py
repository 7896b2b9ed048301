"""The body of a feedback request: what is let in, and in which form."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from handoff.feedback.form import FeedbackForm

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
FIELDS = st.sampled_from(sorted(FeedbackForm.model_fields))
MINIMAL = {"channel": "web_form", "content": "卡被吞了"}


def form(**changes: Any) -> FeedbackForm:
    return FeedbackForm.model_validate_json(json.dumps(MINIMAL | changes))


@given(st.dictionaries(FIELDS, JSON, max_size=6))
def test_any_json_is_either_a_form_or_a_named_fault(values: dict[str, Any]) -> None:
    try:
        taken = form(**values)
    except ValidationError:
        return
    assert taken.content.strip() == taken.content != ""


@given(st.binary(max_size=200))
def test_any_bytes_are_either_a_form_or_a_named_fault(body: bytes) -> None:
    with pytest.raises(ValidationError):
        FeedbackForm.model_validate_json(body)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("13812345678", "13812345678"),
        ("+86 138 1234 5678", "13812345678"),
        ("86-13812345678", "13812345678"),
        ("138-1234-5678", "13812345678"),
        ("021-12345678", "02112345678"),
        ("+852 2345 6789", "+85223456789"),
    ],
)
def test_a_phone_number_is_kept_the_way_it_is_looked_up(typed: str, kept: str) -> None:
    assert form(contact={"phone": typed}).contact.phone == kept


@pytest.mark.parametrize("typed", ["", "12345", "call me", "138123456789012345678901", "１３８１２３４５６７８", "138\n12345678"])
def test_what_is_no_phone_number_is_refused(typed: str) -> None:
    with pytest.raises(ValidationError):
        form(contact={"phone": typed})


def test_the_record_holds_only_what_was_told() -> None:
    assert form().record() == {"customer_kind": "personal", "acting": "for_self"}
    assert form(demand="退卡", amount_yuan=12.5).record()["demand"] == "退卡"


def test_a_moment_keeps_the_zone_it_was_told_in() -> None:
    told = form(occurred_at="2026-11-23T09:30:00+08:00")
    assert told.record()["occurred_at"] == "2026-11-23T09:30:00+08:00"
    assert told.occurred_at == datetime(2026, 11, 23, 1, 30, tzinfo=UTC)


def test_line_breaks_in_a_text_are_kept_and_spaces_around_it_are_not() -> None:
    assert form(content=" 第一行\n第二行\t完 ").content == "第一行\n第二行\t完"


def test_two_bodies_that_say_the_same_are_the_same_to_an_idempotency_key() -> None:
    spread = FeedbackForm.model_validate_json(
        '{ "content":"卡被吞了" ,\n "channel":"web_form", "escalation_signs": ["media","elderly"]}'
    )
    assert spread.model_dump_json() == form(escalation_signs=["media", "elderly"]).model_dump_json()


def test_names_are_one_line_of_what_can_be_seen_and_words_stay_as_they_were_written() -> None:
    told = "第一行\n第二行 👨\u200d👩\u200d👧 e" + "\u0301" * 50
    taken = form(customer={"name": "张\u202e三\u3164"}, branch="朝阳\u2028支行", content=told + "\u202e")
    assert (taken.customer.name, taken.branch, taken.content) == ("张三", "朝阳 支行", told)
    for nothing in ("\u200b", "\u3164\u2800", "\u202e\u202e"):
        with pytest.raises(ValidationError, match="string_too_short"):
            form(branch=nothing)


def test_the_banks_own_id_of_a_customer_is_taken_as_it_is() -> None:
    assert form(customer={"reference": "C  100\u00a07"}).customer.reference == "C  100\u00a07"
