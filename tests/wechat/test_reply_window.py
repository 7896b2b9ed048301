"""When WeChat takes no more messages, nothing is tried: another way is taken, or a person is told, and what waits goes out later."""

from dataclasses import replace

import pytest
from wechat.connecting import ACCOUNT, deliver_everything

from bot.channels.wechat.fake import Misstep
from bot.effects import Say
from config.labels import Audience, FeedbackChannel, Holder, Priority, Speaker, TicketKind, TicketState
from store import conversations, notices, outbox, queue, tickets, turns, windows
from store.conversations import MessageDraft
from store.ids import new_id
from store.model import Conversation, Customer
from store.tickets import TicketDraft
from store.turns import TurnPlan

SEND = "message/custom/send"
TEMPLATE = {"template_id": "T-waits", "data": {"thing1": "{summary}", "time2": "{time}"}}
TICKET = {
    "template_id": "T-ticket",
    "data": {"character_string1": "{ticket_no}", "phrase2": "{state}", "time3": "{time}"},
    "url": "https://bank.example/s?no={ticket_no}",
}
NO = "FB202611230000017"


async def latest(world) -> Conversation:
    def look(tx):
        return conversations.earlier(tx, notices.customer_id(tx, ACCOUNT, world.openid), 1)[0]

    return await world.store.read(look)


async def append(world, text: str, speaker: Speaker = Speaker.AGENT, **payload) -> int:
    found = await latest(world)
    draft = MessageDraft(speaker, text, payload=payload)
    done = await world.store.write(lambda tx: conversations.append(tx, found.id, draft, now=world.clock.now()))
    return done.seq


async def shown(world, seq: int) -> tuple[str | None, str | None]:
    found = await latest(world)
    (message,) = await world.store.read(lambda tx: conversations.messages(tx, found.id, seq - 1, 1))
    return message.delivery, message.delivery_reason


async def marks(world) -> list[str]:
    found = await latest(world)
    said = await world.store.read(lambda tx: conversations.messages(tx, found.id))
    return [message.type for message in said if message.audience is Audience.DESK]


async def greeted(connect, **more):
    """A customer has written and was answered in the response."""
    world = await connect(strict=True, **more)
    await world.say("你好")
    await world.channel.settled()
    return world


async def test_four_messages_go_out_the_fifth_waits_for_an_outcome_and_the_outcome_may_have_it(connect):
    world = await greeted(connect)
    seqs = [await append(world, f"第{n}条") for n in range(1, 6)]
    await deliver_everything(world)
    assert [seen.text for seen in world.platform.seen[world.openid] if seen.via == "service"] == [f"第{n}条" for n in range(1, 5)]
    assert await shown(world, seqs[-1]) == ("shut", "kept_for_outcome")
    assert world.platform.calls[SEND] == 4
    outcome = await append(world, "您的卡已经找到。", outcome=True)
    await deliver_everything(world)
    assert world.platform.seen[world.openid][-1].text == "您的卡已经找到。"
    assert await shown(world, outcome) == ("sent", None)
    await world.say("谢谢")
    await deliver_everything(world)
    assert [seen.text for seen in world.platform.seen[world.openid] if seen.via == "service"][-1] == "第5条"


async def test_after_48_hours_nothing_is_tried_and_a_person_is_told(connect):
    world = await greeted(connect)
    world.clock.advance(48 * 3600)
    seq = await append(world, "您好，还在吗？")
    await deliver_everything(world)
    assert world.platform.calls[SEND] == 0
    assert await shown(world, seq) == ("shut", "outside_reply_window")
    assert await marks(world) == ["window_shut"]
    assert (await latest(world)).holder is Holder.QUEUED
    assert (await world.store.read(queue.entries))[0].brief == {"reasons": ["window_shut"]}


async def test_what_waited_goes_out_when_the_customer_writes_again(connect):
    world = await greeted(connect)
    world.clock.advance(48 * 3600)
    seq = await append(world, "您的卡已经找到。")
    await deliver_everything(world)
    await world.say("有消息了吗")
    await deliver_everything(world)
    assert "您的卡已经找到。" in [seen.text for seen in world.platform.seen[world.openid]]
    assert await shown(world, seq) == ("sent", None)


async def test_the_bots_leftover_words_wait_without_troubling_anybody(connect):
    world = await greeted(connect)
    seqs = [await append(world, f"第{n}条", Speaker.BOT) for n in range(6)]
    await deliver_everything(world)
    assert [(await shown(world, seq))[0] for seq in seqs] == ["sent"] * 4 + ["shut"] * 2
    assert await marks(world) == []


async def test_the_window_is_shown_with_time_and_number(connect):
    world = await greeted(connect)
    found = await latest(world)
    await append(world, "第1条")
    await deliver_everything(world)
    window = await world.store.read(lambda tx: windows.of_conversation(tx, found.id, world.clock.now()))
    assert (window.messages_left, window.reserved) == (4, 1)
    assert 0 < (window.until - world.clock.now()).total_seconds() <= 48 * 3600


async def test_a_tap_on_the_menu_allows_three_words_within_the_minute(connect):
    world = await connect(strict=True)
    world.dialogue.says = tuple(Say(f"第{n}句。" + "长" * 600) for n in range(4))
    await world.platform.event("main", world.openid, "CLICK", EventKey="V1")
    await world.channel.settled()
    for _ in range(4):
        await world.delivery.deliver_due()
    assert [seen.via for seen in world.platform.seen[world.openid]] == ["passive", "service", "service", "service"]


@pytest.mark.parametrize(("code", "reason"), [(45015, "outside_reply_window"), (45047, "reply_count_used_up")])
async def test_when_wechat_counts_otherwise_it_is_right_and_is_not_asked_again(connect, code, reason):
    world = await greeted(connect)
    world.platform.misstep(SEND, Misstep(errcode=code))
    first, second = await append(world, "一"), await append(world, "二")
    await deliver_everything(world)
    assert world.platform.calls[SEND] == 1
    assert await shown(world, first) == await shown(world, second) == ("shut", reason)


async def test_a_customer_who_left_is_not_written_to_and_a_person_is_told(connect):
    world = await greeted(connect)
    await world.platform.event("main", world.openid, "unsubscribe")
    seq = await append(world, "您好")
    await deliver_everything(world)
    assert world.platform.calls[SEND] == 0
    assert await shown(world, seq) == ("shut", "customer_unreachable")
    assert await marks(world) == ["window_shut"]
    await world.platform.event("main", world.openid, "subscribe")
    await deliver_everything(world)
    assert await shown(world, seq) == ("sent", None)


async def test_a_busy_platform_costs_nothing_of_the_allowance(connect):
    world = await greeted(connect)
    world.platform.misstep(SEND, *[Misstep(errcode=-1)] * 3)
    await append(world, "一")
    await deliver_everything(world)
    found = await latest(world)
    window = await world.store.read(lambda tx: windows.of_conversation(tx, found.id, world.clock.now()))
    assert (window.messages_left, len([seen for seen in world.platform.seen[world.openid] if seen.text == "一"])) == (4, 1)


# --- other ways ------------------------------------------------------------------------------------------------------------


async def test_a_template_says_that_a_message_waits_and_nobody_is_troubled(connect):
    world = await greeted(connect, account_settings={"notices": {"message": TEMPLATE}})
    world.clock.advance(48 * 3600)
    seq = await append(world, "您的卡已经找到，请带身份证到朝阳支行来取，营业时间九点到五点。")
    await deliver_everything(world)
    notice = world.platform.seen[world.openid][-1]
    assert (notice.type, notice.text) == ("template", "T-waits")
    assert notice.data["data"]["thing1"] == "您的卡已经找到，请带身份证到朝阳支行来…"
    assert await shown(world, seq) == ("shut", "outside_reply_window_notified")
    assert await marks(world) == []
    await world.say("来了")
    await deliver_everything(world)
    assert await shown(world, seq) == ("sent", None)


async def filed(world, **more) -> None:
    found = await latest(world)

    def write(tx):
        draft = TicketDraft(
            no=NO,
            kind=TicketKind.COMPLAINT,
            priority=Priority.NORMAL,
            channel=FeedbackChannel.WECHAT_OFFICIAL,
            product="atm_selfservice",
            nature="transaction",
            department="operations",
            content="机器吞卡",
            received_at=world.clock.now(),
            due_at=None,
            customer_id=found.customer_id,
            conversation_id=found.id,
            **more,
        )
        tickets.file(tx, draft, world.clock.now())

    await world.store.write(write)


async def moved(world, to: TicketState, *, actor: str = "a1", role: str = "supervisor") -> None:
    def write(tx):
        ticket = tickets.get(tx, NO)
        return tickets.move(tx, NO, to, expected_version=ticket.version, actor=actor, role=role, now=world.clock.now())

    assert not isinstance(await world.store.write(write), str)
    await world.notices.tell_due()


async def test_a_ticket_that_moves_on_is_told_in_the_conversation(connect):
    world = await greeted(connect)
    await filed(world)
    await moved(world, TicketState.IN_PROGRESS, actor="rule:x", role="rule")
    await deliver_everything(world)
    assert NO in world.platform.seen[world.openid][-1].text
    assert await world.notices.tell_due() == 0
    await moved(world, TicketState.WITHDRAWN, actor="customer", role="customer")
    await deliver_everything(world)
    assert len([seen for seen in world.platform.seen[world.openid] if NO in seen.text]) == 1


async def test_after_48_hours_a_ticket_that_moves_on_is_told_by_template(connect):
    world = await greeted(connect, account_settings={"notices": {"ticket": TICKET}})
    await filed(world)
    world.clock.advance(72 * 3600)
    await moved(world, TicketState.IN_PROGRESS, actor="rule:x", role="rule")
    await deliver_everything(world)
    notice = world.platform.seen[world.openid][-1]
    assert notice.data["data"] == {"character_string1": NO, "phrase2": "处理中", "time3": "2026-11-26 12:00"}
    body = next(body for path, body in world.platform.requests if path == "message/template/send")
    assert body["url"] == f"https://bank.example/s?no={NO}"
    assert len(body["client_msg_id"]) <= 32
    assert await marks(world) == []
    assert (await latest(world)).holder is Holder.BOT


async def test_a_template_that_did_not_arrive_is_work_for_a_person(connect):
    world = await greeted(connect, account_settings={"notices": {"ticket": TICKET}})
    await filed(world)
    world.clock.advance(72 * 3600)
    world.platform.notices.fails[world.openid] = 1
    await moved(world, TicketState.NOT_ACCEPTED)
    await deliver_everything(world)
    await world.platform.settled()
    seq = (await latest(world)).last_seq - 1
    assert await shown(world, seq) == ("failed", "notice_failed")
    assert await marks(world) == ["delivery_failed"]
    history = await world.store.read(lambda tx: tickets.history(tx, NO))
    assert [event.action for event in history][-1] == "customer_not_reached"


async def test_a_result_that_comes_before_the_answer_to_the_call_counts_as_well(connect):
    world = await connect()
    now, row = world.clock.now(), notices.Sent("c", 2)
    assert await world.store.write(lambda tx: notices.finished(tx, ACCOUNT, "9", "failed", now)) is None
    assert await world.store.write(lambda tx: notices.sent(tx, ACCOUNT, "9", row, now)) == "failed"
    assert await world.store.write(lambda tx: notices.sent(tx, ACCOUNT, "10", row, now)) == ""
    assert await world.store.write(lambda tx: notices.finished(tx, ACCOUNT, "10", "failed", now)) == row


async def test_a_subscription_message_uses_one_consent_up_and_without_one_a_person_is_told(connect):
    notice = {**TICKET, "kind": "subscription", "template_id": "T-sub"}
    world = await greeted(connect, account_settings={"notices": {"ticket": notice}})
    await world.platform.consent("main", world.openid, "T-sub")
    await filed(world)
    world.clock.advance(72 * 3600)
    await moved(world, TicketState.IN_PROGRESS, actor="rule:x", role="rule")
    await deliver_everything(world)
    await world.platform.settled()
    assert world.platform.calls["message/subscribe/bizsend"] == 1
    assert world.platform.seen[world.openid][-1].text == "T-sub"
    await moved(world, TicketState.AWAITING_CUSTOMER, role="owner")
    await deliver_everything(world)
    assert world.platform.calls["message/subscribe/bizsend"] == 1
    assert await marks(world) == ["window_shut"]


async def test_a_consent_that_wechat_knows_nothing_of_is_struck_off(connect):
    notice = {**TICKET, "kind": "subscription", "template_id": "T-sub"}
    world = await greeted(connect, account_settings={"notices": {"ticket": notice}})
    await filed(world)
    world.clock.advance(72 * 3600)
    await moved(world, TicketState.IN_PROGRESS, actor="rule:x", role="rule")
    await deliver_everything(world)
    assert world.platform.calls["message/subscribe/bizsend"] == 1  # 43101
    found = await latest(world)
    assert not await world.store.write(lambda tx: notices.use_consent(tx, found.customer_id, "T-sub"))
    assert await marks(world) == ["window_shut"]


async def also_in_the_app(world) -> Conversation:
    """The customer signs in, and writes in the app now."""
    found = await latest(world)
    now = world.clock.now()
    in_app = Customer(new_id(now), "in_app:main", "v1", signed_id="C-7")

    def sign(tx):
        known = conversations.customer_of(tx, found.id)
        known = replace(known, signed_id="C-7")
        todo = TurnPlan(
            replace(found, version=found.version + 1, last_seq=found.last_seq), found.version, (), now, changed_customer=known
        )
        return turns.commit(tx, turns.prepare(world.store.crypto, todo))

    owner = {"account": "in_app:main", "channel": FeedbackChannel.IN_APP, "customer_id": in_app.id}
    chat = replace(found, id=new_id(now), **owner, version=1, last_customer_at=now)
    opened = TurnPlan(replace(chat, last_seq=1), None, (MessageDraft(Speaker.CUSTOMER, "你好"),), now, new_customer=in_app)
    assert await world.store.write(sign) == "ok"
    assert await world.store.write(lambda tx: turns.commit(tx, turns.prepare(world.store.crypto, opened))) == "ok"
    return chat


async def test_a_customer_who_also_chats_in_the_app_gets_the_message_there_once(connect):
    world = await greeted(connect)
    chat = await also_in_the_app(world)
    world.clock.advance(49 * 3600)
    seq = await append(world, "您的卡已经找到。")
    await deliver_everything(world)
    assert await shown(world, seq) == ("sent", "by_in_app")
    said = await world.store.read(lambda tx: conversations.messages(tx, chat.id, 1))
    assert [(message.speaker, message.text) for message in said] == [(Speaker.AGENT, "您的卡已经找到。")]
    assert await marks(world) == []
    assert await world.store.read(outbox.counts) == {}


@pytest.mark.parametrize(
    ("later_in_app", "wish", "way"),
    [(True, None, "by_in_app"), (False, None, "by_template"), (True, "wechat", "by_template"), (False, "app", "by_in_app")],
)
async def test_the_outcome_goes_the_way_that_the_customer_asked_for_or_used_last(connect, later_in_app, wish, way):
    world = await greeted(connect, account_settings={"notices": {"ticket": TICKET}})
    if not later_in_app:
        await also_in_the_app(world)
    world.clock.advance(60)
    await world.say("还有一件事")
    if later_in_app:
        world.clock.advance(60)
        await also_in_the_app(world)
    await filed(world, record={"preferred_channel": wish} if wish else {})
    world.clock.advance(72 * 3600)
    await moved(world, TicketState.IN_PROGRESS, actor="rule:x", role="rule")
    await deliver_everything(world)
    found = await latest(world)
    said = await world.store.read(lambda tx: conversations.messages(tx, found.id))
    assert [message.delivery_reason for message in said if message.type == "notice"][-1:] == [way]
