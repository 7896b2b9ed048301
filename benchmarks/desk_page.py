"""An agent's page without a browser: asks the service for what the page asks for, when the page asks for it."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

from aiohttp import ClientError, ClientSession, CookieJar, WSMsgType

BASE = "/api/v1/desk"


class Paced:
    """Work that many rings ask for once: soon after the first, and while it rings on and on so often."""

    def __init__(self, work: Callable[[], Awaitable[None]], soon_s: float, every_s: float) -> None:
        self._work, self._soon_s, self._every_s = work, soon_s, every_s
        self._begun_at = 0.0
        self._waiting: asyncio.Task[None] | None = None

    def ask(self) -> None:
        if self._waiting is None:
            self._waiting = asyncio.create_task(self._do())

    async def _do(self) -> None:
        await asyncio.sleep(max(self._soon_s, self._begun_at + self._every_s - time.perf_counter()))
        self._begun_at, self._waiting = time.perf_counter(), None
        with suppress(ClientError):
            await self._work()

    def stop(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()


class DeskPage:
    """The page of one agent who holds some conversations and shows one of them; ``static/desk/`` is what it follows."""

    def __init__(self, url: str, login: str, password: str) -> None:
        self._url, self._pass = url, {"login": login, "password": password}
        self._http = ClientSession(cookie_jar=CookieJar(unsafe=True), headers={"Origin": url})
        self.shows = ""
        self.seen_at: dict[str, float] = {}
        self._last = 0
        self._again = False
        self._reading: asyncio.Task[None] | None = None
        self._marking: set[asyncio.Task[None]] = set()
        self._list = Paced(self._read_list, 0.12, 1.0)
        self._chat = Paced(self._read_chat, 0.08, 1.0)

    async def close(self) -> None:
        self._list.stop()
        self._chat.stop()
        await self._http.close()

    async def sign_in(self) -> None:
        await self._post("/session", self._pass)

    async def claim(self, conversation: str) -> None:
        await self._post(f"/conversations/{conversation}/claim")

    async def live(self, conversation: str, there: asyncio.Event) -> None:
        """Show *conversation* until cancelled; *there* is set once everything is on the screen."""
        self.shows = conversation
        async with self._http.ws_connect(f"{self._url}/desk/socket") as socket:
            await socket.send_json({"type": "view", "conversation": conversation})
            await asyncio.gather(self._read_list(), self._read_chat(), self._read_on())
            there.set()
            async for received in socket:
                if received.type is WSMsgType.TEXT:
                    self._hear(json.loads(received.data))

    def _hear(self, frame: dict[str, Any]) -> None:
        if frame["type"] in ("news", "queue"):
            self._list.ask()
        if frame["type"] != "news" or frame["conversation"] != self.shows:
            return
        if "messages" not in frame or not self._take(frame["messages"]):
            self._again = True
            if self._reading is None:
                self._reading = asyncio.create_task(self._read_on())
        self._chat.ask()

    def _take(self, items: list[dict[str, Any]]) -> bool:
        fresh = [item for item in items if item["seq"] > self._last]
        if fresh and fresh[0]["prev"] != self._last:
            return False
        now = time.perf_counter()
        for item in fresh:
            self.seen_at[item["text"]] = now
            self._last = item["seq"]
        if any(item["speaker"] == "customer" for item in fresh):
            task = asyncio.create_task(self._mark_read(self._last))
            self._marking.add(task)
            task.add_done_callback(self._marking.discard)
        return True

    async def _read_on(self) -> None:
        try:
            while True:
                self._again = False
                self._take((await self._get(f"/conversations/{self.shows}/messages?after={self._last}"))["items"])
                if not self._again:
                    return
        except ClientError:
            return
        finally:
            self._reading = None

    async def _mark_read(self, seq: int) -> None:
        with suppress(ClientError):
            await self._post(f"/conversations/{self.shows}/read", {"seq": seq})
            self._list.ask()

    async def _read_list(self) -> None:
        await self._get("/conversations?view=mine&limit=100")

    async def _read_chat(self) -> None:
        await self._get(f"/conversations/{self.shows}?after={self._last}")

    async def _get(self, path: str) -> Any:
        async with self._http.get(f"{self._url}{BASE}{path}") as answer:
            return await answer.json()

    async def _post(self, path: str, body: dict[str, Any] | None = None) -> None:
        async with self._http.post(f"{self._url}{BASE}{path}", json=body or {}) as answer:
            assert answer.status < 300, await answer.text()
