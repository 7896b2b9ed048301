"""The vectors of words: near where the meaning is near, whatever the text; and the heads that stand on them are exact."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_matrix

from intents.distil import DIMENSIONS, table_of, write
from intents.ridge import PENALTY, fit, kernel_of, one_hot, weights_of
from intents.word_vectors import MAX_CHARS, WordVectors


@pytest.fixture(scope="module")
def words() -> WordVectors:
    return WordVectors()


@pytest.mark.parametrize(
    ("said", "near", "far"),
    [
        ("贵金属怎么买", "黄金在哪购", "密码忘了"),
        ("自助柜员机坏了", "取款机故障", "理财收益低"),
        ("赎回净值", "基金卖出", "排队太久"),
    ],
)
def test_other_words_of_one_matter_lie_nearer_than_those_of_another(words: WordVectors, said: str, near: str, far: str):
    vector = words.vector(said)
    assert vector @ words.vector(near) > vector @ words.vector(far) + 0.2


def test_the_longest_word_is_taken_and_unknown_signs_are_passed_over(words: WordVectors):
    assert len(words.words("信用卡")) == 1
    assert words.words("\u2603信用卡\u2603") == words.words("信用卡")


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=60))
def test_any_text_has_a_direction_or_none(words: WordVectors, text: str):
    length = float(np.linalg.norm(words.vector(text)))
    assert length == pytest.approx(1, abs=1e-3) or length == 0


def test_of_a_long_text_the_beginning_is_read(words: WordVectors):
    assert len(words.words("转账" * 100_000)) <= MAX_CHARS


def test_a_table_made_anew_reads_as_it_was_written(tmp_path):
    random = np.random.default_rng(3)
    counts = {"转账": 900, "汇款": 50, "的": 90_000, "app": 0}
    write(counts, random.normal(size=(4, 384)).astype(np.float32), tmp_path / "table.npz")
    table = WordVectors(tmp_path / "table.npz")
    assert [len(table.words(text)) for text in ("转账", "的app", "汇")] == [1, 2, 0]
    assert table.vector("转账").shape == (DIMENSIONS,)
    _, weights = table_of(counts, random.normal(size=(4, 384)).astype(np.float32))
    assert weights[0] < weights[1] and weights[2] < weights[0]


def test_the_heads_are_the_minimum_of_what_they_promise_to_minimise():
    random = np.random.default_rng(5)
    matrix = random.normal(size=(12, 30)).astype(np.float32)
    labels = ["a"] * 8 + ["b"] * 4
    targets, weights = one_hot(labels, ["a", "b"]), weights_of(labels)
    seen = [csr_matrix(matrix[:, :20]), matrix[:, 20:]]
    blocks, _, intercept = fit(seen, kernel_of(seen), targets, weights)
    coefficients = np.vstack(blocks)
    # At the minimum of the weighted squares with the penalty, the slope is nought.
    errors = matrix @ coefficients + intercept - targets
    slope = matrix.T @ (weights[:, None] * errors) + PENALTY * coefficients
    assert np.abs(slope).max() < 1e-3
    assert weights[0] < weights[-1]
