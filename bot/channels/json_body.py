"""Reads JSON that strangers send, or says plainly what is wrong with it."""

import json
import re
from typing import Any

from aiohttp import web

from config.problem import Problem

_HALF = re.compile(r"\\u[dD][89a-fA-F]")


def parsed(text: str) -> Any:
    """The JSON in *text*. Raises ``ValueError`` or ``RecursionError``.

    Half a character (a surrogate alone, which JSON can spell and no database takes) becomes a question mark.
    """
    value = json.loads(text)
    if _HALF.search(text) is None:
        return value
    return json.loads(json.dumps(value, ensure_ascii=False).encode("utf-8", "replace"))


async def json_object(request: web.Request) -> dict[str, Any]:
    """The body as an object. Raises a 400 problem for anything else; a body over the limit is a 413 of the server's own."""
    body = await request.read()
    try:
        found = parsed(body.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        raise Problem(400, "bad_json") from None
    if not isinstance(found, dict):
        raise Problem(400, "bad_json")
    return found
