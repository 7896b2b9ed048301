"""Search at the desk over real HTTP: found are words, names and numbers, by those who may see them, and it is written down."""

from dataclasses import replace

import pytest
from desk.at_the_desk import Bank, Desk, held
from making_rows import NOW, ticket
from sqlalchemy import select

from config.labels import Role
from store import tickets
from store.tables import audit


@pytest.fixture
async def desk(bank: Bank) -> Desk:
    desk = await bank.agent("a1")
    conversation_id = await held(bank, desk)
    assert (await desk.post(f"/conversations/{conversation_id}/notes", {"text": "客户提到理财亏损"}))[0] == 201
    await bank.say("u2", "昨天在人民路支行取款机吞卡，手机号13812345678")
    assert await bank.service.indexer.catch_up() > 0
    return desk


async def found(desk: Desk, query: str, part: str = "messages", **more: str) -> dict:
    extra = "".join(f"&{name}={value}" for name, value in more.items())
    status, body = await desk.get(f"/search?q={query}&in={part}{extra}")
    assert status == 200, body
    return body[part]


@pytest.mark.parametrize("query", ["卡", "吞卡", "取款机", "吞卡 人民路"])
async def test_words_of_one_two_and_three_characters_are_found_and_marked(desk: Desk, query: str):
    (item,) = (await found(desk, query))["items"]
    shown = [item["excerpt"][start:end] for start, end in item["marks"]]
    assert set(shown) == set(query.split())
    assert item["seq"] == 1 and item["conversation"]


async def test_internal_notes_are_found_and_told_apart(desk: Desk):
    (item,) = (await found(desk, "亏损"))["items"]
    assert (item["audience"], item["speaker"]) == ("desk", "agent")


async def test_a_phone_number_is_found_whole_though_only_its_ending_is_stored(desk: Desk):
    (item,) = (await found(desk, "13812345678"))["items"]
    assert "[手机号·尾号5678]" in item["excerpt"]
    assert (await found(desk, "13812345679"))["items"] == []


async def test_a_ticket_is_found_by_its_words_its_number_and_its_phone(bank: Bank, desk: Desk):
    _, mine = await desk.get("/conversations?view=mine")
    form = {"kind": "complaint", "product": "branch_service", "content": "柜员辱骂客户", "phone": "13987654321"}
    _, filed = await desk.post(f"/conversations/{mine['items'][0]['id']}/ticket", form)
    number = filed["ticket_no"]
    bank.service.clock.advance(6)
    await bank.service.indexer.catch_up()
    for query in ("辱骂", "骂", number, number[:12].lower(), "13987654321"):
        assert [item["no"] for item in (await found(desk, query, "tickets"))["items"]] == [number]


async def test_a_found_ticket_shows_no_word_that_the_service_wrote_for_itself(bank: Bank, desk: Desk):
    _, mine = await desk.get("/conversations?view=mine")
    form = {"kind": "complaint", "product": "wealth_fund", "content": "理财亏了"}
    _, filed = await desk.post(f"/conversations/{mine['items'][0]['id']}/ticket", form)
    bank.service.clock.advance(6)
    await bank.service.indexer.catch_up()
    (item,) = (await found(desk, "理财", "tickets"))["items"]
    _, file = await desk.get(f"/tickets/{filed['ticket_no']}")
    assert file["record"]["nature_rule"] not in item["excerpt"]
    assert (await found(desk, file["record"]["nature_rule"], "tickets"))["items"] == []


async def test_a_department_finds_its_own_tickets_and_their_conversations_only(bank: Bank, desk: Desk):
    _, mine = await desk.get("/conversations?view=mine")
    form = {"kind": "complaint", "product": "branch_service", "content": "柜员态度差", "phone": "13987654321"}
    await desk.post(f"/conversations/{mine['items'][0]['id']}/ticket", form)
    bank.service.clock.advance(6)
    await bank.service.indexer.catch_up()
    branch, risk = await bank.agent("b1", department="branch_mgmt"), await bank.agent("r1", department="risk")
    assert (await found(branch, "态度"))["items"] and (await found(branch, "态度", "tickets"))["items"]
    assert (await found(branch, "吞卡"))["items"] == []
    assert (await found(risk, "态度"))["items"] == [] and (await found(risk, "态度", "tickets"))["items"] == []


async def test_every_search_is_written_down_without_its_words(bank: Bank, desk: Desk):
    await found(desk, "张三")
    rows = await bank.service.store.read(lambda tx: tx.conn.execute(select(audit).where(audit.c.action == "searched")).all())
    assert [row.subject for row in rows] == [bank.service.store.crypto.hmac("search", "张三")]
    assert all("张三" not in str(tuple(row)) for row in rows)


@pytest.mark.parametrize(
    ("query", "status"),
    [("", 422), ("a", 422), ("，。", 422), ("字" * 65, 422), ("卡&days=0", 400), ("卡&in=else", 400), ("卡&before=x", 400)],
)
async def test_a_search_that_cannot_be_is_refused_with_a_sentence(desk: Desk, query: str, status: int):
    answered, body = await desk.get(f"/search?q={query}")
    assert answered == status
    assert body.get("detail") or status == 400


async def test_pages_of_results_follow_each_other_without_holes(bank: Bank, desk: Desk):
    for n in range(45):
        await bank.say("u3", f"贷款利率问题 {n}")
    await bank.service.indexer.catch_up()
    seqs, before = [], ""
    while True:
        page = await found(desk, "贷款", **({"before": before} if before else {}))
        seqs += [item["seq"] for item in page["items"]]
        if not page["more"]:
            break
        before = page["next"]
    assert len(seqs) == len(set(seqs)) == 45
    assert page["count"] == 5


async def test_without_a_session_nothing_is_found(bank: Bank):
    assert (await bank.desk().get("/search?q=卡"))[0] == 401


async def test_an_administrator_decides_no_case_and_finds_nothing_said(bank: Bank, desk: Desk):
    administrator = await bank.agent("root", Role.ADMINISTRATOR)
    assert (await found(administrator, "吞卡"))["items"] == []


async def test_somebody_who_never_chatted_is_found_by_name_and_number_through_their_ticket(bank: Bank, desk: Desk):
    draft = replace(ticket("FB202611230000011", phone="13912345678"), customer_name="欧阳娜娜")
    await bank.service.store.write(lambda tx: tickets.file(tx, draft, NOW))
    for words in ("欧阳娜娜", "欧阳 娜娜", "13912345678"):
        hits = await found(desk, words, "tickets")
        assert [item["no"] for item in hits["items"]] == [draft.no], words
        assert "欧阳娜娜" not in str(hits)
    assert (await found(desk, "欧阳", "tickets"))["items"] == []
