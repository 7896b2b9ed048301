"""What a customer wrote and what is not yet with us: kept over a reload, sent once, and never shown to whoever comes after."""

import pytest
from browser.test_widget import bubbles, field, login, newest, said, say, taken_and_cut_off
from playwright.async_api import expect


async def offline(page, service) -> None:
    """The line is cut, and so is every one that the page opens."""
    service.line.cut()
    await expect(page.get_by_role("status")).to_contain_text("正在重新连接")


async def test_what_was_written_offline_is_sent_after_a_reload_once_and_in_order(phone, chat_service):
    page = await phone.page(f"{chat_service.line.url}/widget/")
    await say(page, "第一句")
    await expect(said(page, "bot", "收到：第一句")).to_be_visible()
    await offline(page, chat_service)
    await say(page, "第二句")
    await say(page, "第三句")
    await field(page).fill("还没写完")
    chat_service.line.mend()
    await page.reload()
    await expect(said(page, "bot", "收到：第三句")).to_be_visible()
    await expect(field(page)).to_have_value("还没写完")
    assert await bubbles(page, "customer") == ["第一句", "第二句", "第三句"]
    assert [message.text for message in chat_service.intake.received] == ["第一句", "第二句", "第三句"]
    await page.reload()
    await expect(said(page, "bot", "收到：第三句")).to_be_visible()
    assert len(chat_service.intake.received) == 3


async def test_a_message_whose_acknowledgement_was_lost_with_the_page_is_not_doubled(phone, chat_service):
    page = await phone.page(f"{chat_service.line.url}/widget/")
    await expect(field(page)).to_be_visible()
    async with taken_and_cut_off(page, chat_service):
        await say(page, "只有一次")
    chat_service.line.mend()
    await page.reload()
    await expect(said(page, "bot", "收到：只有一次")).to_be_visible()
    await expect(page.get_by_text("发送中")).to_have_count(0)
    assert await bubbles(page, "customer") == ["只有一次"]
    assert len(chat_service.intake.received) == 1


async def embedded(device, service, then: str):
    page = await device.page(f"{service.site}/")
    await page.evaluate(then)
    await page.evaluate("huiyin('open')")
    frame = page.frame_locator("iframe")
    await expect(field(frame)).to_be_visible()
    return page, frame


@pytest.mark.parametrize(
    ("then", "is_kept"),
    [
        ("token => huiyin('setUser', { token })", True),  # the same customer with a new token
        ("() => huiyin('setUser', null)", False),
        ("() => huiyin('reset')", False),
        ("(_, other) => huiyin('setUser', { token: window.other })", False),
    ],
    ids=["same", "nobody", "reset", "other"],
)
async def test_unsent_words_and_draft_stay_with_the_customer_who_wrote_them(desk, chat_service, then, is_kept):
    page, frame = await embedded(desk, chat_service, f"huiyin('setUser', {{ token: '{login('c-1')}' }})")
    await say(frame, "你好")
    await expect(said(frame, "bot", "收到：你好")).to_be_visible()

    async def hold(_inbound):
        raise ConnectionError  # the line breaks before anything is taken

    take, chat_service.intake._receive = chat_service.intake._receive, hold
    await say(frame, "我的秘密")
    await field(frame).fill("没写完的")
    await expect(frame.get_by_role("status")).to_contain_text("正在重新连接")
    await page.evaluate(f"window.other = '{login('c-2')}'")
    await page.evaluate(then, login("c-1") + "")
    chat_service.intake._receive = take
    if is_kept:
        await expect(said(frame, "bot", "收到：我的秘密")).to_be_visible()
        await expect(field(frame)).to_have_value("没写完的")
        return
    await expect(field(frame)).to_have_value("")
    await expect(frame.locator("li.customer")).to_have_count(0)
    await say(frame, "换了一个人")
    await expect(said(frame, "bot", "收到：换了一个人")).to_be_visible()
    assert [message.text for message in chat_service.intake.received] == ["你好", "换了一个人"]
    assert await frame.locator("body").evaluate("() => sessionStorage.getItem('huiyin.unsent')") is None


async def test_a_customer_who_is_signed_in_late_after_a_reload_finds_their_unsent_words(desk, chat_service):
    token = login("c-1")
    page, frame = await embedded(desk, chat_service, f"huiyin('setUser', {{ token: '{token}' }})")
    await field(frame).fill("没写完的")
    await page.reload()
    page_again, frame = page, page.frame_locator("iframe")
    await page_again.evaluate("huiyin('open')")
    await expect(field(frame)).to_have_value("")  # nobody is signed in yet
    await page_again.evaluate(f"huiyin('setUser', {{ token: '{token}' }})")
    await expect(field(frame)).to_have_value("没写完的")


async def test_signing_out_before_the_chat_was_loaded_forgets_the_visitor_all_the_same(desk, chat_service):
    page, frame = await embedded(desk, chat_service, "1")
    await say(frame, "前一位客户说的话")
    await expect(said(frame, "bot", "收到：前一位客户说的话")).to_be_visible()
    held = await newest(chat_service.store)
    await page.route("**/widget/?*", lambda route: route.abort())  # the frame does not come while this page is open
    await page.reload()
    await page.evaluate("huiyin('reset')")
    await page.unroute("**/widget/?*")
    page, frame = await embedded(desk, chat_service, "1")
    await say(frame, "后一位")
    await expect(said(frame, "bot", "收到：后一位")).to_be_visible()
    await expect(said(frame, "customer", "前一位客户说的话")).to_have_count(0)
    assert await newest(chat_service.store) != held
    desk.errors.clear()
