"""Every endpoint of the API, one by one: who may not come in stays out, whatever the endpoint does."""

import re

import pytest
from aiohttp import ClientSession
from aiohttp.test_utils import TestServer
from desk.at_the_desk import Bank
from desk.test_desk_by_key import key_for
from making_services import settings_for

from bot.app import make_app
from bot.channels.openapi import api_routes
from config.labels import Role, Scope
from config.settings import RestChannel

IDS = {"no": "FB202611230000010", "n": "0", "seq": "1", "token": "x" * 22}  # that lead nowhere
SHUT = {"session_needed", "scope_missing"}


def doors(bank: Bank, *access: str) -> list[tuple[str, str, str]]:
    """Method, address and scope of every endpoint that *access* is needed for."""
    found = []
    for method, path, operation in api_routes(bank.server.app):
        if operation is not None and operation.access in access:
            address = re.sub(r"\{(\w+)\}", lambda name: IDS.get(name[1], "0" * 32), path)
            found.append((method, bank.url + address, operation.scope))
    return found


async def knock(session: ClientSession, method: str, address: str, **headers: str) -> tuple[int, str]:
    async with session.request(method, address, headers=headers, data=b"{}") as answer:
        problem = await answer.json() if answer.content_type == "application/problem+json" else {}
        return answer.status, problem.get("title", "")


@pytest.fixture
async def bank(tmp_path):
    """A bank whose doors for programs are shut, as they are anywhere but in a demo."""
    server = TestServer(await make_app(settings_for(tmp_path, rest=RestChannel()), background=False))
    await server.start_server()
    running = Bank(server)
    yield running
    for session in running.sessions:
        await session.close()
    await server.close()


async def test_nobody_comes_in_without_a_session_or_a_key(bank: Bank):
    known = doors(bank, "staff", "key")
    assert len(known) > 40
    async with ClientSession() as session:
        for method, address, _ in known:
            for headers in (
                {},
                {"Origin": bank.url},
                {"Origin": bank.url, "Cookie": "huiyin_desk=x"},
                {"Authorization": "Bearer hy_x"},
            ):
                status, title = await knock(session, method, address, **headers)
                assert (status, title) in {
                    (401, "sign_in_needed"),
                    (401, "api_key_required"),
                    (403, "foreign_origin"),
                    (403, "session_needed"),
                }, (method, address, headers, status, title)


@pytest.mark.parametrize("scope", list(Scope))
async def test_a_key_opens_the_doors_of_its_scope_and_no_other(bank: Bank, scope: Scope):
    key = await key_for(bank, await bank.staff("robot", Role.SUPERVISOR), scope)
    async with ClientSession() as session:
        for method, address, needed in doors(bank, "staff", "key"):
            _, title = await knock(session, method, address, Authorization=f"Bearer {key}")
            assert (title in SHUT) == (needed != scope), (method, address, needed, title)


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1", ""])
async def test_no_other_site_makes_a_signed_in_browser_change_anything(bank: Bank, origin: str):
    desk = await bank.agent("boss", Role.SUPERVISOR)
    desk.session.headers.popall("Origin", None)
    for method, address, _ in doors(bank, "staff"):
        if method != "GET":
            assert await knock(desk.session, method, address, Origin=origin) == (403, "foreign_origin"), (method, address)
