"""What is written from right to left, under piles of marks or with turning characters covers nothing and passes for nothing else."""

import asyncio
import time

import jwt
import pytest
from browser.at_work import hire, keep_picture, sign_in, write
from browser.conftest import DESK, SMALL_PHONE, WAIT_MS
from desk.at_the_desk import BASE
from playwright.async_api import Page, expect
from widget.speaking import IDENTITY_SECRET

TURNED = "附件是\u202egpj.exe\u2066.pdf\u2069，不是程序"
PILED = "".join(letter + "\u0353\u0323\u0489\u0306\u0310" * 12 for letter in "柜员态度太差")
UIGHUR = "بانكىڭىزنىڭ مۇلازىمىتى ناچار"
HIDDEN = "我\u200b要\u2060投\u00ad诉\ufeff"
LONG = "W" * 600


async def turning(page: Page) -> int:
    """How many characters that turn or hide others are on the page."""
    return await page.evaluate(
        "(document.documentElement.textContent.match(/[\\u202a-\\u202e\\u2066-\\u2069\\u200b\\u2060\\ufeff]/g) ?? []).length"
    )


async def keeps_to_itself(page: Page, text: str) -> bool:
    """Whether what is drawn of *text* is cut off at its own box."""
    return await page.locator(".bubble", has_text=text).first.evaluate(
        "box => [box, ...box.querySelectorAll('p')].some(one => getComputedStyle(one).overflowY === 'clip')"
    )


@pytest.mark.parametrize("size", [SMALL_PHONE, DESK], ids=["360", "1280"])
async def test_odd_writing_covers_nothing_and_passes_for_nothing_else(contexts, running_app, size):
    await hire(running_app)
    staff = await sign_in(await contexts(**DESK), running_app)
    claims = {"sub": "c-1", "name": "\u202e服客行银\u2066 e" + "\u0301" * 30, "exp": int(time.time()) + 3600}
    chat = await (await contexts(**size)).page(f"{running_app.url}/widget/#token={jwt.encode(claims, IDENTITY_SECRET, 'HS256')}")
    field = chat.get_by_role("textbox", name="请输入您的问题")
    for words in (TURNED, PILED, UIGHUR, LONG, HIDDEN, "转人工"):
        count = await chat.locator("li.customer .bubble").count()
        await field.fill(words)
        await chat.get_by_role("button", name="发送", exact=True).click()
        await expect(chat.locator("li.customer .bubble")).to_have_count(count + 1)
    await expect(chat.locator("li.customer .bubble", has_text="附件是gpj.exe.pdf，不是程序")).to_be_visible()
    await expect(chat.locator("li.customer .bubble", has_text="我要投诉")).to_be_visible()
    assert await turning(chat) == 0
    assert await chat.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    assert await keeps_to_itself(chat, "柜")
    assert await chat.locator(".bubble", has_text=UIGHUR).evaluate("box => getComputedStyle(box).unicodeBidi") == "plaintext"
    await keep_picture(chat, f"odd-writing-chat-{size['viewport']['width']}")

    row = staff.locator(".list .row")
    await expect(row).to_have_count(1)
    await row.click()
    await expect(staff.locator("li.customer .bubble", has_text="我要投诉")).to_be_visible()
    await staff.get_by_role("button", name="接入", exact=True).click()
    await expect(staff.get_by_role("textbox", name="回复客户")).to_be_visible()
    assert await turning(staff) == 0
    assert await staff.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    assert await keeps_to_itself(staff, "柜")
    await keep_picture(staff, f"odd-writing-desk-{size['viewport']['width']}")
    opened = await staff.context.request.get(f"{running_app.url}{BASE}/conversations?view=mine")
    assert (await opened.json())["items"][0]["customer_name"].startswith("服")


async def test_what_was_looked_for_is_marked_behind_emoji_too(desk, running_app):
    await hire(running_app)
    staff = await sign_in(desk, running_app)
    await write(running_app, "😀🏧👨\u200d👩\u200d👧 我的饕餮纹纪念币怎么取🙏")
    async with asyncio.timeout(WAIT_MS / 1000):
        while True:  # indexed within a second
            found = await staff.context.request.get(f"{running_app.url}{BASE}/search?q=饕餮纹")
            if (await found.json())["messages"]["items"]:
                break
            await asyncio.sleep(0.1)
    await staff.goto(f"{running_app.url}/desk/#search?q=饕餮纹")
    await expect(staff.locator("mark")).to_have_text("饕餮纹")
    await expect(staff.locator(".excerpt").filter(has=staff.locator("mark"))).to_have_text(
        "😀🏧👨\u200d👩\u200d👧 我的饕餮纹纪念币怎么取🙏"
    )
