"""A customer looks back: what was said in conversations that ended, above the present one, by scrolling up or by a button."""

import secrets
from dataclasses import replace

import pytest
from browser.looks import barriers
from browser.test_widget import login, said, say
from browser.test_widget_states import AT_END, LANGUAGES, LONG_WORD, TICKET, comes_true
from browser.test_widget_unsent import embedded
from making_rows import ticket
from playwright.async_api import expect
from widget.remembering import BYE, ends_at_bye
from widget.speaking import bot
from widget.test_uploads import picture

from bot.channels.in_app import earlier
from bot.message import Inbound
from config.labels import FeedbackChannel
from store import tickets
from store.errors import StoreUnavailable

SHOW, NONE = "查看更早的对话", "没有更早的对话了"


@pytest.fixture(autouse=True)
def _conversations_end(chat_service) -> None:
    ends_at_bye(chat_service.intake)


async def wrote(service, text: str, subject: str = "c-1") -> str:
    """That customer has said this on some device; the conversation."""
    customer, message_id = f"s:{subject}", secrets.token_hex(8)
    said = Inbound("in_app:main", FeedbackChannel.IN_APP, customer, text, message_id, signed_customer=subject)
    return (await service.intake.receive(said)).conversation_id


async def talked(service, *texts: str) -> str:
    """The customer c-1 has said this and good-bye; the conversation."""
    for text in texts:
        await wrote(service, text)
    return await wrote(service, BYE)


async def opened(device, service, line: str | None = None, more: str = ""):
    """The chat of the customer c-1, who has begun a new conversation."""
    await wrote(service, "现在的话")
    page = await device.page(f"{line or service.url}/widget/{more}#token={login()}")
    await expect(said(page, "bot", "收到：现在的话")).to_be_visible()
    return page


def past(page):
    return page.locator("section.past")


async def bubbles_of(page) -> list[str]:
    return await past(page).locator(".bubble").all_text_contents()


async def test_button_brings_what_was_said_before_in_front_of_what_is_shown(phone, chat_service):
    for text in ("卡被吞了", "想提建议"):
        await talked(chat_service, text)
    page = await opened(phone, chat_service)
    await page.get_by_role("button", name=SHOW).click()
    await expect(page.get_by_text(NONE)).to_be_attached()
    assert await bubbles_of(page) == ["卡被吞了", "收到：卡被吞了", BYE, "想提建议", "收到：想提建议", BYE]
    assert await past(page).get_by_role("heading").all_inner_texts() == ["今天", "今天"]
    await expect(page.get_by_role("button", name=SHOW)).to_have_count(0)
    await expect(said(page, "bot", "收到：现在的话")).to_have_count(1)


async def test_whoever_has_no_past_is_offered_none(phone, chat_service):
    await talked(chat_service, "卡被吞了")  # the newest one is shown, also when it has ended
    page = await phone.page(f"{chat_service.url}/widget/#token={login()}")
    await expect(said(page, "bot", "收到：卡被吞了")).to_be_visible()
    await expect(past(page)).to_have_count(0)


async def test_opening_asks_for_nothing_of_the_past(phone, chat_service):
    await talked(chat_service, "卡被吞了")
    await talked(chat_service, *(f"第{n}句" for n in range(30)))
    page = await phone.context.new_page()
    sent = []

    def note(frame) -> None:
        sent.append(frame)

    page.on("websocket", lambda socket: socket.on("framesent", note))
    await page.goto(f"{chat_service.url}/widget/#token={login()}")
    await expect(said(page, "bot", "收到：第29句")).to_be_in_viewport()
    await expect(page.get_by_role("button", name=SHOW)).to_be_attached()
    assert '"hello"' in sent[0]
    assert not any("earlier" in frame for frame in sent)


@pytest.mark.parametrize("by", ["scrolling", "button"])
async def test_what_is_being_read_stays_where_it_is(phone, chat_service, monkeypatch, by):
    monkeypatch.setattr(earlier, "PAGE", 10)
    await talked(chat_service, *(f"很早{n}" for n in range(12)))
    page = await opened(phone, chat_service)
    for n in range(8):
        await say(page, f"又{n}")
        await expect(said(page, "bot", f"收到：又{n}")).to_be_visible()
    height, at = "document.querySelector('.past').scrollHeight", "document.querySelector('.log').scrollTop"
    await page.locator(".log").hover()
    for size in (10, 20, 25):
        await page.locator(".log").evaluate("(log) => (log.scrollTop = 100)")
        before = await page.evaluate(height)
        if by == "scrolling":
            await page.mouse.wheel(0, -80)
        else:
            await page.locator(".log").evaluate("(log) => (log.scrollTop = 16)")
            await page.get_by_role("button", name=SHOW).click()
        await expect(past(page).locator(".bubble")).to_have_count(size)
        # A wheel may still roll when the page comes; what it brings is many times as high.
        within, stood = (45, 20) if by == "scrolling" else (2, 16)
        await comes_true(page, f"Math.abs({at} - {stood} - ({height} - {before})) < {within}")
    assert await bubbles_of(page) == [t for n in range(12) for t in (f"很早{n}", f"收到：很早{n}")] + [BYE]


async def test_nothing_is_fetched_until_the_customer_scrolls_up(phone, chat_service):
    await talked(chat_service, "卡被吞了")
    page = await opened(phone, chat_service)
    for n in range(8):
        await say(page, f"又{n}")
        await expect(said(page, "bot", f"收到：又{n}")).to_be_visible()
    await page.locator(".log").evaluate("(log) => (log.scrollTop = 0)")  # as when a hidden frame is laid out anew
    await comes_true(page, "document.querySelector('.log').scrollTop === 0")
    await page.get_by_role("button", name=SHOW).focus()
    await expect(past(page).locator(".bubble")).to_have_count(0)
    await page.locator(".log").focus()
    await page.keyboard.press("End")
    await comes_true(page, AT_END)
    await page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    await page.keyboard.press("Home")
    await expect(past(page).locator(".bubble")).to_have_count(3)


async def test_where_nothing_can_scroll_the_wheel_and_the_keys_ask_all_the_same(desk, chat_service, monkeypatch):
    monkeypatch.setattr(earlier, "PAGE", 2)
    await talked(chat_service, "卡被吞了")
    page = await opened(desk, chat_service)
    await comes_true(page, "(({ scrollHeight, clientHeight }) => scrollHeight <= clientHeight)(document.querySelector('.log'))")
    await page.locator(".log").hover()
    await page.mouse.wheel(0, 100)
    await page.mouse.wheel(0, -100)
    await expect(past(page).locator(".bubble")).to_have_count(2)
    await page.locator(".log").focus()
    await page.keyboard.press("PageUp")
    await expect(past(page).locator(".bubble")).to_have_count(3)


async def test_keys_reach_the_past_and_never_lose_their_place(desk, chat_service, monkeypatch):
    monkeypatch.setattr(earlier, "PAGE", 3)
    await talked(chat_service, "一", "二")
    page = await opened(desk, chat_service)
    button = page.get_by_role("button", name=SHOW)
    await button.focus()
    await page.keyboard.press("Enter")
    await expect(past(page).locator(".bubble")).to_have_count(3)
    await expect(button).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.locator("p", has_text=NONE)).to_be_focused()


async def test_the_past_is_outside_of_what_is_read_out_and_its_size_is_told_once(desk, chat_service):
    await talked(chat_service, *(f"第{n}句" for n in range(5)))
    page = await opened(desk, chat_service)
    await page.get_by_role("button", name=SHOW).click()
    await expect(past(page).locator(".bubble")).to_have_count(11)
    await expect(page.get_by_role("log").locator(".past")).to_have_count(0)
    assert await page.locator(".past [aria-live], .past [role=status], .past [role=alert]").all_inner_texts() == [
        "上方已显示更早的 11 条消息。"
    ]
    assert await page.evaluate("document.querySelector('.past [aria-live]').closest('[role=log]')") is None


async def test_questions_of_then_cannot_be_answered_now(phone, chat_service):
    stars = [{"title": f"{n}分", "payload": f"/rate_{n}"} for n in range(1, 6)]
    chat_service.intake.answers = lambda text: [bot("请打个分", buttons=stars)] if text == "满意" else [bot(f"收到：{text}")]
    await talked(chat_service, "满意")
    page = await opened(phone, chat_service)
    await page.get_by_role("button", name=SHOW).click()
    await expect(past(page).get_by_text("请打个分")).to_be_attached()
    await expect(page.get_by_role("radio")).to_have_count(0)
    await expect(past(page).get_by_role("button")).to_have_count(0)


async def test_pictures_of_then_are_fetched_when_they_come_into_sight(phone, chat_service):
    page = await opened(phone, chat_service)
    await page.locator("input[type=file]").set_input_files(
        {"name": "photo.jpg", "mimeType": "image/jpeg", "buffer": picture(size=(640, 480))}
    )
    await expect(page.locator("li.customer .picture img")).to_be_visible()
    await say(page, BYE)
    await expect(page.get_by_role("status")).to_contain_text("本次会话已结束")
    await talked(chat_service, *(f"第{n}句" for n in range(15)))
    await page.close()
    page = await opened(phone, chat_service)
    fetched = []
    page.on("request", lambda request: "/widget/files/" in request.url and fetched.append(request.url))
    await page.get_by_role("button", name=SHOW).click()
    await expect(page.get_by_text(NONE)).to_be_attached()
    assert fetched == []
    shown = past(page).locator(".picture img")
    await past(page).locator(".frame").scroll_into_view_if_needed()
    await expect(shown).to_be_visible()
    assert await shown.evaluate("image => image.decode().then(() => image.naturalWidth)") == 640
    assert len(fetched) == 1


async def test_customer_reads_their_past_on_another_device_and_where_no_socket_gets_through(contexts, chat_service):
    await talked(chat_service, "卡被吞了")
    for line in (chat_service.url, chat_service.old_line.url):
        page = await opened(await contexts(), chat_service, line)
        await page.get_by_role("button", name=SHOW).click()
        await expect(past(page).get_by_text("收到：卡被吞了")).to_be_attached()
        await say(page, BYE)
        await expect(page.get_by_role("status")).to_contain_text("本次会话已结束")


@pytest.mark.parametrize(
    "then",
    ["huiyin('reset')", "huiyin('setUser', null)", "huiyin('setUser', { token: window.other })"],
    ids=["reset", "nobody", "other"],
)
async def test_nothing_of_a_former_login_is_left_to_read(desk, chat_service, then):
    await talked(chat_service, "我的密事")
    await wrote(chat_service, "密事的后续")
    page, frame = await embedded(desk, chat_service, f"huiyin('setUser', {{ token: '{login()}' }})")
    await frame.get_by_role("button", name=SHOW).click()
    await expect(past(frame).get_by_text("收到：我的密事")).to_be_attached()
    await page.evaluate(f"window.other = '{login('c-2')}'")
    await page.evaluate(then)
    await expect(frame.locator(".past")).to_have_count(0)
    await say(frame, "换了一个人")
    await expect(said(frame, "bot", "收到：换了一个人")).to_be_visible()
    assert "密事" not in await frame.locator("body").inner_text()
    await expect(frame.locator(".past")).to_have_count(0)


async def test_what_was_asked_for_while_the_line_was_cut_comes_when_it_is_mended(phone, chat_service):
    await talked(chat_service, "卡被吞了")
    page = await opened(phone, chat_service, chat_service.line.url)
    chat_service.line.cut()
    await expect(page.get_by_role("status")).to_contain_text("正在重新连接")
    await page.get_by_role("button", name=SHOW).click()
    await expect(page.get_by_role("button", name="正在载入")).to_be_visible()
    chat_service.line.mend()
    await expect(past(page).get_by_text("收到：卡被吞了")).to_be_attached()
    assert len(await bubbles_of(page)) == 3


def away(*_):
    raise StoreUnavailable("away")


async def test_past_that_cannot_be_read_is_said_and_asked_for_again(phone, chat_service, monkeypatch):
    await talked(chat_service, "卡被吞了")
    page = await opened(phone, chat_service)
    with monkeypatch.context() as broken:
        broken.setattr(earlier, "read", away)
        await page.get_by_role("button", name=SHOW).click()
        await expect(page.get_by_role("alert")).to_contain_text("请稍后再试")
    await say(page, "还在吗")
    await expect(said(page, "bot", "收到：还在吗")).to_be_visible()
    await page.get_by_role("button", name=SHOW).click()
    await expect(past(page).get_by_text("收到：卡被吞了")).to_be_attached()
    await expect(page.get_by_role("alert")).to_have_count(0)


@LANGUAGES
async def test_the_past_has_no_barrier(phone, chat_service, monkeypatch, language):
    chat_service.intake.answers = lambda text: [bot(f"收到：{text}", custom={"tickets": [TICKET]})]
    talk = await talked(chat_service, "很早")
    monkeypatch.setattr(earlier, "PAGE", 4)
    talk = await talked(chat_service, f"一段没有空格的很长很长的话{LONG_WORD}")
    for no in ("FB20261115000123K", "FB20261115000124M"):
        draft = replace(ticket(no), conversation_id=talk)
        await chat_service.store.write(lambda tx, draft=draft: tickets.file(tx, draft, chat_service.clock.now()))
    page = await opened(phone, chat_service, more=f"?locale={language}")
    button = page.locator(".past > button")
    assert await barriers(page) == [], "the button"
    await button.click()
    await expect(past(page).locator(".bubble")).to_have_count(4)
    assert await barriers(page) == [], "a page, and more to come"
    with monkeypatch.context() as broken:
        broken.setattr(earlier, "read", away)
        await button.click()
        await expect(page.get_by_role("alert")).to_be_attached()
        assert await barriers(page) == [], "refused"
    await button.click()
    await expect(page.locator(".past > button")).to_have_count(0)
    assert await barriers(page) == [], "everything"
