from datetime import date

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from store.ticket_number import ALPHABET, check_character, format_number, is_ticket_number

DAYS = st.dates(date(2020, 1, 1), date(2099, 12, 31))
SEQUENCES = st.integers(0, 999_999)
NUMBERS = st.builds(format_number, DAYS, SEQUENCES)


def test_a_number_is_prefix_date_sequence_and_check_character() -> None:
    assert format_number(date(2026, 11, 23), 42) == "FB20261123000042I"


def test_the_check_character_agrees_with_the_example_of_the_standard() -> None:
    # The worked example known from GRid and ISO 7064: A12425GABC1234002 takes M.
    assert check_character("A12425GABC1234002") == "M"


@given(DAYS, SEQUENCES)
def test_a_made_number_is_a_ticket_number(day: date, sequence: int) -> None:
    assert is_ticket_number(format_number(day, sequence))


@given(DAYS, SEQUENCES, DAYS, SEQUENCES)
def test_different_days_or_sequences_give_different_numbers(a: date, m: int, b: date, n: int) -> None:
    assert (format_number(a, m) == format_number(b, n)) == ((a, m) == (b, n))


@given(NUMBERS, st.data())
def test_one_wrong_character_is_always_noticed(number: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(number) - 1))
    wrong = data.draw(st.sampled_from(ALPHABET))
    assume(wrong != number[at])
    assert not is_ticket_number(number[:at] + wrong + number[at + 1 :])


@given(NUMBERS, st.data())
def test_two_neighbours_changed_over_are_noticed_unless_their_values_differ_by_one(number: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(number) - 2))
    first, second = number[at], number[at + 1]
    # The last pair contains the check character itself, where the standard promises less.
    assume(first != second and at < len(number) - 2)
    swapped = number[:at] + second + first + number[at + 2 :]
    assert not is_ticket_number(swapped) or abs(ALPHABET.index(first) - ALPHABET.index(second)) == 1


def test_of_all_swaps_of_neighbours_in_a_days_numbers_fewer_than_one_in_two_hundred_pass() -> None:
    swaps = passed = 0
    for sequence in range(0, 1_000_000, 211):
        number = format_number(date(2026, 11, 23), sequence)
        for at in range(2, len(number) - 1):
            if number[at] != number[at + 1]:
                swaps += 1
                passed += is_ticket_number(number[:at] + number[at + 1] + number[at] + number[at + 2 :])
    assert swaps > 30_000
    assert passed / swaps < 1 / 200


@given(NUMBERS, st.sampled_from([" ", "\n", "0", "A", "Ａ"]))
def test_anything_before_or_after_a_number_makes_it_none(number: str, extra: str) -> None:
    assert not is_ticket_number(number + extra)
    assert not is_ticket_number(extra + number)


@given(st.text(max_size=20))
def test_any_text_is_judged_without_an_error(text: str) -> None:
    assert is_ticket_number(text) in (True, False)


@pytest.mark.parametrize("body", ["FB20261323000001", "FB20260230000001", "FB20260000000001", "FB00000101000001"])
def test_a_day_that_does_not_exist_makes_no_number_even_with_a_right_check_character(body: str) -> None:
    assert not is_ticket_number(body + check_character(body))


def test_full_width_digits_are_not_a_ticket_number() -> None:
    assert not is_ticket_number("FB２０２６1123000042I")


@pytest.mark.parametrize("sequence", [-1, 1_000_000])
def test_a_sequence_that_does_not_fit_is_refused_instead_of_cut(sequence: int) -> None:
    with pytest.raises(ValueError, match="at most"):
        format_number(date(2026, 11, 23), sequence)
