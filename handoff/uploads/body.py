"""A request's body, read within limits of length and time, whatever it announced."""

import asyncio
from collections.abc import Callable
from typing import Literal

from aiohttp import web

READ_WITHIN_S = 120.0


class BodyRefused(Exception):
    """Not a body that we take: too ``long``, too ``slow``, or ``empty``."""

    def __init__(self, why: Literal["long", "slow", "empty"]) -> None:
        super().__init__(why)
        self.why = why


async def read_whole(request: web.Request, most: int, check: Callable[[bytearray], None] | None = None) -> bytes:
    """The body, given up as soon as it is longer than *most*. Raises ``BodyRefused``.

    *check* is given what has come so far, as often as something comes, and raises for what it does not like.
    """
    if (request.content_length or 0) > most:
        raise BodyRefused("long")
    data = bytearray()
    try:
        async with asyncio.timeout(READ_WITHIN_S):
            async for chunk in request.content.iter_any():
                data += chunk
                if check is not None:
                    check(data)
                if len(data) > most:
                    raise BodyRefused("long")
    except TimeoutError:
        raise BodyRefused("slow") from None
    if not data:
        raise BodyRefused("empty")
    return bytes(data)
