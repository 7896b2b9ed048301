"""An upset customer who speaks English, in a real browser: from a choice to a ticket, a correction, a person and a rating."""

import re

import pytest
from browser.at_work import hire, keep_picture, sign_in
from browser.conftest import DESK, SMALL_PHONE
from playwright.async_api import Page, expect

CHINESE = re.compile(r"[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]+")
TOLD = "Your machine on Nanjing Road gave me 300 yuan instead of 500. This is ridiculous!!"


async def say(page: Page, text: str) -> None:
    """Write in the chat and wait for the bot's next words."""
    answers = page.locator("li.bot .bubble")
    before = await answers.count()
    await page.get_by_role("textbox", name="Type your question").fill(text)
    await page.get_by_role("button", name="Send", exact=True).click()
    await expect(answers).not_to_have_count(before)


async def press(page: Page, name: str, *, at_least: str) -> None:
    await page.get_by_role("button", name=name, exact=True).click()
    await expect(page.locator("li.bot .bubble").last).to_contain_text(at_least)


async def has_no_chinese(page: Page, *named: str) -> None:
    """Whatever is shown, said aloud or lies behind a tooltip, but for what the bank itself *named* so."""
    shown = await page.evaluate(
        "document.body.innerText + [...document.querySelectorAll('*')].map((e) => ['aria-label', 'title', 'placeholder', 'alt']"
        ".map((name) => e.getAttribute(name) ?? '').join(' ')).join(' ')"
    )
    for name in named:
        shown = shown.replace(name, "")
    assert CHINESE.findall(shown) == []


@pytest.mark.parametrize("screen", [SMALL_PHONE, DESK], ids=["360x640", "1280x800"])
async def test_a_complaint_in_english_from_the_first_choice_to_the_rating(contexts, desk, running_app, screen):
    size = "360x640" if screen is SMALL_PHONE else "1280x800"
    await hire(running_app)
    staff = await sign_in(desk, running_app)
    chat = await (await contexts(**screen)).page(f"{running_app.url}/widget/?locale=en")
    await chat.get_by_role("button", name="Feedback").click()
    await press(chat, "A complaint or problem", at_least="tell me what happened")
    await say(chat, TOLD)
    await say(chat, "yesterday afternoon")
    await say(chat, "give me my 200 yuan back")
    await press(chat, "No, thank you", at_least="Amount: CNY 300.00")
    await keep_picture(chat, f"english-read-back-{size}")
    await say(chat, "no the amount was 200 yuan, not 300")
    await expect(chat.locator("li.bot .bubble").last).to_contain_text("Amount: CNY 200.00")
    await press(chat, "Confirm and send", at_least="Your ticket number is FB")
    number = re.search(r"FB\d{14}[0-9A-Z]", await chat.locator("li.bot .bubble").last.inner_text()).group()
    card = chat.locator(".ticket")
    await expect(card).to_contain_text("Pending")
    await expect(card).to_contain_text("Answer expected by")
    await has_no_chinese(chat)
    await keep_picture(chat, f"english-filed-{size}")

    await say(chat, "talk to a person please")
    await expect(chat.locator("header")).to_contain_text("Connecting you to a person")
    row = staff.locator(".list .row")
    await expect(row).to_contain_text(number)
    await row.click()
    await expect(staff.locator("li.customer .bubble").filter(has_text=TOLD)).to_be_visible()
    beside = staff.locator("aside.record")
    await expect(beside).to_contain_text("投诉")  # the desk's record stays as it is for its people
    await staff.get_by_role("button", name="接入", exact=True).click()
    await expect(chat.locator("li.system").filter(has_text="小王 from our team has joined to help you.")).to_be_visible()
    await staff.get_by_role("textbox", name="回复客户").fill("Hello, I have found your 200 yuan.")
    await staff.get_by_role("textbox", name="回复客户").press("Enter")
    await expect(chat.locator("li.agent .bubble")).to_contain_text("I have found your 200 yuan")
    await staff.get_by_role("button", name="结束会话").click()
    await staff.locator("form.ask").get_by_role("button", name="结束会话").click()
    await expect(chat.locator("li.system .bubble").last).to_contain_text("How did we do?")
    await keep_picture(chat, f"english-rating-{size}")
    await chat.locator(".rating label").nth(4).click()
    await chat.get_by_role("button", name="Send rating").click()
    await expect(chat.locator("li.bot .bubble").last).to_contain_text("Thank you for your rating")
    await has_no_chinese(chat, "小王")
    await keep_picture(chat, f"english-rated-{size}")


async def test_the_banks_page_changes_the_language_of_what_comes_next(phone, running_app):
    page = await phone.page(f"{running_app.url}/")
    await page.evaluate("huiyin('open')")
    frame = page.frame_locator("iframe")
    box = frame.get_by_role("textbox")
    await box.fill("你好")
    await box.press("Enter")
    await expect(frame.locator("li.bot .bubble").last).to_contain_text("请问有什么可以帮您")
    await page.evaluate("huiyin('setLocale', 'en')")
    await expect(frame.locator("html")).to_have_attribute("lang", "en")
    await box.fill("my phone is 13812345678 and I want to make a complaint")
    await box.press("Enter")
    await expect(frame.locator("li.customer .bubble").last).to_contain_text("[phone ending in 5678]")
    await expect(frame.locator("li.bot .bubble").last).to_contain_text(
        re.compile("Please tell me what happened|When did it happen")
    )
    await page.evaluate("huiyin('setLocale', 'zh-CN')")
    await box.fill("算了")
    await box.press("Enter")
    await expect(frame.locator("li.bot .bubble").last).to_contain_text("确定不要了吗")
