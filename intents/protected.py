"""Which runs of digits are card, ID and phone numbers: by their check digits where these have any, else by length and beginning."""

import re
from collections.abc import Iterator, Sequence
from datetime import date

from intents.spans import Spans

CARD_DIGITS = range(13, 20)
_MOBILE = re.compile(r"(?:(?:00)?86)?(1[3-9]\d{9})")
_LANDLINE = re.compile(r"0\d{9,11}")
_MOST_DIGITS = 19
_LEAST_DIGITS = 10
_PHONE_GROUPS = ([11], [3, 8], [7, 4], [3, 4, 4], [4, 4, 3], [3, 3, 5], [1, 10], [1] * 11)
_LANDLINE_GROUPS = ([3, 8], [4, 7], [4, 8], [3, 4, 4], [4, 3, 4], [4, 4, 4])
_DATE = re.compile(r"(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:[0-2]\d|3[01])")
_ROUND = re.compile(r"[1-9]\d*00")
_LONGEST_SUM = 8  # digits
_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ID_CHECKS = "10X98765432"


def judged(digits: str) -> tuple[str, str]:
    """What a run of digits is, and the number in it; an unprotected one gives an empty kind, one that is only long ``unknown``."""
    mobile = _MOBILE.fullmatch(digits)
    if mobile:
        return "phone", mobile.group(1)
    if is_id_number(digits):
        return "id_number", digits
    only = digits.rstrip("X")
    if len(only) in CARD_DIGITS and (passes_luhn(only) or only[:2] in ("62", "60", "68", "90", "95")):
        return "card", only
    if _LANDLINE.fullmatch(only):
        return "phone", only
    # Too long for an amount or a date, and no number that we know: better hidden than shown.
    return ("unknown", only) if len(only) in CARD_DIGITS else ("", "")


def surely(groups: Sequence[str]) -> tuple[str, str]:
    """What *groups* of digits are together where chance alone does not make them one: by check digit, or as phones are grouped."""
    digits = "".join(groups)
    sizes = list(map(len, groups))
    if is_id_number(digits) and (_DATE.fullmatch(digits[6:14]) if len(digits) == 18 else sizes in ([15], [6, 6, 3])):  # noqa: PLR2004
        return "id_number", digits
    only = digits.rstrip("X")
    if (mobile := _MOBILE.fullmatch(only)) and sizes in _PHONE_GROUPS + _with_country(sizes):
        return "phone", mobile.group(1)
    if len(only) in CARD_DIGITS and only[0] in "3456789" and passes_luhn(only):
        return "card", only
    if _LANDLINE.fullmatch(only) and (len(sizes) == 1 or sizes in _LANDLINE_GROUPS):
        return "phone", only
    return "", ""


def _with_country(sizes: list[int]) -> tuple[list[int], ...]:
    """Groups of a phone that begin with 86 or 0086."""
    return tuple([sizes[0], *groups] for groups in _PHONE_GROUPS) if sizes[0] in (2, 4) else ()


def among(groups: Sequence[str]) -> Iterator[tuple[int, int, str, str]]:
    """The numbers that neighbouring *groups* surely make: from which group up to which, kind and number.

    Where they overlap, groups of one length go together first, and then as many digits as possible.
    """
    found = [candidate for first in range(len(groups)) for candidate in _beginning_with(groups, first)]
    found.sort(key=lambda item: (not _are_even(groups[item[0] : item[1]]), -len(item[3])))
    taken = Spans(len(groups))
    return (candidate for candidate in found if taken.take(candidate[0], candidate[1]))


def _beginning_with(groups: Sequence[str], first: int) -> Iterator[tuple[int, int, str, str]]:
    length = 0
    for end in range(first + 1, len(groups) + 1):
        length += len(groups[end - 1])
        if length > _MOST_DIGITS:
            break
        if length >= _LEAST_DIGITS:
            kind, number = surely(groups[first:end])
            if kind:
                yield first, end, kind, number


def _are_even(groups: Sequence[str]) -> bool:
    return len(set(map(len, groups[:-1]))) <= 1


def are_no_number(groups: Sequence[str]) -> bool:
    """Whether several *groups* stand beside each other by chance: a date with a time or sums behind it."""
    return len(groups) > 1 and _DATE.fullmatch(groups[0]) is not None and all(len(group) <= _LONGEST_SUM for group in groups)


def are_sums(groups: Sequence[str]) -> bool:
    """Whether several *groups* are all round sums."""
    return len(groups) > 1 and all(map(_ROUND.fullmatch, groups))


def passes_luhn(digits: str) -> bool:
    """Whether the last digit checks the others, as on payment cards (ISO/IEC 7812)."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 else 1)
        total += value - 9 if value > 9 else value  # noqa: PLR2004 -- the digits of a two-digit product, added
    return total % 10 == 0


def is_id_number(digits: str) -> bool:
    """Whether this is a resident ID number: 18 places with a right check character (GB 11643), or 15 with a real date."""
    if len(digits) == 18 and digits[:17].isdigit():  # noqa: PLR2004
        total = sum(int(digit) * weight for digit, weight in zip(digits, _ID_WEIGHTS, strict=False))
        return _ID_CHECKS[total % 11] == digits[17]
    if len(digits) == 15 and digits.isdigit():  # noqa: PLR2004
        try:
            date(1900 + int(digits[6:8]), int(digits[8:10]), int(digits[10:12]))
        except ValueError:
            return False
        return digits[0] in "123456" and not passes_luhn(digits)
    return False
