"""A request's body, read within limits of length and time, whatever it announced."""

import asyncio
from collections.abc import Callable
from typing import Literal

from aiohttp import web

from config.problem import Problem
from handoff.uploads.room import NoRoom, Share

READ_WITHIN_S = 120.0
SMALL_WITHIN_S = 30.0  # what is no file has come long before that, on any line
HEAD_BYTES = 4096  # enough to know what a file is


class BodyRefused(Exception):
    """Not a body that we take: too ``long``, too ``slow``, ``empty``, or too much beside all others (``full``)."""

    def __init__(self, why: Literal["long", "slow", "empty", "full"]) -> None:
        super().__init__(why)
        self.why = why


async def read_small(request: web.Request) -> bytes:
    """The body of a request that brings no file. One over the server's limit is a 413 of its own, one that drips in a 408."""
    try:
        async with asyncio.timeout(SMALL_WITHIN_S):
            return await request.read()
    except TimeoutError:
        raise Problem(408, "body_slow", headers={"Connection": "close"}) from None


async def read_whole(
    request: web.Request, most: int, limit: Callable[[bytes], int] | None = None, share: Share | None = None
) -> bytes:
    """The body, given up as soon as it is longer than *most*. Raises ``BodyRefused``.

    *limit* is given the first bytes, once they are there or the body is over, and says how long a body that begins so may be.
    What is held in memory is counted in *share*.
    """
    if (request.content_length or 0) > most:
        raise BodyRefused("long")
    chunks: list[bytes] = []
    length = 0
    try:
        async with asyncio.timeout(READ_WITHIN_S):
            async for chunk in request.content.iter_any():
                if share is not None:
                    share.grow(len(chunk))
                chunks.append(chunk)
                length += len(chunk)
                if limit is not None and length > HEAD_BYTES:
                    most, limit = min(most, limit(b"".join(chunks)[:HEAD_BYTES])), None
                if length > most:
                    raise BodyRefused("long")
    except TimeoutError:
        raise BodyRefused("slow") from None
    except NoRoom:
        raise BodyRefused("full") from None
    data = await asyncio.to_thread(b"".join, chunks)  # of more than a megabyte it lets the others go on meanwhile
    if not data:
        raise BodyRefused("empty")
    if limit is not None and length > limit(data):
        raise BodyRefused("long")
    return data
