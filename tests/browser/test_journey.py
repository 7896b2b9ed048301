"""The whole way in a real browser: a customer complains, corrects, confirms and asks for a person; an agent takes it and answers."""

import pytest
from browser.at_work import hire, picture, sign_in, violations, write
from browser.conftest import DESK, SMALL_PHONE
from playwright.async_api import Page, expect

COMPLAINT = "昨天下午三点在朝阳支行的取款机取钱，机器把我的卡吞了，急死了"


async def say(page: Page, text: str) -> None:
    """Write in the chat and wait for the bot's next words."""
    answers = page.locator("li.bot .bubble")
    before = await answers.count()
    await page.get_by_role("textbox", name="请输入您的问题").fill(text)
    await page.get_by_role("button", name="发送", exact=True).click()
    await expect(answers).not_to_have_count(before)


async def test_a_swallowed_card_from_complaint_to_the_agents_answer(phone, desk, running_app):
    await hire(running_app)
    staff = await sign_in(desk, running_app)
    chat = await phone.page(f"{running_app.url}/widget/")
    await say(chat, COMPLAINT)
    await say(chat, "13812345678")
    await expect(chat.locator("li.bot .bubble").last).to_contain_text("朝阳支行")
    await say(chat, "不对，是前天下午三点")
    await say(chat, "确认")
    told = await chat.locator("li.bot .bubble").filter(has_text="工单号 FB").inner_text()
    number = told.split("工单号 ")[1][:17]
    await say(chat, "转人工")

    row = staff.locator(".list .row")
    await expect(row).to_contain_text(number)
    await row.click()
    for words in (COMPLAINT, "不对，是前天下午三点", "转人工"):
        await expect(staff.locator("li.customer .bubble").filter(has_text=words)).to_be_visible()
    beside = staff.locator("aside.record")
    await expect(beside).to_contain_text(number)
    await expect(beside).to_contain_text("吞卡")
    shown = staff.locator("li.customer .bubble img")
    await chat.locator("input[type=file]").set_input_files(picture())
    await expect(shown).to_have_count(1)
    await staff.get_by_role("button", name="接入", exact=True).click()
    await staff.get_by_role("textbox", name="回复客户").fill("您好，我是小王，卡已经取出来了。")
    await staff.get_by_role("textbox", name="回复客户").press("Enter")
    await expect(chat.locator("li.agent .bubble")).to_contain_text("卡已经取出来了")

    await chat.locator("input[type=file]").set_input_files(picture())
    await expect(shown).to_have_count(2)
    for number in (0, 1):
        assert await shown.nth(number).evaluate("image => image.decode().then(() => image.naturalWidth)") == 320

    await staff.get_by_role("button", name="结束会话").click()
    await staff.locator("form.ask").get_by_role("button", name="结束会话").click()
    await expect(staff.locator(".foot")).to_contain_text("会话已结束")


async def test_a_wechat_user_is_answered_by_the_agent_who_took_the_conversation(contexts, desk, running_app):
    await hire(running_app)
    staff = await sign_in(desk, running_app)
    wechat = await (await contexts(**DESK)).page(f"{running_app.url}/simulator/")
    field, theirs = wechat.get_by_label("输入消息"), wechat.locator(".theirs .bubble")
    await expect(theirs).not_to_have_count(0)
    for words in ("柜员态度太差了，让我等了两个小时", "昨天上午 人民路支行", "给我道歉", "不留电话", "确认", "转人工"):
        before = await theirs.count()
        await field.fill(words)
        await field.press("Enter")
        await expect(theirs).not_to_have_count(before)
    await expect(staff.locator(".list .row")).to_contain_text("微信")
    await staff.locator(".list .row").click()
    await staff.get_by_role("button", name="接入", exact=True).click()
    await staff.get_by_role("textbox", name="回复客户").fill("非常抱歉，我们马上核实。")
    await staff.get_by_role("button", name="发送", exact=True).click()
    await expect(theirs.last).to_contain_text("我们马上核实")


@pytest.mark.parametrize("screen", [SMALL_PHONE, DESK], ids=["360x640", "1280x800"])
async def test_every_page_of_the_desk_fits_and_has_no_barrier_that_axe_finds(contexts, screen, running_app):
    await hire(running_app)
    watched = await contexts(**screen)
    door = await watched.page(f"{running_app.url}/desk/")
    await expect(door.get_by_label("账号")).to_be_visible()
    assert await violations(door) == []
    page = await sign_in(watched, running_app)
    for words in (COMPLAINT, "13812345678", "转人工"):
        await write(running_app, words)
    await expect(page.locator(".list .row")).to_be_visible()
    assert await violations(page) == []
    await page.locator(".list .row").click()
    await expect(page.locator("li.customer").first).to_be_visible()
    await page.get_by_role("button", name="接入", exact=True).click()
    await expect(page.get_by_role("textbox", name="回复客户")).to_be_visible()
    assert await violations(page) == []
    await page.get_by_role("button", name="内部备注").click()
    assert await violations(page) == []
    if screen is SMALL_PHONE:
        await page.get_by_role("button", name="客户与记录").click()
    await page.get_by_role("button", name="核对并提交工单").click()
    await expect(page.get_by_label("问题内容")).to_be_visible()
    assert await violations(page) == []
    assert await page.evaluate("document.documentElement.scrollWidth") == screen["viewport"]["width"]


@pytest.mark.parametrize("screen", [SMALL_PHONE, DESK], ids=["360x640", "1280x800"])
async def test_the_chat_has_no_barrier_that_axe_finds(contexts, screen, running_app):
    page = await (await contexts(**screen)).page(f"{running_app.url}/widget/")
    await say(page, COMPLAINT)
    assert await violations(page) == []
