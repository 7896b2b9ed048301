"""What is taken away of a conversation, and what is shown in full: only by who may, and never unnoticed."""

import io
import json
from typing import Any

import pytest
from desk.at_the_desk import BASE, Bank, Desk, held
from desk.test_looking import sent
from PIL import Image
from sqlalchemy import select

from config.labels import Role, Speaker
from store import conversations
from store.conversations import MessageDraft
from store.tables import audit

PHONE = "13812345678"
MATTER = "昨天在人民路支行存款机存了5000元没到账<b>，请你们尽快退款😡"


def picture() -> bytes:
    made = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(made, "PNG")
    return made.getvalue()


async def export(desk: Desk, conversation_id: str, kind: str) -> tuple[int, bytes, dict[str, str]]:
    where = f"{desk.bank.url}{BASE}/conversations/{conversation_id}/export?format={kind}"
    async with desk.session.get(where) as answer:
        return answer.status, await answer.read(), dict(answer.headers)


async def audited(bank: Bank, action: str) -> list[Any]:
    found = select(audit.c.actor, audit.c.subject, audit.c.detail).where(audit.c.action == action)
    return [tuple(row) for row in await bank.service.store.read(lambda tx: tx.conn.execute(found).all())]


async def told(bank: Bank, desk: Desk) -> str:
    await bank.say("u1", MATTER)
    await bank.say("u1", f"我的电话{PHONE}")
    await bank.say("u1", "转人工")
    conversation_id = await desk.waiting()
    assert (await desk.post(f"/conversations/{conversation_id}/claim"))[0] == 200
    await sent(bank, conversation_id, picture(), "image/png", "凭条.png")
    await desk.post(f"/conversations/{conversation_id}/notes", {"text": "已联系网点"})
    return conversation_id


async def test_the_json_holds_brief_record_files_and_every_message(bank: Bank):
    desk = await bank.agent("a1")
    conversation_id = await told(bank, desk)
    status, body, headers = await export(desk, conversation_id, "json")
    found = json.loads(body)
    assert status == 200
    assert headers["Content-Disposition"].startswith("attachment")
    assert [item["seq"] for item in found["messages"]] == list(range(1, found["conversation"]["last_seq"] + 1))
    assert found["conversation"]["files"][0]["name"] == "凭条.png"
    assert PHONE not in body.decode()
    assert await audited(bank, "exported") == [(desk.id, conversation_id, {"format": "json"})]


async def test_the_page_holds_pictures_and_runs_nothing_that_a_customer_wrote(bank: Bank):
    desk = await bank.agent("a1")
    conversation_id = await told(bank, desk)
    status, body, headers = await export(desk, conversation_id, "html")
    page = body.decode()
    assert status == 200
    assert "data:image/png;base64," in page
    assert "没到账&lt;b&gt;" in page
    assert "<b>" not in page
    assert "内部备注" in page
    assert PHONE not in page
    assert "script" not in headers["Content-Security-Policy"]


async def test_the_pdf_is_one_with_chinese_text_and_pictures(bank: Bank):
    desk = await bank.agent("a1")
    conversation_id = await told(bank, desk)
    status, body, _ = await export(desk, conversation_id, "pdf")
    assert status == 200
    assert body.startswith(b"%PDF-")
    assert b"STSong-Light" in body
    assert b"/Subtype /Image" in body
    assert len(body) > 2000


async def test_a_conversation_is_taken_away_by_who_serves_it_or_answers_for_all_and_nobody_else(bank: Bank):
    desk, colleague = await bank.agent("a1"), await bank.agent("a2")
    boss, office = await bank.agent("b1", Role.SUPERVISOR), await bank.agent("c1", department="consumer_protection")
    admin, other = await bank.agent("x1", Role.ADMINISTRATOR), await bank.agent("d1", department="pricing")
    conversation_id = await held(bank, desk)
    for who, expected in ((desk, 200), (colleague, 403), (boss, 200), (office, 200), (admin, 404), (other, 404)):
        assert (await export(who, conversation_id, "html"))[0] == expected
    assert (await export(desk, conversation_id, "docx"))[0] == 400
    assert len(await audited(bank, "exported")) == 3


async def unmask(desk: Desk, conversation_id: str, **body: Any) -> tuple[int, dict[str, Any]]:
    return await desk.post(f"/conversations/{conversation_id}/unmask", body)


async def test_what_is_masked_is_shown_with_a_reason_and_written_down(bank: Bank):
    desk, boss = await bank.agent("a1"), await bank.agent("b1", Role.SUPERVISOR)
    conversation_id = await told(bank, desk)
    _, page = await desk.get(f"/conversations/{conversation_id}/messages")
    message = next(item for item in page["items"] if "[手机号" in item["text"])
    token = message["text"][message["text"].index("[") : message["text"].index("]") + 1]
    assert PHONE not in json.dumps(page)
    asked = {"seq": message["seq"], "token": token}
    for wrong in (asked, {**asked, "reason": " "}, {"reason": "x"}, {"seq": 1, "reason": "x"}):
        assert (await unmask(desk, conversation_id, **wrong))[0] == 422
    status, body = await unmask(desk, conversation_id, **asked, reason="回电核实，客户另一号码13912345678")
    assert (status, body["value"]) == (200, PHONE)
    assert (await unmask(boss, conversation_id, **asked, reason="抽查"))[0] == 200
    assert (await unmask(desk, conversation_id, seq=message["seq"], token="[手机号·尾号0000]", reason="x"))[0] == 404
    lines = await audited(bank, "unmasked")
    assert [line[0] for line in lines] == [desk.id, boss.id]
    assert lines[0][1] == f"conversation:{conversation_id}"
    assert lines[0][2]["what"] == "phone"
    assert "13912345678" not in json.dumps(lines)


async def test_who_may_not_take_a_conversation_away_sees_nothing_in_full(bank: Bank):
    desk, colleague = await bank.agent("a1"), await bank.agent("a2")
    admin, other = await bank.agent("x1", Role.ADMINISTRATOR), await bank.agent("d1", department="pricing")
    conversation_id = await held(bank, desk)
    for who, expected in ((colleague, 403), (admin, 404), (other, 404)):
        assert (await unmask(who, conversation_id, field="phone", reason="好奇"))[0] == expected
    assert await audited(bank, "unmasked") == []


async def test_a_tickets_phone_is_shown_to_the_department_that_works_it(bank: Bank):
    desk = await bank.agent("a1")
    conversation_id = await held(bank, desk)
    form = {"kind": "complaint", "product": "branch_service", "content": "柜员态度差", "phone": PHONE}
    _, filed = await desk.post(f"/conversations/{conversation_id}/ticket", form)
    path = f"/tickets/{filed['ticket_no']}/unmask"
    theirs, other = await bank.agent("d1", department="branch_mgmt"), await bank.agent("d2", department="pricing")
    assert (await desk.post(path, {"field": "phone", "reason": "x"}))[0] == 403
    assert (await other.post(path, {"field": "phone", "reason": "x"}))[0] == 404
    status, body = await theirs.post(path, {"field": "phone", "reason": "回访"})
    assert (status, body["value"]) == (200, PHONE)
    assert (await theirs.post(path, {"field": "name", "reason": "回访"}))[0] == 404
    assert [line[:2] for line in await audited(bank, "unmasked")] == [(theirs.id, filed["ticket_no"])]


@pytest.mark.parametrize("size", [1, 300])
def test_any_text_becomes_a_pdf(size):
    from config.catalogue import Catalogue
    from handoff.export_pdf import document
    from handoff.transcript import Line, Transcript

    words = "<para>&\x0b 你好😀👨‍👩‍👧 ﷽ 𠮷" * size
    line = Line(
        1,
        "customer",
        words,
        "2026",
        words,
        internal=False,
        attachments=({"blob_id": "b", "media_type": "image/png"},),
        file_texts=(words,),
    )
    told_all = Transcript(words, words, ((words, ((words, words), ("", words))),), words, (line,) * 3)
    made = document(told_all, {"b": b"\x89PNG broken"}, Catalogue("brief.zh-CN.yaml"))
    assert made.startswith(b"%PDF-")


async def test_the_page_runs_and_loads_nothing_even_when_it_is_opened_from_a_disk(bank: Bank):
    desk = await bank.agent("a1")
    _, page, headers = await export(desk, await told(bank, desk), "html")
    assert b'http-equiv="Content-Security-Policy" content="default-src \'none\'; img-src data:' in page
    assert "sandbox" in headers["Content-Security-Policy"]


async def test_what_was_not_kept_is_written_where_it_would_have_stood(bank: Bank):
    desk = await bank.agent("a1")
    conversation_id = await told(bank, desk)
    draft = MessageDraft(
        Speaker.CUSTOMER, "", type="image", payload={"pending_media": 3, "withheld_files": 1, "unopened_files": 2}
    )
    now = bank.service.clock.now()
    await bank.service.store.write(lambda tx: conversations.append(tx, conversation_id, draft, now=now))
    _, page, _ = await export(desk, conversation_id, "html")
    assert "1 个文件没有通过安全检查，已拦下，没有保存" in page.decode()
    assert "2 张图片打不开，可能已损坏或尺寸过大，没有保存" in page.decode()
    _, found = await desk.get(f"/conversations/{conversation_id}/messages?after=0")
    last = found["items"][-1]
    assert (last["withheld_files"], last["unopened_files"], last["pending_files"]) == (1, 2, 0)
