"""A fixed handful of what ``make fuzz`` does with a million."""

import pytest
from fuzzing.__main__ import by_hypothesis
from fuzzing.strategies import by_chance
from fuzzing.targets import TARGETS


@pytest.mark.parametrize("name", TARGETS)
def test_only_declared_errors_come_out_of_a_parser(name):
    target, seeds = TARGETS[name]
    for data in (*seeds(), *by_chance(seeds(), 3000, 1)):
        target(data)


@pytest.mark.parametrize("name", TARGETS)
def test_nor_for_inputs_that_hypothesis_makes(name):
    assert by_hypothesis(name, 60, 1) == 60
