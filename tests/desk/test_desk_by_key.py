"""Programs at the desk: a key acts in the name of a member of staff, within its scopes, and without a browser's origin."""

from typing import Any

from aiohttp import ClientSession
from desk.at_the_desk import BASE, Bank

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
        return answer.status, await answer.json()


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


async def test_what_only_a_person_does_needs_a_session(bank: Bank):
    key = await key_for(bank, await bank.staff("robot"), *Scope)
    for method, path, body in (("GET", "/me", None), ("DELETE", "/session", None), ("PUT", "/presence", {"presence": "online"})):
        status, problem = await ask(bank, key, method, path, body)
        assert (status, problem["title"]) == (403, "session_needed")
