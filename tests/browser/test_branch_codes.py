"""The codes of branches on the supervisor's page: made, seen, taken home to be printed; on a phone and on a screen."""

from pathlib import Path

import pytest
from browser.at_work import hire, keep_picture, sign_in, violations
from browser.conftest import DESK, SMALL_PHONE
from playwright.async_api import Page, expect

from config.labels import Role


async def supervisors_page(watched, app, query: str = "") -> Page:
    await hire(app, "zhuguan", "陈主管", Role.SUPERVISOR)
    page = await sign_in(watched, app, "zhuguan", query)
    await page.goto(f"{app.url}/desk/{query}#supervisor")
    return page


def drawn(file: Path) -> str:
    return file.read_text("utf-8")


@pytest.mark.parametrize(("screen", "theme"), [(SMALL_PHONE, "light"), (DESK, "dark")], ids=["360x640", "1280x800"])
async def test_a_code_is_made_shown_and_taken_home(contexts, running_app, screen, theme):
    page = await supervisors_page(await contexts(**screen, color_scheme=theme, accept_downloads=True), running_app)
    codes = page.locator("section.codes")
    await expect(codes.get_by_text("还没有生成过二维码")).to_be_visible()
    await codes.get_by_label("网点名称").fill("朝阳支行")
    await codes.get_by_label("有效期").select_option("7")
    await codes.get_by_role("button", name="生成二维码").click()
    await expect(codes.get_by_role("status")).to_have_text("已生成“朝阳支行”的二维码")
    await expect(codes.get_by_label("网点名称")).to_have_value("")
    row = codes.locator("tbody tr")
    await expect(row).to_have_count(1)
    await expect(row).to_contain_text("朝阳支行")
    await expect(row).to_contain_text("陈主管")
    picture = row.get_by_role("img", name="朝阳支行的二维码")
    await picture.scroll_into_view_if_needed()
    await page.wait_for_function("image => image.complete && image.naturalWidth > 0", arg=await picture.element_handle())
    link = row.get_by_role("link", name="http://weixin.qq.com/q/")
    assert await link.get_attribute("rel") == "noreferrer"
    assert await violations(page) == []
    assert await page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    await keep_picture(page, f"codes-{theme}-{screen['viewport']['width']}")
    async with page.expect_download() as downloading:
        await row.get_by_role("link", name="下载朝阳支行的二维码图片").click()
    taken = await downloading.value
    assert taken.suggested_filename == "朝阳支行.svg"
    svg = drawn(await taken.path())
    assert svg.startswith("<svg") and "朝阳支行" in svg


async def test_what_wechat_does_not_take_is_told_and_the_name_is_not_lost(desk, running_app):
    page = await supervisors_page(desk, running_app)
    told = '{"title": "wechat_away", "detail": "暂时连不上微信，请过一会儿再试。"}'

    async def away(route) -> None:
        if route.request.method == "POST":
            await route.fulfill(status=503, content_type="application/problem+json", body=told)
        else:
            await route.continue_()

    await page.route("**/api/v1/wechat/branch-codes", away)
    codes = page.locator("section.codes")
    await codes.get_by_label("网点名称").fill("海淀支行")
    await codes.get_by_role("button", name="生成二维码").click()
    await expect(codes.get_by_role("alert")).to_have_text("暂时连不上微信，请过一会儿再试。")
    await expect(codes.get_by_label("网点名称")).to_have_value("海淀支行")
    await expect(codes.get_by_role("button", name="生成二维码")).to_be_enabled()


async def test_the_codes_are_read_in_english_as_well(desk, running_app):
    page = await supervisors_page(desk, running_app, "?lang=en")
    codes = page.locator("section.codes")
    await expect(codes.get_by_role("heading")).to_have_text("WeChat codes of branches")
    await expect(codes.get_by_role("button", name="Make a code")).to_be_visible()
