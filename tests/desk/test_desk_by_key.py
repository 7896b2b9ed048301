"""Programs at the desk: a key acts in the name of a member of staff, within its scopes, and without a browser's origin."""

import io
from typing import Any

from aiohttp import ClientSession
from desk.at_the_desk import BASE, PASSWORD, Bank
from PIL import Image

from config.labels import Role, Scope
from handoff.api_keys import hash_of, new_key
from store import api_keys
from store.api_keys import ApiKey
from store.ids import new_id
from store.model import Agent


async def key_for(bank: Bank, agent: Agent | None, *scopes: Scope) -> str:
    key, now = new_key(), bank.service.clock.now()
    row = ApiKey(new_id(now), "crm", frozenset(scopes), agent, now)
    await bank.service.store.write(lambda tx: api_keys.add(tx, row, hash_of(key)))
    return key


async def ask(bank: Bank, key: str, method: str, path: str, body: Any = None) -> tuple[int, Any]:
    async with (
        ClientSession(headers={"Authorization": f"Bearer {key}"}) as session,
        session.request(method, f"{bank.url}{BASE}{path}", json=body) as answer,
    ):
        return answer.status, await answer.json() if answer.content_type.endswith("json") else await answer.read()


async def waiting(bank: Bank) -> str:
    boss = await bank.agent("boss", Role.SUPERVISOR)
    await bank.say("u1", "柜员态度太差了，让我等了两个小时")
    await bank.say("u1", "转人工")
    return await boss.waiting()


async def test_a_program_takes_a_conversation_and_answers_in_the_name_of_its_member_of_staff(bank: Bank):
    conversation_id = await waiting(bank)
    robot = await bank.staff("robot")
    key = await key_for(bank, robot, Scope.CONVERSATIONS_READ, Scope.CONVERSATIONS_WRITE)
    assert (await ask(bank, key, "POST", f"/conversations/{conversation_id}/claim"))[0] == 200
    status, _ = await ask(bank, key, "POST", f"/conversations/{conversation_id}/replies", {"text": "您好，我来处理"})
    assert status == 201
    _, opened = await ask(bank, key, "GET", f"/conversations/{conversation_id}")
    assert opened["agent"]["name"] == robot.name
    assert "您好，我来处理" in await bank.heard("u1")


async def test_reading_is_not_writing(bank: Bank):
    conversation_id = await waiting(bank)
    key = await key_for(bank, await bank.staff("reader"), Scope.CONVERSATIONS_READ)
    assert (await ask(bank, key, "GET", f"/conversations/{conversation_id}"))[0] == 200
    for path, body in (("claim", None), ("replies", {"text": "x"}), ("end", None)):
        status, problem = await ask(bank, key, "POST", f"/conversations/{conversation_id}/{path}", body)
        assert (status, problem["title"]) == (403, "scope_missing")
    assert (await ask(bank, key, "GET", "/tickets"))[0] == 403


async def test_a_key_in_nobodys_name_and_a_key_of_the_settings_are_not_let_in_at_the_desk(bank: Bank):
    key = await key_for(bank, None, *Scope)
    assert (await ask(bank, key, "GET", "/conversations"))[0] == 403


async def test_nothing_but_signing_out_needs_a_session(bank: Bank):
    described = bank.promises.document["paths"]
    shut = [
        (method, path)
        for path, methods in described.items()
        for method, operation in methods.items()
        if operation["security"] and not any("key" in way for way in operation["security"])
    ]
    assert shut == [("delete", f"{BASE}/session")]
    key = await key_for(bank, await bank.staff("robot"), *Scope)
    status, problem = await ask(bank, key, "DELETE", "/session")
    assert (status, problem["title"]) == (403, "session_needed")


async def test_a_program_does_what_an_agent_does_at_the_desks_pages(bank: Bank):
    one = f"/conversations/{await waiting(bank)}"
    key = await key_for(bank, robot := await bank.staff("robot"), Scope.CONVERSATIONS_READ, Scope.CONVERSATIONS_WRITE)
    steps: list[tuple[str, str, Any, int]] = [
        ("PUT", "/presence", {"presence": "busy"}, 200),
        ("POST", f"{one}/claim", None, 200),
        ("PUT", f"{one}/draft", {"mode": "reply", "text": "您好"}, 204),
        ("GET", f"{one}/draft", None, 200),
        ("PUT", f"{one}/tags", {"add": ["回访"]}, 200),
        ("GET", "/tags", None, 200),
        ("POST", "/canned", {"shortcut": "hi", "title": "问候", "text": "您好"}, 201),
        ("GET", "/canned", None, 200),
        ("POST", "/views", {"name": "我的", "filters": {}}, 201),
        ("GET", "/views", None, 200),
        ("GET", f"{one}/export?format=json", None, 200),
        ("POST", "/conversations/bulk", {"ids": [one.rpartition("/")[2]], "action": "requeue", "reason": "换人"}, 200),
    ]
    for method, path, body, expected in steps:
        status, told = await ask(bank, key, method, path, body)
        assert status == expected, (path, told)
    _, me = await ask(bank, key, "GET", "/me")
    assert (me["agent"]["id"], me["agent"]["presence"]) == (robot.id, "busy")


async def test_what_is_masked_is_shown_to_a_program_with_that_scope_alone(bank: Bank):
    boss = await bank.agent("boss", Role.SUPERVISOR)
    await bank.say("u1", "柜员态度太差了，我的电话是13812345678")
    await bank.say("u1", "转人工")
    asked = {"reason": "核对", "seq": 1, "token": "[手机号·尾号5678]"}
    path = f"/conversations/{await boss.waiting()}/unmask"
    may = await key_for(bank, await bank.staff("sees", Role.SUPERVISOR), Scope.UNMASK)
    other = await key_for(bank, await bank.staff("robot", Role.SUPERVISOR), *(set(Scope) - {Scope.UNMASK}))
    assert await ask(bank, may, "POST", path, asked) == (200, {"value": "13812345678"})
    status, problem = await ask(bank, other, "POST", path, asked)
    assert (status, problem["title"]) == (403, "scope_missing")


async def test_a_program_registers_what_was_written_on_paper_with_its_scan(bank: Bank):
    key = await key_for(bank, await bank.staff("scanner"), Scope.TICKETS_WRITE, Scope.TICKETS_READ)
    scan = io.BytesIO()
    Image.new("RGB", (20, 10), (90, 140, 180)).save(scan, "PNG")
    address, headers = f"{bank.url}{BASE}/feedback/uploads", {"Authorization": f"Bearer {key}"}
    async with ClientSession(headers=headers) as session, session.post(address, data=scan.getvalue()) as answer:
        upload = (await answer.json())["upload"]
    form = {"channel": "paper_form", "content": "柜员态度差，等了两个小时", "uploads": [upload]}
    status, filed = await ask(bank, key, "POST", "/feedback", form)
    assert status == 201
    _, ticket = await ask(bank, key, "GET", f"/tickets/{filed['ticket_no']}")
    assert ticket["record"]["registered_by"] == "scanner" and len(ticket["record"]["attachments"]) == 1


async def test_a_program_keeps_accounts_in_an_administrators_name(bank: Bank):
    root = await bank.staff("root", Role.ADMINISTRATOR)
    reads, writes = await key_for(bank, root, Scope.STAFF_READ), await key_for(bank, root, Scope.STAFF_WRITE)
    account = {"login": "li", "password": PASSWORD, "name": "小李", "role": "agent"}
    assert (await ask(bank, reads, "POST", "/staff", account))[0] == 403
    assert (await ask(bank, writes, "POST", "/staff", account))[0] == 201
    for path in ("/staff", "/colleagues"):
        _, told = await ask(bank, reads, "GET", path)
        assert "小李" in [agent["name"] for agent in told["agents"]]
    agents_key = await key_for(bank, await bank.staff("robot"), Scope.STAFF_WRITE)
    assert (await ask(bank, agents_key, "POST", "/staff", {**account, "login": "xu"}))[0] == 403
