"""What one's hands expect: the focus is where one goes on, and what is over is no longer shown."""

import urllib.parse

from browser.at_work import composer, hire, sign_in, take, waits
from browser.conftest import DESK, SMALL_PHONE
from browser.proxy import Proxy
from desk.at_the_desk import PASSWORD
from playwright.async_api import expect

from config.labels import Role


async def test_the_focus_is_where_one_goes_on(contexts, desk, running_app):
    await hire(running_app)
    await hire(running_app, "xiaoli", "小李")
    await sign_in(await contexts(**DESK), running_app, "xiaoli")
    page = await desk.page(f"{running_app.url}/desk/")
    await page.locator("input[name=login]").fill("xiaowang")
    await page.keyboard.press("Tab")
    await page.keyboard.type("wrong-one")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("alert")).to_be_visible()
    await expect(page.locator("input[name=password]")).to_be_focused()
    await page.keyboard.type(PASSWORD)  # at once, without reaching for the mouse
    await page.keyboard.press("Enter")
    await expect(page.locator(".views")).to_be_visible()
    await waits(running_app)
    await take(page)
    await expect(composer(page)).to_be_focused()
    await page.keyboard.press("Alt+t")
    await expect(page.get_by_role("dialog", name="转接").get_by_role("radio", name="小李")).to_be_focused()
    await page.keyboard.press("Escape")
    await page.get_by_role("button", name="核对并提交工单").click()
    await expect(page.locator(".filing").get_by_label("类型")).to_be_focused()


async def test_a_supervisor_who_takes_over_can_write_at_once(contexts, desk, running_app):
    await hire(running_app)
    await hire(running_app, "zhuguan", "陈主管", Role.SUPERVISOR)
    agent = await sign_in(desk, running_app)
    boss = await sign_in(await contexts(**DESK), running_app, "zhuguan")
    await waits(running_app)
    await take(agent)
    await boss.get_by_role("button", name="全部").click()
    await boss.locator(".list .row").click()
    await boss.get_by_role("button", name="接管会话").click()
    await boss.keyboard.type("客户要求主管处理")
    await boss.keyboard.press("Enter")
    await expect(composer(boss)).to_be_focused()


async def test_that_the_service_was_away_is_no_longer_said_when_it_is_back(desk, running_app):
    await hire(running_app)
    async with Proxy(urllib.parse.urlsplit(running_app.url).port) as line:
        page = await desk.page(f"{line.url}/desk/")
        await page.locator("input[name=login]").fill("xiaowang")
        await page.locator("input[name=password]").fill(PASSWORD)
        await page.keyboard.press("Enter")
        await expect(page.locator(".views")).to_be_visible()
        await waits(running_app)
        await take(page)
        line.cut()
        await composer(page).fill("您好，我在")
        await composer(page).press("Enter")
        await expect(page.get_by_text("网络不通，请检查后重试")).to_be_visible()
        await expect(page.get_by_text("连接断开，正在重连")).to_be_visible()
        await expect(composer(page)).to_have_value("您好，我在")
        line.mend()
        await expect(page.get_by_text("连接断开，正在重连")).to_have_count(0)
        await expect(page.get_by_text("网络不通，请检查后重试")).to_have_count(0)
        await composer(page).press("Enter")
        await expect(page.locator("li.agent .bubble")).to_have_text(["您好，我在"])


async def test_the_way_back_from_the_record_lies_over_what_is_scrolled_under_it(contexts, running_app):
    await hire(running_app)
    page = await sign_in(await contexts(**SMALL_PHONE), running_app)
    await waits(running_app)
    await take(page)
    await page.get_by_role("button", name="客户与记录").click()
    back = page.get_by_role("button", name="返回会话")
    assert await back.evaluate("button => getComputedStyle(button).backgroundColor") != "rgba(0, 0, 0, 0)"
    await back.click()
    await expect(composer(page)).to_be_visible()
