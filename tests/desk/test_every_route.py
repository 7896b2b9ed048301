"""Somebody whose department has nothing to do with a conversation and its ticket, at every door of the desk that leads to them."""

import io
import json
import re

import pytest
from desk.at_the_desk import BASE, Bank, Desk, held
from PIL import Image
from sqlalchemy import select

from config.labels import Role
from store.tables import metadata

SECRET = "让我等了两个小时"  # of what the customer said
PHONE = "13812345678"
TOKEN = "[手机号·尾号5678]"  # as it stands in the customer's words
FORM = {"kind": "complaint", "product": "branch_service", "content": f"柜员态度差，{SECRET}", "phone": PHONE}
REASON = {"reason": "我想看看"}

# Every route that names a conversation or a ticket, with a body that whoever may would be answered to.
ROUTES = {
    ("GET", "/conversations/{id}"): None,
    ("GET", "/conversations/{id}/messages"): None,
    ("POST", "/conversations/{id}/claim"): {},
    ("POST", "/conversations/{id}/replies"): {"text": "我也来说一句"},
    ("POST", "/conversations/{id}/notes"): {"text": "我也来写一句"},
    ("POST", "/conversations/{id}/ticket"): FORM,
    ("POST", "/conversations/{id}/decline"): REASON,
    ("POST", "/conversations/{id}/end"): {},
    ("POST", "/conversations/{id}/read"): {"seq": 1},
    ("POST", "/conversations/{id}/requeue"): REASON,
    ("POST", "/conversations/{id}/transfer"): {**REASON, "skill": "app"},
    ("POST", "/conversations/{id}/refuse"): REASON,
    ("POST", "/conversations/{id}/take-over"): REASON,
    ("PUT", "/conversations/{id}/tags"): {"add": ["别人的"], "remove": []},
    ("GET", "/conversations/{id}/export"): None,
    ("POST", "/conversations/{id}/unmask"): {**REASON, "seq": 1, "token": TOKEN},
    ("GET", "/conversations/{id}/files/{seq}/{n}"): None,
    ("POST", "/conversations/{id}/files"): b"a picture",
    ("GET", "/conversations/{id}/draft"): None,
    ("PUT", "/conversations/{id}/draft"): {"mode": "reply", "text": "我写的"},
    ("GET", "/tickets/{no}"): None,
    ("POST", "/tickets/{no}/move"): {"to": "in_progress", "expected_version": 1, **REASON},
    ("POST", "/tickets/{no}/unmask"): {**REASON, "field": "phone"},
    ("GET", "/tickets/{no}/files/{n}"): None,
}
BULK = (
    {"action": "end"},
    {"action": "requeue", **REASON},
    {"action": "transfer", **REASON, "skill": "app"},
    {"action": "tag", "tag": "别人的"},
    {"action": "untag", "tag": "投诉"},
)


def picture() -> bytes:
    kept = io.BytesIO()
    Image.new("RGB", (20, 10), (90, 140, 180)).save(kept, "PNG")
    return kept.getvalue()


def named_by(bank: Bank) -> set[tuple[str, str]]:
    """The routes of the running service that name one conversation or one ticket."""
    routes = {(route.method, route.resource.canonical) for route in bank.server.app.router.routes() if route.resource}
    ours = {(method, path.removeprefix(BASE)) for method, path in routes if path.startswith(BASE) and method != "HEAD"}
    return {(method, path) for method, path in ours if re.match(r"/(conversations|tickets)/\{", path)}


async def stored(bank: Bank, conversation_id: str, number: str) -> dict[str, list]:
    """Every row that is about them, but what was written down of who looked."""
    names = {"conversations": "id", "tickets": "no"}

    def look(tx):
        found = {}
        for table in metadata.sorted_tables:
            for name in filter(None, ("conversation_id", "ticket_no", names.get(table.name))):
                if name in table.c and table.name != "audit":
                    rows = select(table).where(table.c[name].in_((conversation_id, number)))
                    found[f"{table.name}.{name}"] = sorted(map(repr, tx.conn.execute(rows)))
        return found

    return await bank.service.store.read(look)


async def ask(who: Desk, method: str, path: str, body) -> tuple[int, str]:
    sent = {"data": picture()} if isinstance(body, bytes) else {} if body is None else {"json": body}
    query = {"format": "json", "client_id": "c1", "name": "a.png"} if path.endswith(("/export", "/files")) else {}
    async with who.session.request(method, f"{who.bank.url}{BASE}{path}", params=query, **sent) as answer:
        told = (await answer.read()).decode("utf-8", "replace")
        if answer.content_type.endswith("json"):
            told = json.dumps(json.loads(told), ensure_ascii=False)  # characters, not their numbers
        return answer.status, told


async def prepared(bank: Bank) -> tuple[Desk, str, str]:
    """A conversation with a number, a file and a ticket, and the agent who serves it."""
    holder = await bank.agent("holder", Role.SUPERVISOR)
    conversation_id = await held(bank, holder)
    await bank.say("u1", f"我的电话是{PHONE}")
    status, filed = await holder.post(f"/conversations/{conversation_id}/ticket", FORM)
    assert status == 201
    assert (await ask(holder, "POST", f"/conversations/{conversation_id}/files", b""))[0] == 201
    assert (await holder.post(f"/conversations/{conversation_id}/notes", {"text": SECRET}))[0] == 201
    await bank.service.indexer.catch_up()
    return holder, conversation_id, filed["ticket_no"]


async def seq_of(holder: Desk, conversation_id: str, what: str) -> int:
    """The message that has a file, or those words, in it."""
    _, page = await holder.get(f"/conversations/{conversation_id}/messages")
    return next(item["seq"] for item in page["items"] if (item["attachments"] if what == "file" else what in item["text"]))


@pytest.mark.parametrize(
    ("role", "department"),
    [(Role.AGENT, "pricing"), (Role.SUPERVISOR, "pricing"), (Role.ADMINISTRATOR, None)],
    ids=["agent", "supervisor", "administrator"],
)
async def test_another_department_learns_and_changes_nothing_at_any_door(bank: Bank, role, department):
    holder, conversation_id, number = await prepared(bank)
    other = await bank.agent("other", role, department)
    before = await stored(bank, conversation_id, number)
    assert set(ROUTES) == named_by(bank), "every door is tried: add a new one here"
    at = {"{id}": conversation_id, "{no}": number, "{seq}": str(await seq_of(holder, conversation_id, "file")), "{n}": "0"}
    for (method, route), body in ROUTES.items():
        path = re.sub(r"\{\w+\}", lambda part: at[part[0]], route)
        status, told = await ask(other, method, path, body)
        assert status in (403, 404, 409), (method, route, status, told)
        assert SECRET not in told and PHONE not in told, (method, route)
    for step in BULK:
        status, told = await other.post("/conversations/bulk", {"ids": [conversation_id], **step})
        assert status in (200, 403), step
        assert status == 403 or told["results"][conversation_id]["done"] is False, step
    assert await stored(bank, conversation_id, number) == before


@pytest.mark.parametrize(
    ("role", "department"),
    [(Role.AGENT, "pricing"), (Role.SUPERVISOR, "pricing"), (Role.ADMINISTRATOR, None)],
    ids=["agent", "supervisor", "administrator"],
)
async def test_another_department_finds_nothing_in_lists_search_and_figures(bank: Bank, role, department):
    _, conversation_id, number = await prepared(bank)
    other = await bank.agent("other", role, department)
    lists = [f"/conversations?view={view}" for view in ("waiting", "mine", "all", "ended")]
    for path in (*lists, "/tickets", "/tags", "/supervision", "/colleagues"):
        status, told = await ask(other, "GET", path, None)
        assert status in (200, 403), (path, status)
        assert not [hidden for hidden in (SECRET, PHONE, number, conversation_id) if hidden in told], path
    for words in ("态度", "两个小时", number, PHONE):
        status, told = await ask(other, "GET", f"/search?q={words}", None)
        found = json.loads(told)
        assert status == 200 and [found[part]["items"] for part in ("customers", "tickets", "messages")] == [[], [], []], words


async def test_another_department_is_not_told_over_the_socket_who_looks_and_writes(bank: Bank):
    holder, conversation_id, _ = await prepared(bank)
    other = await bank.agent("other", department="pricing")
    socket = f"{bank.url}/desk/socket"
    async with holder.session.ws_connect(socket) as theirs, other.session.ws_connect(socket) as prying:
        await prying.send_json({"type": "view", "conversation": conversation_id})
        await prying.send_json({"type": "typing", "on": True})
        await theirs.send_json({"type": "view", "conversation": conversation_id})
        while (frame := await theirs.receive_json())["type"] != "viewers":
            pass
        assert [item["id"] for item in frame["agents"]] == [holder.id], "nobody pries unseen, and nobody pries"
        assert (await holder.post(f"/conversations/{conversation_id}/replies", {"text": SECRET}))[0] == 201
        await prying.send_json({"type": "ping"})
        heard = []
        while (frame := await prying.receive_json())["type"] != "pong":
            heard.append(frame)
        assert not [item for item in heard if item["type"] in ("viewers", "typing")] and SECRET not in str(heard)


async def test_the_same_doors_are_open_to_whoever_may(bank: Bank):
    """The test above would pass at doors that are locked to all."""
    holder, conversation_id, number = await prepared(bank)
    at = {"{id}": conversation_id, "{no}": number, "{seq}": str(await seq_of(holder, conversation_id, "file")), "{n}": "0"}
    shut = {
        ("POST", "/conversations/{id}/claim"): 200,  # it is theirs already
        ("POST", "/conversations/{id}/decline"): 200,
        ("POST", "/conversations/{id}/refuse"): 409,  # nobody offered it
        ("POST", "/conversations/{id}/take-over"): 200,
        ("GET", "/tickets/{no}/files/{n}"): 404,  # it came with none
    }
    spoken = await seq_of(holder, conversation_id, TOKEN)
    ends = {"/conversations/{id}/end", "/conversations/{id}/requeue", "/conversations/{id}/transfer"}
    for (method, route), body in ROUTES.items():
        if route in ends or (method, route) in shut:
            continue
        path = re.sub(r"\{\w+\}", lambda part: at[part[0]], route)
        fitting = {**body, "seq": spoken} if route.endswith("{id}/unmask") else body
        status, told = await ask(holder, method, path, fitting)
        assert status in (200, 201, 204), (method, route, status, told)
