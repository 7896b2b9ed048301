"""The hosted feedback form in a real browser: filled in, checked, numbered; with files, a branch, a bad network."""

import re

import pytest
from browser.test_journey import picture
from playwright.async_api import expect

from store import tickets

CHINESE = r"[\u4e00-\u9fff]+"


async def all_tickets(app):
    return await app.service.store.read(tickets.search)


async def fill_in(page) -> None:
    await page.locator("label", has_text="投诉").click()
    await page.get_by_label("和哪项业务有关").select_option(label="网点服务")
    await page.get_by_label("请说说具体情况").fill("柜员态度差，让我等了两个小时")
    await page.get_by_label("手机号").fill("138 1234 5678")


async def test_a_complaint_is_written_checked_and_numbered(small_phone, running_app):
    page = await small_phone.page(f"{running_app.url}/feedback/")
    await fill_in(page)
    await page.locator("input[type=file]").set_input_files(picture())
    await expect(page.get_by_role("listitem").get_by_text("receipt.png")).to_be_visible()
    await page.get_by_role("button", name="下一步：核对").click()
    await expect(page.get_by_role("heading", name="请核对您要提交的内容")).to_be_focused()
    await expect(page.get_by_text("柜员态度差，让我等了两个小时")).to_be_visible()
    await page.get_by_role("button", name="内容无误，提交").click()
    await expect(page.get_by_role("heading", name="已经收到")).to_be_focused()
    (filed,) = await all_tickets(running_app)
    await expect(page.get_by_text(filed.no, exact=True)).to_be_visible()
    assert (filed.contact_phone, filed.product, len(filed.record["attachments"])) == ("13812345678", "branch_service", 1)
    await page.get_by_role("link", name="查看进度、补充说明").click()
    await expect(page.get_by_text("待处理")).to_be_visible()


async def test_what_is_missing_is_said_and_the_field_is_at_hand(phone, running_app):
    page = await phone.page(f"{running_app.url}/feedback/")
    await page.get_by_role("button", name="下一步：核对").click()
    kinds = page.get_by_role("group", name="您想反馈什么")
    await expect(kinds.get_by_role("alert")).to_have_text("请选择反馈类型。")
    await expect(kinds.get_by_role("radio").first).to_be_focused()
    await expect(kinds).to_be_in_viewport()
    await page.locator("label", has_text="建议").click()
    await page.get_by_role("button", name="下一步：核对").click()
    await expect(page.get_by_label("请说说具体情况")).to_be_focused()


async def test_a_branchs_code_opens_the_form_with_the_branch_known(phone, running_app):
    page = await phone.page(f"{running_app.url}/feedback/?branch=朝阳支行")
    await expect(page.get_by_text("朝阳支行")).to_be_visible()
    await fill_in(page)
    await page.get_by_role("button", name="下一步：核对").click()
    await page.get_by_role("button", name="内容无误，提交").click()
    await expect(page.get_by_role("heading", name="已经收到")).to_be_visible()
    (filed,) = await all_tickets(running_app)
    assert (filed.channel, filed.record["branch"]) == ("branch_qr", "朝阳支行")


@pytest.mark.parametrize("said", ["热线已改为 400-123 4567", "请到evil.example办理", "加微信 wx@evil", "长" * 51])
async def test_a_link_cannot_put_a_number_or_an_address_onto_the_banks_page(phone, running_app, said):
    page = await phone.page(f"{running_app.url}/feedback/?branch={said}")
    await expect(page.get_by_label("请说说具体情况")).to_be_visible()
    await expect(page.get_by_text(said)).to_have_count(0)


async def test_what_was_written_survives_a_reload_and_a_failed_network(phone, running_app):
    page = await phone.page(f"{running_app.url}/feedback/")
    await fill_in(page)
    await page.reload()
    await expect(page.get_by_label("请说说具体情况")).to_have_value("柜员态度差，让我等了两个小时")
    await page.get_by_role("button", name="下一步：核对").click()
    await page.context.set_offline(True)
    await page.get_by_role("button", name="内容无误，提交").click()
    await expect(page.get_by_text("没有提交成功")).to_be_visible()
    await page.context.set_offline(False)
    await page.get_by_role("button", name="内容无误，提交").click()
    await expect(page.get_by_role("heading", name="已经收到")).to_be_visible()
    assert len(await all_tickets(running_app)) == 1


async def chinese_in(page) -> list[str]:
    """Chinese words on the page, but for the way to the Chinese one."""
    text = await page.locator("main").inner_text()
    return [found for found in re.findall(CHINESE, text) if found != "中文"]


async def test_english_form_receipt_and_page_of_the_ticket_have_no_chinese_in_them(phone, running_app):
    page = await phone.page(f"{running_app.url}/feedback/?locale=en")
    await page.locator("label", has_text="Complaint").click()
    await page.get_by_label("What is it about").select_option(label="Service at a branch")
    await page.get_by_label("Please tell us more").fill("Two hours in the queue")
    assert await chinese_in(page) == []
    await page.get_by_role("button", name="Next: check").click()
    await expect(page.get_by_role("heading", name="Please check what you are about to send")).to_be_focused()
    assert await chinese_in(page) == []
    await page.get_by_role("button", name="All correct, send").click()
    await expect(page.get_by_text("We have received and recorded your complaint")).to_be_visible()
    assert await chinese_in(page) == []
    await page.get_by_role("link", name="See progress, add something").click()
    await expect(page.locator("header").get_by_text("Pending")).to_be_visible()
    await page.get_by_label("Add something").fill("The manager saw it")
    await page.get_by_role("button", name="Add", exact=True).click()
    await expect(page.get_by_role("listitem").get_by_text("You added something")).to_be_visible()
    assert await chinese_in(page) == []
    await page.get_by_role("button", name="Withdraw").click()
    await page.get_by_role("button", name="Withdraw", exact=True).click()
    await expect(page.locator("header").get_by_text("Withdrawn")).to_be_visible()
    assert await chinese_in(page) == []
    (filed,) = await all_tickets(running_app)
    assert (filed.kind, filed.product) == ("complaint", "branch_service")


async def test_the_language_is_changed_on_the_page_and_what_was_written_is_kept(small_phone, running_app):
    page = await small_phone.page(f"{running_app.url}/feedback/?branch=朝阳支行&size=large")
    await page.get_by_label("请说说具体情况").fill("等了两个小时")
    await page.get_by_role("link", name="English").click()
    await expect(page.get_by_label("Please tell us more")).to_have_value("等了两个小时")
    await expect(page.get_by_text("朝阳支行")).to_be_visible()
    await expect(page.locator("html")).to_have_attribute("lang", "en")
    await page.get_by_role("link", name="中文").click()
    await expect(page.get_by_label("请说说具体情况")).to_have_value("等了两个小时")


async def test_a_customer_in_another_time_zone_is_told_whose_time_is_meant(browser, running_app):
    context = await browser.new_context(locale="zh-CN", timezone_id="Europe/London")
    page = await context.new_page()
    await page.goto(f"{running_app.url}/feedback/")
    await fill_in(page)
    await expect(page.get_by_label("发生时间")).to_have_accessible_description("请填北京时间")
    await page.get_by_label("发生时间").fill("2026-11-20T09:30")
    await page.get_by_role("button", name="下一步：核对").click()
    await page.get_by_role("button", name="内容无误，提交").click()
    await page.get_by_role("link", name="查看进度、补充说明").click()
    await expect(page.locator("dl")).to_contain_text("（北京时间）")
    (filed,) = await all_tickets(running_app)
    assert filed.record["occurred_at"].startswith("2026-11-20T09:30:00+08:00")
    await context.close()


async def test_large_letters_are_chosen_once_for_form_and_ticket(small_phone, running_app):
    page = await small_phone.page(f"{running_app.url}/feedback/")
    await page.get_by_role("button", name="大字").click()
    await fill_in(page)
    assert await page.evaluate("parseFloat(getComputedStyle(document.body).fontSize)") >= 20
    await page.get_by_role("button", name="下一步：核对").click()
    await page.get_by_role("button", name="内容无误，提交").click()
    await page.get_by_role("link", name="查看进度、补充说明").click()
    await expect(page.get_by_role("button", name="大字")).to_have_attribute("aria-pressed", "true")
    await expect(page.get_by_text("待处理")).to_be_visible()
    await page.get_by_role("button", name="大字").click()
    assert await page.evaluate("parseFloat(getComputedStyle(document.body).fontSize)") < 20
