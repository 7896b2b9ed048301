"""Drafts, canned replies and saved views over real HTTP: kept, one's own, and sealed where they must be."""

import pytest
from desk.at_the_desk import Bank, held
from sqlalchemy import select

from config.labels import Role
from store.tables import agent_drafts

REPLY = {"shortcut": "利率", "title": "利率说明", "text": "您好，{称呼}，利率以合同为准。"}


async def test_a_draft_is_there_for_another_browser_of_the_same_agent_and_for_nobody_else(bank: Bank):
    desk = await bank.agent("a1")
    other = await bank.agent("a2")
    conversation_id = await held(bank, desk)
    where = f"/conversations/{conversation_id}/draft"
    for mode, text in (("reply", "您好，正在"), ("note", "要核实"), ("reply", "您好，正在核实")):
        async with desk.session.put(f"{bank.url}/api/v1/desk{where}", json={"mode": mode, "text": text}) as answer:
            assert answer.status == 204
    assert await desk.get(where) == (200, {"reply": "您好，正在核实", "note": "要核实"})
    assert await other.get(where) == (200, {})
    async with desk.session.put(f"{bank.url}/api/v1/desk{where}", json={"mode": "reply", "text": ""}) as answer:
        assert answer.status == 204
    assert await desk.get(where) == (200, {"note": "要核实"})


async def test_a_draft_is_sealed_on_the_disk(bank: Bank):
    desk = await bank.agent("a1")
    conversation_id = await held(bank, desk)
    body = {"mode": "reply", "text": "您的卡号6222020000001234"}
    async with desk.session.put(f"{bank.url}/api/v1/desk/conversations/{conversation_id}/draft", json=body) as answer:
        assert answer.status == 204
    rows = await bank.service.store.read(lambda tx: tx.conn.execute(select(agent_drafts)).all())
    assert len(rows) == 1 and "6222" not in str(tuple(rows[0]))


async def test_a_draft_of_no_conversation_is_refused(bank: Bank):
    desk = await bank.agent("a1")
    url = f"{bank.url}/api/v1/desk/conversations/{'0' * 32}/draft"
    async with desk.session.put(url, json={"mode": "reply", "text": "x"}) as answer:
        assert answer.status == 404


async def test_own_canned_replies_are_changed_by_their_owner_alone_and_shared_ones_by_supervisors(bank: Bank):
    first, second, boss = await bank.agent("a1"), await bank.agent("a2"), await bank.agent("s1", Role.SUPERVISOR)
    _, mine = await first.post("/canned", REPLY)
    assert (await second.get("/canned"))[1]["items"] and mine["id"] not in {
        i["id"] for i in (await second.get("/canned"))[1]["items"]
    }
    url = f"{bank.url}/api/v1/desk/canned/{mine['id']}"
    async with second.session.put(url, json=REPLY) as answer:
        assert answer.status == 404
    assert (await first.post("/canned", {**REPLY, "shared": True}))[0] == 403
    status, ours = await boss.post("/canned", {**REPLY, "shared": True})
    assert status == 201
    seen = {item["id"]: item for item in (await second.get("/canned"))[1]["items"]}
    assert seen[ours["id"]]["shared"] and not seen[ours["id"]]["editable"]
    async with second.session.delete(f"{bank.url}/api/v1/desk/canned/{ours['id']}") as answer:
        assert answer.status == 403
    async with boss.session.delete(f"{bank.url}/api/v1/desk/canned/{ours['id']}") as answer:
        assert answer.status == 204


async def test_a_banks_own_reply_takes_the_place_of_the_packaged_one(bank: Bank):
    boss = await bank.agent("s1", Role.SUPERVISOR)
    await boss.post("/canned", {"shortcut": "您好", "title": "本行问候", "text": "您好！", "shared": True})
    items = [item for item in (await boss.get("/canned"))[1]["items"] if item["shortcut"] == "您好"]
    assert [item["title"] for item in items] == ["本行问候"]


@pytest.mark.parametrize(
    "body", [{**REPLY, "shortcut": "a b"}, {**REPLY, "shortcut": "/x"}, {**REPLY, "text": "  "}, {"title": "x"}]
)
async def test_a_canned_reply_without_words_or_with_a_bad_shortcut_is_refused(bank: Bank, body: dict):
    assert (await (await bank.agent("a1")).post("/canned", body))[0] == 422


async def test_saved_views_are_ones_own_and_only_of_known_filters(bank: Bank):
    first, second = await bank.agent("a1"), await bank.agent("a2")
    filters = {"view": "all", "product": "atm_selfservice", "unread": True}
    status, saved = await first.post("/views", {"name": "吞卡", "filters": filters})
    assert status == 201 and saved["filters"] == filters
    assert (await second.get("/views"))[1]["items"] == []
    assert (await first.post("/views", {"name": "x", "filters": {"colour": "red"}}))[0] == 422
    async with second.session.delete(f"{bank.url}/api/v1/desk/views/{saved['id']}") as answer:
        assert answer.status == 204
    assert len((await first.get("/views"))[1]["items"]) == 1
    async with first.session.delete(f"{bank.url}/api/v1/desk/views/{saved['id']}") as answer:
        assert answer.status == 204
    assert (await first.get("/views"))[1]["items"] == []
