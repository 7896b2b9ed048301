"""The customer's page of a ticket, opened from the link that the bot gives: read, added to, withdrawn, on a small phone and a desk."""

import re

import aiohttp
import pytest
from browser.conftest import DESK, SMALL_PHONE
from browser.test_journey import violations
from playwright.async_api import expect

SAID = ("我要投诉，昨天下午三点朝阳支行柜员态度很差，把我的单子扔了出来", "要求道歉", "跳过", "是的")


async def link_from_the_bot(url: str) -> str:
    """File a complaint in the chat and take the link out of the bot's confirmation."""
    async with aiohttp.ClientSession() as session:
        for n, words in enumerate((*SAID, "是的", "是的")):
            body = {"sender": "li", "message": words, "metadata": {"message_id": f"m{n}"}}
            async with session.post(f"{url}/webhooks/rest/webhook", json=body) as response:
                text = "\n".join(item.get("text", "") for item in await response.json())
            if found := re.search(r"https?://\S+/s/[0-9a-f]{32}", text):
                return found.group()
    raise AssertionError(text)


@pytest.mark.parametrize("size", [SMALL_PHONE, DESK], ids=["360x640", "1280x800"])
async def test_the_page_reads_well_takes_an_addition_and_a_withdrawal_and_has_no_barrier(contexts, running_app, size):
    link = await link_from_the_bot(running_app.url)
    page = await (await contexts(**size)).page(link)
    await expect(page.get_by_text("待处理")).to_be_visible()
    await expect(page.get_by_text("把我的单子扔了出来")).to_be_visible()
    assert await violations(page) == []
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")

    await page.get_by_label("补充说明").fill("当时大堂经理也在场，可以作证")
    await page.get_by_role("button", name="提交补充").click()
    await expect(page.get_by_text("已经补充到您的工单里。")).to_be_visible()
    await expect(page.get_by_role("listitem").get_by_text("当时大堂经理也在场，可以作证")).to_be_visible()

    await page.get_by_role("button", name="撤回反馈").click()
    await page.get_by_role("button", name="确定撤回").click()
    await expect(page.locator("header").get_by_text("已撤回")).to_be_visible()
    await expect(page.get_by_label("补充说明")).to_have_count(0)
    assert await violations(page) == []


async def test_what_was_written_stays_when_the_network_fails_and_arrives_once_when_it_is_back(phone, running_app):
    page = await phone.page(await link_from_the_bot(running_app.url))
    await page.get_by_label("补充说明").fill("还有录音")
    await page.context.set_offline(True)
    await page.get_by_role("button", name="提交补充").click()
    await expect(page.get_by_text("没有提交成功")).to_be_visible()
    await expect(page.get_by_label("补充说明")).to_have_value("还有录音")
    await page.context.set_offline(False)
    await page.get_by_role("button", name="提交补充").click()
    await expect(page.get_by_role("listitem").get_by_text("还有录音")).to_have_count(1)


async def test_a_broken_link_says_what_to_do_instead(phone, running_app):
    page = await phone.page(f"{running_app.url}/s/{'0' * 32}")
    await expect(page.get_by_text("这个链接已经失效")).to_be_visible()
    await expect(page.get_by_label("补充说明")).to_have_count(0)
