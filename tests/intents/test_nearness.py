"""What the nearest examples say: more than any sum of words can, and only where the words leave a doubt."""

import numpy as np
import pytest

from intents.features import model_text
from intents.model import Model
from intents.nearness import Examples, closeness, packed, unpacked
from intents.ridge import fit, kernel_of, one_hot, weights_of
from intents.signals import signals
from intents.word_vectors import WordVectors

SURE = "信用卡年费凭什么扣我300块,我要投诉"
DOUBTFUL = "那边弄完这边又那样"


def directions(count: int, seed: int = 3) -> np.ndarray:
    random = np.random.default_rng(seed).normal(size=(count, 16)).astype(np.float32)
    return random / np.linalg.norm(random, axis=1, keepdims=True)


def test_nothing_is_nearer_than_the_same_and_one_at_a_time_is_as_near_as_all_at_once():
    these, those = directions(7), directions(9, seed=4)
    near = closeness(these, those)
    assert np.allclose(np.diag(closeness(these, these)), 1, atol=1e-5) and (near < 1).all() and (near > 0).all()
    assert np.allclose([closeness(one, those) for one in these], near, atol=1e-5)


def test_the_wider_the_look_the_nearer_everything_is():
    these = directions(6)
    assert (closeness(these, these, 0.8) >= closeness(these, these, 0.4) - 1e-6).all()


def test_what_is_packed_is_as_near_as_before():
    these = directions(40)
    assert np.allclose(closeness(unpacked(packed(these)), these).diagonal(), 1, atol=0.02)


@pytest.mark.parametrize("width", [0.4, 0.8])
def test_what_examples_say_is_their_weights_by_how_near_they_are(width: float):
    stored, weights = packed(directions(30)), np.random.default_rng(5).normal(size=(30, 4)).astype(np.float16)
    for vector in (*directions(5, seed=6), np.zeros(16, dtype=np.float32)):
        expected = closeness(vector, unpacked(stored), width) @ weights.astype(np.float32)
        assert np.allclose(Examples(stored, weights, width).say(vector), expected, atol=1e-3)


def test_examples_teach_what_no_sum_of_features_can():
    """Two features that mean one thing alone and another thing together: a sum can't tell, an example can."""
    corners = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], dtype=np.float32) * 2 - 1
    matrix = corners.repeat(6, axis=0) / np.sqrt(2, dtype=np.float32)
    labels = ["same" if a == b else "other" for a, b in np.sign(matrix)]
    targets, weights = one_hot(labels, ["other", "same"]), weights_of(labels)
    kernel = kernel_of([matrix])
    alone, taught = fit([matrix], kernel, targets, weights), fit([matrix], kernel, targets, weights, near=matrix)
    summed = matrix @ alone.blocks[0] + alone.intercept
    heard = matrix @ taught.blocks[0] + closeness(matrix, matrix) @ taught.examples + taught.intercept
    assert np.ptp(summed, axis=0).max() < 1e-3, "a sum gives every corner the same"
    assert (heard.argmax(axis=1) == targets.argmax(axis=1)).all()


@pytest.mark.parametrize(("text", "is_heard"), [(SURE, False), (DOUBTFUL, True)])
def test_examples_are_compared_only_where_the_words_leave_a_doubt(monkeypatch: pytest.MonkeyPatch, text: str, is_heard: bool):
    compared, say = [], Examples.say
    monkeypatch.setattr(Examples, "say", lambda self, vector: compared.append(vector) or say(self, vector))
    said = Model().scores(model_text(text), signals(text), WordVectors().vector(text))
    assert bool(compared) is is_heard
    assert all(sum(some) == pytest.approx(1) for some in (said.intents, said.kinds, said.products))
