"""Every state in which a customer may find the chat, without a barrier that axe finds: sizes, light and dark, usual and large letters."""

import pytest
from browser.at_work import violations
from browser.conftest import DESK, PHONE, SMALL_PHONE, WAIT_MS
from browser.test_widget import field, newest, picture, said, say
from browser.test_widget_queue import STARS
from playwright.async_api import expect
from widget.speaking import agent_says, bot

from config.labels import Holder

LOOKS = [
    (SMALL_PHONE, "light", ""),
    (SMALL_PHONE, "dark", "large"),
    (PHONE, "light", "large"),
    (PHONE, "dark", ""),
    (DESK, "light", "large"),
    (DESK, "dark", ""),
]
TICKET = {"no": "FB20261127000001X", "status": "待处理", "url": ""}


def answers(text: str) -> list:
    if text == "登记":
        return [bot("已经登记。", custom={"tickets": [TICKET]})]
    if text == "再见":
        return [bot("请打个分", buttons=STARS)]
    return [bot("对吗？", buttons=[{"title": "对", "payload": "/affirm"}])]


AT_END = (
    "(({ scrollHeight, scrollTop, clientHeight }) => scrollHeight - scrollTop - clientHeight < 2)(document.querySelector('.log'))"
)


async def comes_true(page, condition: str) -> None:
    """Frame by frame; the page's policy lets nothing be waited for by text."""
    await page.evaluate(
        f"async () => {{ const end = Date.now() + {WAIT_MS}; while (!({condition})) {{"
        " if (Date.now() > end) throw new Error('never'); await new Promise(requestAnimationFrame); } }"
    )


async def is_sound(page) -> None:
    assert await violations(page) == []
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("language", ["zh-CN", "en"])
@pytest.mark.parametrize(("screen", "scheme", "size"), LOOKS)
async def test_no_state_of_the_chat_has_a_barrier(contexts, chat_service, screen, scheme, size, language):
    chat_service.intake.answers = answers
    page = await (await contexts(**screen, color_scheme=scheme)).page(
        f"{chat_service.line.url}/widget/?size={size}&locale={language}"
    )
    box, send = (
        page.get_by_role("textbox"),
        page.get_by_role("button", name="发送" if language == "zh-CN" else "Send", exact=True),
    )

    async def write(text: str) -> None:
        await box.fill(text)
        await send.click()

    await page.locator(".welcome .actions button").first.click()  # choices over the greeting
    await is_sound(page)
    await write("登记")
    await expect(page.locator(".ticket")).to_be_visible()
    await is_sound(page)
    await page.locator("input[type=file]").set_input_files(
        {"name": "x.jpg", "mimeType": "image/jpeg", "buffer": b"\xff\xd8\xff" * 300}
    )
    await expect(page.get_by_role("alert")).to_be_visible()  # refused
    await is_sound(page)
    await page.locator(".mend button").last.click()
    await page.route("**/widget/uploads", lambda _route: None)  # nobody answers
    await page.locator("input[type=file]").set_input_files(picture())
    await expect(page.get_by_role("progressbar")).to_be_visible()
    await is_sound(page)
    await page.locator(".mend button").click()
    await page.unroute_all(behavior="ignoreErrors")
    await write("再见")
    await expect(page.get_by_role("radio").first).to_be_visible()
    await is_sound(page)
    chat_service.line.cut()
    await expect(page.locator(".banner.warn")).to_be_visible()
    await write("没有网络时写的")
    await expect(page.locator("li.customer .bubble").last).to_have_text("没有网络时写的")
    await is_sound(page)


async def test_an_ended_conversation_has_no_barrier(small_phone, chat_service):
    chat_service.intake.holder_after = {"再见": Holder.ENDED}.get
    page = await small_phone.page(f"{chat_service.url}/widget/?size=large")
    await say(page, "再见")
    await expect(page.get_by_role("status")).to_contain_text("本次会话已结束")
    await is_sound(page)


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
