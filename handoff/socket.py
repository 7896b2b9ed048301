"""The desk's socket: takes what pages say of themselves and keeps their lines; what they are told is ``telling``'s matter."""

import asyncio
import json
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from aiohttp import WSCloseCode, WSMsgType, web

from config.clock import Clock
from config.problem import Problem
from config.settings import Settings
from handoff import policy, sight
from handoff.auth import Auth, session_in
from handoff.endpoints import Looks
from handoff.frames import agent_frame
from handoff.offers import ASSIGNED, OFFER_OVER, OFFERED, TAKEN, Offers, offered_frame
from handoff.parcel import Parcel, encode, offer
from handoff.telling import Telling
from handoff.viewers import Viewers
from store import agents, conversations, desk_views
from store.bell import AGENTS, QUEUE, TYPING, Bell, News, Signal
from store.engine import Store, Tx
from store.errors import StoreError
from store.model import Agent

# A line is asked for life every 8 s and given up 4 s later. With the desk's presence timeout (15 s) and the look for absent
# agents every 3 s, a lost agent's customers wait for somebody else within 30 s.
HEARTBEAT_S = 8.0
KEEP_S = 4.0
MAX_FRAME_BYTES = 4096
MAX_UNSENT = 500
CALLS = frozenset({OFFERED, OFFER_OVER, ASSIGNED, TAKEN})
POLL_OVERLAP = timedelta(seconds=5)  # a commit may become visible a little later than its own time says


@dataclass(eq=False, slots=True)
class _Page:
    """One open desk: parcels wait in ``unsent`` until the line takes them."""

    socket: web.WebSocketResponse
    request: web.Request
    agent: Agent
    session: str
    unsent: asyncio.Queue[Parcel]
    is_sending: bool = False
    shows: str | None = None  # the conversation that is open in it
    called_for: frozenset[tuple[str, str]] = frozenset()  # the offers that it was told of: conversation, until

    def tell(self, parcel: Parcel) -> None:
        """Send it now or when the line takes it; a page that does not read asks anew when it comes back."""
        is_first = not self.is_sending and self.unsent.empty()
        if not (is_first and offer(parcel, self.socket, self.request.transport)) and self.unsent.qsize() < MAX_UNSENT:
            self.unsent.put_nowait(parcel)

    def say(self, **frame: Any) -> None:
        """Tell one frame."""
        self.tell(Parcel((frame,)))

    async def write(self) -> None:
        """Send what waits, until the line is gone."""
        with suppress(ConnectionError):
            while True:
                parcel = await self.unsent.get()
                self.is_sending = True
                for frame in parcel.frames:
                    await self.socket.send_str(encode(frame))
                self.is_sending = False


class DeskSocket:
    """All open desks of this process."""

    def __init__(
        self, settings: Settings, store: Store, bell: Bell, clock: Clock, auth: Auth, offers: Offers, looks: Looks
    ) -> None:
        self._settings = settings
        self._store = store
        self._bell = bell
        self._clock = clock
        self._auth = auth
        self._offers = offers
        self._looks = looks
        self._pages: set[_Page] = set()
        self._telling = Telling(store, clock, self._pages)
        self._seen: dict[str, tuple[int, str]] = {}
        self._viewers = Viewers(bell, clock, self._tell_viewers)
        bell.subscribe(self._hear)
        bell.on_signal(self._hear_typing)
        bell.on_signal(self._hear_call)

    def add_routes(self, app: web.Application) -> None:
        """Mount the socket, its poll and its farewell."""
        app.router.add_get("/desk/socket", self._serve)
        app.on_shutdown.append(self._go_away)
        app.cleanup_ctx.append(self._polling)

    def _hear(self, news: News) -> None:
        if news.conversation_id in (QUEUE, AGENTS):
            self._telling.hear_queue()
        else:
            self._telling.hear(news.conversation_id, news.seq)

    def _tell_viewers(self, conversation_id: str) -> None:
        shown = {"type": "viewers", "conversation": conversation_id, "agents": self._viewers.of(conversation_id)}
        self._tell_showing(conversation_id, Parcel((shown,)))

    def _tell_showing(self, conversation_id: str, parcel: Parcel) -> None:
        for page in self._pages:
            if page.shows == conversation_id:
                page.tell(parcel)

    def _hear_typing(self, signal: Signal) -> None:
        """The customer is writing: whoever has the conversation open sees it."""
        if signal.kind != TYPING or signal.detail.get("by") != "customer":
            return
        typing = {"type": "typing", "conversation": signal.conversation_id, "on": bool(signal.detail.get("on"))}
        self._tell_showing(signal.conversation_id, Parcel((typing,)))

    def _hear_call(self, signal: Signal) -> None:
        """Something that is for the desks of certain agents: they are offered a conversation, were given or lost one."""
        if signal.kind not in CALLS:
            return
        for page in self._pages:
            if page.agent.id in signal.detail["to"]:
                _call(page, dict(signal.detail["frame"]))

    async def _call_for(self, pages: Iterable[_Page]) -> None:
        """Tell *pages* which conversations are offered to their agents: a signal may be lost, and a page may come later."""
        with suppress(StoreError):
            standing, names = await self._offers.standing()
            for page in pages:
                theirs = [offered_frame(offer, names) for offer in standing if offer.to == page.agent.id]
                for frame in theirs:
                    _call(page, frame)
                page.called_for = frozenset(map(_key, theirs))

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        agent = await self._auth.agent(request)
        socket = web.WebSocketResponse(compress=False, heartbeat=HEARTBEAT_S, max_msg_size=MAX_FRAME_BYTES)
        await socket.prepare(request)
        page = _Page(socket, request, agent, session_in(request), asyncio.Queue())
        self._pages.add(page)
        writer = asyncio.create_task(page.write())
        try:
            page.agent = await self._arrived(agent)
            page.say(type="hello", agent=agent_frame(page.agent))
            await self._call_for([page])
            async for message in socket:
                if message.type is WSMsgType.TEXT:
                    await self._take(page, _frame(message.data))
        finally:
            self._pages.discard(page)
            self._shows(page, None)
            writer.cancel()
            with suppress(asyncio.CancelledError):
                await writer
        return socket

    async def _take(self, page: _Page, frame: dict[str, Any]) -> None:
        """What a page says: that it lives, what it shows, that its agent is writing. Anything else is nonsense and ignored."""
        match frame.get("type"):
            case "ping":
                page.say(type="pong")
            case "view":
                wanted = frame.get("conversation")
                await self._view(page, wanted if isinstance(wanted, str) else None)
            case "typing" if page.shows is not None:
                if await self._may_type(page.agent, page.shows):
                    self._viewers.types(page.agent, page.shows, on=frame.get("on") is True)

    async def _view(self, page: _Page, wanted: str | None) -> None:
        last_seq = await self._seen_to(page.agent, wanted) if wanted is not None else None
        if wanted is None or last_seq is None:
            self._shows(page, None)
            return
        with suppress(StoreError):
            await self._looks.record(page.agent, "opened", wanted)
            self._telling.shown(wanted, last_seq)
            self._shows(page, wanted)

    def _shows(self, page: _Page, conversation_id: str | None) -> None:
        before, page.shows = page.shows, conversation_id
        if before is not None and before != conversation_id:
            self._telling.left(before)
            self._viewers.leave(page.agent, before)
        if conversation_id is not None:
            self._viewers.look(page.agent, conversation_id)
            self._tell_viewers(conversation_id)

    async def _seen_to(self, agent: Agent, conversation_id: str) -> int | None:
        """The last number of a conversation that *agent* may see, None of any other."""

        def look(tx: Tx) -> int | None:
            return desk_views.last_seq(tx, conversation_id) if sight.sees(tx, agent, conversation_id) else None

        with suppress(StoreError):
            return await self._store.peek(look)
        return None

    async def _may_type(self, agent: Agent, conversation_id: str) -> bool:
        with suppress(StoreError):
            held = await self._store.peek(lambda tx: desk_views.held_by(tx, conversation_id))
            return held is not None and (held == agent.id or policy.supervises(agent))
        return False

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
        self._viewers.sweep()
        for page in list(self._pages):
            try:
                seen.add((await self._auth.agent(page.request)).id)
                if page.shows is not None:
                    self._viewers.look(page.agent, page.shows)
            except Problem:
                await page.socket.close(code=WSCloseCode.POLICY_VIOLATION, message=b"signed out")
            except StoreError:
                return  # the database is away: nobody is sent home for that
        if seen:
            with suppress(StoreError):
                await self._store.write(lambda tx: agents.touch_all(tx, sorted(seen), now))

    async def _poll(self) -> None:
        """One query for all desks: what a lost ring did not tell."""
        while True:
            await asyncio.sleep(self._settings.bell.poll_s)
            if not self._pages:
                continue
            since = self._clock.now() - timedelta(seconds=self._settings.bell.poll_s) - POLL_OVERLAP
            with suppress(StoreError):
                changed = await self._store.read(lambda tx, since=since: conversations.changed_since(tx, since))  # type: ignore[misc]
                self._catch_up(changed)
            await self._call_for(list(self._pages))

    def _catch_up(self, changed: tuple[tuple[str, int, str], ...]) -> None:
        now = {conversation_id: (seq, holder) for conversation_id, seq, holder in changed}
        news = [(conversation_id, state[0]) for conversation_id, state in now.items() if self._seen.get(conversation_id) != state]
        self._seen = now
        for conversation_id, seq in news:
            self._telling.hear(conversation_id, seq)
        if news:
            self._telling.hear_queue()

    async def _go_away(self, _app: web.Application) -> None:
        for page in list(self._pages):
            await page.socket.close(code=WSCloseCode.GOING_AWAY)


def _key(offered: Mapping[str, Any]) -> tuple[str, str]:
    return offered["conversation"], offered["until"]


def _call(page: _Page, frame: dict[str, Any]) -> None:
    """Tell a page what its agent is called for; of an offer once."""
    if frame["type"] == OFFERED:
        if _key(frame) in page.called_for:
            return
        page.called_for |= {_key(frame)}
    page.say(**frame)


def _frame(data: str) -> dict[str, Any]:
    with suppress(ValueError, RecursionError):
        frame = json.loads(data)
        if isinstance(frame, dict):
            return frame
    return {}
