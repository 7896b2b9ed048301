"""The chat as a customer has it, in a real browser."""

import io
import json
import time
from contextlib import asynccontextmanager

import jwt
import pytest
from browser.conftest import DESK, PHONE, WAIT_MS
from PIL import Image
from playwright.async_api import expect
from widget.speaking import IDENTITY_SECRET, agent_says, bot

from config.labels import Holder, Role
from store import agents, queue
from store.model import Agent


def login(subject="c-1") -> str:
    return jwt.encode({"sub": subject, "exp": int(time.time()) + 3600}, IDENTITY_SECRET, "HS256")


def field(page):
    return page.get_by_role("textbox", name="请输入您的问题")


async def say(page, text):
    await field(page).fill(text)
    await page.get_by_role("button", name="发送", exact=True).click()


def said(page, speaker, text):
    return page.locator(f"li.{speaker} .bubble").filter(has_text=text)


async def bubbles(page, speaker):
    return await page.locator(f"li.{speaker} .bubble").all_text_contents()


@asynccontextmanager
async def taken_and_cut_off(page, service):
    """What the page sends inside is committed, and the line is cut before the page hears of it; ends when the page has noticed."""
    take = service.intake._receive

    async def take_and_cut(inbound):
        receipt = await take(inbound)
        service.line.cut()
        return receipt

    service.intake._receive = take_and_cut
    yield
    await expect(page.get_by_role("status")).to_contain_text("正在重新连接")
    service.intake._receive = take


async def test_customer_writes_and_reads_the_answer(phone, chat_service):
    page = await phone.page(f"{chat_service.url}/widget/")
    await say(page, "卡被吞了")
    await expect(said(page, "bot", "收到：卡被吞了")).to_be_visible()
    assert await bubbles(page, "customer") == ["卡被吞了"]
    assert await field(page).input_value() == ""


async def test_enter_sends_but_not_while_an_input_method_is_composing(desk, chat_service):
    page = await desk.page(f"{chat_service.url}/widget/")
    await field(page).fill("ni hao")
    await field(page).dispatch_event("keydown", {"key": "Enter", "isComposing": True, "bubbles": True})
    await field(page).press("Shift+Enter")
    assert await field(page).input_value() == "ni hao\n"
    await field(page).press("Enter")
    await expect(said(page, "bot", "收到：ni hao")).to_be_visible()
    assert await bubbles(page, "customer") == ["ni hao"]


async def test_everything_fits_a_small_phone_and_is_large_enough_to_touch(small_phone, chat_service):
    chat_service.intake.answers = lambda text: [
        bot("对吗？", buttons=[{"title": "对", "payload": "/affirm"}, {"title": "不对", "payload": "/deny"}])
    ]
    page = await small_phone.page(f"{chat_service.url}/widget/")
    await expect(page.get_by_role("button", name="意见反馈")).to_be_visible()
    await say(page, "一段没有空格的很长很长的话" * 20 + "https://bank.example/" + "x" * 80)
    await expect(page.get_by_role("button", name="不对")).to_be_visible()
    assert await page.evaluate(
        "[document.documentElement, document.querySelector('.log')].every((box) => box.scrollWidth <= box.clientWidth)"
    )
    small = await page.evaluate(
        "[...document.querySelectorAll('button, textarea')].map(e => [e.ariaLabel || e.textContent, e.getBoundingClientRect()])"
        ".filter(([, box]) => box.width < 44 || box.height < 44).map(([name]) => name)"
    )
    assert small == []
    assert await page.evaluate("parseFloat(getComputedStyle(document.querySelector('textarea')).fontSize)") >= 16
    bottom = await page.evaluate("document.querySelector('.composer').getBoundingClientRect().bottom")
    assert bottom <= 640


async def test_log_is_announced_and_holds_a_real_list(phone, chat_service):
    page = await phone.page(f"{chat_service.url}/widget/")
    await say(page, "你好")
    log = page.get_by_role("log", name="聊天记录")
    await expect(log.get_by_role("listitem").filter(has_text="收到：你好")).to_be_visible()
    await expect(page.get_by_role("heading", name="在线客服")).to_be_visible()


async def test_quick_reply_is_sent_with_its_payload_and_disappears(phone, chat_service):
    chat_service.intake.answers = lambda text: (
        [bot("对吗？", buttons=[{"title": "正确", "payload": "/affirm"}])] if text == "吞卡" else [bot("好的")]
    )
    page = await phone.page(f"{chat_service.url}/widget/")
    await say(page, "吞卡")
    await page.get_by_role("button", name="正确").click()
    await expect(said(page, "bot", "好的")).to_be_visible()
    await expect(page.get_by_role("button", name="正确")).to_have_count(0)
    assert (chat_service.intake.received[1].text, chat_service.intake.received[1].payload) == ("正确", {"button": "/affirm"})


async def test_what_is_written_while_the_line_is_cut_arrives_once_and_in_order(phone, chat_service):
    page = await phone.page(f"{chat_service.line.url}/widget/")
    await say(page, "第一句")
    await expect(said(page, "bot", "收到：第一句")).to_be_visible()
    chat_service.line.cut()
    await expect(page.get_by_role("status")).to_contain_text("正在重新连接")
    for text in ("第二句", "第三句", "第四句"):
        await say(page, text)
    chat_service.line.mend()
    await expect(said(page, "bot", "收到：第四句")).to_be_visible()
    assert await bubbles(page, "customer") == ["第一句", "第二句", "第三句", "第四句"]
    assert [message.text for message in chat_service.intake.received] == ["第一句", "第二句", "第三句", "第四句"]
    await expect(page.get_by_role("status")).to_have_count(0)


async def test_acknowledgement_lost_with_the_line_does_not_double_the_message(phone, chat_service):
    page = await phone.page(f"{chat_service.line.url}/widget/")
    await expect(field(page)).to_be_visible()
    async with taken_and_cut_off(page, chat_service):
        await say(page, "只有一次")
    chat_service.line.mend()
    await expect(said(page, "bot", "收到：只有一次")).to_be_visible()
    await expect(page.get_by_text("发送中")).to_have_count(0)
    assert await bubbles(page, "customer") == ["只有一次"]
    assert len(chat_service.intake.received) == 1


async def test_reloaded_page_shows_the_same_conversation(phone, chat_service):
    page = await phone.page(f"{chat_service.url}/widget/")
    await say(page, "卡被吞了")
    await expect(said(page, "bot", "收到：卡被吞了")).to_be_visible()
    await page.reload()
    await expect(said(page, "bot", "收到：卡被吞了")).to_be_visible()
    assert await bubbles(page, "customer") == ["卡被吞了"]


async def test_place_in_the_queue_then_the_agents_name_and_words(phone, chat_service):
    chat_service.intake.holder_after = lambda text: Holder.QUEUED
    store, clock, bell = chat_service.store, chat_service.clock, chat_service.bell
    await store.write(
        lambda tx: agents.create(tx, Agent("a1", "wang", "小王", Role.AGENT, None, True, 5, "online"), "-", clock.now())
    )
    page = await phone.page(f"{chat_service.url}/widget/")
    await page.get_by_role("button", name="人工客服").click()
    await expect(page.get_by_role("status")).to_contain_text("第一位")
    conversation = (await store.read(queue.entries))[0].conversation_id
    await store.write(lambda tx: queue.claim(tx, conversation, "a1", clock.now()))
    appended = await agent_says(store, clock, conversation, "您好，我来帮您")
    bell.ring(conversation, appended.seq)
    await expect(said(page, "agent", "您好，我来帮您")).to_be_visible()
    await expect(page.locator("header")).to_contain_text("人工客服 小王 为您服务")
    await expect(page.locator("li.agent .who")).to_have_text("人工客服 小王")
    await expect(page.get_by_role("status")).to_have_count(0)


def picture() -> dict:
    out = io.BytesIO()
    Image.new("RGB", (640, 480), (180, 120, 60)).save(out, "JPEG")
    return {"name": "photo.jpg", "mimeType": "image/jpeg", "buffer": out.getvalue()}


async def test_picture_is_sent_and_still_there_after_a_reload(phone, chat_service):
    page = await phone.page(f"{chat_service.url}/widget/")
    await page.locator("input[type=file]").set_input_files(picture())
    await expect(said(page, "bot", "收到")).to_be_visible()
    await page.reload()
    shown = page.locator("li.customer .picture img")
    await expect(shown).to_be_visible()
    assert await shown.evaluate("image => image.decode().then(() => image.naturalWidth)") == 640
    await page.get_by_role("button", name="查看大图").click()
    await expect(page.get_by_role("dialog").locator("img")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("dialog")).to_have_count(0)


async def test_pasted_picture_is_sent(desk, chat_service):
    page = await desk.page(f"{chat_service.url}/widget/")
    await field(page).evaluate(
        """async (box) => {
            const canvas = new OffscreenCanvas(80, 60);
            canvas.getContext("2d").fillRect(0, 0, 40, 40);
            const carried = new DataTransfer();
            carried.items.add(new File([await canvas.convertToBlob()], "shot.png", { type: "image/png" }));
            box.dispatchEvent(new ClipboardEvent("paste", { clipboardData: carried, bubbles: true, cancelable: true }));
        }"""
    )
    await expect(said(page, "bot", "收到")).to_be_visible()
    assert chat_service.intake.received[0].attachments[0].media_type == "image/png"


async def test_picture_that_cannot_be_opened_is_explained_and_does_not_hold_up_what_follows(phone, chat_service):
    page = await phone.page(f"{chat_service.url}/widget/")
    await page.locator("input[type=file]").set_input_files(
        {"name": "x.jpg", "mimeType": "image/jpeg", "buffer": b"\xff\xd8\xff\xe0" + b"\0" * 900}
    )
    await expect(page.get_by_role("alert")).to_contain_text("这张图片打不开")
    await say(page, "文字照样发")
    await expect(said(page, "bot", "收到：文字照样发")).to_be_visible()
    await page.get_by_role("button", name="删除").click()
    await expect(page.get_by_role("alert")).to_have_count(0)


async def test_message_over_the_limit_stays_in_the_field_with_an_explanation(desk, chat_service):
    page = await desk.page(f"{chat_service.url}/widget/")
    await say(page, "长" * 8001)
    await expect(page.get_by_role("alert")).to_contain_text("8001 字")
    assert len(await field(page).input_value()) == 8001
    assert chat_service.intake.received == []


async def test_new_conversation_begins_seamlessly_after_the_end(phone, chat_service):
    chat_service.intake.holder_after = lambda text: Holder.ENDED if text == "再见" else None
    page = await phone.page(f"{chat_service.url}/widget/")
    await say(page, "再见")
    await expect(page.get_by_role("status")).to_contain_text("本次会话已结束")
    await say(page, "又有问题")
    await expect(said(page, "bot", "收到：又有问题")).to_be_visible()
    await expect(page.locator("li.divider").filter(has_text="新的会话")).to_be_visible()
    assert await bubbles(page, "customer") == ["再见", "又有问题"]


async def test_signed_customer_goes_on_at_another_device(phone, desk, chat_service):
    first = await phone.page(f"{chat_service.url}/widget/#token={login()}")
    await say(first, "卡被吞了")
    await expect(said(first, "bot", "收到：卡被吞了")).to_be_visible()
    second = await desk.page(f"{chat_service.url}/widget/#token={login()}")
    await expect(said(second, "customer", "卡被吞了")).to_be_visible()
    assert "token" not in second.url
    await say(second, "人民路支行")
    await expect(said(first, "customer", "人民路支行")).to_be_visible()


async def test_login_that_is_refused_says_so_and_takes_no_message(phone, chat_service):
    page = await phone.page(f"{chat_service.url}/widget/#token={login()}x")
    await expect(page.get_by_role("status")).to_contain_text("登录已过期")
    await say(page, "你好")
    await expect(page.locator("li.customer time")).to_have_text("发送中")
    assert chat_service.intake.received == []


async def test_page_that_missed_a_message_asks_for_it(phone, chat_service):
    """A service that skips a number: the page notices by the chain and resumes from what it has."""
    asked = []

    def frame(seq, prev, text):
        message = {
            "conversation": "c",
            "seq": seq,
            "prev": prev,
            "speaker": "bot",
            "type": "text",
            "text": text,
            "at": "2026-11-23T04:00:00Z",
        }
        return json.dumps(
            {"type": "message", "message": {**message, "buttons": [], "attachments": [], "custom": {}, "agent": None}}
        )

    def serve(line):
        def answer(text):
            heard = json.loads(text)
            if heard["type"] == "hello":
                limits = {"text_chars": 8000, "image_bytes": 1, "attachments": 9}
                line.send(
                    json.dumps(
                        {
                            "type": "welcome",
                            "visitor": "v:1.1",
                            "name": None,
                            "conversation": "c",
                            "after": 0,
                            "holder": "bot",
                            "limits": limits,
                        }
                    )
                )
                for missing in ((1, 0, "一"), (4, 2, "四"), (5, 4, "五")):
                    line.send(frame(*missing))
            if heard["type"] == "resume":
                asked.append((heard["conversation"], heard["after"]))
                for again in ((2, 1, "二"), (4, 2, "四"), (5, 4, "五")):
                    line.send(frame(*again))

        line.on_message(answer)

    await phone.context.route_web_socket("**/widget/socket", serve)
    page = await phone.page(f"{chat_service.url}/widget/")
    await expect(said(page, "bot", "五")).to_be_visible()
    assert await bubbles(page, "bot") == ["一", "二", "四", "五"]
    assert asked == [("c", 1)]


async def test_english_is_spoken_where_the_page_asks_for_it(phone, chat_service):
    page = await phone.page(f"{chat_service.url}/widget/?locale=en")
    await expect(page.get_by_role("heading", name="Customer service")).to_be_visible()
    assert await page.locator("html").get_attribute("lang") == "en"


async def test_kind_of_feedback_is_chosen_instead_of_typed(small_phone, chat_service):
    page = await small_phone.page(f"{chat_service.url}/widget/")
    await page.get_by_role("button", name="意见反馈").click()
    choices = page.get_by_role("region", name="意见反馈")
    await choices.get_by_role("button", name="投诉或问题").click()
    await expect(said(page, "bot", "收到：我要投诉")).to_be_visible()
    await expect(choices).to_have_count(0)
    await page.get_by_role("navigation").get_by_role("button", name="帮助中心").click()
    await page.get_by_role("button", name="转账多久能到账？").click()
    await expect(said(page, "bot", "收到：转账多久能到账？")).to_be_visible()


# --- inside the bank's page ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("screen", "size"), [("phone", (390, 844)), ("desk", (380, 600))])
async def test_chat_opens_over_a_phone_and_beside_a_desks_page(request, contexts, chat_service, screen, size):
    device = await contexts(**(PHONE if screen == "phone" else DESK))
    page = await device.page(f"{chat_service.url}/")
    assert await page.locator("iframe").count() == 0
    await page.get_by_role("button", name="在线客服", exact=True).click()
    frame = page.frame_locator("iframe")
    await say(frame, "你好")
    await expect(said(frame, "bot", "收到：你好")).to_be_visible()
    box = await page.locator("iframe").bounding_box()
    assert (box["width"], box["height"]) == size
    await frame.get_by_role("button", name="收起").click()
    await expect(page.locator("iframe")).to_be_hidden()


async def test_badge_counts_what_came_while_the_chat_was_closed_even_after_a_reload(desk, chat_service):
    page = await desk.page(f"{chat_service.url}/")
    await page.get_by_role("button", name="在线客服", exact=True).click()
    frame = page.frame_locator("iframe")
    await say(frame, "你好")
    await expect(said(frame, "bot", "收到：你好")).to_be_visible()
    await frame.get_by_role("button", name="收起").click()
    store, clock = chat_service.store, chat_service.clock
    conversation = await newest(store)
    for text in ("您好", "请稍等"):
        appended = await agent_says(store, clock, conversation, text)
        chat_service.bell.ring(conversation, appended.seq)
    await expect(page.get_by_role("button", name="在线客服 2 条未读")).to_be_visible()
    await page.reload()
    await page.get_by_role("button", name="在线客服 2 条未读").click()
    await expect(said(frame, "agent", "请稍等")).to_be_visible()
    await frame.get_by_role("button", name="收起").click()
    await expect(page.get_by_role("button", name="在线客服", exact=True)).to_be_visible()


async def newest(store) -> str:
    from store import desk_lists
    from store.desk_lists import Wanted
    from store.sight import Sight

    return (await store.read(lambda tx: desk_lists.desk_list(tx, Wanted("all"), Sight("a1")))).rows[0].id


async def test_signing_in_and_out_on_the_banks_page_changes_whose_conversation_is_shown(desk, chat_service):
    page = await desk.page(f"{chat_service.url}/")
    frame = page.frame_locator("iframe")
    await page.get_by_role("button", name="以李女士的身份登录").click()
    await page.get_by_role("button", name="联系在线客服").click()
    await say(frame, "我的问题")
    await expect(said(frame, "bot", "收到：我的问题")).to_be_visible()
    assert chat_service.intake.received[0].signed_name == "李女士"
    await frame.get_by_role("button", name="收起").click()
    await page.get_by_role("button", name="退出登录").click()
    await page.get_by_role("button", name="联系在线客服").click()
    await expect(said(frame, "customer", "我的问题")).to_have_count(0)
    await say(frame, "另一个人")
    await expect(said(frame, "bot", "收到：另一个人")).to_be_visible()
    assert chat_service.intake.received[1].signed_customer is None


async def opened_at(device, site):
    page = await device.page(f"{site}/")
    await page.get_by_role("button", name="在线客服", exact=True).click()
    return page


async def test_allowed_site_shows_the_chat_and_commands_it(desk, chat_service):
    page = await opened_at(desk, chat_service.site)
    frame = page.frame_locator("iframe")
    await page.evaluate("token => huiyin('setUser', { token })", login("c-7"))
    await say(frame, "你好")
    await expect(said(frame, "bot", "收到：你好")).to_be_visible()
    assert chat_service.intake.received[0].signed_customer == "c-7"
    await page.evaluate("huiyin('close')")
    await expect(page.locator("iframe")).to_be_hidden()


async def test_site_that_is_not_allowed_cannot_show_the_chat(desk, chat_service):
    async with desk.context.expect_console_message(lambda message: "frame-ancestors" in message.text, timeout=WAIT_MS):
        page = await opened_at(desk, chat_service.site.replace("127.0.0.1", "localhost"))
    assert await page.frame_locator("iframe").get_by_role("textbox").count() == 0
    desk.errors.clear()


@pytest.mark.parametrize(("host", "signed_in"), [("localhost", None), ("127.0.0.1", "c-1")], ids=["stranger", "ours"])
async def test_a_strangers_site_cannot_sign_a_customer_in_as_somebody_else(desk, chat_service, host, signed_in):
    page = await desk.page(chat_service.site.replace("127.0.0.1", host))
    link = f"{chat_service.url}/widget/#token={login()}"
    await page.evaluate(
        "link => document.body.append(Object.assign(document.createElement('a'), { href: link, textContent: '客服' }))", link
    )
    await page.get_by_role("link", name="客服").click()
    await say(page, "你好")
    await expect(said(page, "bot", "收到：你好")).to_be_visible()
    assert chat_service.intake.received[-1].signed_customer == signed_in
    assert "token" not in page.url
