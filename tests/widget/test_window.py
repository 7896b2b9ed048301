"""What a chat window does, over a real WebSocket and over plain requests, a real store, and scripted answers."""

import asyncio
from datetime import timedelta

import jwt
import pytest
from making_rows import NOW
from widget.speaking import IDENTITY_SECRET, agent_says, bot

from bot.channels.in_app.reading import SharedReads
from config.labels import Audience, Holder, Role
from store import agents, conversations, queue
from store.bell import QUEUE
from store.errors import StoreBusy
from store.model import Agent


@pytest.fixture(params=["socket", "polled"])
def line(request) -> str:
    """Every promise holds on both kinds of line."""
    return request.param


def login(subject="c-1", *, expires=NOW + timedelta(hours=1), secret=IDENTITY_SECRET, **claims) -> str:
    return jwt.encode({"sub": subject, "exp": int(expires.timestamp()), **claims}, secret, "HS256")


async def test_message_is_acknowledged_after_its_commit_and_before_its_answer(people, store):
    async with people.window() as window:
        await window.say("卡被吞了", "m1")
        ack = await window.until("ack")
        stored = await store.read(lambda tx: conversations.messages(tx, ack["conversation"]))
        assert stored[ack["seq"] - 1].text == "卡被吞了"
        answer = await window.until("message", speaker="bot")
        assert answer["text"] == "收到：卡被吞了"
        kinds = [frame["type"] for frame in window.seen]
        assert kinds.index("ack") < kinds.index("message")


async def test_messages_sent_at_once_keep_their_order(people):
    async with people.window() as window:
        for n in range(10):
            await window.say(f"第{n}句", f"m{n}")
        await window.until("message", text="收到：第9句")
        spoken = [message["text"] for message in window.messages if message["speaker"] == "customer"]
        assert spoken == [f"第{n}句" for n in range(10)]
        assert [frame["client_id"] for frame in window.seen if frame["type"] == "ack"] == [f"m{n}" for n in range(10)]


async def test_resent_message_is_stored_once_and_acknowledged_with_the_same_number(people, intake):
    async with people.window() as window:
        await window.say("你好", "m1")
        first = await window.until("ack")
        visitor = window.seen[0]["visitor"]
    async with people.window(visitor=visitor) as again:
        await again.say("你好", "m1")
        second = await again.until("ack")
    assert (second["seq"], second["conversation"], second["status"]) == (first["seq"], first["conversation"], "duplicate")
    assert len(intake.received) == 1


async def test_same_client_id_of_two_visitors_is_two_messages(people, intake):
    for text in ("甲", "乙"):
        async with people.window() as window:
            await window.say(text, "same")
            assert (await window.until("ack"))["status"] == "answered"
    assert [message.text for message in intake.received] == ["甲", "乙"]


async def test_frames_form_one_chain_although_the_desk_writes_notes_between(people, store, clock, bell):
    async with people.window() as window:
        await window.say("你好", "m1")
        conversation = (await window.until("ack"))["conversation"]
        await agent_says(store, clock, conversation, "只给同事看", Audience.DESK)
        last = await agent_says(store, clock, conversation, "我来处理")
        bell.ring(conversation, last.seq)
        await window.until("message", speaker="agent")
        chain = [(message["prev"], message["seq"]) for message in window.messages]
        assert chain == [(0, 1), (1, 2), (2, 4)]
        assert "只给同事看" not in str(window.seen)


async def test_window_that_returns_is_sent_only_what_it_missed_with_the_chain_intact(people, store, clock):
    async with people.window() as window:
        await window.say("你好", "m1")
        answer = await window.until("message", speaker="bot")
        visitor = window.seen[0]["visitor"]
    await agent_says(store, clock, answer["conversation"], "内部备注", Audience.DESK)
    await agent_says(store, clock, answer["conversation"], "您好，我是小王")
    async with people.window(visitor=visitor, conversation=answer["conversation"], after=answer["seq"]) as again:
        missed = await again.until("message")
        assert (missed["prev"], missed["seq"], missed["text"]) == (2, 4, "您好，我是小王")
        await again.until("state")
        assert len(again.messages) == 1


async def test_resume_sends_again_from_where_the_page_says(people):
    async with people.window() as window:
        await window.say("你好", "m1")
        answer = await window.until("message", speaker="bot")
        await window.send(type="resume", conversation=answer["conversation"], after=1)
        assert await window.until("message", seq=2) == answer


async def test_signed_customer_finds_the_conversation_on_another_device(people):
    async with people.window(token=login()) as phone, people.window(token=login()) as tablet:
        await phone.say("卡被吞了", "m1")
        assert (await tablet.until("message", speaker="bot"))["text"] == "收到：卡被吞了"
    async with people.window(token=login()) as later:
        assert (await later.until("message"))["text"] == "卡被吞了"


async def test_signed_identity_reaches_intake_and_a_claim_beside_it_does_not(people, intake):
    async with people.window(
        token=login(name="李女士", phone="13800138000"), customer="s:other", signed_customer="other"
    ) as window:
        await window.say("你好", "m1", signed_customer="other", customer="s:other")
        await window.until("ack")
    received = intake.received[0]
    assert (received.customer, received.signed_customer, received.signed_name) == ("s:c-1", "c-1", "李女士")


@pytest.mark.parametrize(
    ("token", "code"),
    [
        (login(secret="x" * 32), "identity_invalid"),
        (login(expires=NOW - timedelta(seconds=1)), "identity_expired"),
        (jwt.encode({"sub": "c-1"}, IDENTITY_SECRET, "HS256"), "identity_invalid"),
        (jwt.encode({"sub": "c-1", "exp": 9999999999}, "", "none"), "identity_invalid"),
        (login(subject=""), "identity_invalid"),
        (login(nbf=int(NOW.timestamp()) + 60), "identity_invalid"),
        ("s:c-1", "identity_invalid"),
        ("", "identity_invalid"),
        ({"sub": "c-1"}, "identity_invalid"),
    ],
    ids=["other-key", "expired", "no-exp", "alg-none", "empty-sub", "not-yet", "bare-key", "empty", "object"],
)
async def test_login_that_proves_nothing_is_refused_and_never_becomes_a_visitor(people, token, code):
    async with people.connection() as window:
        await window.send(type="hello", token=token)
        assert await window.closing() == 4401
        assert [frame["type"] for frame in window.seen] == ["error"]
        assert window.seen[0]["code"] == code
        assert window.seen[0]["text"]


async def test_login_that_runs_out_stops_the_window_before_the_next_message(people, clock, intake):
    async with people.window(token=login()) as window:
        clock.advance(3601)
        await window.say("还在吗", "m1")
        assert await window.closing() == 4401
    assert intake.received == []


async def test_visitor_cannot_read_or_join_anothers_conversation(people, intake):
    async with people.window() as victim, people.window() as other:
        await victim.say("我的卡号", "m1")
        conversation = (await victim.until("ack"))["conversation"]
        await other.send(type="resume", conversation=conversation, after=0)
        await other.say("我是谁", "m1")
        mine = (await other.until("ack"))["conversation"]
        await other.until("message", speaker="bot")
        assert mine != conversation
        assert "我的卡号" not in str(other.seen)
        stolen = other.seen[0]["visitor"]
    async with people.window(visitor=stolen, conversation=conversation) as third:
        await third.until("state")
        assert {message["conversation"] for message in third.messages} == {mine}


async def test_forged_visitor_token_gives_a_new_visitor(people, crypto):
    async with people.window() as window:
        genuine = window.seen[0]["visitor"]
    forged = "v:" + "0" * 32 + genuine[genuine.index(".") :]
    async with people.window(visitor=forged) as window:
        assert window.seen[0]["visitor"] not in (forged, genuine)


async def test_visitor_token_of_another_purpose_is_no_login(people, crypto):
    async with people.connection() as window:
        await window.send(type="hello", token=crypto.sign("in_app_upload", "v:" + "0" * 32))
        assert await window.closing() == 4401


async def test_new_conversation_begins_in_the_same_window_after_the_old_one_ended(people, intake):
    intake.holder_after = lambda text: Holder.ENDED if text == "再见" else None
    async with people.window() as window:
        await window.say("再见", "m1")
        ended = await window.until("state", holder="ended")
        await window.say("又有问题", "m2")
        answer = await window.until("message", text="收到：又有问题")
        assert answer["conversation"] != ended["conversation"]
        assert (await window.until("state"))["holder"] == "bot"
        first = next(message for message in window.messages if message["conversation"] == answer["conversation"])
        assert (first["prev"], first["seq"]) == (0, 1)


async def test_conversation_that_opened_meanwhile_follows_the_rest_of_the_old_one(people, intake):
    intake.holder_after = lambda text: Holder.ENDED if text == "再见" else None
    async with people.window(token=login()) as phone:
        await phone.say("再见", "m1")
        old = await phone.until("message", seq=1)
        await phone.say("新的问题", "m2")
        new = await phone.until("message", text="收到：新的问题")
    async with people.window(token=login(), conversation=old["conversation"], after=1) as later:
        await later.until("message", text="收到：新的问题")
        assert [(m["conversation"], m["prev"], m["seq"]) for m in later.messages] == [
            (old["conversation"], 1, 2),
            (new["conversation"], 0, 1),
            (new["conversation"], 1, 2),
        ]


async def test_place_in_the_queue_and_the_name_of_the_person_are_told(people, intake, store, bell, clock):
    intake.holder_after = lambda text: Holder.QUEUED
    agent = Agent("a1", "wang", "小王", Role.AGENT, None, True, 5, "online")
    await store.write(lambda tx: agents.create(tx, agent, "-", clock.now()))
    async with people.window() as first:
        await first.say("转人工", "m1")
        ahead = await first.until("state", holder="queued")
        clock.advance(1)
        async with people.window() as second:
            await second.say("转人工", "m1")
            assert (await second.until("state", holder="queued"))["position"] == 2
            await store.write(lambda tx: queue.claim(tx, ahead["conversation"], "a1", clock.now()))
            bell.ring(ahead["conversation"], 0)
            bell.ring(QUEUE)
            assert (await first.until("state", holder="human"))["agent"] == "小王"
            assert (await second.until("state", holder="queued"))["position"] == 1


async def test_news_whose_ring_was_lost_arrive_with_the_poll(people, channel, store, clock):
    async with people.window() as window:
        await window.say("你好", "m1")
        conversation = (await window.until("ack"))["conversation"]
        await window.until("state")
        await agent_says(store, clock, conversation, "没人敲钟")
        await channel.hub.poll()
        assert (await window.until("message", speaker="agent"))["text"] == "没人敲钟"


async def test_conversation_begun_elsewhere_arrives_with_the_poll(people, channel, intake, settings):
    async with people.window(token=login()) as window:
        await window.until("state")
        elsewhere = type(intake)(intake._store, type(intake._bell)(), intake._clock)  # another process: its bell is not ours
        await elsewhere.receive(inbound_of(settings, "s:c-1"))
        await channel.hub.poll()
        assert (await window.until("message"))["text"] == "在别处写的"


def inbound_of(settings, key):
    from bot.message import Inbound
    from config.labels import FeedbackChannel

    return Inbound(settings.in_app.account, FeedbackChannel.IN_APP, key, "在别处写的", signed_customer=key[2:])


async def test_poll_wakes_nobody_who_is_up_to_date(people, channel, monkeypatch):
    async with people.window() as window:
        await window.say("你好", "m1")
        await window.until("state", conversation=(await window.until("ack"))["conversation"])
        monkeypatch.setattr(SharedReads, "ask", lambda *_: pytest.fail("woken for nothing"))
        await channel.hub.poll()


async def test_message_that_could_not_be_stored_is_not_acknowledged_and_the_page_is_told_to_come_back(people, intake):
    intake.fails_with = StoreBusy("full")
    async with people.window() as window:
        await window.say("你好", "m1")
        assert await window.closing() == 1013
        assert not any(frame["type"] == "ack" for frame in window.seen)
        visitor = window.seen[0]["visitor"]
    intake.fails_with = None
    async with people.window(visitor=visitor) as again:
        await again.say("你好", "m1")
        assert (await again.until("ack"))["status"] == "answered"


async def test_refused_message_is_explained_and_the_next_one_goes_through(people):
    async with people.window() as window:
        await window.say("", "m1")
        error = await window.until("error")
        assert (error["client_id"], error["code"]) == ("m1", "empty")
        await window.say("你好", "m2")
        await window.until("ack", client_id="m2")


async def test_line_that_does_not_begin_with_hello_is_closed(people):
    async with people.connection() as window:
        await window.say("你好", "m1")
        assert await window.closing() == 1008


async def test_open_windows_are_closed_when_the_service_stops(people, channel):
    async with people.window() as window:
        closing = asyncio.create_task(window.closing())
        await channel.hub.close(1001)
        assert await closing == 1001
    assert len(channel.hub) == 0


async def test_button_travels_with_its_payload_and_is_shown_by_its_title(people, intake):
    intake.answers = lambda text: [bot("对吗？", buttons=[{"title": "对", "payload": "/affirm"}])]
    async with people.window() as window:
        await window.say("你好", "m1")
        assert (await window.until("message", speaker="bot"))["buttons"] == [{"title": "对", "payload": "/affirm"}]
        await window.say("对", "m2", payload="/affirm")
        await window.until("ack", client_id="m2")
    assert (intake.received[1].text, intake.received[1].payload) == ("对", {"button": "/affirm"})
