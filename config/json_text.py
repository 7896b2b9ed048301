"""JSON that strangers send, as values that every store can hold."""

import json
import re
from typing import Any

from config.speakable import UNSEEN, speakable

_SPELT = re.compile(r"\\u(?:00[01][0-9a-f]|007f|00ad|034f|180e|200b|202[a-e]|206[0-46-9]|d[89a-f]|feff|fff[ef])", re.IGNORECASE)
_WRITTEN = re.compile(f"[{UNSEEN}]")


def parsed(text: str | bytes) -> Any:
    """The JSON in *text*. Raises ``ValueError`` or ``RecursionError``.

    Half a character (a surrogate alone, which JSON can spell and no database takes) is left out, and so are characters that
    nobody can see, such as the zero byte that PostgreSQL refuses and marks that turn the order of what follows.
    """
    if isinstance(text, bytes):
        text = text.decode("utf-8-sig")
    value = json.loads(text)
    if _SPELT.search(text) is None and (text.isascii() or _WRITTEN.search(text) is None):
        return value
    return _speakable(json.loads(json.dumps(value, ensure_ascii=False).encode("utf-8", "ignore")))


def _speakable(value: Any) -> Any:
    if isinstance(value, str):
        return speakable(value)
    if isinstance(value, list):
        return [_speakable(item) for item in value]
    if isinstance(value, dict):
        return {speakable(name): _speakable(item) for name, item in value.items()}
    return value
