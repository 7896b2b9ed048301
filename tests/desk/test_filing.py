"""From the bot's draft to a ticket: once, with what the agent put right, and never from a draft that is settled."""

import asyncio

from desk.at_the_desk import Bank, held

from config.labels import Role, Speaker
from store import conversations, tickets
from store.conversations import MessageDraft

FORM = {"kind": "complaint", "product": "branch_service", "content": "柜员态度差，等了两个小时"}


async def filed(bank: Bank, conversation_id: str) -> list[tickets.Ticket]:
    def look(tx):
        return conversations.tickets_of(tx, conversations.customer_of(tx, conversation_id))

    return list(await bank.service.store.read(look))


async def test_of_two_clicks_on_one_draft_only_one_files(bank: Bank):
    desk = await bank.agent("a1")
    conversation_id = await held(bank, desk)
    answers = await asyncio.gather(*(desk.post(f"/conversations/{conversation_id}/ticket", FORM) for _ in range(4)))
    assert sorted(status for status, _ in answers) == [201, 409, 409, 409]
    assert {body["title"] for status, body in answers if status == 409} == {"draft_settled"}
    assert len(await filed(bank, conversation_id)) == 1


async def test_one_form_sent_again_and_again_files_one_ticket_and_names_it_each_time(bank: Bank):
    desk = await bank.agent("a1")
    conversation_id = await held(bank, desk)
    form = {**FORM, "client_id": "f1"}
    at_once = await asyncio.gather(*(desk.post(f"/conversations/{conversation_id}/ticket", form) for _ in range(4)))
    later = await desk.post(f"/conversations/{conversation_id}/ticket", form)
    assert {status for status, _ in [*at_once, later]} == {201}
    assert len({body["ticket_no"] for _, body in [*at_once, later]}) == 1
    assert len(await filed(bank, conversation_id)) == 1


async def test_a_second_matter_becomes_a_second_ticket(bank: Bank):
    desk = await bank.agent("a1")
    conversation_id = await held(bank, desk)
    for content in ("柜员态度差", "停车场也收费不合理"):
        assert (await desk.post(f"/conversations/{conversation_id}/ticket", {**FORM, "content": content}))[0] == 201
    assert {ticket.content for ticket in await filed(bank, conversation_id)} == {"柜员态度差", "停车场也收费不合理"}


async def test_what_the_customer_writes_while_the_agent_files_is_kept(bank: Bank):
    desk = await bank.agent("a1")
    conversation_id = await held(bank, desk)
    (status, _), *_ = await asyncio.gather(
        desk.post(f"/conversations/{conversation_id}/ticket", FORM), *(bank.say("u1", f"还有{n}", f"m{n}") for n in range(5))
    )
    assert status == 201
    said = await bank.service.store.read(lambda tx: conversations.messages(tx, conversation_id))
    assert [message.seq for message in said] == list(range(1, len(said) + 1))
    assert {f"还有{n}" for n in range(5)} <= {message.text for message in said if message.speaker is Speaker.CUSTOMER}


async def test_what_the_agent_puts_right_stands_in_the_ticket_and_what_they_leave_stays(bank: Bank):
    desk = await bank.agent("a1")
    await bank.say("u1", "柜员态度太差了，让我等了两个小时")
    await bank.say("u1", "昨天上午 人民路支行")
    await bank.say("u1", "转人工")
    conversation_id = await desk.waiting()
    await desk.post(f"/conversations/{conversation_id}/claim")
    record = {"branch": "中山路支行", "staff_name": "王某", "amount_yuan": 12.5, "occurred_at": "2026-11-20T15:00:00+08:00"}
    status, _ = await desk.post(
        f"/conversations/{conversation_id}/ticket", {**FORM, "record": record, "demand": "道歉", "phone": "138 1234 5678"}
    )
    assert status == 201
    (ticket,) = await filed(bank, conversation_id)
    assert ticket.record["branch"] == ticket.record["occurred_place"] == "中山路支行"
    assert ticket.record["staff_name"] == "王某"
    assert ticket.record["amount_yuan"] == 12.5
    assert ticket.record["occurred_at"].startswith("2026-11-20T15:00")
    assert ticket.record["demand"] == "道歉"
    assert ticket.contact_phone == "138 1234 5678"


async def test_numbers_that_an_agent_types_into_the_form_are_protected_like_a_customers(bank: Bank):
    desk = await bank.agent("a1")
    conversation_id = await held(bank, desk)
    form = {
        **FORM,
        "content": "客户卡号6222021234567890128被吞",
        "demand": "打13812345678回复",
        "record": {"place": "密码123456"},
    }
    assert (await desk.post(f"/conversations/{conversation_id}/ticket", form))[0] == 201
    (ticket,) = await filed(bank, conversation_id)
    shown = f"{ticket.content} {ticket.record}"
    assert "6222021234567890128" not in shown
    assert "13812345678" not in shown
    assert "123456" not in str(ticket.record["occurred_place"])


async def test_a_wrong_field_is_named_and_nothing_is_filed(bank: Bank):
    desk = await bank.agent("a1")
    conversation_id = await held(bank, desk)
    for wrong, field in (
        ({"phone": "请看备注"}, "phone"),
        ({"kind": "urgent_report"}, "kind"),
        ({"record": {"amount_yuan": -1}}, "record.amount_yuan"),
        ({"record": {"card_tail": "12"}}, "record.card_tail"),
        ({"record": {"occurred_at": "2026-11-20T15:00:00"}}, "record.occurred_at"),
        ({"record": {"secret": "x"}}, "record.secret"),
        ({"content": ""}, "content"),
    ):
        status, body = await desk.post(f"/conversations/{conversation_id}/ticket", {**FORM, **wrong})
        assert (status, body["fields"]) == (422, [field])
    assert await filed(bank, conversation_id) == []


async def test_only_a_supervisor_files_a_major_matter(bank: Bank):
    agent, boss = await bank.agent("a1"), await bank.agent("b1", Role.SUPERVISOR)
    of_agent, of_boss = await held(bank, agent, "u1"), await held(bank, boss, "u2")
    status, body = await agent.post(f"/conversations/{of_agent}/ticket", {**FORM, "priority": "major"})
    assert (status, body["title"]) == (403, "not_allowed")
    assert (await boss.post(f"/conversations/{of_boss}/ticket", {**FORM, "priority": "major"}))[0] == 201


async def test_without_a_reason_a_draft_is_not_declined(bank: Bank):
    desk = await bank.agent("a1")
    conversation_id = await held(bank, desk)
    assert (await desk.post(f"/conversations/{conversation_id}/decline", {"reason": "  "}))[0] == 422
    assert (await desk.post(f"/conversations/{conversation_id}/end"))[1]["title"] == "draft_open"


async def test_a_note_and_the_reason_of_a_refusal_reach_no_customer(bank: Bank):
    desk = await bank.agent("a1")
    conversation_id = await held(bank, desk)
    await desk.post(f"/conversations/{conversation_id}/notes", {"text": "内部：疑似恶意投诉"})
    await desk.post(f"/conversations/{conversation_id}/decline", {"reason": "内部：重复反映"})
    await desk.post(f"/conversations/{conversation_id}/requeue", {"reason": "内部：转给小李"})
    assert not [text for text in await bank.heard("u1") if "内部" in text]


async def test_a_note_sent_twice_is_written_once(bank: Bank):
    desk = await bank.agent("a1")
    conversation_id = await held(bank, desk)
    note = {"text": "已核实身份", "client_id": "n1"}
    answers = await asyncio.gather(*(desk.post(f"/conversations/{conversation_id}/notes", note) for _ in range(3)))
    assert len({body["seq"] for _, body in answers}) == 1


async def test_whoever_lost_the_conversation_files_declines_and_ends_nothing(bank: Bank):
    first, second = await bank.agent("a1"), await bank.agent("a2")
    conversation_id = await held(bank, first)
    for path, body in (
        ("ticket", FORM),
        ("decline", {"reason": "x"}),
        ("end", {}),
        ("requeue", {"reason": "x"}),
    ):
        status, answer = await second.post(f"/conversations/{conversation_id}/{path}", body)
        assert (status, answer["title"]) == (409, "not_holder"), path
    assert await filed(bank, conversation_id) == []


async def test_nobody_writes_into_an_ended_conversation(bank: Bank):
    desk = await bank.agent("a1")
    conversation_id = await held(bank, desk)
    await desk.post(f"/conversations/{conversation_id}/decline", {"reason": "客户说不用了"})
    assert (await desk.post(f"/conversations/{conversation_id}/end"))[0] == 200
    before = await bank.service.store.read(lambda tx: conversations.messages(tx, conversation_id))
    for path, body in (
        ("replies", {"text": "x"}),
        ("notes", {"text": "x"}),
        ("ticket", FORM),
        ("end", {}),
        ("requeue", {"reason": "x"}),
    ):
        assert (await desk.post(f"/conversations/{conversation_id}/{path}", body))[0] == 409, path
    status, answer = await desk.post(f"/conversations/{conversation_id}/claim")
    assert (status, answer["title"]) == (409, "not_waiting")
    assert await bank.service.store.read(lambda tx: conversations.messages(tx, conversation_id)) == before


async def test_an_end_while_the_customer_writes_loses_no_word(bank: Bank):
    desk = await bank.agent("a1")
    await bank.say("u1", "转人工")
    conversation_id = await desk.waiting()
    await desk.post(f"/conversations/{conversation_id}/claim")
    await asyncio.gather(
        desk.post(f"/conversations/{conversation_id}/end"), *(bank.say("u1", f"你好{n}", f"m{n}") for n in range(6))
    )

    def look(tx):
        customer = conversations.customer_of(tx, conversation_id)
        return [conversations.messages(tx, found.id) for found in conversations.earlier(tx, customer.id)]

    said = [
        message.text for chat in await bank.service.store.read(look) for message in chat if message.speaker is Speaker.CUSTOMER
    ]
    assert sorted(text for text in said if text.startswith("你好")) == [f"你好{n}" for n in range(6)]


async def test_the_loser_of_a_claim_is_told_who_has_it_and_the_winner_may_click_again(bank: Bank):
    first, second = await bank.agent("a1"), await bank.agent("a2")
    conversation_id = await held(bank, first)
    status, body = await second.post(f"/conversations/{conversation_id}/claim")
    assert (status, body["agent"]["name"]) == (409, "坐席a1")
    assert "坐席a1" in body["detail"]
    before = len(await bank.heard("u1"))
    assert (await first.post(f"/conversations/{conversation_id}/claim"))[0] == 200
    assert len(await bank.heard("u1")) == before


async def test_a_long_conversation_is_readable_page_by_page_with_its_notes(bank: Bank):
    desk = await bank.agent("a1")
    conversation_id = await held(bank, desk)
    now = bank.service.clock.now()

    def talk(tx):
        for n in range(30):
            conversations.append(tx, conversation_id, MessageDraft(Speaker.CUSTOMER, f"第{n}句"), now=now)

    await bank.service.store.write(talk)
    await desk.post(f"/conversations/{conversation_id}/notes", {"text": "最后的备注"})
    items, more = [], True
    while more:
        _, page = await desk.get(f"/conversations/{conversation_id}/messages?after={items[-1]['seq'] if items else 0}&limit=7")
        items, more = items + page["items"], page["more"]
    assert [item["seq"] for item in items] == list(range(1, items[-1]["seq"] + 1))
    assert [item["prev"] for item in items] == [item["seq"] - 1 for item in items]
    assert (items[-1]["text"], items[-1]["audience"]) == ("最后的备注", "desk")
