"""Files, cards, letters and languages of the chat, in a real browser with the real service behind it."""

import subprocess
from contextlib import suppress

import pytest
from browser.conftest import SMALL_PHONE
from browser.test_journey import picture, say, violations
from browser.test_status_page import moved
from playwright.async_api import Error, expect
from widget.test_videos import ffmpeg  # noqa: F401 -- a fixture

from config.labels import TicketState

COMPLAINT = ("我要投诉，昨天下午三点朝阳支行柜员态度很差，把我的单子扔了出来", "要求道歉", "跳过", "是的", "是的")


@pytest.fixture(scope="session")
def film(ffmpeg, tmp_path_factory):  # noqa: F811 -- the fixture named above
    path = tmp_path_factory.mktemp("films") / "f.mp4"
    made = ("-f", "lavfi", "-i", "testsrc=s=160x120:r=5:d=1", "-c:v", "libx264", "-pix_fmt", "yuv420p", str(path))
    subprocess.run([ffmpeg, "-v", "error", *made], check=True)
    return path


async def complain(page) -> None:
    for words in COMPLAINT:
        await say(page, words)
        if await page.locator(".ticket").count():
            return


async def test_a_short_video_is_sent_shown_and_kept(phone, running_app, film):
    page = await phone.page(f"{running_app.url}/widget/")
    await page.locator("input[type=file]").set_input_files(str(film))
    sent = page.locator("li.customer:not(.failed) video.picture")
    await expect(page.locator("li.customer progress")).to_have_count(0)
    await expect(sent).to_have_count(1)
    await page.reload()
    await expect(sent).to_have_count(1)
    assert await violations(page) == []


async def test_a_file_that_is_not_taken_is_explained_before_anything_is_sent(phone, running_app, tmp_path):
    (tmp_path / "notes.pdf").write_bytes(b"%PDF-1.7")
    page = await phone.page(f"{running_app.url}/widget/")
    await page.locator("input[type=file]").set_input_files(str(tmp_path / "notes.pdf"))
    await expect(page.get_by_role("alert")).to_contain_text("目前支持")
    await expect(page.locator("li.customer")).to_have_count(0)


async def test_an_upload_that_was_called_back_sends_nothing(phone, running_app):
    page = await phone.page(f"{running_app.url}/widget/")
    held = []

    async def hold(route):
        held.append(route)

    await page.route("**/widget/uploads", hold)
    await page.locator("input[type=file]").set_input_files(picture())
    await page.get_by_role("button", name="取消").click()
    await expect(page.locator("li.customer")).to_have_count(0)
    with suppress(Error):  # the page has given it up already
        await held[0].abort()
    await page.unroute("**/widget/uploads")
    await say(page, "你好")  # and the next message goes through
    await expect(page.locator("li.customer")).to_have_count(1)
    assert len(held) == 1


async def test_a_dropped_picture_is_sent(desk, running_app):
    page = await desk.page(f"{running_app.url}/widget/")
    await page.evaluate(
        """async () => {
            const canvas = Object.assign(document.createElement("canvas"), { width: 80, height: 60 });
            canvas.getContext("2d").fillRect(0, 0, 80, 60);
            const blob = await new Promise((done) => canvas.toBlob(done, "image/png"));
            const dataTransfer = new DataTransfer();
            dataTransfer.items.add(new File([blob], "a.png", { type: "image/png" }));
            document.body.dispatchEvent(new DragEvent("drop", { dataTransfer, bubbles: true, cancelable: true }));
        }"""
    )
    await expect(page.locator("li.customer .picture img")).to_have_count(1)
    await expect(page.locator("li.customer progress")).to_have_count(0)


async def test_a_ticket_is_a_card_whose_state_is_that_of_now(phone, running_app):
    page = await phone.page(f"{running_app.url}/widget/")
    await complain(page)
    card = page.get_by_role("region", name="工单 FB")
    await expect(card.get_by_text("待处理")).to_be_visible()
    link = await card.get_by_role("link", name="查看进度").get_attribute("href")
    status = await page.context.new_page()
    await status.goto(link)
    await status.get_by_role("button", name="撤回反馈").click()
    await status.get_by_role("button", name="确定撤回").click()
    await expect(status.locator("header").get_by_text("已撤回")).to_be_visible()
    await status.close()
    await page.bring_to_front()
    await page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    await expect(card.get_by_text("已撤回")).to_be_visible()


async def test_a_ticket_card_in_sight_follows_its_ticket(phone, running_app):
    page = await phone.page("about:blank")
    await page.clock.install()
    await page.goto(f"{running_app.url}/widget/")
    await complain(page)
    card = page.get_by_role("region", name="工单 FB")
    await expect(card.get_by_text("待处理")).to_be_visible()
    await card.evaluate(  # what watches the card has seen it when a watcher that came later has
        "(card) => new Promise((done) => new IntersectionObserver(([{ isIntersecting }]) => isIntersecting && done()).observe(card))"
    )
    await moved(running_app.service, (TicketState.IN_PROGRESS, "dispatcher"))
    await expect(card.get_by_text("待处理")).to_be_visible()
    await page.clock.fast_forward(61_000)
    await expect(card.get_by_text("处理中")).to_be_visible()


async def test_the_ticket_card_of_an_english_chat_speaks_english_and_so_does_the_page_behind_it(phone, running_app):
    page = await phone.page(f"{running_app.url}/widget/")
    await complain(page)
    await page.goto(f"{running_app.url}/widget/?locale=en&size=large")
    card = page.get_by_role("region", name="Ticket FB")
    await expect(card.get_by_text("Pending")).to_be_visible()
    await expect(card.get_by_text("Complaint")).to_be_visible()
    async with page.expect_popup() as opening:
        await card.get_by_role("link", name="View progress").click()
    status = await opening.value
    await expect(status.get_by_role("heading", name="Feedback status")).to_be_visible()
    await expect(status.get_by_role("button", name="Large text")).to_have_attribute("aria-pressed", "true")


async def test_large_letters_are_kept_and_nothing_falls_off_the_smallest_phone(contexts, running_app):
    page = await (await contexts(**SMALL_PHONE)).page(f"{running_app.url}/widget/")
    await page.get_by_role("button", name="大字版").click()
    await page.reload()
    await expect(page.get_by_role("button", name="大字版")).to_have_attribute("aria-pressed", "true")
    await complain(page)
    sizes = await page.locator(".bubble").evaluate_all("all => all.map(one => parseFloat(getComputedStyle(one).fontSize))")
    assert min(sizes) >= 17
    assert await page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    assert await violations(page) == []


async def test_the_language_changes_while_the_chat_is_open(phone, running_app):
    page = await phone.page(running_app.url)
    await page.evaluate("huiyin('open')")
    frame = page.frame_locator("iframe")
    await expect(frame.get_by_role("heading", name="在线客服")).to_be_visible()
    await page.evaluate("huiyin('setLocale', 'en')")
    await expect(frame.get_by_role("textbox", name="Type your question")).to_be_visible()
    await expect(frame.locator("html")).to_have_attribute("lang", "en")
