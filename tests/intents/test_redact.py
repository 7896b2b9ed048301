"""What must not be stored is taken out, and what people need to read stays."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intents.normalise import normalise
from intents.redact import is_id_number, passes_luhn, redact


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("我的密码是abc12345，帮我看看", "abc12345"),
        ("验证码 839201", "839201"),
        ("839201", "839201"),
        ("8 3 9 2 0 1", "8 3 9 2 0 1"),
        ("密码123456", "123456"),
        ("ＣＶＶ是１２３", "１２３"),
        ("给他说了验证码：4 5 6 7 8 9", "4 5 6 7 8 9"),
        ("839201是我的验证码", "839201"),
        ("密码：qwertyui", "qwertyui"),
        ("支付密码我设的是zhang1990", "zhang1990"),
        ("验证码我告诉他了是5 6 7 8 9 0", "5 6 7 8 9 0"),
    ],
)
def test_a_secret_is_dropped_and_the_customer_can_be_warned(text: str, secret: str):
    redacted = redact(text)
    assert secret not in redacted.text
    assert redacted.has_secret
    assert all(not item.original for item in redacted.found if item.kind == "secret")


@pytest.mark.parametrize(
    "text",
    ["密码忘了怎么办", "密码错误3次锁定了", "验证码收不到", "验证码等了10分钟都没有", "昨天下午3点转了500块", "金额5000元", "尾号8821的卡",
     "FB202611230000017", "2026年3月15日在朝阳支行", "客服95588", "12", "1"],
)  # fmt: skip
def test_what_is_no_secret_stays_as_it_was_written(text: str):
    assert redact(text).text == text


def test_bare_digits_are_an_answer_when_they_were_asked_for():
    assert redact("5000", expecting="amount_yuan").text == "5000"
    assert redact("5000").has_secret


@pytest.mark.parametrize(
    ("text", "kind", "original"),
    [
        ("卡号6222 0212 3456 7890 123被盗刷", "card", "6222021234567890123"),
        ("手机13812345678", "phone", "13812345678"),
        ("+86 138-1234-5678", "phone", "13812345678"),
        ("身份证11010519491231002X", "id_number", "11010519491231002X"),
        ("电话010-88889999", "phone", "01088889999"),
    ],
)
def test_protected_numbers_become_tokens_with_their_originals_beside(text: str, kind: str, original: str):
    (found,) = redact(text).found
    assert (found.kind, found.original) == (kind, original)
    redacted = redact(text).text
    assert redacted[found.start : found.end] == found.token
    assert original[:-4] not in re.sub(r"\D", "", redacted)


@given(st.text(max_size=200))
def test_redacting_twice_changes_nothing_more(text: str):
    once = redact(text).text
    assert redact(once).text == once


@given(st.integers(13, 19), st.randoms(use_true_random=False), st.text("中文，。 ", max_size=5))
def test_no_number_that_passes_for_a_card_survives(length: int, random, around: str):
    body = "".join(random.choice("0123456789") for _ in range(length - 1))
    number = next(body + digit for digit in "0123456789" if passes_luhn(body + digit))
    assert number not in redact(f"{around}{number}{around}").text


@given(st.text(max_size=300))
def test_normalising_keeps_length_and_is_done_once(text: str):
    once = normalise(text)
    assert len(once) == len(text)
    assert normalise(once) == once


def test_a_wrong_check_character_is_no_id_number():
    assert is_id_number("11010519491231002X")
    assert not is_id_number("110105194912310021")


@pytest.mark.parametrize("unit", ["1", "密码", "验证码是", "a", "一", " ", "6222 "])
def test_long_texts_take_time_in_proportion(unit: str):
    """A quadratic pattern would need minutes here; the suite's timeout is the judge."""
    redact(unit * (100_000 // len(unit)))
