"""Several people at one conversation: who looks, who writes, and nobody talks over anybody."""

from contextlib import asynccontextmanager
from typing import Any

import pytest
from desk.at_the_desk import Bank, Desk, held

from config.labels import Role


class Page:
    """A desk's socket."""

    def __init__(self, socket) -> None:
        self.socket = socket

    async def say(self, **frame: Any) -> None:
        await self.socket.send_json(frame)

    async def until(self, kind: str, **wanted: Any) -> dict[str, Any]:
        while True:
            frame = await self.socket.receive_json(timeout=10)
            if frame["type"] == kind and all(frame.get(key) == value for key, value in wanted.items()):
                return frame


@asynccontextmanager
async def page(desk: Desk):
    async with desk.session.ws_connect(f"{desk.bank.url}/desk/socket") as socket:
        opened = Page(socket)
        await opened.until("hello")
        yield opened


def who(desk: Desk, name: str, *, replying: bool = False) -> dict[str, Any]:
    return {"id": desk.id, "name": name, "replying": replying}


async def test_who_looks_at_a_conversation_and_who_writes_in_it_is_seen_by_colleagues_at_once(bank: Bank):
    first, boss = await bank.agent("a1"), await bank.agent("b1", Role.SUPERVISOR)
    conversation_id = await held(bank, first)
    async with page(first) as one:
        await one.say(type="view", conversation=conversation_id)
        await one.until("viewers", agents=[who(first, "坐席a1")])
        async with page(boss) as two:
            await two.say(type="view", conversation=conversation_id)
            both = [who(first, "坐席a1"), who(boss, "坐席b1")]
            await one.until("viewers", agents=both)
            await one.say(type="typing", on=True)
            await two.until("viewers", agents=[who(first, "坐席a1", replying=True), both[1]])
            await one.say(type="typing", on=False)
            await two.until("viewers", agents=both)
        await one.until("viewers", agents=[who(first, "坐席a1")])


async def test_whoever_stops_writing_or_looking_without_a_word_is_forgotten(bank: Bank, clock):
    first, boss = await bank.agent("a1"), await bank.agent("b1", Role.SUPERVISOR)
    conversation_id = await held(bank, first)
    async with page(boss) as two, page(first) as one:
        await one.say(type="view", conversation=conversation_id)
        await two.say(type="view", conversation=conversation_id)
        await one.say(type="typing", on=True)
        await two.until("viewers", agents=[who(first, "坐席a1", replying=True), who(boss, "坐席b1")])
        clock.advance(7)
        await bank.service.desk.socket.keep_up()
        await two.until("viewers", agents=[who(first, "坐席a1"), who(boss, "坐席b1")])


async def test_who_may_not_answer_is_not_shown_writing(bank: Bank):
    first, second = await bank.agent("a1"), await bank.agent("a2")
    conversation_id = await held(bank, first)
    async with page(first) as one, page(second) as two:
        await one.say(type="view", conversation=conversation_id)
        await two.say(type="view", conversation=conversation_id)
        await one.until("viewers", agents=[who(first, "坐席a1"), who(second, "坐席a2")])
        await two.say(type="typing", on=True)
        await two.say(type="ping")
        await two.until("pong")
        await one.say(type="typing", on=True)
        await two.until("viewers", agents=[who(first, "坐席a1", replying=True), who(second, "坐席a2")])


async def test_a_reply_written_blindly_after_a_colleagues_is_refused_and_names_what_was_missed(bank: Bank):
    first, boss = await bank.agent("a1"), await bank.agent("b1", Role.SUPERVISOR)
    conversation_id = await held(bank, first)
    seen = (await first.get(f"/conversations/{conversation_id}"))[1]["last_seq"]
    path = f"/conversations/{conversation_id}/replies"
    _, said = await boss.post(path, {"text": "我是主管，马上退款", "seen": seen})
    status, body = await first.post(path, {"text": "退不了", "seen": seen, "client_id": "c1"})
    assert (status, body["title"], body["seqs"]) == (409, "unseen", [said["seq"]])
    assert "退不了" not in await bank.heard("u1")
    status, answer = await first.post(path, {"text": "主管已处理", "seen": said["seq"], "client_id": "c1"})
    assert status == 201
    assert (await first.post(path, {"text": "主管已处理", "seen": seen, "client_id": "c1"}))[1] == answer


async def test_ones_own_words_and_the_customers_are_no_reason_to_refuse(bank: Bank):
    desk = await bank.agent("a1")
    conversation_id = await held(bank, desk)
    seen = (await desk.get(f"/conversations/{conversation_id}"))[1]["last_seq"]
    for text in ("您好", "请稍等"):
        assert (await desk.post(f"/conversations/{conversation_id}/replies", {"text": text, "seen": seen}))[0] == 201
        await bank.say("u1", "好的")


async def test_a_supervisor_may_speak_beside_the_agent_and_a_colleague_may_only_note(bank: Bank):
    first, second, boss = await bank.agent("a1"), await bank.agent("a2"), await bank.agent("b1", Role.SUPERVISOR)
    conversation_id = await held(bank, first)
    assert (await boss.post(f"/conversations/{conversation_id}/replies", {"text": "我是主管"}))[0] == 201
    assert (await second.post(f"/conversations/{conversation_id}/replies", {"text": "我也来"}))[0] == 409
    assert (await second.post(f"/conversations/{conversation_id}/notes", {"text": "他昨天也来过"}))[0] == 201
    heard = await bank.heard("u1")
    assert "我是主管" in heard
    assert "他昨天也来过" not in heard


async def test_a_note_may_be_written_while_the_customer_waits_and_not_after_the_end(bank: Bank):
    desk = await bank.agent("a1")
    await bank.say("u1", "转人工")
    conversation_id = await desk.waiting()
    assert (await desk.post(f"/conversations/{conversation_id}/notes", {"text": "等专家回来"}))[0] == 201
    await desk.post(f"/conversations/{conversation_id}/claim")
    assert (await desk.post(f"/conversations/{conversation_id}/end"))[0] == 200
    assert (await desk.post(f"/conversations/{conversation_id}/notes", {"text": "太晚"}))[0] == 409


@pytest.mark.parametrize(
    ("role", "department", "sees"),
    [
        (Role.AGENT, None, True),
        (Role.SUPERVISOR, None, True),
        (Role.AGENT, "consumer_protection", True),
        (Role.SUPERVISOR, "consumer_protection", True),
        (Role.AGENT, "pricing", False),
        (Role.SUPERVISOR, "pricing", False),
        (Role.ADMINISTRATOR, None, False),
        (Role.ADMINISTRATOR, "consumer_protection", False),
    ],
)
async def test_role_and_department_decide_what_is_seen_of_a_conversation(bank: Bank, role, department, sees):
    desk, other = await bank.agent("a1"), await bank.agent("x1", role, department)
    conversation_id = await held(bank, desk)
    one = f"/conversations/{conversation_id}"
    for path in (one, f"{one}/messages"):
        assert (await other.get(path))[0] == (200 if sees else 404)
    assert (await other.post(f"{one}/read", {"seq": 1}))[0] == (200 if sees else 404)
    assert (await other.post(f"{one}/notes", {"text": "x"}))[0] == (201 if sees else 404)
    assert (await other.get(f"{one}/files/1/0"))[0] == 404
    _, found = await other.get("/conversations?view=all")
    assert (len(found["items"]), found["counts"]["all"]) == ((1, 1) if sees else (0, 0))
    if not sees:
        assert (await other.post(f"{one}/replies", {"text": "x"}))[0] == 409
        assert (await other.post(f"{one}/take-over", {"reason": "x"}))[0] in (403, 404)
        assert (await other.post(f"{one}/transfer", {"reason": "x", "skill": "app"}))[0] == 409


async def test_a_department_sees_the_conversation_whose_ticket_it_works(bank: Bank):
    desk, theirs = await bank.agent("a1"), await bank.agent("d1", department="branch_mgmt")
    conversation_id = await held(bank, desk)
    assert (await theirs.get(f"/conversations/{conversation_id}"))[0] == 404
    form = {"kind": "complaint", "product": "branch_service", "content": "柜员态度差"}
    assert (await desk.post(f"/conversations/{conversation_id}/ticket", form))[0] == 201
    assert (await theirs.get(f"/conversations/{conversation_id}"))[0] == 200
