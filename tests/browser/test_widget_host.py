"""The chat over somebody else's page: keys, the phone's way back, the keyboard, the title, events, and browsers that store nothing."""

import pytest
from browser.conftest import DESK, PHONE
from browser.test_widget import field, newest, said, say
from browser.test_widget_states import AT_END, comes_true
from playwright.async_api import expect
from widget.speaking import agent_says

NO_STORAGE = """for (const name of ["localStorage", "sessionStorage"])
    Object.defineProperty(window, name, { get() { throw new DOMException("denied", "SecurityError"); } });"""
HEARD = """window.heard = [];
    for (const name of ["ready", "open", "close", "unread", "login-over"])
      addEventListener(`huiyin:${name}`, ({ detail }) => heard.push([name, detail ?? null]));"""


async def opened(page):
    await page.get_by_role("button", name="在线客服", exact=True).click()
    frame = page.frame_locator("iframe")
    await expect(field(frame)).to_be_visible()
    return frame


async def test_the_chat_is_opened_used_and_closed_by_keys_alone(desk, chat_service):
    page = await desk.page(f"{chat_service.site}/")
    launcher = page.get_by_role("button", name="在线客服", exact=True)
    await expect(launcher).to_be_visible()
    await page.keyboard.press("Tab")
    await expect(launcher).to_be_focused()
    await page.keyboard.press("Enter")
    frame = page.frame_locator("iframe")
    await expect(field(frame)).to_be_focused()
    await page.keyboard.type("卡被吞了")
    await page.keyboard.press("Enter")
    await expect(said(frame, "bot", "收到：卡被吞了")).to_be_visible()
    await frame.get_by_role("navigation").get_by_role("button", name="帮助中心").press("Enter")
    choices = frame.get_by_role("region", name="帮助中心")
    await expect(choices).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(choices).to_have_count(0)
    await page.keyboard.press("Escape")
    await expect(page.locator("iframe")).to_be_hidden()
    await expect(launcher).to_be_focused()


async def test_the_phones_way_back_closes_the_chat_and_the_page_below_stays(phone, chat_service):
    page = await phone.page(f"{chat_service.site}/?first")
    await page.goto(f"{chat_service.site}/?second")
    await page.evaluate("history.replaceState({ router: 7 }, '')")
    await opened(page)
    assert await page.evaluate("[history.state.router, getComputedStyle(document.documentElement).overflow]") == [7, "hidden"]
    await page.go_back()
    await expect(page.locator("iframe")).to_be_hidden()
    assert page.url.endswith("?second")
    assert await page.evaluate("[history.state, getComputedStyle(document.documentElement).overflow]") == [
        {"router": 7},
        "visible",
    ]
    frame = await opened(page)
    await frame.get_by_role("button", name="收起").click()  # closed by its own button nothing is left in the history
    await expect(page.locator("iframe")).to_be_hidden()
    await page.wait_for_function("!history.state?.huiyinChat")
    await page.go_back()
    await page.wait_for_url("**/?first")


async def test_a_reload_below_the_open_chat_opens_it_again(phone, chat_service):
    page = await phone.page(f"{chat_service.site}/")
    frame = await opened(page)
    await say(frame, "你好")
    await expect(said(frame, "bot", "收到：你好")).to_be_visible()
    await page.reload()
    await expect(said(frame, "bot", "收到：你好")).to_be_visible()
    await page.go_back()
    await expect(page.locator("iframe")).to_be_hidden()


async def test_on_a_wide_screen_the_history_and_the_page_are_left_alone(desk, chat_service):
    page = await desk.page(f"{chat_service.site}/")
    before = await page.evaluate("history.length")
    await opened(page)
    assert await page.evaluate("[history.length, document.documentElement.style.overflow]") == [before, ""]


async def test_the_chat_stays_above_the_keyboard(phone, chat_service):
    page = await phone.page(f"{chat_service.site}/")
    frame = await opened(page)
    # A keyboard over the lower half, and the page pushed up by it, as iOS does.
    await page.evaluate(
        """() => {
            Object.defineProperties(visualViewport, { height: { value: 420, configurable: true }, offsetTop: { value: 60, configurable: true } });
            visualViewport.dispatchEvent(new Event("resize"));
        }"""
    )
    box = await page.locator("iframe").bounding_box()
    assert (box["y"], box["height"]) == (60, 420)
    assert await field(frame).evaluate("(box) => box.getBoundingClientRect().bottom <= innerHeight")
    await page.evaluate(
        "() => { delete visualViewport.height; delete visualViewport.offsetTop; visualViewport.dispatchEvent(new Event('resize')); }"
    )
    assert (await page.locator("iframe").bounding_box())["height"] == PHONE["viewport"]["height"]


async def test_unread_messages_stand_in_the_title_until_they_are_seen(desk, chat_service):
    page = await desk.page(f"{chat_service.site}/")
    await page.evaluate("document.title = '某某银行'")
    frame = await opened(page)
    await say(frame, "你好")
    await expect(said(frame, "bot", "收到：你好")).to_be_visible()
    await page.evaluate("huiyin('close')")
    conversation = await newest(chat_service.store)
    for text in ("您好", "请稍等"):
        appended = await agent_says(chat_service.store, chat_service.clock, conversation, text)
        chat_service.bell.ring(conversation, appended.seq)
    await expect(page).to_have_title("(2) 某某银行")
    await page.evaluate("document.title = '转账'")  # the page goes elsewhere meanwhile
    await page.evaluate("huiyin('open')")
    await expect(page).to_have_title("转账")


async def test_what_happens_is_told_as_events_of_the_window(desk, chat_service):
    await desk.context.add_init_script(HEARD)
    page = await desk.page(f"{chat_service.site}/")
    await page.evaluate("huiyin('on', 'open', () => heard.push(['on-open', null]))")
    frame = await opened(page)
    await page.evaluate("huiyin('toggle')")
    await expect(page.locator("iframe")).to_be_hidden()
    await page.evaluate("huiyin('setUser', { token: 'no.such.token' })")
    await page.wait_for_function("heard.some(([name]) => name === 'login-over')")
    heard = await page.evaluate("heard.map(([name]) => name)")
    assert [name for name in heard if name != "unread"] == ["ready", "on-open", "open", "close", "login-over"]
    assert await frame.locator("body").count() == 1


@pytest.mark.parametrize("screen", [PHONE, DESK], ids=["phone", "desk"])
async def test_where_nothing_may_be_stored_the_chat_works_as_long_as_the_page(contexts, chat_service, screen):
    watched = await contexts(**screen)
    await watched.context.add_init_script(NO_STORAGE)
    page = await watched.page(f"{chat_service.site}/")
    frame = await opened(page)
    await say(frame, "你好")
    await expect(said(frame, "bot", "收到：你好")).to_be_visible()
    await frame.get_by_role("button", name="大字版").click()
    await frame.get_by_role("button", name="收起").click()
    frame = await opened(page)
    await expect(said(frame, "customer", "你好")).to_be_visible()


async def test_a_chat_framed_by_another_site_keeps_its_visitor_over_a_reload(desk, chat_service):
    """Browsers give a frame within another site a storage of its own there; the conversation is found again in it."""
    page = await desk.page(f"{chat_service.other_site}/")
    frame = await opened(page)
    await say(frame, "卡被吞了")
    await expect(said(frame, "bot", "收到：卡被吞了")).to_be_visible()
    await page.reload()
    frame = await opened(page)
    await expect(said(frame, "customer", "卡被吞了")).to_be_visible()
    assert await page.context.cookies() == []


async def test_times_are_the_banks_and_say_so_where_the_clock_is_another(browser, chat_service):
    context = await browser.new_context(locale="zh-CN", timezone_id="America/New_York")
    page = await context.new_page()
    await page.goto(f"{chat_service.url}/widget/")
    await say(page, "你好")
    await expect(page.locator("li.divider")).to_contain_text("今天（北京时间）")
    shown = await page.locator("li.customer time").inner_text()
    in_shanghai = "new Date(document.querySelector('li.customer time').dateTime).toLocaleTimeString('zh-CN', { timeZone: 'Asia/Shanghai', hourCycle: 'h23', hour: '2-digit', minute: '2-digit' })"
    assert shown == await page.evaluate(in_shanghai)
    await context.close()


async def test_the_greeting_is_read_from_its_beginning_and_the_log_follows_what_grows(contexts, chat_service):
    page = await (await contexts(viewport={"width": 360, "height": 400})).page(f"{chat_service.url}/widget/?size=large")
    await expect(page.get_by_role("button", name="意见反馈")).to_be_attached()
    assert await page.evaluate("document.querySelector('.log').scrollTop") == 0
    await say(page, "长" * 300)
    await expect(said(page, "bot", "收到")).to_be_visible()
    await page.evaluate(
        "document.querySelector('.log ul').append(Object.assign(document.createElement('li'), { style: 'height: 200px' }))"
    )
    await comes_true(page, AT_END)


async def test_a_chat_that_cannot_be_reached_can_be_closed_and_tried_again(phone, chat_service):
    page = await phone.page(f"{chat_service.site}/")
    await page.route("**/widget/?locale*", lambda route: route.abort())
    await page.get_by_role("button", name="在线客服", exact=True).click()
    await page.get_by_role("button", name="关闭").click()
    await expect(page.locator("iframe")).to_have_count(0)
    await page.unroute("**/widget/?locale*")
    frame = await opened(page)
    await expect(page.get_by_role("button", name="关闭")).to_be_hidden()
    await say(frame, "你好")
    await expect(said(frame, "bot", "收到：你好")).to_be_visible()
