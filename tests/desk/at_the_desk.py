"""Both sides of the desk, for its tests: agents with their browsers, and customers who write over the REST channel."""

from typing import Any

from aiohttp import ClientResponse, ClientSession, CookieJar
from aiohttp.test_utils import TestServer
from promises import promises_of

from bot.app import SERVICE
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
        self.promises = promises_of(server.app)

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


class Desk:
    """One agent's browser."""

    def __init__(self, bank: Bank, session: ClientSession) -> None:
        self.bank, self.session, self.id = bank, session, ""

    async def post(self, path: str, body: dict[str, Any] | None = None, **headers: str) -> tuple[int, dict[str, Any]]:
        async with self.session.post(f"{self.bank.url}{BASE}{path}", json=body or {}, headers=headers) as answer:
            return answer.status, await self._kept("POST", path, answer)

    async def get(self, path: str) -> tuple[int, dict[str, Any]]:
        async with self.session.get(f"{self.bank.url}{BASE}{path}") as answer:
            return answer.status, await self._kept("GET", path, answer)

    async def _kept(self, method: str, path: str, answer: ClientResponse) -> dict[str, Any]:
        """*answer*, which is what the API's description promises, to the last field."""
        body = await answer.read()
        self.bank.promises.check(method, BASE + path.partition("?")[0], answer.status, answer.content_type, body)
        return await answer.json()

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
