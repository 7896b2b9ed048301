"""What the desk shows, and what it refuses to: files, lists, other conversations, requests that make no sense."""

import json

import pytest
from desk.at_the_desk import BASE, Bank, held
from sqlalchemy import select

from config.labels import FeedbackChannel, Role, Speaker
from store import conversations
from store.blobs import LOCK
from store.conversations import MessageDraft
from store.customers import signed_hmac
from store.tables import audit
from store.tables import customers as customer_rows

UNKNOWN = "0" * 32
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 16


async def sent(bank: Bank, conversation_id: str, data: bytes, media_type: str, name: str) -> int:
    """The customer sends a file; its seq."""
    blob_id = await bank.service.blobs.put(data)
    item = {"blob_id": blob_id, "media_type": media_type, "size": len(data), "name": name}
    now = bank.service.clock.now()
    draft = MessageDraft(Speaker.CUSTOMER, "", "image", payload={"attachments": [item]})
    done = await bank.service.store.write(lambda tx: conversations.append(tx, conversation_id, draft, now=now))
    return done.seq


async def looks(bank: Bank, action: str) -> list[str]:
    found = select(audit.c.subject).where(audit.c.action == action)
    return list(await bank.service.store.read(lambda tx: tx.conn.execute(found).scalars().all()))


async def test_a_picture_opens_in_the_page_and_can_do_nothing_there(bank: Bank):
    desk = await bank.agent("a1")
    conversation_id = await held(bank, desk)
    seq = await sent(bank, conversation_id, PNG, "image/png", '凭条"1".png')
    async with desk.session.get(f"{bank.url}{BASE}/conversations/{conversation_id}/files/{seq}/0") as answer:
        assert await answer.read() == PNG
        assert answer.headers["Content-Type"] == "image/png"
        assert answer.headers["Content-Disposition"].startswith("inline; filename*=UTF-8''%E5")
        assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cache-Control"] == "no-store"
    assert await looks(bank, "opened_file") == [f"{conversation_id}:{seq}:0"]


@pytest.mark.parametrize("media_type", ["text/html", "image/svg+xml", "application/pdf"])
async def test_a_file_that_could_run_is_only_ever_downloaded(bank: Bank, media_type):
    desk = await bank.agent("a1")
    conversation_id = await held(bank, desk)
    seq = await sent(bank, conversation_id, b"<script>alert(1)</script>", media_type, "x")
    async with desk.session.get(f"{bank.url}{BASE}/conversations/{conversation_id}/files/{seq}/0") as answer:
        assert answer.headers["Content-Type"] == "application/octet-stream"
        assert answer.headers["Content-Disposition"].startswith("attachment")


async def test_a_file_that_is_gone_or_never_was_is_not_found(bank: Bank):
    desk = await bank.agent("a1")
    conversation_id = await held(bank, desk)
    seq = await sent(bank, conversation_id, PNG, "image/png", "x.png")
    for path in (bank.service.settings.data_dir / "blobs").rglob("*"):
        if path.is_file() and path.name != LOCK:
            path.unlink()
    for where in (f"{seq}/0", f"{seq}/7", "999/0", "1/0"):
        assert (await desk.get(f"/conversations/{conversation_id}/files/{where}"))[0] == 404


async def test_what_makes_no_sense_is_refused_and_breaks_nothing(bank: Bank):
    desk = await bank.agent("a1")
    conversation_id = await held(bank, desk)
    huge = "9" * 40
    for path in (f"messages?after={huge}", "messages?after=-1", "messages?after=x", "messages?after=٣", f"messages?limit={huge}"):
        assert (await desk.get(f"/conversations/{conversation_id}/{path}"))[0] == 400, path
    for path, body in (
        ("read", {"seq": 10**30}),
        ("read", {"seq": -1}),
        ("replies", {"text": "x" * 8001}),
        ("replies", {"text": "  "}),
        ("replies", {"text": "x", "client_id": "a" * 37}),
        ("replies", {"text": "x", "more": 1}),
        ("replies", []),
    ):
        assert (await desk.post(f"/conversations/{conversation_id}/{path}", body))[0] == 422, (path, body)
    for raw in (b"", b"{", b"\xff", b"[" * 50_000, json.dumps("x").encode()):
        async with desk.session.post(f"{bank.url}{BASE}/conversations/{conversation_id}/replies", data=raw) as answer:
            assert answer.status == 422
    assert (await desk.get("/conversations?view=secret"))[0] == 400


async def test_an_unknown_conversation_is_not_found_whatever_is_asked_of_it(bank: Bank):
    desk = await bank.agent("a1")
    for path in (f"/conversations/{UNKNOWN}", f"/conversations/{UNKNOWN}/messages", f"/conversations/{UNKNOWN}/files/1/0"):
        assert (await desk.get(path))[0] == 404
    assert (await desk.post(f"/conversations/{UNKNOWN}/read", {"seq": 1}))[0] == 404
    assert (await desk.post(f"/conversations/{UNKNOWN}/claim"))[0] == 404


async def test_what_is_still_to_come_cannot_be_marked_as_read(bank: Bank):
    desk = await bank.agent("a1")
    conversation_id = await held(bank, desk)
    status, answer = await desk.post(f"/conversations/{conversation_id}/read", {"seq": 100_000})
    assert (status, answer["seq"]) == (200, (await desk.get(f"/conversations/{conversation_id}"))[1]["last_seq"])
    await bank.say("u1", "还有一件事")
    _, mine = await desk.get("/conversations?view=mine")
    assert mine["items"][0]["unread"] == 1


async def test_reading_on_is_one_look_in_the_audit_and_coming_back_later_another(bank: Bank, clock):
    desk = await bank.agent("a1")
    conversation_id = await held(bank, desk)
    for _ in range(5):
        await desk.get(f"/conversations/{conversation_id}")
        await desk.get(f"/conversations/{conversation_id}/messages")
    assert await looks(bank, "opened") == [conversation_id]
    clock.advance(3600)
    await desk.get(f"/conversations/{conversation_id}")
    assert await looks(bank, "opened") == [conversation_id] * 2


async def test_nothing_of_the_desk_stays_in_a_cache(bank: Bank):
    desk = await bank.agent("a1")
    conversation_id = await held(bank, desk)
    for path in (
        "/me",
        "/conversations",
        f"/conversations/{conversation_id}",
        f"/conversations/{conversation_id}/messages",
        "/tickets",
    ):
        async with desk.session.get(f"{bank.url}{BASE}{path}") as answer:
            assert answer.headers["Cache-Control"] == "no-store", path


async def test_lists_name_the_colleague_who_has_a_conversation_and_mask_the_customer(bank: Bank):
    first, second = await bank.agent("a1"), await bank.agent("a2")
    conversation_id = await held(bank, first)
    await first.post(
        f"/conversations/{conversation_id}/ticket",
        {"kind": "complaint", "product": "fees", "content": "收费", "phone": "13812345678"},
    )
    _, everything = await second.get("/conversations?view=all")
    assert everything["items"][0]["agent"]["name"] == "坐席a1"
    number = everything["items"][0]["ticket_no"]
    _, file = await second.get(f"/tickets/{number}")
    assert file["phone_masked"] == "138****5678"
    assert "13812345678" not in json.dumps(file)
    assert file["history"][0]["actor"] == "坐席a1"


async def test_a_customer_known_to_the_bank_brings_what_was_said_on_other_channels(bank: Bank):
    desk = await bank.agent("a1")
    here, elsewhere = await held(bank, desk, "u1"), await held(bank, desk, "u2")
    stranger = await held(bank, desk, "u3")
    store = bank.service.store

    def sign_in(tx):
        for conversation_id in (here, elsewhere):
            customer = conversations.customer_of(tx, conversation_id)
            profile = json.dumps({"signed_id": "c-7", "name": None, "phone": None})
            sealed = tx.crypto.encrypt(profile, f"customers.profile_enc.{customer.id}")
            known = {"signed_hmac": signed_hmac(tx.crypto, "c-7"), "profile_enc": sealed}
            tx.conn.execute(customer_rows.update().where(customer_rows.c.id == customer.id).values(**known))

    await store.write(sign_in)
    _, view = await desk.get(f"/conversations/{here}")
    assert [item["id"] for item in view["earlier"]] == [elsewhere]
    assert view["earlier"][0]["channel"] == FeedbackChannel.API
    _, view = await desk.get(f"/conversations/{stranger}")
    assert view["earlier"] == []


async def test_a_department_sees_its_own_tickets_and_those_it_helps_with(bank: Bank):
    desk = await bank.agent("a1")
    conversation_id = await held(bank, desk)
    form = {"kind": "complaint", "product": "branch_service", "content": "柜员态度差"}
    _, filed = await desk.post(f"/conversations/{conversation_id}/ticket", form)
    _, file = await desk.get(f"/tickets/{filed['ticket_no']}")
    responsible = (
        await bank.service.store.read(lambda tx: conversations.tickets_of(tx, conversations.customer_of(tx, conversation_id)))
    )[0]
    theirs = await bank.agent("d1", department=responsible.department)
    others = await bank.agent("d2", department="pricing")
    protection = await bank.agent("d3", department="consumer_protection")
    for who, expected in ((theirs, 200), (others, 404), (protection, 200)):
        assert (await who.get(f"/tickets/{file['no']}"))[0] == expected
        _, found = await who.get("/tickets")
        assert [item["no"] for item in found["items"]] == ([file["no"]] if expected == 200 else [])
    status, _ = await others.post(f"/tickets/{file['no']}/move", {"to": "in_progress", "expected_version": 1, "reason": "x"})
    assert status == 404


async def test_a_department_that_sees_the_customer_does_not_see_their_tickets_elsewhere(bank: Bank):
    desk, theirs = await bank.agent("a1"), await bank.agent("d1", department="branch_mgmt")
    conversation_id = await held(bank, desk)
    for product, content in (("branch_service", "柜员态度差"), ("wealth_fund", "理财收益和说的不一样")):
        form = {"kind": "complaint", "product": product, "content": content}
        assert (await desk.post(f"/conversations/{conversation_id}/ticket", form))[0] == 201
    await desk.post(f"/conversations/{conversation_id}/end")
    await bank.say("u1", "柜员态度太差了")
    await bank.say("u1", "转人工")
    later = await desk.waiting()
    assert (await desk.post(f"/conversations/{later}/ticket", {**form, "product": "branch_service"}))[0] == 409  # not theirs yet
    assert (await desk.post(f"/conversations/{later}/claim"))[0] == 200
    assert (await desk.post(f"/conversations/{later}/ticket", {**form, "product": "branch_service", "content": "又来"}))[0] == 201
    _, all_of_them = await desk.get(f"/conversations/{later}")
    assert {item["content"] for item in all_of_them["tickets"]} == {"柜员态度差", "理财收益和说的不一样", "又来"}
    status, seen = await theirs.get(f"/conversations/{later}")
    assert status == 200 and {item["content"] for item in seen["tickets"]} == {"柜员态度差", "又来"}


async def test_of_two_who_move_a_ticket_one_is_told_that_it_is_stale_and_no_move_skips_a_state(bank: Bank):
    boss = await bank.agent("b1", Role.SUPERVISOR)
    conversation_id = await held(bank, boss)
    form = {"kind": "complaint", "product": "branch_service", "content": "柜员态度差", "phone": "13812345678"}
    _, filed = await boss.post(f"/conversations/{conversation_id}/ticket", form)
    path = f"/tickets/{filed['ticket_no']}/move"
    status, body = await boss.post(path, {"to": "resolved", "expected_version": 1, "reason": "想省事"})
    assert (status, body["title"]) == (409, "illegal")
    status, body = await boss.post(path, {"to": "in_progress", "expected_version": 1, "reason": "受理"})
    assert (status, body["state"], body["version"]) == (200, "in_progress", 2)
    status, body = await boss.post(path, {"to": "in_progress", "expected_version": 1, "reason": "受理"})
    assert (status, body["title"]) == (409, "stale")
    _, file = await boss.get(f"/tickets/{filed['ticket_no']}")
    assert [(line["action"], line["to"]) for line in file["history"]] == [("filed", "pending"), ("moved", "in_progress")]


async def test_the_page_itself_may_not_be_framed_and_runs_only_its_own_scripts(bank: Bank):
    stranger = bank.desk()
    async with stranger.session.get(f"{bank.url}/desk/") as answer:
        policy = answer.headers["Content-Security-Policy"]
        assert answer.status == 200
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    async with stranger.session.get(f"{bank.url}/desk", allow_redirects=False) as answer:
        assert answer.headers["Location"] == "/desk/"
