"""Agents who go, willingly or not: their customers wait for somebody else within half a minute, and know why."""

from desk.at_the_desk import BASE, Bank, held
from desk.test_passing import notes, row

from config.queueing import queueing
from config.settings import Desk as DeskSettings
from handoff import socket


async def test_a_lost_line_is_noticed_and_the_customer_waits_again_with_a_note(bank: Bank, clock):
    lost, other = await bank.agent("a1"), await bank.agent("a2")
    conversation_id = await held(bank, lost)
    async with other.session.ws_connect(f"{bank.url}/desk/socket"):
        clock.advance(16)
        await bank.service.desk.socket.keep_up()
        assert await bank.service.desk.absences.sweep() == 1
        assert await other.waiting() == conversation_id
        assert (await row(other))["returned"] == "lost"
        assert any("坐席a1的连接断开" in text for text in await notes(other, conversation_id))
        assert any("换一位同事" in text for text in await bank.heard("u1"))
        assert await bank.service.desk.absences.sweep() == 0


async def test_the_agent_of_before_is_first_when_back_and_after_a_while_anybody_is(bank: Bank, clock):
    lost, other = await bank.agent("a1"), await bank.agent("a2")
    conversation_id = await held(bank, lost)
    clock.advance(16)
    await bank.service.desk.absences.sweep()
    assert (await other.post(f"/conversations/{conversation_id}/claim"))[0] == 409
    assert (await lost.post(f"/conversations/{conversation_id}/claim"))[0] == 200
    clock.advance(16)
    await bank.service.desk.absences.sweep()
    clock.advance(queueing().previous_agent.wait_seconds + 1)
    assert (await other.post(f"/conversations/{conversation_id}/claim"))[0] == 200


async def test_somebody_whose_desk_is_connected_keeps_what_they_hold(bank: Bank, clock):
    desk = await bank.agent("a1")
    await held(bank, desk)
    async with desk.session.ws_connect(f"{bank.url}/desk/socket"):
        for _ in range(5):
            clock.advance(12)
            await bank.service.desk.socket.keep_up()
            assert await bank.service.desk.absences.sweep() == 0
    assert (await row(desk, "mine"))["holder"] == "human"


async def test_signing_out_gives_everything_back_at_once(bank: Bank):
    leaving, other = await bank.agent("a1"), await bank.agent("a2")
    conversation_id = await held(bank, leaving)
    async with leaving.session.delete(f"{bank.url}{BASE}/session") as answer:
        assert answer.status == 204
    assert any("已退出登录" in text for text in await notes(other, conversation_id))
    assert (await other.post(f"/conversations/{conversation_id}/claim"))[0] == 200


def test_the_time_to_notice_a_dead_line_adds_up_to_half_a_minute():
    from bot import app

    notice_dead_line = socket.HEARTBEAT_S * 1.5
    assert notice_dead_line + DeskSettings().presence_timeout_s + app.ABSENCES_EVERY_S <= 30
    assert DeskSettings().presence_timeout_s > socket.KEEP_S * 2
