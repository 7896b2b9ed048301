"""Texts as grams: whatever stands in a text is found by its grams."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store import grams

TEXT = st.text(alphabet="吞卡ATM取款机 12３，。_é", max_size=30)


@given(TEXT, st.integers(0, 29), st.integers(1, 6))
def test_every_part_of_a_text_is_found_by_its_grams(text, start, length):
    part = text[start : start + length]
    for term in grams.terms(part):
        assert grams.wanted(term) <= grams.grams(text)


@pytest.mark.parametrize(
    ("query", "terms"),
    [
        ("卡", ("卡",)),
        ("吞卡", ("吞卡",)),
        ("  ATM　吞卡 atm ", ("atm", "吞卡")),
        ("a", ()),
        ("，。", ()),
        ("", ()),
        ("１２", ("12",)),
    ],
)
def test_a_query_is_the_words_that_can_be_looked_up(query, terms):
    assert grams.terms(query) == terms


@pytest.mark.parametrize(
    ("term", "wanted"),
    [
        ("卡", {"卡"}),
        ("吞卡", {"吞卡"}),
        ("取款机", {"取款", "款机"}),
        ("atm吞", {"at", "tm", "m吞"}),
        ("五一,卡", {"五一", "卡"}),
    ],
)
def test_a_word_is_looked_up_by_its_pairs_and_only_a_single_character_by_itself(term, wanted):
    assert grams.wanted(term) == wanted
