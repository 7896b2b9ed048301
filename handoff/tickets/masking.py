"""Protected values as people may see them: enough to recognise one's own, not enough to use. Pure."""

import re
from functools import cache

from config.catalogue import load_yaml

_MOBILE = re.compile(r"(?:86)?(1\d{10})")
_LEAST_HIDDEN = 4


def mask_phone(phone: str) -> str:
    """``138****5678`` for a mobile number; other numbers keep their last four digits."""
    digits = re.sub(r"\D", "", phone)
    mobile = _MOBILE.fullmatch(digits)
    return _ends(mobile.group(1), 3, 4) if mobile else _ends(digits, 0, 4)


def mask_name(name: str) -> str:
    """The family name and one star: ``张*``, ``欧阳*``. The length of the given name isn't told."""
    name = name.strip()
    if not name:
        return ""
    compound = name[2:] and name[:2] in _two_character_names()
    kept = 2 if compound else 1
    return f"{name[:kept]}*"


def mask_id(number: str) -> str:
    """``3101**********1234``: the first four and the last four of an identity number."""
    return _ends(number.strip(), 4, 4)


def mask_card(number: str) -> str:
    """``6222 02** **** 1234``: the first six and the last four of a card number, in groups of four."""
    masked = _ends(re.sub(r"\D", "", number), 6, 4)
    return " ".join(masked[i : i + 4] for i in range(0, len(masked), 4))


def mask_email(address: str) -> str:
    """``z***@x.com``: the first letter and the domain."""
    local, at, domain = address.strip().rpartition("@")
    return f"{local[:1]}***@{domain}" if at else "***"


def _ends(value: str, first: int, last: int) -> str:
    # A value so short that both ends would show most of it is hidden whole.
    hidden = len(value) - first - last
    if hidden < _LEAST_HIDDEN:
        return "*" * len(value)
    return value[:first] + "*" * hidden + value[-last:]


@cache
def _two_character_names() -> frozenset[str]:
    return frozenset(load_yaml("surnames.yaml")["two_characters"])
