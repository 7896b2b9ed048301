"""Chooses below which confidence and margin the bot says that it did not understand, by what both mistakes cost a customer."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

# Asked again, a customer says it once more. Understood wrongly, they correct the record when it is read back, and say it once more, which
# we judge (a judgement, not a measurement) half as much again. The costs are counted in such questions.
ASKED, WRONG = 1.0, 1.5
CONFIDENCES = tuple(n / 50 for n in range(46))
MARGINS = tuple(n / 100 for n in range(31))


class Guess(NamedTuple):
    """How sure of its best intent the model was, by how much more than of the second, and whether it was right."""

    confidence: float
    margin: float
    right: bool


class Choice(NamedTuple):
    """A pair of thresholds and what it brings about: shares of all messages, and the mean cost of one."""

    confidence: float
    margin: float
    asked: float
    wrong: float
    cost: float


def choice(guesses: Sequence[Guess], confidence: float, margin: float) -> Choice:
    """What these thresholds do to *guesses*."""
    sure = np.array([(guess.confidence, guess.margin, guess.right) for guess in guesses])
    accepted = (sure[:, 0] >= confidence) & (sure[:, 1] >= margin)
    asked, wrong = 1.0 - float(accepted.mean()), float((accepted & (sure[:, 2] == 0)).mean())
    return Choice(confidence, margin, asked, wrong, ASKED * asked + WRONG * wrong)


def best(guesses: Sequence[Guess]) -> Choice:
    """The thresholds that cost least; of several the lowest, for they ask least."""
    return min((choice(guesses, step, gap) for step in CONFIDENCES for gap in MARGINS), key=lambda item: round(item.cost, 6))
