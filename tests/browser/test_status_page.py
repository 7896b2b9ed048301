"""The customer's page of a ticket, opened from the link that the bot gives: read, added to, withdrawn, judged."""

import re

import aiohttp
from playwright.async_api import expect

from config.labels import TicketState
from store import tickets

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


async def test_the_page_takes_an_addition_and_a_withdrawal(small_phone, running_app):
    page = await small_phone.page(await link_from_the_bot(running_app.url))
    await expect(page.get_by_text("待处理")).to_be_visible()
    await expect(page.get_by_text("把我的单子扔了出来")).to_be_visible()

    await page.get_by_label("补充说明").fill("当时大堂经理也在场，可以作证")
    await page.get_by_role("button", name="提交补充").click()
    await expect(page.get_by_text("已经补充到您的工单里。")).to_be_visible()
    await expect(page.get_by_role("listitem").get_by_text("当时大堂经理也在场，可以作证")).to_be_visible()

    await page.get_by_role("button", name="撤回反馈").click()
    await page.get_by_role("button", name="确定撤回").click()
    await expect(page.locator("header").get_by_text("已撤回")).to_be_visible()
    await expect(page.get_by_label("补充说明")).to_have_count(0)


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


async def moved(service, *moves: tuple[TicketState, str]) -> None:
    """Move the only ticket along."""
    for to, role in moves:
        (found,) = await service.store.read(tickets.search)
        now = service.clock.now()
        await service.store.write(
            lambda tx, found=found, to=to, role=role, now=now: tickets.move(
                tx, found.no, to, expected_version=found.version, actor=role, role=role, now=now
            )
        )


async def test_after_the_answer_the_customer_says_whether_it_is_solved_and_rates_it(small_phone, running_app):
    link = await link_from_the_bot(running_app.url)
    await moved(running_app.service, (TicketState.IN_PROGRESS, "dispatcher"), (TicketState.REPLIED, "owner"))
    page = await small_phone.page(link)
    await page.get_by_role("button", name="还没解决").click()
    again = page.get_by_role("button", name="提交，请重新处理")
    await expect(again).to_be_disabled()
    await page.get_by_label("哪里还没有解决").fill("还没有人向我道歉")
    await again.click()
    await expect(page.locator("header").get_by_text("处理中")).to_be_visible()
    await expect(page.get_by_role("listitem").get_by_text("还没有人向我道歉")).to_be_visible()
    await moved(running_app.service, (TicketState.REPLIED, "owner"))
    await page.reload()
    await page.get_by_role("button", name="解决了").click()
    await expect(page.get_by_text("问题又出现了？")).to_be_visible()
    await page.get_by_role("radio", name="4分 满意").check()
    await page.get_by_label("想说的话").fill("谢谢")
    await page.get_by_role("button", name="提交评价").click()
    await expect(page.get_by_text("谢谢您的评价：4分 满意。")).to_be_visible()
