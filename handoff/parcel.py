"""Frames that go out together, encoded once however many sockets they go to."""

import asyncio
import json
from functools import cached_property
from typing import Any

from aiohttp import web

Frame = dict[str, Any]

TEXT = 0x81  # RFC 6455 section 5.2: a whole message of text; a server masks nothing
LENGTH_IN_2_BYTES, LENGTH_IN_8_BYTES = 126, 127
encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class Parcel:
    """Some frames in their order."""

    def __init__(self, frames: tuple[Frame, ...]) -> None:
        self.frames = frames

    @cached_property
    def wire(self) -> bytes:
        """All of them as they go over a WebSocket without compression."""
        return b"".join(_framed(encode(frame).encode()) for frame in self.frames)


def offer(parcel: Parcel, socket: web.WebSocketResponse, wire: asyncio.Transport | None) -> bool:
    """Write all of *parcel* to *wire*, the connection of *socket*, if it has taken everything so far; False: nothing was sent.

    Past the library's frame by frame: one write for all, of bytes that a thousand sockets share.
    """
    if wire is None or socket.closed or wire.is_closing() or wire.get_write_buffer_size():
        return False
    if parcel.frames:
        wire.write(parcel.wire)
    return True


def _framed(text: bytes) -> bytes:
    if len(text) < LENGTH_IN_2_BYTES:
        return bytes((TEXT, len(text))) + text
    if len(text) < 1 << 16:
        return bytes((TEXT, LENGTH_IN_2_BYTES)) + len(text).to_bytes(2) + text
    return bytes((TEXT, LENGTH_IN_8_BYTES)) + len(text).to_bytes(8) + text
