"""Reads a JSON object from a request, or says plainly what is wrong with it."""

import json
from typing import Any

from aiohttp import web

from config.problem import Problem


async def json_object(request: web.Request) -> dict[str, Any]:
    """The body as an object. Raises a 400 problem for anything else; a body over the limit is a 413 of the server's own."""
    body = await request.read()
    try:
        parsed = json.loads(body)
    except (ValueError, RecursionError):
        raise Problem(400, "bad_json") from None
    if not isinstance(parsed, dict):
        raise Problem(400, "bad_json")
    return parsed
