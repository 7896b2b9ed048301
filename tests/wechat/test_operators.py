"""A bank whose people answer at WeChat's own desk: who asks for a person is passed on, and comes back when they are done."""

import asyncio

from wechat.connecting import ACCOUNT, deliver_everything

from bot.channels.wechat.fake import Misstep
from bot.dialogue import Dialogue
from bot.effects import Say
from config.labels import Holder
from store import conversations, notices
from store.model import Conversation

TYPING = "message/custom/typing"


async def latest(world) -> Conversation:
    def look(tx):
        return conversations.earlier(tx, notices.customer_id(tx, ACCOUNT, world.openid), 1)[0]

    return await world.store.read(look)


async def staffed(connect, **more):
    world = await connect(account_settings={"staffed_in_wechat": True, **more})
    world.channel._intake._dialogue = Dialogue.load()
    return world


async def test_who_asks_for_a_person_is_passed_on_and_comes_back(connect):
    world = await staffed(connect, operator="kf2001@bank")
    await world.say("转人工")
    await world.channel.settled()
    await world.platform.settled()
    assert ("main", world.openid) in world.platform._at_wechats_desk
    assert (await latest(world)).holder is Holder.HUMAN
    assert (await latest(world)).agent_id is None
    await deliver_everything(world)
    said = len(world.platform.seen[world.openid])
    await world.say("有人吗")  # WeChat's people read this, not we
    assert len(world.platform.seen[world.openid]) == said
    await world.platform.close_session("main", world.openid)
    assert (await latest(world)).holder is Holder.ENDED
    await world.say("你好")
    assert (await latest(world)).holder is Holder.BOT


async def test_a_tap_on_the_menu_cannot_be_passed_on_but_the_next_words_are(connect):
    world = await staffed(connect)
    await world.platform.event("main", world.openid, "CLICK", EventKey="say:转人工")
    assert world.platform.seen[world.openid][0].type == "text"
    assert (await latest(world)).holder is Holder.QUEUED
    await world.say("我的卡被吞了")
    assert ("main", world.openid) in world.platform._at_wechats_desk
    assert (await latest(world)).holder is Holder.HUMAN


async def test_a_redelivery_is_passed_on_again_and_others_are_answered_by_the_bot(connect):
    world = await staffed(connect)
    query, body = world.request(world.xml(Content="转人工"))
    answers = [await world.post(query, body), await world.post(*world.request(world.xml(Content="转人工"), nonce="2"))]
    assert [status for status, _ in answers] == [200, 200]
    assert all("<Encrypt>" in text for _, text in answers)
    await world.platform.message("main", "o_somebody_else_000000000000", MsgType="text", Content="你好")
    assert world.platform.seen["o_somebody_else_000000000000"][0].type == "text"


async def test_a_bank_that_answers_itself_passes_nobody_on(connect):
    world = await connect()
    world.channel._intake._dialogue = Dialogue.load()
    await world.say("转人工")
    assert world.platform.seen[world.openid][0].type == "text"
    assert world.platform._at_wechats_desk == {}


# --- typing ----------------------------------------------------------------------------------------------------------------


async def test_a_turn_that_takes_longer_than_wechat_waits_shows_that_somebody_is_typing(connect):
    world = await connect(passive_reply_s=0)
    world.dialogue.says = (Say("久等了。"),)
    world.facts.gate = asyncio.Event()
    pushed = asyncio.create_task(world.post(*world.request()))
    while not world.platform.calls[TYPING]:  # noqa: ASYNC110 -- the platform rings no bell
        await asyncio.sleep(0)
    assert [body for path, body in world.platform.requests if path == TYPING] == [{"touser": world.openid, "command": "Typing"}]
    world.facts.gate.set()
    assert await pushed == (200, "success")
    await world.channel._turns.finish()
    await deliver_everything(world)
    assert world.seen() == [("service", "久等了。")]


async def test_a_typing_that_wechat_refuses_harms_nobody(connect):
    world = await connect(passive_reply_s=0)
    for code in (45072, 45080, -1, 48001):
        world.platform.misstep(TYPING, Misstep(errcode=code))
        assert await world.post(*world.request(world.xml(MsgId=code + 100000))) == (200, "success")
        await world.channel._turns.finish()
        await world.channel.settled()
    await deliver_everything(world)
    assert len(world.seen()) == 4
