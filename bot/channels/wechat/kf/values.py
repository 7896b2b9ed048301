"""Reads values out of the platform's JSON: of the type and size that were promised, or not at all. Pure."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from config.speakable import speakable

MAX_NUMBER = 2**63


class Malformed(Exception):
    """A value is missing, of another type, or far too long."""


def word(raw: Mapping[str, Any], name: str, *, limit: int, required: bool = False) -> str:
    """The text under *name*, whole numbers as digits; ``""`` when it is absent."""
    value = raw.get(name)
    if value is None:
        value = ""
    elif isinstance(value, int) and not isinstance(value, bool) and abs(value) < MAX_NUMBER:
        value = str(value)
    if not isinstance(value, str) or len(value) > limit or (required and not value.strip()):
        raise Malformed
    return speakable(value)


def number(raw: Mapping[str, Any], name: str, *, required: bool = True) -> int:
    """The whole number under *name*, which may come as digits; 0 when it is absent and not *required*."""
    value = raw.get(name)
    if value is None and not required:
        return 0
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 20:  # noqa: PLR2004 -- a long integer
        return int(value)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < MAX_NUMBER:
        raise Malformed
    return value


def part(raw: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """The object under *name*."""
    value = raw.get(name)
    if not isinstance(value, Mapping):
        raise Malformed
    return value


def digest(raw: object) -> str:
    """An id made of *raw* itself: the same item gets the same one, whatever the order of its parts."""
    try:
        canonical = json.dumps(raw, sort_keys=True, ensure_ascii=True, default=str)
    except (RecursionError, TypeError, ValueError):
        canonical = repr(sorted(map(str, raw))) if isinstance(raw, Mapping) else type(raw).__name__
    return hashlib.sha256(canonical.encode()).hexdigest()
