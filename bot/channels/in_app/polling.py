"""The chat for pages whose network lets no WebSocket through: the same frames, the same window, over plain requests."""

import asyncio
import secrets
from dataclasses import dataclass
from typing import Any

from aiohttp import WSCloseCode, web

from bot.channels.in_app.frames import Frame, as_frame
from bot.channels.in_app.identity import Visitor
from bot.channels.in_app.polled_line import PolledLine
from bot.channels.in_app.window import ChatWindow, Parts
from config.addresses import household
from config.json_text import parsed
from config.problem import Problem
from handoff.uploads.body import read_small
from store.customers import external_hmac

HOLD_S = 25.0  # below the half minute after which proxies give up on an answer
IDLE_S = 60.0  # a page that fetches nothing for so long is gone
MAX_LINES = 10_000
MAX_LINES_AN_ADDRESS = 2_000  # so that one cannot take them all; a bank's own customers may share one
MAX_LINES_A_CUSTOMER = 8
MAX_BODY_BYTES = 256 * 1024  # as for a frame of a socket
MAX_FRAMES = 20


@dataclass(frozen=True, slots=True)
class Session:
    """An open line with the window at its other end and the task that serves it."""

    line: PolledLine
    window: ChatWindow
    serving: asyncio.Task[None]
    address: str


class Polling:
    """The lines that are open in this process. A session's id alone opens nothing: its customer's credential goes with it."""

    def __init__(self, parts: Parts, *, hold_s: float = HOLD_S, idle_s: float = IDLE_S, max_lines: int = MAX_LINES) -> None:
        self._parts = parts
        self._hold_s = hold_s
        self._idle_s = idle_s
        self._max_lines = max_lines
        self._sessions: dict[str, Session] = {}

    def __len__(self) -> int:
        """How many lines are open."""
        return len(self._sessions)

    async def open(self, request: web.Request) -> dict[str, Any]:
        """A new line from the ``hello`` in the body: its session, and the ``welcome`` or why there is none."""
        frames, _ = await _frames(request)
        address = household(request.remote)
        beside = sum(session.address == address for session in self._sessions.values())
        if len(self._sessions) >= self._max_lines or beside >= MAX_LINES_AN_ADDRESS:
            raise Problem(503, "busy", headers={"Retry-After": "5"})
        session_id = secrets.token_urlsafe(24)
        line = PolledLine(self._idle_s, lambda: self._forget(session_id))
        window = ChatWindow(line, self._parts, address)
        self._sessions[session_id] = Session(line, window, asyncio.create_task(window.run()), address)
        line.put(frames)
        found = await self._fetch(session_id, 0)
        if found["closed"] is None and not found["frames"]:
            # Without its welcome a page does not know who it is: it comes again.
            self._forget(session_id)
            await line.close(WSCloseCode.TRY_AGAIN_LATER)
            raise Problem(503, "busy", headers={"Retry-After": "1"})
        if found["closed"] is None:
            await self._make_room(session_id)
        return {"session": session_id, **found}

    async def put(self, request: web.Request, visitor: Visitor) -> None:
        """Hand the frames in the body to the visitor's own line. Raises a 404 problem if they have none of that id."""
        line = self._own(request, visitor).line
        if not line.put(*await _frames(request)):
            raise Problem(503, "busy", headers={"Retry-After": "1"})

    async def fetch(self, request: web.Request, visitor: Visitor) -> dict[str, Any]:
        """What the visitor's own line has for them; waits for it. Raises a 404 problem if they have none of that id."""
        self._own(request, visitor)
        after = request.query.get("after", "")
        if not after.isdecimal() or len(after) > 9:  # noqa: PLR2004 -- more frames than any line carries
            raise Problem(400, "bad_request")
        return await self._fetch(request.match_info["session"], int(after))

    async def close(self) -> None:
        """Close every line; returns when no window is served any more."""
        sessions = list(self._sessions.values())
        for session in sessions:
            await session.line.close(WSCloseCode.GOING_AWAY)
            session.serving.cancel()
        await asyncio.gather(*(session.serving for session in sessions), return_exceptions=True)

    def _own(self, request: web.Request, visitor: Visitor) -> Session:
        session = self._sessions.get(request.match_info["session"])
        account = self._parts.settings.in_app.account
        if session is None or session.window.fingerprint != external_hmac(self._parts.store.crypto, account, visitor.key):
            raise Problem(404, "not_found")
        return session

    async def _fetch(self, session_id: str, after: int) -> dict[str, Any]:
        found = await self._sessions[session_id].line.fetch(after, self._hold_s)
        if found["closed"] is not None:
            self._forget(session_id)
        return found

    async def _make_room(self, opened: str) -> None:
        """Close a customer's line too many: the oldest that nobody waits at, or else the one just *opened*."""
        fingerprint = self._sessions[opened].window.fingerprint
        own = {id_: session for id_, session in self._sessions.items() if session.window.fingerprint == fingerprint}
        if len(own) <= MAX_LINES_A_CUSTOMER:
            return
        idle = [id_ for id_ in own if id_ != opened and not own[id_].line.is_held]
        given_up = idle[0] if idle else opened
        self._forget(given_up)
        await own[given_up].line.close(WSCloseCode.GOING_AWAY)
        if given_up == opened:
            raise Problem(503, "busy", headers={"Retry-After": "5"})

    def _forget(self, session_id: str) -> None:
        self._sessions.pop(session_id, None)


async def _frames(request: web.Request) -> tuple[list[Frame], int]:
    """The frames in the body, which is an array, and how long that is. Raises a problem for anything else."""
    body = await read_small(request)
    if len(body) > MAX_BODY_BYTES:
        raise Problem(413, "too_large")
    try:
        values = parsed(body.decode())
    except (ValueError, RecursionError):
        raise Problem(400, "bad_json") from None
    if not isinstance(values, list) or not 0 < len(values) <= MAX_FRAMES:
        raise Problem(400, "bad_json")
    return [as_frame(value) for value in values], len(body)
