"""Both ends of a chat: customers with their windows, and an intake that stores for real and answers as told."""

import asyncio
from collections.abc import Callable
from contextlib import asynccontextmanager
from dataclasses import asdict, replace

from aiohttp import ClientWebSocketResponse, WSMsgType
from aiohttp.test_utils import TestClient

from bot.message import Inbound, Receipt
from config.clock import SettableClock
from config.labels import Audience, Holder, Speaker
from store import conversations, queue, turns
from store.bell import QUEUE, Bell
from store.conversations import Appended, MessageDraft
from store.customers import external_hmac
from store.engine import Store
from store.ids import new_id
from store.model import Conversation, Customer, QueueEntry
from store.turns import TurnPlan

WAIT_S = 30
IDENTITY_SECRET = "a secret of thirty-two characters"


class ScriptedIntake:
    """Commits like the real one; ``answers(text)`` gives the bot's lines, ``holder_after(text)`` who speaks next."""

    def __init__(self, store: Store, bell: Bell, clock: SettableClock) -> None:
        self._store, self._bell, self._clock = store, bell, clock
        self._one_at_a_time = asyncio.Lock()
        self.answers: Callable[[str], list[MessageDraft]] = lambda text: [bot(f"收到：{text}")]
        self.holder_after: Callable[[str], Holder | None] = lambda text: None
        self.received: list[Inbound] = []
        self.fails_with: Exception | None = None

    async def receive(self, inbound: Inbound) -> Receipt:
        async with self._one_at_a_time:
            return await self._receive(inbound)

    async def _receive(self, inbound: Inbound) -> Receipt:
        if self.fails_with is not None:
            raise self.fails_with
        if not inbound.text and not inbound.attachments:
            return Receipt("rejected", reason="empty")
        fingerprint = external_hmac(self._store.crypto, inbound.account, inbound.customer)
        loaded = await self._store.read(lambda tx: conversations.load(tx, inbound.account, fingerprint, inbound.message_id))
        if loaded.duplicate:
            return Receipt("duplicate", *loaded.duplicate)
        self.received.append(inbound)
        now = self._clock.now()
        owner = loaded.customer or Customer(new_id(now), inbound.account, inbound.customer, inbound.signed_customer)
        before = loaded.conversation or Conversation(
            new_id(now),
            inbound.account,
            inbound.channel,
            owner.id,
            Holder.BOT,
            0,
            0,
            {},
            None,
            None,
            False,
            "",
            now,
            now,
            None,
            None,
        )
        files = {"attachments": [asdict(item) for item in inbound.attachments]} if inbound.attachments else {}
        mine = MessageDraft(Speaker.CUSTOMER, inbound.text, inbound.type, payload=files, external_id=inbound.message_id)
        said = (mine, *(self.answers(inbound.text) if before.holder is Holder.BOT else ()))
        holder = self.holder_after(inbound.text) or before.holder
        after = replace(
            before,
            holder=holder,
            version=before.version + 1,
            last_seq=before.last_seq + len(said),
            updated_at=now,
            ended_at=now if holder is Holder.ENDED else None,
        )
        plan = TurnPlan(
            after,
            before.version if loaded.conversation else None,
            said,
            now,
            new_customer=None if loaded.customer else owner,
            enter_queue=QueueEntry(after.id, "asked", queue.Priority.NORMAL, now, None, {}) if holder is Holder.QUEUED else None,
        )
        prepared = turns.prepare(self._store.crypto, plan)
        assert await self._store.write(lambda tx: turns.commit(tx, prepared)) == "ok"
        self._bell.ring(after.id, after.last_seq)
        if plan.enter_queue:
            self._bell.ring(QUEUE)
        return Receipt("answered", after.id, before.last_seq + 1)


def bot(text: str, **payload) -> MessageDraft:
    return MessageDraft(Speaker.BOT, text, payload=payload)


async def agent_says(store: Store, clock, conversation: str, text: str, audience: Audience = Audience.ALL, **then) -> Appended:
    draft = MessageDraft(Speaker.AGENT, text, audience=audience, agent_id="a1")
    now = clock.now()
    appended = await store.write(lambda tx: conversations.append(tx, conversation, draft, now=now, **then))
    assert isinstance(appended, Appended)
    return appended


def _has(body: dict, fields: dict) -> bool:
    return all(body.get(name) == value for name, value in fields.items())


class Window:
    """A customer's end of one socket."""

    def __init__(self, socket: ClientWebSocketResponse) -> None:
        self.socket = socket
        self.seen: list[dict] = []
        self._awaited: set[int] = set()

    async def send(self, **frame) -> None:
        await self.socket.send_json(frame)

    async def say(self, text: str, client_id: str, **more) -> None:
        await self.send(type="message", client_id=client_id, text=text, **more)

    async def next(self) -> dict:
        received = await asyncio.wait_for(self.socket.receive(), WAIT_S)
        assert received.type is WSMsgType.TEXT, received
        frame = received.json()
        self.seen.append(frame)
        return frame

    async def until(self, kind: str, **fields) -> dict:
        """The next frame of that kind with those fields; for a message the fields are the message's.

        A message that came while another frame was waited for counts, once: what the window's pump sends and what
        answers a frame of the customer's are in no order.
        """
        for message in self.messages if kind == "message" else ():
            if message["seq"] not in self._awaited and _has(message, fields):
                self._awaited.add(message["seq"])
                return message
        while True:
            frame = await self.next()
            body = frame["message"] if kind == "message" and frame["type"] == kind else frame
            if frame["type"] == kind and _has(body, fields):
                if kind == "message":
                    self._awaited.add(body["seq"])
                return body

    async def closing(self) -> int:
        """Read on to the end; the close code."""
        while True:
            received = await asyncio.wait_for(self.socket.receive(), WAIT_S)
            if received.type is not WSMsgType.TEXT:
                return self.socket.close_code
            self.seen.append(received.json())

    @property
    def messages(self) -> list[dict]:
        return [frame["message"] for frame in self.seen if frame["type"] == "message"]


class PolledWindow(Window):
    """A customer's end of a line of plain requests, as the page speaks it where no WebSocket gets through."""

    def __init__(self, http: TestClient) -> None:
        self.http = http
        self.seen: list[dict] = []
        self._awaited: set[int] = set()
        self.session, self.credential, self.code = "", "", None
        self._after, self._ready = 0, []

    @property
    def headers(self) -> dict:
        return {"Authorization": f"Bearer {self.credential}"}

    async def send(self, **frame) -> None:
        if self.session:
            response = await self.http.post(f"/widget/line/{self.session}", json=[frame], headers=self.headers)
            self.code = {204: self.code, 401: 4401}[response.status]
            return
        response = await self.http.post("/widget/line", json=[frame])
        assert response.status == 201, await response.text()
        opened = await response.json()
        self.session = opened["session"]
        self._take(opened)
        self.credential = frame.get("token") or next((f["visitor"] for f in opened["frames"] if f["type"] == "welcome"), "")

    async def next(self) -> dict:
        while not self._ready:
            assert self.code is None, self.code
            await self.fetch()
        frame = self._ready.pop(0)
        self.seen.append(frame)
        return frame

    async def fetch(self, after: int | None = None) -> dict:
        """One request for news; what came."""
        at = self._after if after is None else after
        response = await asyncio.wait_for(self.http.get(f"/widget/line/{self.session}?after={at}", headers=self.headers), WAIT_S)
        assert response.status == 200, await response.text()
        found = await response.json()
        self._take(found)
        return found

    async def closing(self) -> int:
        while self.code is None:
            await self.fetch()
        self.seen += self._ready
        return self.code

    def _take(self, found: dict) -> None:
        self._after, self.code = found["after"], found["closed"]
        self._ready += found["frames"]


class People:
    """Opens windows at the service under test."""

    def __init__(self, http: TestClient, line: str = "socket") -> None:
        self.http = http
        self.line = line

    @asynccontextmanager
    async def connection(self, line: str | None = None, **options):
        if (line or self.line) == "polled":
            yield PolledWindow(self.http)
            return
        socket = await self.http.ws_connect("/widget/socket", **options)
        try:
            yield Window(socket)
        finally:
            await socket.close()

    @asynccontextmanager
    async def window(self, line: str | None = None, **hello):
        """A window that was welcomed; its welcome is the first frame in ``seen``."""
        async with self.connection(line) as window:
            await window.send(type="hello", **hello)
            await window.until("welcome")
            yield window
