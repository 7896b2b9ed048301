"""The desk's socket: tells a page that there is news. What the news is, the page reads by seq."""

import asyncio
import json
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any

from aiohttp import WSCloseCode, WSMsgType, web

from config.clock import Clock
from config.problem import Problem
from config.settings import Settings
from handoff import policy
from handoff.auth import Auth
from handoff.frames import agent_frame
from store import agents, conversations
from store.bell import AGENTS, QUEUE, Bell, News
from store.engine import Store
from store.errors import StoreError
from store.model import Agent

# A line is asked for life every 8 s and given up 4 s later. With the desk's presence timeout (15 s) and the look for absent
# agents every 3 s, a lost agent's customers wait for somebody else within 30 s.
HEARTBEAT_S = 8.0
KEEP_S = 4.0
MAX_FRAME_BYTES = 4096
MAX_UNSENT = 500
POLL_OVERLAP = timedelta(seconds=5)  # a commit may become visible a little later than its own time says


class DeskSocket:
    """All open desks of this process."""

    def __init__(self, settings: Settings, store: Store, bell: Bell, clock: Clock, auth: Auth) -> None:
        self._settings = settings
        self._store = store
        self._bell = bell
        self._clock = clock
        self._auth = auth
        self._open: dict[web.WebSocketResponse, tuple[web.Request, asyncio.Queue[dict[str, Any]]]] = {}
        self._seen: dict[str, tuple[int, str]] = {}
        bell.subscribe(self._hear)

    def add_routes(self, app: web.Application) -> None:
        """Mount the socket, its poll and its farewell."""
        app.router.add_get("/desk/socket", self._serve)
        app.on_shutdown.append(self._go_away)
        app.cleanup_ctx.append(self._polling)

    def _hear(self, news: News) -> None:
        if news.conversation_id in (QUEUE, AGENTS):
            self._tell({"type": "queue"})
        else:
            self._tell({"type": "news", "conversation": news.conversation_id, "seq": news.seq})

    def _tell(self, frame: dict[str, Any]) -> None:
        for _, unsent in self._open.values():
            if unsent.qsize() < MAX_UNSENT:  # a page that does not read asks anew when it comes back
                unsent.put_nowait(frame)

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        agent = await self._auth.agent(request)
        socket = web.WebSocketResponse(compress=False, heartbeat=HEARTBEAT_S, max_msg_size=MAX_FRAME_BYTES)
        await socket.prepare(request)
        unsent: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._open[socket] = (request, unsent)
        writer = asyncio.create_task(self._write(socket, unsent))
        try:
            agent = await self._arrived(agent)
            unsent.put_nowait({"type": "hello", "agent": agent_frame(agent)})
            async for message in socket:
                if message.type is WSMsgType.TEXT and _is_ping(message.data):
                    unsent.put_nowait({"type": "pong"})
        finally:
            self._open.pop(socket, None)
            writer.cancel()
            with suppress(asyncio.CancelledError):
                await writer
        return socket

    async def _arrived(self, agent: Agent) -> Agent:
        """Whoever opens the desk with a session from before is there again, without signing in once more."""
        now, absent = self._clock.now(), agent.presence == "offline" and policy.takes_conversations(agent)
        with suppress(StoreError):
            if not absent:
                await self._store.write(lambda tx: agents.touch_all(tx, [agent.id], now))
                return agent
            await self._store.write(lambda tx: agents.set_presence(tx, agent.id, "online", now))
            self._bell.ring(AGENTS)
            return replace(agent, presence="online")
        return agent

    async def _write(self, socket: web.WebSocketResponse, unsent: asyncio.Queue[dict[str, Any]]) -> None:
        with suppress(ConnectionError):
            while True:
                await socket.send_json(await unsent.get())

    async def _polling(self, _app: web.Application) -> Any:
        tasks = [asyncio.create_task(loop()) for loop in (self._poll, self._keep)]
        yield
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _keep(self) -> None:
        while True:
            await asyncio.sleep(KEEP_S)
            await self.keep_up()

    async def keep_up(self) -> None:
        """Mark everybody whose desk is connected as seen; hang up where the session has ended meanwhile.

        It is done here and not by the page, because browsers let a page in the background sleep.
        """
        now, seen = self._clock.now(), set()
        for socket, (request, _) in list(self._open.items()):
            try:
                seen.add((await self._auth.agent(request)).id)
            except Problem:
                await socket.close(code=WSCloseCode.POLICY_VIOLATION, message=b"signed out")
            except StoreError:
                return  # the database is away: nobody is sent home for that
        if seen:
            with suppress(StoreError):
                await self._store.write(lambda tx: agents.touch_all(tx, sorted(seen), now))

    async def _poll(self) -> None:
        """One query for all desks: what a lost ring did not tell."""
        while True:
            await asyncio.sleep(self._settings.bell.poll_s)
            if not self._open:
                continue
            since = self._clock.now() - timedelta(seconds=self._settings.bell.poll_s) - POLL_OVERLAP
            with suppress(StoreError):
                changed = await self._store.read(lambda tx, since=since: conversations.changed_since(tx, since))  # type: ignore[misc]
                self._catch_up(changed)

    def _catch_up(self, changed: tuple[tuple[str, int, str], ...]) -> None:
        now = {conversation_id: (seq, holder) for conversation_id, seq, holder in changed}
        news = [(conversation_id, state[0]) for conversation_id, state in now.items() if self._seen.get(conversation_id) != state]
        self._seen = now
        for conversation_id, seq in news:
            self._tell({"type": "news", "conversation": conversation_id, "seq": seq})
        if news:
            self._tell({"type": "queue"})

    async def _go_away(self, _app: web.Application) -> None:
        for socket in list(self._open):
            await socket.close(code=WSCloseCode.GOING_AWAY)


def _is_ping(data: str) -> bool:
    with suppress(ValueError, AttributeError, RecursionError):
        return bool(json.loads(data).get("type") == "ping")
    return False
