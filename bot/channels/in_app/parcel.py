"""Frames that go out together, encoded once however many windows they go to."""

import json
from functools import cached_property

from bot.channels.in_app.frames import Frame

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


def _framed(text: bytes) -> bytes:
    if len(text) < LENGTH_IN_2_BYTES:
        return bytes((TEXT, len(text))) + text
    if len(text) < 1 << 16:
        return bytes((TEXT, LENGTH_IN_2_BYTES)) + len(text).to_bytes(2) + text
    return bytes((TEXT, LENGTH_IN_8_BYTES)) + len(text).to_bytes(8) + text
