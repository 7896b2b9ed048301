"""Reads JSON that strangers send, or says plainly what is wrong with it."""

from typing import Any

from aiohttp import web

from config.json_text import parsed
from config.problem import Problem
from handoff.uploads.body import read_small


async def json_object(request: web.Request) -> dict[str, Any]:
    """The body as an object. Raises a 400 problem for anything else; a body over the limit is a 413 of the server's own."""
    body = await read_small(request)
    try:
        found = parsed(body)
    except (ValueError, RecursionError):
        raise Problem(400, "bad_json") from None
    if not isinstance(found, dict):
        raise Problem(400, "bad_json")
    return found
