"""A line made of single requests: the page posts its frames, and fetches ours with a request that waits for news."""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from bot.channels.in_app.frames import Frame
from handoff.parcel import Parcel

MAX_WAITING_IN = 100  # frames that the page sent and the window has not taken
MAX_WAITING_IN_BYTES = 512 * 1024  # and so long: a window that waits for its page takes none
MAX_WAITING_OUT = 200  # frames that the page has not fetched: then the window waits
MAX_WAITING_CHARS = 64 * 1024  # and so much text: one address may have a thousand lines, and fetch from none
GONE = 1006  # close code of a page that came no more; nobody is there to be told


class PolledLine:
    """Carries frames in order. What was handed out is kept until the page asks for what follows it: an answer may be lost."""

    def __init__(self, idle_s: float, forget: Callable[[], None]) -> None:
        """A line that closes when the page fetches nothing for *idle_s* seconds; *forget* is called then."""
        self._idle_s = idle_s
        self._forget = forget
        self._in: asyncio.Queue[tuple[Frame, int] | None] = asyncio.Queue()
        self._in_bytes = 0
        self._out: deque[Frame] = deque()
        self._waiting_chars = 0
        self._confirmed = 0  # frames that the page has for certain
        self._changed = asyncio.Condition()
        self._code: int | None = None
        self._fetching = 0
        self._expiry = asyncio.get_running_loop().call_later(idle_s, self._expire)

    @property
    def closed(self) -> bool:
        """Whether it was closed."""
        return self._code is not None

    @property
    def is_held(self) -> bool:
        """Whether a request waits for news at this moment."""
        return self._fetching > 0

    # --- the window's end ------------------------------------------------------------------------------------------------

    async def receive(self) -> Frame | None:
        """The next frame from the page, None when the line is closed."""
        taken = None if self.closed else await self._in.get()
        if taken is None:
            return None
        frame, length = taken
        self._in_bytes -= length
        return frame

    async def send(self, frame: Frame) -> None:
        """Lay *frame* ready for the page; waits while it fetches nothing. Raises ``ConnectionError`` when the line is closed."""
        async with self._changed:
            await self._changed.wait_for(lambda: self.closed or not self._is_full())
            if self.closed:
                raise ConnectionResetError
            self._out.append(frame)
            self._waiting_chars += _length(frame)
            self._changed.notify_all()

    def offer(self, parcel: Parcel) -> bool:
        """Take nothing but what is empty: laying frames ready means to wait for those who fetch them."""
        return not parcel.frames

    async def close(self, code: int) -> None:
        """Close it; the page learns *code* with what still lies ready."""
        if self._code is not None:
            return
        self._code = code
        self._in.put_nowait(None)
        async with self._changed:
            self._changed.notify_all()

    # --- the page's end --------------------------------------------------------------------------------------------------

    def put(self, frames: Sequence[Frame], length: int = 0) -> bool:
        """Take *frames*, *length* bytes, from the page: all of them, or none when too much waits already."""
        if self._in.qsize() + len(frames) > MAX_WAITING_IN or (self._in_bytes and self._in_bytes + length > MAX_WAITING_IN_BYTES):
            return False
        self._in_bytes += length
        for n, frame in enumerate(frames):
            self._in.put_nowait((frame, 0 if n else length))
        return True

    async def fetch(self, after: int, hold_s: float) -> dict[str, Any]:
        """What lies ready after the first *after* frames; waits up to *hold_s* seconds until there is something."""
        self._fetching += 1
        self._expiry.cancel()
        try:
            async with self._changed:
                self._confirm(after)
                with suppress(TimeoutError):
                    async with asyncio.timeout(hold_s):
                        await self._changed.wait_for(lambda: self.closed or len(self._out) > 0)
                ready = list(self._out)
                return {"after": self._confirmed + len(ready), "frames": ready, "closed": self._code}
        finally:
            self._fetching -= 1
            if not self._fetching:
                self._expiry = asyncio.get_running_loop().call_later(self._idle_s, self._expire)

    def _is_full(self) -> bool:
        return len(self._out) >= MAX_WAITING_OUT or self._waiting_chars >= MAX_WAITING_CHARS

    def _confirm(self, after: int) -> None:
        while self._confirmed < after and self._out:
            self._waiting_chars -= _length(self._out.popleft())
            self._confirmed += 1
        self._changed.notify_all()

    def _expire(self) -> None:
        self._forget()
        self._closing = asyncio.create_task(self.close(GONE))


def _length(frame: Frame) -> int:
    """How much text a frame carries; the rest of it is short."""
    if frame["type"] == "earlier":
        return sum(len(message["text"]) for stretch in frame["stretches"] for message in stretch["messages"])
    message = frame.get("message")
    return len(message.get("text") or "") if isinstance(message, dict) else 0
