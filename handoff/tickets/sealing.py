"""Originals of what redaction took out of a text, sealed one by one beside the ticket that the text belongs to."""

from collections.abc import Iterable
from typing import Any

from intents.understanding import Redacted
from store.crypto import Crypto


def seal(crypto: Crypto, no: str, name: str, value: str) -> str:
    """*value* so that it opens only for this ticket and place."""
    return crypto.encrypt(value, f"tickets.record.{no}.{name}")


def sealed_originals(crypto: Crypto, no: str, place: str, texts: Iterable[Redacted]) -> dict[str, Any]:
    """``{"protected": [...]}`` with kind, token and sealed original of everything found in *texts*; empty if nothing was.

    *place* names what the texts are to the ticket: no two of one ticket share it.
    """
    found = [item for text in texts for item in text.found if item.original]
    if not found:
        return {}
    return {
        "protected": [
            {"kind": item.kind, "token": item.token, "sealed": seal(crypto, no, f"{place}.{n}", item.original)}
            for n, item in enumerate(found)
        ]
    }
