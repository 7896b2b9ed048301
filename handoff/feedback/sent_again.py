"""The header by which a form that is sent again is known."""

from aiohttp import web

from config.operations import Schema
from config.problem import Problem

NAME = "Idempotency-Key"
MAX_CHARS = 200
IDEMPOTENT: dict[str, Schema] = {
    NAME: {
        "type": "string",
        "maxLength": MAX_CHARS,
        "description": "The sender's own key for this form: sent again under it, it is filed once and gets the same answer.",
    }
}


def idempotency_key(request: web.Request) -> str:
    """The key that came with *request*, empty if none did. Raises a 400 problem for what is no key."""
    key = request.headers.get(NAME, "").strip()
    if len(key) > MAX_CHARS or not key.isprintable():
        raise Problem(400, "idempotency_key_invalid", f"An {NAME} has at most {MAX_CHARS} printable characters.")
    return key
