"""Every page and state of the desk: fits a phone, has no barrier that axe finds, light and dark; long lists stay light."""

import pytest
from browser.at_work import canned, composer, hire, keep_picture, sign_in, take, violations, waits, write
from browser.conftest import DESK, SMALL_PHONE
from making_rows import opened
from playwright.async_api import Page, expect

from config.labels import Role

PAGES = ("register", "settings", "canned", "search", "supervisor", "staff")


async def fits(page: Page) -> bool:
    return await page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("screen", [SMALL_PHONE, DESK], ids=["360x640", "1280x800"])
async def test_every_page_fits_and_has_no_barrier_that_axe_finds(contexts, screen, theme, running_app):
    await hire(running_app, "zhuguan", "陈主管", Role.SUPERVISOR)
    await hire(running_app)
    page = await sign_in(await contexts(**screen, color_scheme=theme), running_app, "zhuguan")
    await waits(running_app)
    await waits(running_app, "visitor-2", "手机银行闪退，登录不上")
    name = f"{screen['viewport']['width']}-{theme}"
    await expect(page.locator(".list .row")).to_have_count(2)
    await page.get_by_role("button", name="筛选").click()
    assert await violations(page) == []
    await keep_picture(page, f"filters-{name}")
    await page.get_by_role("button", name="完成").click()
    await take(page)
    await composer(page).fill("/")
    await expect(canned(page).first).to_be_visible()
    assert await violations(page) == []
    await composer(page).fill("您好")
    await composer(page).press("Enter")
    await expect(page.locator("li.agent .bubble")).to_be_visible()
    await page.get_by_role("button", name="内部备注").click()
    assert await violations(page) == []
    await keep_picture(page, f"conversation-{name}")
    for keys, title in (("Alt+t", "转接"), ("Alt+e", "结束会话"), ("Control+k", "搜索或执行命令")):
        await page.keyboard.press(keys)
        dialog = page.get_by_role("dialog", name=title)
        await expect(dialog.get_by_role("status").filter(has_text="正在加载")).to_have_count(0)
        assert await violations(page) == []
        await keep_picture(page, f"{title}-{name}")
        await page.keyboard.press("Escape")
        await expect(dialog).to_have_count(0)
    for part in PAGES:
        await page.goto(f"{running_app.url}/desk/#{part}{'?q=态度' if part == 'search' else ''}")
        await expect(page.get_by_role("heading", level=2)).to_be_visible()
        await expect(page.get_by_role("status").filter(has_text="正在")).to_have_count(0)
        assert await violations(page) == []
        assert await fits(page)
        last = await page.locator(".bar .menu button").bounding_box()
        assert last["x"] + last["width"] <= screen["viewport"]["width"]
        await keep_picture(page, f"{part}-{name}")


async def test_a_thousand_conversations_are_as_light_as_twenty_and_the_last_one_is_reached(desk, running_app):
    await hire(running_app)
    store = running_app.service.store
    for n in range(1000):
        await opened(store, external_id=f"many-{n}")
    page = await sign_in(desk, running_app)
    await page.get_by_role("button", name="全部").click()
    rows = page.locator(".list .row")
    await expect(page.locator(".list li").first).to_have_attribute("aria-setsize", "100")
    assert await rows.count() < 40
    box = page.locator(".rows")
    for size in (200, 500, 1000):
        while await box.evaluate("box => box.firstElementChild.children[0].getAttribute('aria-setsize') * 1") < size:
            before = await box.evaluate("box => box.scrollHeight")
            await box.evaluate("box => (box.scrollTop = box.scrollHeight)")
            await page.wait_for_function("before => document.querySelector('.rows').scrollHeight > before", arg=before)
    await box.evaluate("box => (box.scrollTop = box.scrollHeight)")
    await expect(page.locator(".list li[aria-posinset='1000']")).to_be_visible()
    assert await rows.count() < 40
    await page.locator(".list li[aria-posinset='1000'] .row").click()
    await expect(page.locator("li.customer")).not_to_have_count(0)


async def test_the_desk_speaks_english_and_turns_dark_when_somebody_says_so(desk, running_app):
    await hire(running_app)
    page = await sign_in(desk, running_app)
    await waits(running_app)
    await page.goto(f"{running_app.url}/desk/#settings")
    await page.get_by_role("radio", name="深色").check()
    assert await page.evaluate("getComputedStyle(document.documentElement).colorScheme") == "dark"
    await page.get_by_role("radio", name="English").check()
    await expect(page.get_by_role("heading", name="Settings")).to_be_visible()
    await page.goto(f"{running_app.url}/desk/#chats")
    await expect(page.get_by_role("button", name="Unassigned")).to_be_visible()
    await expect(page.locator("html")).to_have_attribute("lang", "en")
    await keep_picture(page, "english-dark")


async def test_a_reload_opens_the_same_conversation_and_the_title_counts_who_waits(desk, running_app):
    await hire(running_app)
    page = await sign_in(desk, running_app)
    await waits(running_app)
    await take(page)
    await waits(running_app, "visitor-2")
    await expect(page).to_have_title("(1) 坐席工作台 · 回音")
    await page.reload()
    await expect(composer(page)).to_be_visible()


async def test_an_administrator_adds_somebody_who_can_then_sign_in(contexts, desk, running_app):
    await hire(running_app, "admin", "管理员", Role.ADMINISTRATOR)
    page = await sign_in(desk, running_app, "admin")
    await page.goto(f"{running_app.url}/desk/#staff")
    await page.get_by_role("button", name="添加人员").click()
    await page.get_by_label("姓名").fill("小赵")
    await page.get_by_label("账号", exact=True).fill("xiaozhao")
    await page.get_by_label("密码", exact=True).fill("correct-horse")
    await page.get_by_role("checkbox", name="贷款").check()
    await page.get_by_role("button", name="保存").click()
    await expect(page.get_by_role("row").filter(has_text="小赵")).to_contain_text("贷款")
    other = await sign_in(await contexts(**DESK), running_app, "xiaozhao")
    await expect(other.get_by_label("接待状态")).to_be_visible()


async def test_what_cannot_be_loaded_says_so_and_can_be_tried_again(desk, running_app):
    await hire(running_app)
    page = await sign_in(desk, running_app)
    await write(running_app, "你好")
    await page.route("**/api/v1/desk/conversations?*", lambda route: route.abort())
    await page.get_by_role("button", name="全部").click()
    await expect(page.locator(".list").get_by_role("alert")).to_contain_text("没有加载成功")
    await keep_picture(page, "list-failed")
    await page.unroute("**/api/v1/desk/conversations?*")
    await page.locator(".list").get_by_role("button", name="重试").click()
    await expect(page.locator(".list .row")).to_be_visible()
