"""The same change asked for many times at the same moment: on both databases each request gets an answer that is declared, and none fails."""

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import ClientSession
from aiohttp.test_utils import TestServer
from desk.at_the_desk import Bank, held
from desk.test_desk_by_key import key_for
from making_services import settings_for

from bot.app import make_app
from config.labels import Role, Scope
from config.settings import Database
from store import tickets

AT_ONCE = 6


@pytest.fixture(params=["sqlite", "postgres"])
async def bank(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Bank]:
    changes = {"database": Database(url=request.getfixturevalue("postgres_url"))} if request.param == "postgres" else {}
    async with TestServer(await make_app(settings_for(tmp_path / "data", **changes), background=False)) as server:
        running = Bank(server)
        yield running
        for session in running.sessions:
            await session.close()


async def test_whatever_is_asked_for_at_once_is_answered_as_declared(bank: Bank):
    boss = await bank.agent("boss", Role.SUPERVISOR, capacity=50)
    conversation_id = await held(bank, boss)
    form = {"kind": "complaint", "product": "branch_service", "content": "柜员态度差"}
    status, filed = await boss.post(f"/conversations/{conversation_id}/ticket", form)
    assert status == 201
    keys = [
        await key_for(bank, await bank.staff("second", Role.SUPERVISOR, capacity=50), *Scope),
        await key_for(bank, await bank.staff("root", Role.ADMINISTRATOR), *Scope),
    ]
    token = tickets.link_token(bank.service.store.crypto, filed["ticket_no"])
    known = {"id": conversation_id, "no": filed["ticket_no"], "token": token, "seq": "1", "n": "0", "event": "0" * 32}
    wrong, done = [], set()
    async with ClientSession() as session:

        async def ask(method: str, path: str, key: str, body: object) -> None:
            address = f"{bank.url}{path}"
            async with session.request(method, address, json=body, headers={"Authorization": f"Bearer {key}"}) as answer:
                if answer.ok:
                    done.add((method, path))
                try:
                    assert answer.status != 500
                    bank.promises.check(method, path, answer.status, answer.content_type, await answer.read())
                except AssertionError as fault:
                    wrong.append(f"{method} {path} {answer.status}: {fault}")

        for template, methods in bank.promises.document["paths"].items():
            path = re.sub(r"\{(\w+)\}", lambda name: known[name[1]], template)
            for method, operation in methods.items():
                if method == "get" or path.endswith("/session"):
                    continue
                content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
                for key in keys:
                    body = content.get("example", {})
                    await asyncio.gather(*(ask(method.upper(), path, key, body) for _ in range(AT_ONCE)))
    assert wrong == []
    assert len(done) > 15  # and what may be done was
