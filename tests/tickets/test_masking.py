import pytest
from hypothesis import given
from hypothesis import strategies as st

from handoff.tickets.masking import mask_card, mask_email, mask_id, mask_name, mask_phone

DIGITS = "0123456789"


@pytest.mark.parametrize(
    ("phone", "shown"),
    [
        ("13812345678", "138****5678"),
        ("+86 138-1234-5678", "138****5678"),
        ("021-12345678", "*******5678"),
        ("10086", "*****"),
        ("", ""),
    ],
)
def test_a_phone_number_keeps_its_ending(phone: str, shown: str) -> None:
    assert mask_phone(phone) == shown


@pytest.mark.parametrize(
    ("name", "shown"),
    [("张三", "张*"), ("张三丰", "张*"), ("欧阳锋", "欧阳*"), ("欧阳", "欧*"), ("John", "J*"), (" 李四 ", "李*"), ("", "")],
)
def test_a_name_keeps_the_family_name_only(name: str, shown: str) -> None:
    assert mask_name(name) == shown


def test_an_identity_number_keeps_four_at_both_ends() -> None:
    assert mask_id("310101199001011234") == "3101**********1234"
    assert mask_id("31010119900101123X") == "3101**********123X"


@pytest.mark.parametrize(
    ("card", "shown"),
    [
        ("6222021234561234", "6222 02** **** 1234"),
        ("6222 0212 3456 1234", "6222 02** **** 1234"),
        ("6222021234567891234", "6222 02** **** ***1 234"),
    ],
)
def test_a_card_number_keeps_six_and_four_in_groups(card: str, shown: str) -> None:
    assert mask_card(card) == shown


@pytest.mark.parametrize(
    ("address", "shown"), [("zhang.san@x.com", "z***@x.com"), ("nonsense", "***"), ("a@b@x.com", "a***@x.com")]
)
def test_an_email_address_keeps_its_first_letter_and_the_domain(address: str, shown: str) -> None:
    assert mask_email(address) == shown


@given(st.text(DIGITS, min_size=0, max_size=30))
def test_at_least_four_digits_of_any_number_stay_hidden_or_all_of_them(number: str) -> None:
    for masked in (mask_phone(number), mask_id(number), mask_card(number)):
        shown = sum(char in DIGITS for char in masked)
        assert shown == 0 or len(number) - shown >= 4


@given(st.text(min_size=1, max_size=12))
def test_the_length_of_a_given_name_is_not_told(name: str) -> None:
    assert len(mask_name(name)) <= 3
