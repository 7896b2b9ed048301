"""What a chat window speaks over: a WebSocket, or anything else that carries frames both ways."""

import asyncio
from typing import Protocol

from aiohttp import WSMsgType, web

from bot.channels.in_app.frames import Frame, parse
from handoff.parcel import Parcel, encode, offer


class Line(Protocol):
    """Carries frames in order until it is closed from either end."""

    @property
    def closed(self) -> bool:
        """Whether nothing can be sent any more."""

    async def receive(self) -> Frame | None:
        """The next frame from the page, None when there will be none. What is no frame comes as ``NONSENSE``."""

    async def send(self, frame: Frame) -> None:
        """Send *frame*; waits while the page takes nothing. Raises ``ConnectionError`` when the line is gone."""

    def offer(self, parcel: Parcel) -> bool:
        """Send the whole *parcel* now if that needs no waiting; False when nothing of it was sent."""

    async def close(self, code: int) -> None:
        """Close it and tell the page *code*; does nothing if it is closed."""


class SocketLine:
    """A prepared WebSocket as a line."""

    def __init__(self, ws: web.WebSocketResponse, transport: asyncio.Transport | None) -> None:
        """*transport* is the connection that *ws* writes to; None when it is gone already."""
        self._ws = ws
        self._transport = transport

    @property
    def closed(self) -> bool:
        """Whether the socket is closed."""
        return self._ws.closed

    async def receive(self) -> Frame | None:
        """The next text as a frame; anything else ends the line."""
        received = await self._ws.receive()
        return parse(received.data) if received.type is WSMsgType.TEXT else None

    async def send(self, frame: Frame) -> None:
        """Send *frame* as one text."""
        await self._ws.send_json(frame, dumps=encode)

    def offer(self, parcel: Parcel) -> bool:
        """Write it to a connection that has taken everything so far."""
        return offer(parcel, self._ws, self._transport)

    async def close(self, code: int) -> None:
        """Close the socket with *code*."""
        await self._ws.close(code=code)
