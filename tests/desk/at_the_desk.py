"""Both sides of the desk, for its tests: agents with their browsers, and customers who write over the REST channel."""

import re
from typing import Any

from aiohttp import ClientSession, CookieJar
from aiohttp.test_utils import TestServer
from aiohttp.web import Application
from pydantic import TypeAdapter

from bot.app import SERVICE
from bot.channels.openapi import api_routes
from config.labels import Role
from handoff.auth import hash_password
from store import agents
from store.ids import new_id
from store.model import Agent

PASSWORD = "correct-horse"
HASH = hash_password(PASSWORD)
BASE = "/api/v1/desk"


class Bank:
    """The running service with helpers for both sides."""

    def __init__(self, server: TestServer) -> None:
        self.server = server
        self.url = str(server.make_url("")).rstrip("/")
        self.service = server.app[SERVICE]
        self.sessions: list[ClientSession] = []
        self.promises = promises(server.app)

    async def staff(self, login: str, role: Role = Role.AGENT, department: str | None = None, **work: Any) -> Agent:
        now = self.service.clock.now()
        given = {"active": True, "capacity": 5, "presence": "offline", **work}
        member = Agent(new_id(now), login, f"坐席{login}", role, department, **given)
        assert await self.service.store.write(lambda tx: agents.create(tx, member, HASH, now))
        return member

    async def agent(self, login: str, role: Role = Role.AGENT, department: str | None = None, **work: Any) -> "Desk":
        member = await self.staff(login, role, department, **work)
        desk = self.desk()
        desk.id = member.id
        assert (await desk.post("/session", {"login": login, "password": PASSWORD}))[0] == 200
        return desk

    def desk(self) -> "Desk":
        session = ClientSession(cookie_jar=CookieJar(unsafe=True), headers={"Origin": self.url})
        self.sessions.append(session)
        return Desk(self, session)

    async def say(self, sender: str, text: str, message_id: str | None = None) -> list[dict[str, Any]]:
        async with ClientSession() as session:
            body = {"sender": sender, "message": text, "metadata": {"message_id": message_id} if message_id else {}}
            async with session.post(f"{self.url}/webhooks/rest/webhook", json=body) as answer:
                assert answer.status == 200, await answer.text()
                return await answer.json()

    async def heard(self, sender: str) -> list[str]:
        async with ClientSession() as session, session.get(f"{self.url}/webhooks/rest/messages?sender={sender}") as answer:
            return [item["text"] for item in await answer.json()]


class Promises:
    """What the endpoints say that they answer, as far as it is said field by field."""

    def __init__(self, known: list[tuple[str, re.Pattern[str], int, TypeAdapter[Any]]]) -> None:
        self._known = known

    def check(self, method: str, path: str, status: int, answer: Any) -> None:
        for its_method, pattern, its_status, shape in self._known:
            if (its_method, its_status) == (method, status) and pattern.fullmatch(path):
                read = shape.validate_python(answer)
                whole, short = (shape.dump_python(read, mode="json", exclude_defaults=left_out) for left_out in (False, True))
                assert answer in (whole, short), (method, path)


def promises(app: Application) -> Promises:
    """Those of every endpoint of *app*."""
    known = []
    for method, path, operation in api_routes(app):
        pattern = re.compile(re.sub(r"\{\w+\}", "[^/]+", path))
        for status, shape in operation.answers.items() if operation else ():
            if isinstance(shape, type):
                known.append((method, pattern, status, TypeAdapter(shape)))
    return Promises(known)


class Desk:
    """One agent's browser."""

    def __init__(self, bank: Bank, session: ClientSession) -> None:
        self.bank, self.session, self.id = bank, session, ""

    async def post(self, path: str, body: dict[str, Any] | None = None, **headers: str) -> tuple[int, dict[str, Any]]:
        async with self.session.post(f"{self.bank.url}{BASE}{path}", json=body or {}, headers=headers) as answer:
            return answer.status, self._kept("POST", path, answer.status, await answer.json())

    async def get(self, path: str) -> tuple[int, dict[str, Any]]:
        async with self.session.get(f"{self.bank.url}{BASE}{path}") as answer:
            return answer.status, self._kept("GET", path, answer.status, await answer.json())

    def _kept(self, method: str, path: str, status: int, answer: dict[str, Any]) -> dict[str, Any]:
        """*answer*, which has the very fields that the API's description promises of it."""
        self.bank.promises.check(method, BASE + path.partition("?")[0], status, answer)
        return answer

    async def waiting(self) -> str:
        status, found = await self.get("/conversations?view=waiting")
        assert status == 200
        return found["items"][0]["id"]


async def held(bank: Bank, desk: Desk, sender: str = "u1") -> str:
    """A conversation with a draft, handed over and taken by *desk*."""
    await bank.say(sender, "柜员态度太差了，让我等了两个小时")
    await bank.say(sender, "转人工")
    conversation_id = await desk.waiting()
    assert (await desk.post(f"/conversations/{conversation_id}/claim"))[0] == 200
    return conversation_id
