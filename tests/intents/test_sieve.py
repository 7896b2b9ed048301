"""The sieve leaves no pattern out that would have matched: neither ours on what customers write, nor any other."""

import json
import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intents import amounts, business, demands, emotion, entities, matters, moments, names, person, places, signals, urgency
from intents.needs import needed, needs_of_ours
from intents.normalise import normalise
from intents.redact import redact
from intents.sieve import NEEDS_FILE, Sieve, digest
from intents.training_data import read_examples

OURS = (amounts, business, demands, emotion, entities, matters, moments, names, person, places, signals, urgency)
SIEVES = [
    (f"{module.__name__}.{name}", item) for module in OURS for name, item in vars(module).items() if isinstance(item, Sieve)
]
WRITTEN = [
    "盗刷|被盗", "[被让]人?刷[走掉]", "钱.{0,4}不见", "(?<!不)转错(?=账|人)", "(?:大概|约)?三千", "[!！]{3,}", "a{2}b", "(?:ab|c){1,3}d", "x*y", "x+?y",
    r"\d{2,}元", "[^a]b", ".", "", "^$", r"(a)\1", "a|", "(?:a|b?)c", "(?=a)a|b", "(?!a)b", "[a-c][d-f]", "ab?cd", "(?i:盗A)b", r"\bab\b", "(?>ab|a)c", "a++b",
]  # fmt: skip


@pytest.fixture(scope="module")
def texts() -> list[str]:
    every = [normalise(redact(example.text).text) for example in read_examples()]
    return [*every[::7], *(f"{one}，另外{other}" for one, other in pairwise(every[::41]))]


@pytest.mark.parametrize(("name", "sieve"), SIEVES, ids=[name for name, _ in SIEVES])
def test_whatever_a_pattern_of_ours_matches_has_passed(name: str, sieve: Sieve, texts: list[str]):
    for text in texts:
        found = [number for number in range(len(sieve.sources)) if sieve.pattern(number).search(text)]
        assert [number for number, _ in sieve.search(text)] == found, (name, text)


def test_few_patterns_of_ours_are_tried_on_a_message(texts: list[str]):
    sieves = [sieve for _, sieve in SIEVES]
    tried = sum(len(list(sieve.passing(text))) for sieve in sieves for text in texts)
    assert tried < 0.25 * len(texts) * sum(len(sieve.sources) for sieve in sieves)


MADE = [(pattern, Sieve((pattern,))) for pattern in WRITTEN]


@given(st.sampled_from(MADE), st.text(alphabet="abcdxy盗刷被人走掉钱不见转错账三千元大概约!！ 1234A\n", max_size=14))
def test_whatever_any_pattern_matches_has_passed(made: tuple[str, Sieve], text: str):
    pattern, sieve = made
    assert [number for number, _ in sieve.search(text)] == ([0] if re.search(pattern, text) else [])


@given(st.sampled_from(MADE).flatmap(lambda made: st.tuples(st.just(made), st.from_regex(made[0]))))
def test_a_text_made_for_a_pattern_passes_it(made: tuple[tuple[str, Sieve], str]):
    (pattern, sieve), text = made
    assert list(sieve.passing(text)) == [0], pattern


def test_every_digit_that_a_pattern_takes_for_one_passes():
    sieve = Sieve((r"\d元",))
    digits = [chr(code) for code in range(0x110000) if re.match(r"\d", chr(code))]
    assert len(digits) > 600 and all(list(sieve.passing(f"{digit}元")) == [0] for digit in digits)


def test_a_pattern_is_left_out_where_a_pair_that_it_needs_is_missing():
    assert needed("盗刷|被盗") == ({"盗刷", "被盗"},)
    assert list(Sieve(("盗刷|被盗", "贷")).passing("刷卡被盗")) == [0]


def test_a_pattern_that_needs_two_things_is_left_out_where_it_finds_one():
    pattern = "[转打]错.{0,3}(?:账户|行)"
    assert set(needed(pattern)) == {frozenset({"转错", "打错"}), frozenset({"账户", "行"})}
    sieve = Sieve((pattern, r"\d,\d"))
    assert [list(sieve.passing(text)) for text in ("转错账户", "转错了", "账户")] == [[0], [], []]
    assert [list(sieve.passing(text)) for text in ("3,5", "好,5", "3")] == [[1], [1], []]


def test_a_pattern_with_several_ways_needs_of_each_way_what_that_way_needs():
    assert set(needed("转错.{0,3}账户|盗刷")) == {frozenset({"转错", "盗刷"}), frozenset({"账户", "盗刷"})}


def test_the_needs_of_our_patterns_are_written_down_as_they_are():
    kept = json.loads(NEEDS_FILE.read_text("utf-8"))
    ours = {digest(source) for _, sieve in SIEVES for source in sieve.sources}
    now = {name: needs for name, needs in needs_of_ours().items() if name in ours}
    assert kept == now, "a pattern was changed: run python -m intents.needs"
