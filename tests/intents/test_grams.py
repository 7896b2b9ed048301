"""Strings looked up by number are found where a search would find them, and the model reads the n-grams that it was trained on."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intents.features import features, gram_codes
from intents.grams import Grams, pairs, singles, triples

KNOWN = sorted({"卡", "盗刷", "刷", "a", "ab", "abc", "👍", "👍👍", "卡被盗", "^卡", "0元$"})
TEXTS = st.text(alphabet="卡被盗刷abc👍0元^$x", max_size=30)


@given(TEXTS)
def test_every_known_string_is_found_as_often_as_it_is_there_and_nothing_else(text: str):
    grams, ones = Grams(KNOWN), singles(text)
    twos = pairs(ones)
    for length, codes in ((1, ones), (2, twos), (3, triples(ones, twos))):
        there = [text[at : at + length] for at in range(len(text) - length + 1)]
        assert [KNOWN[number] for number in grams.find(codes)] == [said for said in there if said in KNOWN]


@given(TEXTS)
def test_the_model_looks_up_the_grams_it_was_trained_on_in_their_order(text: str):
    assert [KNOWN[number] for number in Grams(KNOWN).find(gram_codes(text))] == [gram for gram in features(text) if gram in KNOWN]


def test_strings_out_of_order_or_there_twice_are_refused():
    for wrong in (["b", "a"], ["a", "a"]):
        with pytest.raises(ValueError, match="sorted"):
            Grams(wrong)


def test_among_no_strings_nothing_is_found():
    assert Grams([]).find(singles("盗刷")) == []
