"""Every state in which a customer may find the chat, without a barrier: every size, light and dark, usual and large letters."""

import asyncio
from datetime import timedelta

import pytest
from browser.conftest import WAIT_MS
from browser.looks import barriers
from browser.test_widget import field, newest, picture, said, say
from browser.test_widget_queue import STARS, somebody_fetches_people
from playwright.async_api import expect
from widget.speaking import agent_says, bot

from config.labels import Holder
from store import queue
from store.bell import QUEUE

LANGUAGES = pytest.mark.parametrize("language", ["zh-CN", "en"])
TICKET = {"no": "FB20261127000001X", "status": "待处理", "url": ""}
LONG_WORD = "https://bank.example/" + "x" * 80


def answers(text: str) -> list:
    if text == "登记":
        return [bot("已经登记。", custom={"tickets": [TICKET]})]
    if text == "再见":
        return [bot("请打个分", buttons=STARS)]
    return [bot("对吗？", buttons=[{"title": "对", "payload": "/affirm"}, {"title": "不对，我要修改", "payload": "/deny"}])]


AT_END = (
    "(({ scrollHeight, scrollTop, clientHeight }) => scrollHeight - scrollTop - clientHeight < 2)(document.querySelector('.log'))"
)


async def comes_true(page, condition: str) -> None:
    """Frame by frame; the page's policy lets nothing be waited for by text."""
    await page.evaluate(
        f"async () => {{ const end = Date.now() + {WAIT_MS}; while (!({condition})) {{"
        " if (Date.now() > end) throw new Error('never'); await new Promise(requestAnimationFrame); } }"
    )


async def opened(watched, chat_service, language: str):
    chat_service.intake.answers = answers
    return await watched.page(f"{chat_service.line.url}/widget/?locale={language}")


async def write(page, text: str) -> None:
    await page.get_by_role("textbox").fill(text)
    await page.locator(".composer .send").click()


@LANGUAGES
async def test_no_state_of_talking_has_a_barrier(phone, chat_service, language):
    page = await opened(phone, chat_service, language)
    await expect(page.locator(".welcome .actions button").first).to_be_visible()
    assert await barriers(page) == [], "the greeting"
    await page.locator(".welcome .actions button").nth(1).click()
    assert await barriers(page) == [], "choices over the greeting"
    answered, receive = asyncio.Event(), chat_service.intake.receive

    async def think(inbound):
        await answered.wait()
        return await receive(inbound)

    chat_service.intake.receive = think
    await write(page, f"一段没有空格的很长很长的话{LONG_WORD}")
    await expect(page.locator(".typing")).to_be_visible()
    assert await barriers(page) == [], "the answer is being written"
    answered.set()
    await expect(page.locator(".log .replies button")).to_have_count(2)
    assert await barriers(page) == [], "replies to choose from"
    await page.locator(".chips button").first.click()
    assert await barriers(page) == [], "choices over the conversation"
    await write(page, "登记")
    await expect(page.locator(".ticket")).to_be_visible()
    await expect(page.locator(".choices")).to_have_count(0)  # whoever writes instead has chosen
    assert await barriers(page) == [], "a ticket"
    await write(page, "再见")
    await page.get_by_role("radio").nth(3).check()
    assert await barriers(page) == [], "the rating"
    chat_service.line.cut()
    await expect(page.locator(".banner.warn")).to_be_visible()
    await write(page, "没有网络时写的")
    await expect(page.locator("li.customer .bubble").last).to_have_text("没有网络时写的")
    assert await barriers(page) == [], "no network"


@LANGUAGES
async def test_no_state_of_sending_something_has_a_barrier(phone, chat_service, language):
    page = await opened(phone, chat_service, language)
    await page.get_by_role("textbox").fill("长" * 9000)
    await page.locator(".composer .send").click()
    await expect(page.locator(".composer .problem")).to_be_visible()
    assert await barriers(page) == [], "too long a message"
    await page.get_by_role("textbox").fill("")
    files = page.locator("input[type=file]")
    await files.set_input_files({"name": "x.jpg", "mimeType": "image/jpeg", "buffer": b"\xff\xd8\xff" * 300})
    await expect(page.locator("li.failed")).to_be_visible()
    assert await barriers(page) == [], "a file that was refused"
    await page.locator(".mend button").last.click()
    await page.route("**/widget/uploads", lambda _route: None)  # nobody answers
    await files.set_input_files(picture())
    await expect(page.get_by_role("progressbar")).to_be_visible()
    assert await barriers(page) == [], "a file on its way"
    await page.locator(".mend button").click()
    await page.unroute_all(behavior="ignoreErrors")
    await files.set_input_files(picture())
    await expect(page.locator("li.bot .bubble").last).to_be_visible()
    await expect(page.locator("button.picture img")).to_be_visible()
    assert await barriers(page) == [], "a picture that was sent"
    await page.locator("button.picture").click()
    await expect(page.locator("dialog[open] img")).to_be_visible()
    assert await barriers(page) == [], "the picture, opened"


@LANGUAGES
async def test_no_state_of_waiting_for_a_person_has_a_barrier(phone, chat_service, language):
    await somebody_fetches_people(chat_service, timedelta(minutes=4))
    chat_service.intake.holder_after = {"转人工": Holder.QUEUED}.get
    page = await opened(phone, chat_service, language)
    await write(page, "转人工")
    await expect(page.locator(".waiting")).to_be_visible()
    assert await barriers(page) == [], "the place in the queue"
    await page.locator(".give-up").click()
    assert await barriers(page) == [], "whether to leave it"
    store, clock, bell = chat_service.store, chat_service.clock, chat_service.bell
    conversation = await newest(store)
    await store.write(lambda tx: queue.claim(tx, conversation, "a1", clock.now()))
    bell.ring(QUEUE)
    appended = await agent_says(store, clock, conversation, f"您好，我来帮您。{LONG_WORD}")
    bell.ring(conversation, appended.seq)
    await expect(page.locator("li.agent .bubble")).to_be_visible()
    await expect(page.locator(".waiting")).to_have_count(0)
    assert await barriers(page) == [], "a person is there"
    ended = await agent_says(store, clock, conversation, "再见", new_holder=Holder.ENDED)
    bell.ring(conversation, ended.seq)
    await expect(page.locator("header.ended")).to_be_visible()
    assert await barriers(page) == [], "it has ended"


async def test_a_file_on_its_way_says_how_far_it_is(desk, chat_service):
    page = await desk.page(f"{chat_service.url}/widget/")
    await expect(field(page)).to_be_visible()
    line = await page.context.new_cdp_session(page)
    slow = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": 120_000}
    await line.send("Network.emulateNetworkConditions", slow)
    await page.locator("input[type=file]").set_input_files({**picture(), "buffer": picture()["buffer"] + b"\0" * 150_000})
    far = page.get_by_role("progressbar")
    await comes_true(page, "(({ value }) => value > 0 && value < 100)(document.querySelector('progress') ?? {})")
    await expect(far).to_have_attribute("max", "100")
    await line.send("Network.emulateNetworkConditions", {**slow, "uploadThroughput": -1})
    await expect(said(page, "bot", "收到")).to_be_visible()


async def test_a_long_history_opens_at_its_end_and_stays_where_one_reads(phone, chat_service):
    chat_service.intake.answers = lambda text: [bot(f"收到：{text}")] * 4
    page = await phone.page(f"{chat_service.url}/widget/")
    for n in range(41):
        await say(page, f"第{n}句")
        await expect(page.locator("li.bot .bubble:not(.typing)")).to_have_count(4 * (n + 1))
    await page.reload()
    await expect(page.locator("li.bot .bubble:not(.typing)")).to_have_count(164)  # more than one page of the service's
    await comes_true(page, AT_END)
    await page.locator(".log").evaluate("(log) => (log.scrollTop = 400)")
    await comes_true(page, "document.querySelector('.log').scrollTop === 400")
    conversation = await newest(chat_service.store)
    appended = await agent_says(chat_service.store, chat_service.clock, conversation, "我来了")
    chat_service.bell.ring(conversation, appended.seq)
    await page.get_by_role("button", name="有新消息").click()
    await expect(said(page, "agent", "我来了")).to_be_in_viewport()
