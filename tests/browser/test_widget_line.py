"""The chat behind a proxy that lets no WebSocket through."""

import asyncio
from contextlib import suppress

import pytest
from browser.test_widget import bubbles, login, said, say
from playwright.async_api import expect
from widget.speaking import agent_says

from config.labels import Holder, Role
from store import agents, queue
from store.model import Agent


async def test_customer_and_agent_talk_where_no_socket_gets_through(phone, chat_service):
    chat_service.intake.holder_after = lambda text: Holder.QUEUED if text == "转人工" else None
    store, clock, bell = chat_service.store, chat_service.clock, chat_service.bell
    await store.write(
        lambda tx: agents.create(tx, Agent("a1", "wang", "小王", Role.AGENT, None, True, 5, "online"), "-", clock.now())
    )
    page = await phone.page(f"{chat_service.old_line.url}/widget/")
    await say(page, "卡被吞了")
    await expect(said(page, "bot", "收到：卡被吞了")).to_be_visible()
    assert chat_service.old_line.refused == 2
    await say(page, "转人工")
    await expect(page.get_by_role("status")).to_contain_text("第一位")
    conversation = (await store.read(queue.entries))[0].conversation_id
    await store.write(lambda tx: queue.claim(tx, conversation, "a1", clock.now()))
    appended = await agent_says(store, clock, conversation, "您好，我来帮您")
    bell.ring(conversation, appended.seq)
    await expect(said(page, "agent", "您好，我来帮您")).to_be_visible()
    await say(page, "谢谢")
    await expect(said(page, "customer", "谢谢")).to_be_visible()
    assert chat_service.intake.received[-1].text == "谢谢"


async def test_page_remembers_for_the_visit_that_no_socket_gets_through(phone, chat_service):
    page = await phone.page(f"{chat_service.old_line.url}/widget/")
    await say(page, "你好")
    await expect(said(page, "bot", "收到：你好")).to_be_visible()
    refused = chat_service.old_line.refused
    await page.reload()
    await expect(said(page, "bot", "收到：你好")).to_be_visible()
    await say(page, "还在")
    await expect(said(page, "bot", "收到：还在")).to_be_visible()
    assert chat_service.old_line.refused == refused


async def test_page_goes_back_to_a_socket_when_one_gets_through_by_now(phone, chat_service):
    page = await phone.context.new_page()
    await page.clock.install()
    await page.goto(f"{chat_service.old_line.url}/widget/")
    await page.clock.run_for(5_000)
    await say(page, "你好")
    await expect(said(page, "bot", "收到：你好")).to_be_visible()
    chat_service.old_line.lets_upgrades_through()
    welcome = asyncio.Event()
    page.on("websocket", lambda socket: socket.on("framereceived", lambda _text: welcome.set()))
    for _ in range(20):  # the page's clock runs on in steps: what a step set going on the network has time to come back
        await page.clock.run_for(60_000)
        with suppress(TimeoutError):
            await asyncio.wait_for(welcome.wait(), 1)
            break
    assert welcome.is_set()
    await say(page, "换回来了")
    await expect(said(page, "bot", "收到：换回来了")).to_be_visible()
    assert await bubbles(page, "customer") == ["你好", "换回来了"]


async def test_lines_cut_again_and_again_lose_double_and_misorder_nothing(phone, desk, chat_service):
    """Two devices of one customer, one on requests and one on a socket, whose lines are cut in turn."""
    token = login()
    lines = (chat_service.old_line, chat_service.line)
    pages = (
        await phone.page(f"{lines[0].url}/widget/#token={token}"),
        await desk.page(f"{lines[1].url}/widget/#token={token}"),
    )
    for page in pages:
        await expect(page.get_by_role("status")).to_have_count(0)
    for n in range(12):
        page, line = pages[n % 2], lines[n % 2]
        if n % 3 == 1:
            line.cut()
        await say(page, f"第{n}句。")
        line.mend()
        await expect(said(page, "bot", f"收到：第{n}句。")).to_be_visible()
    expected = [f"第{n}句。" for n in range(12)]
    for page in pages:
        await expect(said(page, "bot", "收到：第11句。")).to_be_visible()
        assert await bubbles(page, "customer") == expected
        assert await bubbles(page, "bot") == [f"收到：{text}" for text in expected]
    assert [message.text for message in chat_service.intake.received] == expected


async def test_acknowledgement_lost_on_a_request_does_not_double_the_message(phone, chat_service):
    line = chat_service.old_line
    page = await phone.page(f"{line.url}/widget/")
    await say(page, "先说一句")
    await expect(said(page, "bot", "收到：先说一句")).to_be_visible()
    take = chat_service.intake._receive

    async def take_and_cut(inbound):
        receipt = await take(inbound)
        line.cut()
        return receipt

    chat_service.intake._receive = take_and_cut
    await say(page, "只有一次")
    await expect(page.get_by_role("status")).to_contain_text("正在重新连接")
    chat_service.intake._receive = take
    line.mend()
    await expect(said(page, "bot", "收到：只有一次")).to_be_visible()
    await expect(page.locator("li.customer time").filter(has_text="发送中")).to_have_count(0)
    assert await bubbles(page, "customer") == ["先说一句", "只有一次"]
    assert len(chat_service.intake.received) == 2


@pytest.mark.parametrize("code", [1008, 1011])
async def test_socket_that_a_proxy_closes_at_once_is_given_up(phone, chat_service, code):
    await phone.context.route_web_socket("**/widget/socket", lambda socket: socket.close(code=code))
    page = await phone.page(f"{chat_service.url}/widget/")
    await say(page, "你好")
    await expect(said(page, "bot", "收到：你好")).to_be_visible()
