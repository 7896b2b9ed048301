"""Whoever waits is told the truth: about how long, and that nobody is there; and is asked how it was, once."""

from datetime import UTC, datetime, timedelta

from desk.at_the_desk import BASE, Bank, held
from desk.test_passing import row
from hypothesis import given
from hypothesis import strategies as st

from config.labels import Audience
from handoff.waiting import LEAST, Pace, pace
from store import conversations, ratings
from store.model import Message
from store.servings import Pickup

NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)


def fetched(minutes_ago: float, waited_s: float, agent: str = "a") -> Pickup:
    began = NOW - timedelta(minutes=minutes_ago)
    return Pickup(agent, began - timedelta(seconds=waited_s), began)


def test_of_too_few_pickups_or_with_nobody_there_nothing_is_foretold():
    some = [fetched(n, 60) for n in range(LEAST)]
    assert pace(some, 1, NOW) is not None
    assert pace(some[1:], 1, NOW) is None
    assert pace(some, 0, NOW) is None
    assert pace([fetched(31 + n, 60) for n in range(9)], 1, NOW) is None


def test_twice_as_many_agents_as_before_make_the_queue_move_twice_as_fast():
    some = [fetched(n, 600) for n in range(10)]
    assert pace(some, 2, NOW).per_minute == 2 * pace(some, 1, NOW).per_minute


@given(st.floats(0, 7200), st.floats(0.01, 100), st.integers(0, 200))
def test_whoever_stands_further_back_is_never_told_less(usual_s, per_minute, ahead):
    moves = Pace(usual_s, per_minute)
    if ahead:
        assert moves.minutes(ahead) <= moves.minutes(ahead + 1)
    assert moves.minutes(ahead) >= 1


async def test_who_waits_while_nobody_is_there_is_told_once_and_can_leave_a_message(bank: Bank, clock):
    desk = await bank.agent("a1")
    await bank.say("u1", "转人工")
    async with desk.session.delete(f"{bank.url}{BASE}/session"):
        pass
    tell = bank.service.desk.unattended.tell
    assert await tell() == 0  # a change of shift takes a moment
    clock.advance(61)
    assert await tell() == 1
    assert await tell() == 0
    assert any("没有人工客服在线" in text for text in await bank.heard("u1"))
    said = await bank.say("u1", "留言")
    assert "登记成工单" in said[0]["text"]


async def test_nobody_is_told_so_while_somebody_is_there(bank: Bank, clock):
    desk = await bank.agent("a1")
    await bank.say("u1", "转人工")
    async with desk.session.ws_connect(f"{bank.url}/desk/socket"):
        for _ in range(8):
            clock.advance(10)
            await bank.service.desk.socket.keep_up()
        assert await bank.service.desk.unattended.tell() == 0


async def ended(bank: Bank, sender: str = "u1") -> str:
    desk = await bank.agent(f"d{sender}")
    conversation_id = await held(bank, desk, sender)
    await desk.post(f"/conversations/{conversation_id}/decline", {"reason": "x"})
    assert (await desk.post(f"/conversations/{conversation_id}/end"))[0] == 200
    return conversation_id


async def told(bank: Bank, conversation_id: str) -> tuple[Message, ...]:
    return await bank.service.store.read(lambda tx: conversations.messages(tx, conversation_id, audience=Audience.ALL))


async def rating(bank: Bank, conversation_id: str) -> ratings.Rating:
    return await bank.service.store.read(lambda tx: ratings.get(tx, ratings.of_conversation(conversation_id)))


async def test_after_a_persons_service_the_customer_is_asked_and_the_answer_is_kept(bank: Bank):
    conversation_id = await ended(bank)
    last = (await told(bank, conversation_id))[-1]
    assert "请为本次人工服务打个分" in last.text
    assert [item["payload"] for item in last.payload["buttons"]] == [f"/rate_{score}" for score in range(1, 6)]
    said = await bank.say("u1", "2")
    assert "哪里做得不好" in said[-1]["text"]
    await bank.say("u1", "等太久了")
    kept = await rating(bank, conversation_id)
    assert (kept.score, kept.comment) == (2, "等太久了")
    said = await bank.say("u1", "5")
    assert (await rating(bank, conversation_id)).score == 2
    assert "谢谢您的评价" not in said[-1]["text"]


async def test_a_desk_that_shows_the_ended_conversation_hears_of_the_answer(bank: Bank):
    conversation_id = await ended(bank)
    boss = await bank.agent("b2")
    async with boss.session.ws_connect(f"{bank.url}/desk/socket") as socket:
        await bank.say("u1", "5")
        while (frame := await socket.receive_json(timeout=5)).get("conversation") != conversation_id:
            pass
    assert frame["type"] == "news"


async def test_who_does_not_answer_is_not_asked_again(bank: Bank):
    conversation_id = await ended(bank)
    await bank.say("u1", "你们几点上班")
    assert sum("打个分" in message.text for message in await told(bank, conversation_id)) == 1
    assert not any("打个分" in text for text in await bank.heard("u1"))
    assert (await rating(bank, conversation_id)).score is None
    asked_again = await bank.service.store.write(
        lambda tx: ratings.ask(tx, ratings.of_conversation(conversation_id), NOW, conversation_id=None, agent_id=None)
    )
    assert asked_again is False


async def test_the_conversation_after_the_answer_is_the_bots_and_the_rated_one_stays_ended(bank: Bank):
    conversation_id = await ended(bank)
    await bank.say("u1", "5")
    boss = await bank.agent("b2")
    assert (await row(boss, "all"))["holder"] == "bot"
    stored = await bank.service.store.read(lambda tx: conversations.get(tx, conversation_id))
    assert stored.holder == "ended"
