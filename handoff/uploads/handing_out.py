"""A file on its way out, piece by piece: whoever takes none of it keeps it in memory, until ``bot.stalled`` hangs up on them."""

from collections.abc import Mapping
from contextlib import suppress

from aiohttp import web

PIECE_BYTES = 256 * 1024


async def handed_out(request: web.Request, data: bytes, headers: Mapping[str, str]) -> web.StreamResponse:
    """Answer with *data*; returns when all of it was taken, so that until then it can be counted as held."""
    response = web.StreamResponse(headers=headers)
    response.content_length = len(data)
    await response.prepare(request)
    pieces = memoryview(data if request.method != "HEAD" else b"")
    with suppress(ConnectionError):  # they went, or took nothing
        for start in range(0, len(pieces), PIECE_BYTES):
            await response.write(pieces[start : start + PIECE_BYTES])
        await response.write_eof()
    return response
