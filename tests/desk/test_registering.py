"""What staff write down for customers over real HTTP: read back and confirmed, in their name, into the same record as all feedback."""

import io
from datetime import timedelta

import pytest
from aiohttp import ClientSession
from desk.at_the_desk import BASE, Bank
from PIL import Image
from sqlalchemy import select

from config.labels import Role
from store import tickets
from store.tables import tickets as tickets_table

READBACK = {"confirmed_by": "customer", "at": "2026-11-23T12:00:00+08:00", "text": "您反映ATM吞了您的卡，对吗？"}
CALL = {
    "channel": "hotline",
    "kind": "complaint",
    "content": "昨天ATM吞了我的卡",
    "demand": "尽快退卡",
    "customer": {"name": "李明", "acting": "for_self", "id_last4": "123x"},
    "contact": {"phone": "138 1234 5678"},
    "occurred_place": "人民路支行",
    "readback": READBACK,
}


async def wording(bank: Bank, number: str) -> str:
    """What the customer confirmed, as it is stored."""
    return await bank.service.store.read(
        lambda tx: tx.conn.execute(select(tickets_table.c.confirmed_text).where(tickets_table.c.no == number)).scalar_one()
    )


async def test_call_that_was_read_back_becomes_a_ticket_in_the_agents_name(bank: Bank):
    agent = await bank.agent("wang")
    status, told = await agent.post("/feedback", CALL)
    assert status == 201
    assert told["ticket_no"] in told["message"]
    ticket = await bank.service.store.read(lambda tx: tickets.get(tx, told["ticket_no"]))
    assert (ticket.channel, ticket.kind, ticket.content) == ("hotline", "complaint", "昨天ATM吞了我的卡")
    assert ticket.record["registered_by"] == "wang"
    assert ticket.record["readback"] == {"confirmed_by": "customer", "at": READBACK["at"]}
    assert ticket.record["occurred_place"] == "人民路支行"
    assert await wording(bank, told["ticket_no"]) == READBACK["text"]
    status, file = await agent.get(f"/tickets/{told['ticket_no']}")
    assert status == 200 and file["history"][0]["actor"] == "坐席wang"


@pytest.mark.parametrize("channel", ["hotline", "counter", "hotline_voice"])
async def test_oral_feedback_without_the_customers_yes_is_refused(bank: Bank, channel: str):
    agent = await bank.agent("wang")
    unread = {name: value for name, value in CALL.items() if name != "readback"}
    status, refused = await agent.post("/feedback", unread | {"channel": channel})
    assert (status, refused["errors"][0]["code"]) == (422, "readback_required")
    assert "复述" in refused["errors"][0]["message"]


async def test_paper_counts_from_the_day_the_bank_got_it(bank: Bank):
    agent, now = await bank.agent("wang"), bank.service.clock.now()
    received = now - timedelta(days=3)
    paper = {"channel": "paper_form", "content": "建议增加老花镜", "received_at": received.isoformat()}
    status, told = await agent.post("/feedback", paper)
    assert status == 201
    ticket = await bank.service.store.read(lambda tx: tickets.get(tx, told["ticket_no"]))
    assert ticket.received_at == received
    assert (await agent.post("/feedback", paper | {"received_at": (now + timedelta(days=1)).isoformat()}))[0] == 422


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"channel": "in_app"}, "channel"),
        ({"channel": "wechat_official"}, "channel"),
        ({"channel": "web_form"}, "channel"),
        ({"registered_by": "somebody-else"}, "registered_by"),
        ({"uploads": ["x"]}, "uploads"),
        ({"customer": {"id_last4": "12345"}}, "customer.id_last4"),
        ({"contact": {"phone": "none"}}, "contact.phone"),
    ],
)
async def test_what_staff_may_not_say_is_refused_by_name(bank: Bank, changes: dict, field: str):
    agent = await bank.agent("wang")
    status, refused = await agent.post("/feedback", CALL | changes)
    assert status == 422
    assert [fault["field"] for fault in refused["errors"]] == [field]
    assert refused["errors"][0]["message"]


async def test_form_sent_twice_is_one_ticket(bank: Bank):
    agent, colleague = await bank.agent("wang"), await bank.agent("li")
    key = {"Idempotency-Key": "one-form"}
    first, again = await agent.post("/feedback", CALL, **key), await agent.post("/feedback", CALL, **key)
    assert first == again
    assert (await agent.post("/feedback", CALL | {"content": "别的"}, **key))[1]["title"] == "idempotency_key_reused"
    assert (await colleague.post("/feedback", CALL, **key))[1]["ticket_no"] != first[1]["ticket_no"]
    assert len(await bank.service.store.read(tickets.search)) == 2


async def test_nobody_unsigned_and_no_administrator_registers_feedback(bank: Bank):
    administrator = await bank.agent("root", Role.ADMINISTRATOR)
    assert (await bank.desk().post("/feedback", CALL))[0] == 401
    status, refused = await administrator.post("/feedback", CALL)
    assert (status, refused["title"]) == (403, "not_allowed")
    assert await bank.service.store.read(tickets.search) == ()


async def test_protected_values_in_what_was_said_and_read_back_are_not_stored(bank: Bank):
    agent = await bank.agent("wang")
    card = "6222021234567890128"
    _, told = await agent.post(
        "/feedback", CALL | {"content": f"卡号{card}被吞", "readback": READBACK | {"text": f"卡号{card}被吞，对吗"}}
    )
    ticket = await bank.service.store.read(lambda tx: tickets.get(tx, told["ticket_no"]))
    assert card not in f"{ticket.content}{ticket.record}{await wording(bank, told['ticket_no'])}"


async def test_body_that_is_no_json_is_refused_in_chinese(bank: Bank):
    agent = await bank.agent("wang")
    async with agent.session.post(f"{bank.url}{BASE}/feedback", data="x", headers={"Content-Type": "text/plain"}) as answer:
        assert answer.status == 415 and "JSON" in (await answer.json())["detail"]


def scan() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (60, 40), 90).save(out, "JPEG")
    return out.getvalue()


async def sent(agent, body: bytes, media_type: str = "image/jpeg") -> tuple[int, dict]:
    """Send a file as the desk's page does."""
    headers = {"Content-Type": media_type}
    async with agent.session.post(f"{agent.bank.url}{BASE}/feedback/uploads", data=body, headers=headers) as answer:
        return answer.status, await answer.json()


BOX = {"channel": "suggestion_box", "content": "建议增加老花镜", "source": "朝阳支行大堂意见箱", "contact": {"preferred": "sms"}}


async def test_slip_from_a_suggestion_box_is_filed_with_its_box_its_scan_and_how_to_answer(bank: Bank):
    agent = await bank.agent("wang")
    status, taken = await sent(agent, scan())
    assert status == 201
    status, told = await agent.post("/feedback", BOX | {"uploads": [taken["upload"]]})
    assert status == 201, told
    ticket = await bank.service.store.read(lambda tx: tickets.get(tx, told["ticket_no"]))
    assert (ticket.record["source"], ticket.record["preferred_channel"]) == ("朝阳支行大堂意见箱", "sms")
    (file,) = ticket.record["attachments"]
    assert await bank.service.blobs.get(file["blob_id"])


async def test_scan_of_a_colleague_cannot_be_added_to_a_form(bank: Bank):
    _, taken = await sent(await bank.agent("wang"), scan())
    other = await bank.agent("li")
    status, refused = await other.post("/feedback", BOX | {"uploads": [taken["upload"]]})
    assert (status, refused["errors"][0]["field"]) == (422, "uploads")


async def test_file_that_is_no_picture_is_refused_with_a_reason(bank: Bank):
    status, refused = await sent(await bank.agent("wang"), b"<svg onload=alert(1)>")
    assert (status, bool(refused["detail"])) == (415, True)


async def test_files_are_taken_from_nobody_who_is_not_signed_in(bank: Bank):
    async with ClientSession() as session, session.post(f"{bank.url}{BASE}/feedback/uploads", data=scan()) as answer:
        assert answer.status in (401, 403)
