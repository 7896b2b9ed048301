"""Ticket numbers such as ``FB20261123000042I``: date, sequence, and a check character against slips of reading and typing.

One wrong character is always noticed. Two neighbours changed over are noticed too, except that one in 36 swaps of digits that
differ by one (such as 4 and 5) passes: that is the strength of ISO 7064 MOD 37,36. So a number alone never opens a ticket.
"""

import re
from datetime import date

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_PATTERN = re.compile(r"FB(\d{4})(\d{2})(\d{2})\d{6}[0-9A-Z]", re.ASCII)
_MAX_SEQUENCE = 999_999


def format_number(day: date, sequence: int) -> str:
    """The number of the *sequence*-th ticket of *day* (a date in Asia/Shanghai)."""
    if not 0 <= sequence <= _MAX_SEQUENCE:
        raise ValueError(f"a day has at most {_MAX_SEQUENCE} ticket numbers, asked for {sequence}")
    body = f"FB{day:%Y%m%d}{sequence:06d}"
    return body + check_character(body)


def is_ticket_number(text: str) -> bool:
    """Whether *text* is exactly one well-formed ticket number: shape, a date that exists, and the right check character."""
    match = _PATTERN.fullmatch(text)
    if not match:
        return False
    try:
        date(*map(int, match.groups()))
    except ValueError:
        return False
    return check_character(text[:-1]) == text[-1]


def check_character(body: str) -> str:
    """The ISO 7064 MOD 37,36 check character of *body* (digits and capital letters)."""
    product = 36
    for char in body:
        total = (product + ALPHABET.index(char)) % 36 or 36
        product = total * 2 % 37
    return ALPHABET[(37 - product) % 36]
