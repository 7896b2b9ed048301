"""Thresholds are chosen by what asking again and guessing wrongly cost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intents.thresholds import WRONG, Guess, best, choice

GUESSES = st.lists(st.builds(Guess, st.floats(0, 1), st.floats(0, 1), st.booleans()), min_size=1, max_size=30)


def test_what_is_mostly_wrong_is_asked_and_what_is_mostly_right_is_not():
    made = [Guess(0.2, 0.05, right=False)] * 9 + [Guess(0.2, 0.05, right=True)] + [Guess(0.5, 0.3, right=True)] * 10
    found = best(made)
    assert 0.2 < found.confidence <= 0.5 or 0.05 < found.margin <= 0.3
    assert (found.asked, found.wrong) == (pytest.approx(0.5), 0)
    assert best([Guess(0.2, 0.05, right=True)] * 9 + [Guess(0.2, 0.05, right=False)])[:2] == (0, 0)


@given(GUESSES)
def test_no_thresholds_cost_less_than_the_best(made: list[Guess]):
    found = best(made)
    assert all(
        found.cost <= choice(made, step / 50, gap / 100).cost + 1e-6 for step in range(0, 46, 5) for gap in range(0, 31, 5)
    )
    assert found.cost <= WRONG * sum(not guess.right for guess in made) / len(made) + 1e-6
