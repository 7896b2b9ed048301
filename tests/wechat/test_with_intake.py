"""The whole way in and out with the real intake, store and delivery: once and in order, whatever the network does."""

import asyncio
from types import SimpleNamespace

import pytest

from bot.channels.wechat.fake import Misstep
from bot.delivery import Delivery
from bot.effects import Say
from bot.intake import Intake
from bot.intake.facts import FactSource
from bot.media import MediaFetcher
from bot.message import Button
from bot.second_opinion import SecondOpinion
from config.catalogue import Catalogue
from config.labels import Audience, Speaker
from handoff.tickets.clocks import Clocks
from intents.understander import Understander
from store import conversations
from store.bell import Bell
from store.blobs import Blobs
from store.customers import external_hmac
from store.numbers import TicketNumbers

PNG = b"\x89PNG\r\n\x1a\n" + bytes(100)
ACCOUNT = "official:main"


class EchoDialogue:
    """Answers everything with what it was told to; can be made to wait by way of the facts."""

    def __init__(self) -> None:
        self.says: tuple[Say, ...] = (Say("您好，请说。"),)
        self.turns = 0

    def expecting(self, state):
        return None

    def ticket_query(self, state, u):
        return None

    def respond(self, state, inbound, u, facts):
        self.turns += 1
        return SimpleNamespace(state=state, effects=self.says)


class SlowFacts:
    """The real facts, held back until a gate opens: the place where a turn spends its time."""

    def __init__(self, facts: FactSource) -> None:
        self._facts = facts
        self.gate: asyncio.Event | None = None
        self.reached = asyncio.Event()

    async def for_turn(self, *args, **kwargs):
        self.reached.set()
        if self.gate is not None:
            await self.gate.wait()
        return await self._facts.for_turn(*args, **kwargs)

    def use_up_number(self, now):
        self._facts.use_up_number(now)


@pytest.fixture(scope="module")
def understander(tmp_path_factory):
    return Understander.load(cache_dir=tmp_path_factory.mktemp("words"))


@pytest.fixture
async def connect(make_world, store, understander, tmp_path):
    """A world whose service has the real parts behind its callback."""

    async def make(**wechat):
        world = await make_world(**wechat)
        catalogue, bell = Catalogue(), Bell()
        clocks = Clocks.load(world.settings.desk.opening_hours, open_every_day=True)
        world.dialogue = EchoDialogue()
        world.facts = SlowFacts(FactSource(world.settings, store, bell, TicketNumbers(store), clocks, catalogue))
        world.store = store
        world.delivery = Delivery(store, bell, world.clock)
        world.delivery.register("official", world.channel)
        world.blobs = Blobs(tmp_path / "blobs", store.crypto)
        world.media = MediaFetcher(store, world.blobs, bell, world.clock)
        world.media.register("official", world.channel)
        world.channel._delivery = world.delivery
        world.channel._intake = Intake(
            settings=world.settings,
            store=store,
            bell=bell,
            clock=world.clock,
            understander=SecondOpinion(understander, None, deadline_s=0),
            dialogue=world.dialogue,
            facts=world.facts,
            clocks=clocks,
        )
        return world

    return make


async def stored(world) -> list[tuple[Speaker, str]]:
    fingerprint = external_hmac(world.store.crypto, ACCOUNT, world.openid)

    def load(tx):
        found = conversations.load(tx, ACCOUNT, fingerprint, None).conversation
        return conversations.messages(tx, found.id, audience=Audience.ALL) if found else ()

    return [(message.speaker, message.text) for message in await world.store.read(load)]


async def deliver_everything(world) -> None:
    """Let every lease and back-off run out and send what is left, as the loops would."""
    await world.requests.all_done()
    await world.channel.settled()
    for _ in range(4):
        world.clock.advance(61)
        await world.delivery.deliver_due()


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
    query, body = world.request()
    assert await world.post(query, body) == (200, "success")
    assert await world.post(*world.request(nonce="2")) == (200, "success")
    await world.facts.reached.wait()
    world.facts.gate.set()
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
