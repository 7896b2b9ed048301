"""A teller or hotline agent writes feedback down at the desk and reads it back."""

import pytest
from browser.at_work import hire, keep_picture, sign_in, violations
from browser.conftest import DESK, SMALL_PHONE
from browser.test_widget import picture
from playwright.async_api import Page, expect

from store import tickets


def button(page: Page, name: str):
    return page.get_by_role("button", name=name, exact=True)


async def begin(watched, app, channel: str) -> Page:
    page = await sign_in(watched, app)
    await page.goto(f"{app.url}/desk/#register")
    await page.get_by_label("从哪里来").select_option(label=channel)
    return page


async def filed(app):
    return await app.service.store.read(tickets.search)


@pytest.mark.parametrize("screen", [SMALL_PHONE, DESK], ids=["360x640", "1280x800"])
async def test_call_is_registered_only_after_it_was_read_back_and_confirmed(contexts, screen, running_app):
    await hire(running_app)
    page = await begin(await contexts(**screen), running_app, "热线")
    await page.get_by_label("反馈内容").fill("昨天ATM吞了我的卡")
    await page.get_by_label("诉求").fill("尽快退卡")
    await page.get_by_label("客户姓名").fill("李明")
    await page.get_by_label("联系电话").fill("13812345678")
    await page.get_by_label("答复方式").select_option(label="发短信")
    await page.get_by_label("什么时候发生").fill("2026-11-22T09:30")
    await button(page, "下一步：向客户复述").click()
    aloud = page.locator(".aloud")
    for told in ("投诉", "昨天ATM吞了我的卡", "尽快退卡", "2026-11-22 09:30", "13812345678", "发短信", "对吗"):
        await expect(aloud).to_contain_text(told)
    await expect(button(page, "登记")).to_be_disabled()
    assert await violations(page) == []
    width = screen["viewport"]["width"]
    await keep_picture(page, f"register-readback-{width}")
    await button(page, "返回修改").click()
    await page.get_by_label("诉求").fill("今天退卡")
    await button(page, "下一步：向客户复述").click()
    await expect(aloud).to_contain_text("今天退卡")
    assert await filed(running_app) == ()
    await page.get_by_label("客户听完后明确表示").check()
    await button(page, "登记").click()
    await expect(page.get_by_role("heading", name="已登记")).to_be_focused()
    (ticket,) = await filed(running_app)
    await expect(page.locator(".number")).to_have_text(ticket.no)
    await expect(aloud).to_contain_text(ticket.no)
    assert await violations(page) == []
    assert await page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    await keep_picture(page, f"register-filed-{width}")
    assert (ticket.channel, ticket.record["registered_by"], ticket.record["readback"]["confirmed_by"]) == (
        "hotline",
        "xiaowang",
        "customer",
    )
    await button(page, "再登记一条").click()
    await expect(page.get_by_label("反馈内容")).to_have_value("")


async def test_paper_form_is_registered_with_the_day_it_was_received(desk, running_app):
    await hire(running_app)
    page = await begin(desk, running_app, "纸质意见表")
    await page.get_by_label("反馈内容").fill("大堂的老花镜坏了")
    await page.get_by_label("收到时间").fill("2026-01-05T10:00")
    await button(page, "登记").click()
    await expect(page.get_by_role("heading", name="已登记")).to_be_visible()
    (ticket,) = await filed(running_app)
    assert (ticket.channel, ticket.received_at.isoformat()) == ("paper_form", "2026-01-05T02:00:00+00:00")


async def test_field_that_is_wrong_is_named_beside_it_and_nothing_typed_is_lost(desk, running_app):
    await hire(running_app)
    page = await begin(desk, running_app, "意见箱")
    await page.get_by_label("反馈内容").fill("排队太久")
    await page.get_by_label("联系电话").fill("没有")
    await button(page, "登记").click()
    phone = page.get_by_label("联系电话")
    await expect(phone).to_have_attribute("aria-invalid", "true")
    await expect(page.locator("#fault-phone")).to_contain_text("格式不对")
    await expect(page.get_by_label("反馈内容")).to_have_value("排队太久")
    assert await filed(running_app) == ()
    await page.goto(f"{running_app.url}/desk/#chats")
    await page.goto(f"{running_app.url}/desk/#register")
    await phone.fill("")
    await button(page, "登记").click()
    await expect(page.get_by_role("heading", name="已登记")).to_be_visible()


@pytest.mark.parametrize("screen", [SMALL_PHONE, DESK], ids=["360x640", "1280x800"])
async def test_slip_from_a_suggestion_box_is_registered_with_its_source_and_a_photo(contexts, screen, running_app):
    await hire(running_app)
    page = await begin(await contexts(**screen), running_app, "意见箱")
    await page.get_by_label("来源").fill("朝阳支行大堂意见箱")
    await page.get_by_label("原件照片或扫描件").set_input_files(
        [picture(), {**picture(), "name": "broken.jpg", "buffer": b"no picture"}]
    )
    await expect(page.locator(".scans li")).to_have_count(1)
    await expect(page.locator(".scans").get_by_role("status")).to_contain_text("broken.jpg")
    await page.get_by_label("反馈内容").fill("建议增加老花镜")
    assert await violations(page) == []
    assert await page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    await keep_picture(page, f"register-slip-{screen['viewport']['width']}")
    await button(page, "登记").click()
    await expect(page.get_by_role("heading", name="已登记")).to_be_visible()
    (ticket,) = await filed(running_app)
    assert (ticket.record["source"], len(ticket.record["attachments"])) == ("朝阳支行大堂意见箱", 1)
