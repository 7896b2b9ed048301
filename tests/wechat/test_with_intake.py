"""The whole way in and out with the real intake, store and delivery: once and in order, whatever the network does."""

import asyncio

from wechat.connecting import ACCOUNT, deliver_everything, stored
from widget.test_uploads import picture

from bot.channels.wechat.fake import Misstep
from bot.effects import Say
from bot.message import Button
from config.labels import Speaker
from store import conversations
from store.customers import external_hmac

PNG = picture("PNG")


async def test_three_deliveries_at_once_are_one_message_and_one_visible_reply(connect):
    world = await connect()
    await world.platform.push("main", world.openid, {"MsgType": "text", "Content": "你好", "MsgId": 9}, together=3)
    await deliver_everything(world)
    assert await stored(world) == [(Speaker.CUSTOMER, "你好"), (Speaker.BOT, "您好，请说。")]
    assert world.seen() == [("passive", "您好，请说。")]
    assert world.dialogue.turns == 1


async def test_twenty_customers_each_delivered_three_times_get_one_reply_each(connect):
    world = await connect()
    people = [f"o{n:027d}" for n in range(20)]
    fields = [{"MsgType": "text", "Content": f"我是第{n}位", "MsgId": n} for n in range(20)]
    await asyncio.gather(*(world.platform.push("main", who, what, together=3) for who, what in zip(people, fields, strict=True)))
    await deliver_everything(world)
    assert [[seen.via for seen in world.platform.seen[who]] for who in people] == [["passive"]] * 20
    assert world.dialogue.turns == 20


async def test_an_answer_that_missed_the_deadline_comes_by_the_api_once(connect):
    world = await connect(passive_reply_s=0)
    world.facts.gate = asyncio.Event()
    pushes = [asyncio.create_task(world.post(*world.request(nonce=nonce))) for nonce in ("1", "2")]
    await world.facts.reached.wait()
    world.facts.gate.set()
    assert await asyncio.gather(*pushes) == [(200, "success")] * 2
    await world.channel._turns.finish()
    assert await world.post(*world.request(nonce="3")) == (200, "success")
    await deliver_everything(world)
    assert world.seen() == [("service", "您好，请说。")]
    assert len(await stored(world)) == 2


async def test_an_answer_whose_connection_broke_is_given_to_the_redelivery(connect):
    world = await connect()
    world.facts.gate = asyncio.Event()
    first = asyncio.create_task(world.post(*world.request()))
    await world.facts.reached.wait()
    first.cancel()
    world.facts.gate.set()
    status, answer = await world.post(*world.request(nonce="2"))
    assert (status, "<Encrypt>" in answer) == (200, True)
    await deliver_everything(world)
    assert world.seen() == []  # both answers went out in responses that this test read itself; the API had nothing to send
    assert len(await stored(world)) == 2


async def test_an_answer_that_nobody_waited_for_comes_by_the_api_when_there_is_no_redelivery(connect):
    world = await connect()
    world.facts.gate = asyncio.Event()
    first = asyncio.create_task(world.post(*world.request()))
    await world.facts.reached.wait()
    first.cancel()
    async with world.session.get(world.callback):  # one exchange later the service has noticed that the first reader left
        pass
    world.facts.gate.set()
    await world.channel._turns.finish()
    await deliver_everything(world)
    assert world.seen() == [("service", "您好，请说。")]


async def test_what_does_not_fit_follows_by_the_api_in_order(connect):
    world = await connect()
    long = "".join(f"这是第{n}条说明，请您留意。" for n in range(100))
    world.dialogue.says = (Say("好的。"), Say(long), Say("请选择。", (Button("确认提交", "/affirm"),)))
    await world.say("你好")
    await deliver_everything(world)
    seen = world.platform.seen[world.openid]
    assert [(item.via, item.type) for item in seen] == [
        ("passive", "text"),
        ("service", "text"),
        ("service", "text"),
        ("service", "msgmenu"),
    ]
    assert "".join(item.text for item in seen[1:-1]) == long


async def test_a_crash_between_commit_and_answer_loses_no_answer(connect):
    world = await connect()
    inbound_query, body = world.request()

    async def crash(*_):
        raise RuntimeError("killed")

    world.channel._answer, answer = crash, world.channel._answer
    status, _ = await world.post(inbound_query, body)
    assert status == 500
    world.channel._answer = answer
    await deliver_everything(world)  # nobody came again in time: the lease ran out
    assert world.seen() == [("service", "您好，请说。")]
    assert await world.post(*world.request(nonce="2")) == (200, "success")
    assert len(await stored(world)) == 2


async def test_a_message_that_wechat_refuses_for_now_arrives_later_and_in_order(connect):
    world = await connect(passive_reply_s=0)
    world.dialogue.says = (Say("第一句。"), Say("第二句。"))
    world.platform.misstep("message/custom/send", Misstep(errcode=-1), Misstep(errcode=45011))
    await world.post(*world.request())
    await world.channel._turns.finish()
    await deliver_everything(world)
    await deliver_everything(world)
    assert [seen.text for seen in world.platform.seen[world.openid]] == ["第一句。", "第二句。"]


async def test_a_message_whose_fate_is_not_known_is_sent_once_more_and_marked_as_perhaps_doubled(connect):
    world = await connect(passive_reply_s=0)
    world.platform.misstep("message/custom/send", Misstep(lost="after"))
    await world.post(*world.request())
    await world.channel._turns.finish()
    await deliver_everything(world)
    assert [seen.text for seen in world.platform.seen[world.openid]] == ["您好，请说。"] * 2
    fingerprint = external_hmac(world.store.crypto, ACCOUNT, world.openid)

    def load(tx):
        return conversations.messages(tx, conversations.load(tx, ACCOUNT, fingerprint, None).conversation.id)

    answer = (await world.store.read(load))[-1]
    assert (answer.delivery, answer.delivery_reason) == ("unknown", "perhaps_twice")


async def test_a_picture_is_stored_with_the_message_and_fetched_after(connect):
    world = await connect()
    media_id = world.platform.keep(PNG, "image/png")
    await world.platform.message("main", world.openid, MsgType="image", PicUrl="http://x", MediaId=media_id)
    world.platform.misstep("media/get", Misstep(errcode=-1))
    for _ in range(2):
        await world.media.fetch_due()
        world.clock.advance(60)
    fingerprint = external_hmac(world.store.crypto, ACCOUNT, world.openid)

    def load(tx):
        return conversations.messages(tx, conversations.load(tx, ACCOUNT, fingerprint, None).conversation.id)

    picture = (await world.store.read(load))[0]
    (attachment,) = picture.payload["attachments"]
    assert (attachment["media_type"], attachment["size"]) == ("image/png", len(PNG))
    assert await world.blobs.get(attachment["blob_id"]) == PNG


async def test_refused_pushes_leave_no_trace_in_the_store(connect):
    world = await connect()
    query, body = world.request()
    for bad in (query | {"msg_signature": "0" * 40}, query | {"timestamp": "1"}, {}):
        status, _ = await world.post(bad, body)
        assert 400 <= status < 500
    assert await stored(world) == []
