"""What the platform does that a callback written from the first page of its documentation would get wrong."""

import asyncio

import pytest

from bot.channels.wechat.fake import HeldTimer, Misstep
from bot.channels.wechat.fake.deliveries import Deliveries


@pytest.fixture
def patient(world):
    """The platform with patience that a test lets run out."""
    timer = HeldTimer()
    world.platform.deliveries = Deliveries(
        world.session, world.clock, world.platform.script, patience_s=5.0, sleep=timer.sleep, pause_after=None
    )
    return world, timer


async def test_a_delivery_that_overlaps_the_first_gets_the_same_answer_and_the_customer_sees_one(patient):
    world, timer = patient
    world.intake.gate = asyncio.Event()
    push = asyncio.ensure_future(
        world.platform.deliver("main", world.openid, {"MsgType": "text", "Content": "你好", "MsgId": 3}, overlapping=True)
    )
    await world.intake.called(1)
    await timer.sleeping()
    timer.advance(5)
    while world.channel.seen["text"] < 2:  # noqa: ASYNC110 -- the second joins the first before intake, so nothing rings
        await asyncio.sleep(0)
    world.intake.gate.set()
    assert (await push).answered
    assert world.seen() == [("passive", "您好，请问有什么可以帮您？")]
    assert world.intake.calls == 1


async def test_four_deliveries_whose_answers_got_lost_are_one_message(world):
    """The documentation says three; operators have seen one more."""
    fields = {"MsgType": "text", "Content": "你好", "MsgId": 4}
    world.platform.misstep("callback/main", *[Misstep(lost="after")] * 3)
    first = await world.platform.deliver("main", world.openid, fields)
    assert (first.answered, first.deliveries) == (False, 3)
    again = await world.platform.deliver("main", world.openid, fields)
    assert again.answered
    assert len(world.intake.messages) == 1
    assert again.shown.text == "您好，请问有什么可以帮您？"


async def test_a_redelivery_may_be_signed_anew_or_be_the_same_to_the_byte(world):
    query, body = world.request()
    answers = [await world.post(query, body), await world.post(query, body), await world.post(*world.request(nonce="77"))]
    assert [status for status, _ in answers] == [200] * 3
    assert "success" not in {text for _, text in answers}
    assert len(world.intake.messages) == 1


async def test_a_message_nested_thousands_deep_reaches_neither_the_log_nor_the_store(plain):
    """Such a value parses, and its ``repr`` or JSON would raise."""
    deep = "<a>" * 380 + "</a>" * 380
    xml = plain.xml(MsgType="from_the_future").replace("</xml>", f"<Deep>{deep}</Deep></xml>")
    assert await plain.post(*plain.request(xml)) == (200, "success")
    assert plain.intake.messages == []


@pytest.mark.parametrize("number", [23456789012345678, "9f86d081884c7d65_1763870400", "x" * 44])
async def test_ids_of_any_form_are_told_apart_as_they_are(world, number):
    for given in (number, number, f"{number}0"):
        await world.say("你好", MsgId=given)
    assert [inbound.message_id for inbound in world.intake.messages] == [str(number), f"{number}0"]


async def test_the_answer_carries_the_nonce_of_its_own_delivery(world):
    """Each delivery has another nonce, and an answer with the first one's would be a fault."""
    for nonce in ("1", "2"):
        query, body = world.request(nonce=nonce)
        _, answer = await world.post(query, body)
        assert f"<Nonce><![CDATA[{nonce}]]></Nonce>" in answer
