"""JSON from outside holds nothing that a database refuses."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.json_text import parsed
from config.speakable import speakable

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(ANYTHING)
def test_what_can_be_stored_comes_through_unchanged_and_nothing_else_does(value):
    text = json.dumps(parsed(json.dumps(value)), ensure_ascii=False)
    text.encode()
    assert "\\u0000" not in text and speakable(text) == text


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{"a\\u0000": ["\\u0001好\\n"]}', {"a": ["好\n"]}),
        ('"好\\ud83d"', "好"),
        ('"\\ud83d\\ude00"', "😀"),
        (b'\xef\xbb\xbf"\\tok"', "\tok"),
    ],
)
def test_what_nobody_can_see_is_left_out(text, value):
    assert parsed(text) == value


@pytest.mark.parametrize("text", ["", "{", "[" * 100_000, b"\xff"])
def test_what_is_no_json_says_so(text):
    with pytest.raises((ValueError, RecursionError)):
        parsed(text)
