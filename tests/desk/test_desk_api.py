"""The desk over real HTTP and sockets: one winner, nothing lost, nobody let in."""

import asyncio

import pytest
from aiohttp import WSServerHandshakeError
from desk.at_the_desk import BASE, Bank, held

from store import conversations


async def test_of_two_agents_taking_at_once_one_wins_and_the_other_is_told(bank: Bank):
    first, second = await bank.agent("a1"), await bank.agent("a2")
    await bank.say("u1", "转人工")
    conversation_id = await first.waiting()
    results = await asyncio.gather(*(desk.post(f"/conversations/{conversation_id}/claim") for desk in (first, second)))
    assert sorted(status for status, _ in results) == [200, 409]
    loser = next(body for status, body in results if status == 409)
    assert loser["title"] == "taken"
    assert "同事" in loser["detail"]


async def test_the_first_view_holds_everything_said_and_understood(bank: Bank):
    desk = await bank.agent("a1")
    await bank.say("u1", "柜员态度太差了，让我等了两个小时")
    await bank.say("u1", "昨天上午 人民路支行")
    await bank.say("u1", "转人工")
    conversation_id = await desk.waiting()
    _, view = await desk.get(f"/conversations/{conversation_id}")
    assert view["brief"]["reasons"] == ["asked", "complaint"]
    assert view["brief"]["understood"]["product"] == "branch_service"
    assert view["draft"]["record"]["branch"] == "人民路支行"
    assert "demand" in view["draft"]["missing"] or "phone" in view["draft"]["missing"]
    _, page = await desk.get(f"/conversations/{conversation_id}/messages?after=0")
    assert page["items"][0]["text"] == "柜员态度太差了，让我等了两个小时"
    assert [item["seq"] for item in page["items"]] == list(range(1, view["last_seq"] + 1))
    assert [item["prev"] for item in page["items"]] == list(range(view["last_seq"]))


async def test_a_conversation_of_five_hundred_messages_reaches_the_desk_whole(bank: Bank):
    desk = await bank.agent("a1")
    for _ in range(250):
        await bank.say("u1", "你们几点上班")
    await bank.say("u1", "转人工")
    conversation_id = await desk.waiting()
    _, view = await desk.get(f"/conversations/{conversation_id}")
    assert view["last_seq"] > 500
    seqs: list[int] = []
    while True:
        _, page = await desk.get(f"/conversations/{conversation_id}/messages?after={seqs[-1] if seqs else 0}")
        seqs += [item["seq"] for item in page["items"]]
        if not page["more"]:
            break
    assert seqs == list(range(1, view["last_seq"] + 1))


async def test_a_reply_reaches_the_customer_and_a_note_does_not(bank: Bank):
    desk = await bank.agent("a1")
    conversation_id = await held(bank, desk)
    assert (await desk.post(f"/conversations/{conversation_id}/replies", {"text": "您好，马上核实"}))[0] == 201
    assert (await desk.post(f"/conversations/{conversation_id}/notes", {"text": "客户很生气"}))[0] == 201
    heard = await bank.heard("u1")
    assert "您好，马上核实" in heard
    assert "客户很生气" not in heard


async def test_a_zero_byte_in_a_reply_costs_nothing_but_itself(bank: Bank):
    desk = await bank.agent("a1")
    conversation_id = await held(bank, desk)
    assert (await desk.post(f"/conversations/{conversation_id}/replies", {"text": "您\u0000好"}))[0] == 201
    assert "您好" in await bank.heard("u1")


async def test_the_same_reply_sent_twice_is_said_once(bank: Bank):
    desk = await bank.agent("a1")
    conversation_id = await held(bank, desk)
    body = {"text": "您好", "client_id": "c1"}
    results = [await desk.post(f"/conversations/{conversation_id}/replies", body) for _ in range(2)]
    assert results[0][1]["seq"] == results[1][1]["seq"]
    assert (await bank.heard("u1")).count("您好") == 1


async def test_the_bot_is_silent_while_a_person_holds_the_conversation(bank: Bank):
    desk = await bank.agent("a1")
    conversation_id = await held(bank, desk)
    assert await bank.say("u1", "你们几点上班") == []
    _, page = await desk.get(f"/conversations/{conversation_id}/messages?after=0")
    assert page["items"][-1]["text"] == "你们几点上班"


async def test_whoever_does_not_hold_the_conversation_cannot_speak_in_it(bank: Bank):
    first, second = await bank.agent("a1"), await bank.agent("a2")
    conversation_id = await held(bank, first)
    status, body = await second.post(f"/conversations/{conversation_id}/replies", {"text": "我也来"})
    assert (status, body["title"]) == (409, "not_holder")


async def test_a_draft_is_filed_or_declined_before_the_end(bank: Bank):
    desk = await bank.agent("a1")
    conversation_id = await held(bank, desk)
    status, body = await desk.post(f"/conversations/{conversation_id}/end")
    assert (status, body["title"]) == (409, "draft_open")
    form = {"kind": "complaint", "product": "branch_service", "content": "柜员态度差", "phone": "13812345678"}
    status, filed = await desk.post(f"/conversations/{conversation_id}/ticket", form)
    assert status == 201
    assert any(filed["ticket_no"] in text for text in await bank.heard("u1"))
    assert (await desk.post(f"/conversations/{conversation_id}/end"))[0] == 200
    assert (await desk.post(f"/conversations/{conversation_id}/replies", {"text": "还有"}))[0] == 409
    said = await bank.say("u1", "查进度")
    assert any(filed["ticket_no"] in item.get("text", "") for item in said)


async def test_a_declined_draft_leaves_its_reason_and_lets_the_conversation_end(bank: Bank):
    desk = await bank.agent("a1")
    conversation_id = await held(bank, desk)
    assert (await desk.post(f"/conversations/{conversation_id}/decline", {"reason": "客户说不用了"}))[0] == 200
    assert (await desk.post(f"/conversations/{conversation_id}/end"))[0] == 200
    _, page = await desk.get(f"/conversations/{conversation_id}/messages?after=0")
    assert any("客户说不用了" in item["text"] and item["audience"] == "desk" for item in page["items"])


async def test_given_back_it_waits_again_and_a_colleague_may_take_it(bank: Bank):
    first, second = await bank.agent("a1"), await bank.agent("a2")
    conversation_id = await held(bank, first)
    assert (await first.post(f"/conversations/{conversation_id}/requeue", {"reason": "要懂贷款的同事"}))[0] == 200
    assert await second.waiting() == conversation_id
    assert (await second.post(f"/conversations/{conversation_id}/claim"))[0] == 200


async def test_fifty_wishes_for_a_person_at_once_make_one_entry(bank: Bank):
    desk = await bank.agent("a1")
    await asyncio.gather(*(bank.say("u1", "转人工", f"m{n}") for n in range(50)))
    _, found = await desk.get("/conversations?view=waiting")
    assert len(found["items"]) == 1


async def test_an_unknown_login_and_a_wrong_password_are_refused_alike_and_often_tried_no_more(bank: Bank):
    await bank.agent("a1")
    stranger = bank.desk()
    unknown = await stranger.post("/session", {"login": "nobody", "password": "x"})
    wrong = await stranger.post("/session", {"login": "a1", "password": "x"})
    assert unknown == wrong
    assert unknown[0] == 401
    for _ in range(10):
        status, _body = await stranger.post("/session", {"login": "a1", "password": "x"})
    assert status == 429


async def test_without_a_session_nothing_is_told(bank: Bank):
    stranger = bank.desk()
    for path in ("/me", "/conversations", f"/conversations/{'0' * 32}", f"/conversations/{'0' * 32}/messages", "/tickets"):
        assert (await stranger.get(path))[0] == 401
    with pytest.raises(WSServerHandshakeError):
        await stranger.session.ws_connect(f"{bank.url}/desk/socket")


async def test_another_site_cannot_make_a_signed_in_browser_act(bank: Bank):
    desk = await bank.agent("a1")
    await bank.say("u1", "转人工")
    conversation_id = await desk.waiting()
    status, body = await desk.post(f"/conversations/{conversation_id}/claim", Origin="https://evil.example")
    assert (status, body["title"]) == (403, "foreign_origin")
    with pytest.raises(WSServerHandshakeError):
        await desk.session.ws_connect(f"{bank.url}/desk/socket", headers={"Origin": "https://evil.example"})


async def test_the_socket_tells_of_a_new_customer_and_of_new_messages(bank: Bank):
    desk = await bank.agent("a1")
    async with desk.session.ws_connect(f"{bank.url}/desk/socket") as socket:
        assert (await socket.receive_json())["type"] == "hello"
        await bank.say("u1", "转人工")
        frames = [await socket.receive_json(timeout=10) for _ in range(2)]
        assert {frame["type"] for frame in frames} == {"news", "queue"}


async def test_after_signing_out_the_session_is_worth_nothing(bank: Bank):
    desk = await bank.agent("a1")
    async with desk.session.delete(f"{bank.url}{BASE}/session") as answer:
        assert answer.status == 204
    assert (await desk.get("/me"))[0] == 401


async def test_a_page_that_knows_what_was_said_is_told_only_what_came_after(bank: Bank, monkeypatch):
    desk = await bank.agent("a1")
    conversation_id = await held(bank, desk)
    _, whole = await desk.get(f"/conversations/{conversation_id}")
    assert whole["brief"]["summary"] and whole["after"] == 0
    read: list[int] = []
    real = conversations.messages

    def counting(*args, **kwargs):
        found = real(*args, **kwargs)
        read.append(len(found))
        return found

    monkeypatch.setattr(conversations, "messages", counting)
    await bank.say("u1", "你们再不处理我就去银保监会投诉")
    _, news = await desk.get(f"/conversations/{conversation_id}?after={whole['last_seq']}")
    assert read == [news["last_seq"] - whole["last_seq"]] == [1]
    assert news["brief"]["summary"] is None and news["after"] == whole["last_seq"]
    assert {item["seq"] for item in news["brief"]["heard"]} <= {news["last_seq"]} and news["brief"]["heard"]
    same = ("id", "holder", "agent", "channel", "customer", "draft", "tickets", "earlier")
    assert [news[name] for name in same] == [whole[name] for name in same]


async def test_a_line_of_the_queue_says_what_it_is_about_in_the_customers_words(bank: Bank):
    desk = await bank.agent("a1")
    await bank.say("u1", "柜员态度太差了，让我等了两个小时")
    await bank.say("u1", "转人工")
    await bank.say("u2", "还款扣了钱却显示失败，给我转人工")
    _, found = await desk.get("/conversations?view=waiting")
    assert {item["preview"] for item in found["items"]} == {
        "柜员态度太差了，让我等了两个小时",
        "还款扣了钱却显示失败，给我转人工",
    }
    for item in found["items"]:
        await desk.post(f"/conversations/{item['id']}/claim")
    await bank.say("u2", "还在吗")
    _, found = await desk.get("/conversations?view=mine")
    assert {item["preview"] for item in found["items"]} == {"柜员态度太差了，让我等了两个小时", "还在吗"}, (
        "and not that an agent came"
    )
