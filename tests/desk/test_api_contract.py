"""The API keeps what its description promises, whatever is sent: generated requests find no 5xx and no answer that isn't declared."""

import asyncio
import json
import re
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import ClientSession
from aiohttp.test_utils import TestServer
from desk.at_the_desk import Bank, held
from desk.test_desk_by_key import ask, key_for
from making_services import settings_for

from bot.app import make_app
from config.labels import Role, Scope
from config.settings import Database, RestChannel
from store import tickets

COOKIE = "huiyin_desk"
CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"
EXAMPLES = 5  # a request more or less: with real ids every endpoint also gets the edges of each of its fields
# Signing out would end the session that the run lives on.
LEFT_OUT = ("--exclude-path", "/api/v1/desk/session")


async def schemathesis(bank: Bank, folder: Path, known: dict[str, str], **headers: str) -> tuple[int, str]:
    """Run it against the service, with *headers*; *known* are path parameters that stand for something real."""
    phases = "coverage,fuzzing" if known else "fuzzing"
    config = folder / "schemathesis.toml"
    config.write_text("[parameters]\n" + "".join(f'"path.{name}" = "{value}"\n' for name, value in known.items()))
    described = folder / "openapi.json"
    described.write_text(json.dumps(bank.promises.document))  # no answer may hold a field that it doesn't name
    command = (
        *(sys.executable, "-m", "schemathesis.cli", "--config-file", str(config), "run"),
        *(str(described), "--url", bank.url),
        *("--phases", phases, "--checks", CHECKS, "--max-examples", str(EXAMPLES), "--seed", "1"),
        *(part for name, value in headers.items() for part in ("--header", f"{name}:{value}")),
        *("--warnings", "off"),
        *("--suppress-health-check", "all", "--continue-on-failure", "--generation-database", "none", "--no-color"),
        *LEFT_OUT,
    )
    process = await asyncio.create_subprocess_exec(
        *command, cwd=folder, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    output, _ = await process.communicate()
    return process.returncode or 0, output.decode()


@pytest.mark.timeout(600)
@pytest.mark.parametrize("real", [False, True], ids=["ids made up", "ids of real things"])
async def test_no_generated_request_gets_a_5xx_or_an_answer_that_is_not_declared(bank: Bank, tmp_path: Path, real: bool):
    desk = await bank.agent("boss", Role.SUPERVISOR)
    conversation_id = await held(bank, desk)
    status, filed = await desk.post(
        f"/conversations/{conversation_id}/ticket", {"kind": "complaint", "product": "branch_service", "content": "柜员态度差"}
    )
    assert status == 201
    cookie = next(item.value for item in desk.session.cookie_jar if item.key == COOKIE)
    token = tickets.link_token(bank.service.store.crypto, filed["ticket_no"])
    known = {"id": conversation_id, "no": filed["ticket_no"], "token": token} if real else {}
    code, output = await schemathesis(bank, tmp_path, known, Cookie=f"{COOKIE}={cookie}", Origin=bank.url)
    assert code == 0, output[-8000:]
    assert int(re.search(r"(\d+) generated", output).group(1)) > 100
    async with desk.session.get(f"{bank.url}/metrics") as answer:
        opened = f'route="/api/v1/desk/conversations/{{id}}",status="{200 if real else 404}"'
        assert opened in await answer.text()  # it was let in, and found what it was meant to find


@pytest.fixture
async def on_postgres(tmp_path: Path, postgres_url: str) -> AsyncIterator[Bank]:
    """A bank whose doors for programs ask for a key."""
    settings = settings_for(tmp_path / "data", database=Database(url=postgres_url), rest=RestChannel())
    async with TestServer(await make_app(settings, background=False)) as server:
        yield Bank(server)


@pytest.mark.timeout(600)
async def test_nor_does_one_that_an_administrators_program_sends_to_a_bank_on_postgresql(on_postgres: Bank, tmp_path: Path):
    bank = on_postgres
    root = await bank.staff("root", Role.ADMINISTRATOR)
    key = await key_for(bank, root, *Scope)
    _, hook = await ask(bank, key, "POST", "/webhooks", {"url": "https://crm.bank.example/", "topics": ["ticket.filed"]})
    form = {"channel": "paper_form", "content": "柜员态度差，等了两个小时"}
    clerk = await key_for(bank, await bank.staff("clerk"), Scope.TICKETS_WRITE)
    _, filed = await ask(bank, clerk, "POST", "/feedback", form)
    _, log = await ask(bank, key, "GET", f"/webhooks/{hook['id']}/deliveries")
    token = tickets.link_token(bank.service.store.crypto, filed["ticket_no"])
    known = {"id": hook["id"], "event": log["items"][0]["event"], "no": filed["ticket_no"], "token": token}
    code, output = await schemathesis(bank, tmp_path, known, Authorization=f"Bearer {key}")
    assert code == 0, output[-8000:]
    async with ClientSession() as session, session.get(f"{bank.url}/metrics") as answer:
        assert 'route="/api/v1/desk/staff",status="201"' in await answer.text()  # it was let in, and did what it may
