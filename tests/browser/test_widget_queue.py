"""Waiting for a person and rating them, as a customer has it in a real browser."""

from datetime import timedelta

from browser.test_widget import said, say
from playwright.async_api import expect
from widget.speaking import bot

from bot.message import Inbound
from config.labels import FeedbackChannel, Holder, Role
from store import agents, queue, servings
from store.bell import QUEUE
from store.model import Agent

SCORES = ("1分 很不满意", "2分 不满意", "3分 一般", "4分 满意", "5分 非常满意")
STARS = [{"title": title, "payload": f"/rate_{n}"} for n, title in enumerate(SCORES, 1)]


async def somebody_fetches_people(chat_service, waited: timedelta) -> None:
    """An agent is there who fetched three customers lately, each after so long."""
    store, now = chat_service.store, chat_service.clock.now()
    anna = Agent("a1", "wang", "小王", Role.AGENT, None, True, 5, "online")

    def prepare(tx) -> None:
        agents.create(tx, anna, "-", now)
        agents.set_presence(tx, "a1", "online", now)

    await store.write(prepare)
    for number in range(3):
        received = await chat_service.intake.receive(someone(number))
        pulled = {"how": "pulled", "skill": None, "priority": "normal", "queued_at": now - waited, "now": now}
        await store.write(lambda tx, id_=received.conversation_id: servings.begin(tx, id_, "a1", **pulled))


def someone(number: int, words: str = "你好") -> Inbound:
    return Inbound("in_app:main", FeedbackChannel.IN_APP, f"v:{number}", words, f"early-{number}")


async def test_who_waits_sees_place_and_time_and_may_leave_the_queue(small_phone, chat_service):
    await somebody_fetches_people(chat_service, timedelta(minutes=4))
    chat_service.intake.holder_after = {"转人工": Holder.QUEUED, "取消排队": Holder.BOT}.get
    ahead = await chat_service.intake.receive(someone(9, "转人工"))
    page = await small_phone.page(f"{chat_service.url}/widget/?size=large")
    await say(page, "转人工")
    waiting = page.get_by_role("region", name="排队情况")
    await expect(waiting).to_contain_text("您前面还有 1 位。")
    await expect(waiting).to_contain_text("预计等待约")
    store, clock, bell = chat_service.store, chat_service.clock, chat_service.bell
    await store.write(lambda tx: queue.claim(tx, ahead.conversation_id, "a1", clock.now()))
    bell.ring(QUEUE)
    await expect(waiting).to_contain_text("您排在第一位。")
    await waiting.get_by_role("button", name="取消排队").click()
    await expect(waiting).to_contain_text("确定不等了吗")
    await expect(said(page, "customer", "转人工")).to_be_in_viewport(ratio=1)  # the banner took no word away
    await waiting.get_by_role("button", name="继续等").click()
    await waiting.get_by_role("button", name="取消排队").click()
    await waiting.get_by_role("button", name="不等了").click()
    await expect(waiting).to_have_count(0)
    await expect(said(page, "customer", "取消排队")).to_be_visible()


async def test_wait_of_which_nothing_is_known_is_said_to_be_unknown(phone, chat_service):
    chat_service.intake.holder_after = lambda text: Holder.QUEUED
    page = await phone.page(f"{chat_service.url}/widget/")
    await say(page, "转人工")
    await expect(page.get_by_role("region", name="排队情况")).to_contain_text("要等多久现在说不准")


async def test_service_is_rated_with_stars_by_touch_or_by_keys(small_phone, chat_service):
    chat_service.intake.answers = lambda text: [bot("请打个分", buttons=STARS)] if text == "再见" else [bot("谢谢您的评价")]
    page = await small_phone.page(f"{chat_service.url}/widget/")
    await say(page, "再见")
    send = page.get_by_role("button", name="提交评价")
    await expect(send).to_be_disabled()
    await page.get_by_role("radio", name="2分 不满意").check()
    await page.keyboard.press("ArrowRight")
    await page.keyboard.press("ArrowRight")
    await expect(page.get_by_role("radio", name="4分 满意")).to_be_checked()
    await expect(page.locator(".rating output")).to_have_text("4分 满意")
    await send.click()
    await expect(said(page, "bot", "谢谢您的评价")).to_be_visible()
    await expect(page.get_by_role("radio")).to_have_count(0)
    assert chat_service.intake.received[-1].payload == {"button": "/rate_4"}
    assert chat_service.intake.received[-1].text == "4分 满意"
