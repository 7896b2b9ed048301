"""Words that come with their news, in a real browser: shown without asking for them, and asked for when one is missing."""

import asyncio
import json

from browser.at_work import composer, hire, keep_picture, sign_in, take, violations, waits, write
from playwright.async_api import Page, Route, WebSocketRoute, expect

from config.labels import Speaker
from store import conversations
from store.conversations import MessageDraft


async def shown(page: Page, text: str) -> None:
    await expect(page.locator("li.customer .bubble").filter(has_text=text)).to_have_count(1)


async def test_words_of_the_open_conversation_are_shown_as_they_come_without_being_asked_for(desk, running_app):
    await hire(running_app)
    staff = await sign_in(desk, running_app)
    await waits(running_app)
    await take(staff)
    await write(running_app, "第一句")
    await shown(staff, "第一句")
    asked: list[str] = []
    staff.on("request", lambda request: asked.append(request.url))
    for text in ("第二句", "第三句", "第四句"):
        await write(running_app, text)
        await shown(staff, text)
    assert [url for url in asked if "/messages?" in url] == []


async def test_when_a_frame_was_lost_what_it_carried_is_read_by_number_and_everything_stands_in_order(desk, running_app):
    await hire(running_app)
    lost: list[str] = []

    def between(page: WebSocketRoute) -> None:
        service = page.connect_to_server()

        def pass_on(text: str | bytes) -> None:
            if "这句会丢" in str(text) and not lost:
                lost.append(json.loads(text)["type"])
            else:
                page.send(text)

        service.on_message(pass_on)

    await desk.context.route_web_socket("**/desk/socket", between)
    staff = await sign_in(desk, running_app)
    await waits(running_app)
    await take(staff)
    await write(running_app, "这句会丢")
    await write(running_app, "这句会到")
    await shown(staff, "这句会到")
    texts = await staff.locator("li.customer .bubble").all_inner_texts()
    assert [text for text in texts if text.startswith("这句")] == ["这句会丢", "这句会到"]
    assert lost == ["news"]


async def test_what_is_sent_off_while_the_words_before_are_still_on_their_way_goes_after_them(desk, running_app):
    await hire(running_app)
    staff = await sign_in(desk, running_app)
    await waits(running_app)
    await take(staff)
    answered = asyncio.Event()

    async def late(route: Route) -> None:
        answer = await route.fetch()
        await answered.wait()
        await route.fulfill(response=answer)

    await staff.route("**/replies", late, times=1)
    await composer(staff).fill("第一句")
    await composer(staff).press("Enter")
    await expect(staff.locator("li.agent .bubble").filter(has_text="第一句")).to_have_count(1)
    await composer(staff).press("Enter")  # impatience: the same words once more
    await staff.get_by_role("button", name="内部备注").click()
    await composer(staff, "内部备注").fill("写给同事")
    await composer(staff, "内部备注").press("Enter")
    await expect(staff.locator("li.note")).to_have_count(0)
    answered.set()
    await expect(staff.locator("li.note .bubble").filter(has_text="写给同事")).to_have_count(1)
    await expect(composer(staff, "内部备注")).to_have_value("")
    await expect(staff.locator("li.agent .bubble").filter(has_text="第一句")).to_have_count(1)


async def test_a_file_that_was_withheld_unreadable_or_lost_is_told_in_its_place(desk, running_app):
    await hire(running_app)
    page = await sign_in(desk, running_app)
    await waits(running_app)
    await page.locator(".list .row").first.click()
    listed = await page.context.request.get(f"{running_app.url}/api/v1/desk/conversations?view=waiting")
    conversation = (await listed.json())["items"][0]["id"]
    service = running_app.service
    outcomes = {"withheld_files": 1}, {"unopened_files": 1}, {"media_failed": True}
    for payload in ({"pending_media": 1, **outcome} for outcome in outcomes):
        draft, now = MessageDraft(Speaker.CUSTOMER, "", type="image", payload=payload), service.clock.now()
        await service.store.write(lambda tx, draft=draft, now=now: conversations.append(tx, conversation, draft, now=now))
    service.bell.ring(conversation)
    await expect(page.locator("li.customer .bubble").get_by_text("安全检查发现 1 个文件有问题，已拦下，没有保存")).to_be_visible()
    await expect(page.locator("li.customer .bubble").get_by_text("有 1 张图片打不开")).to_be_visible()
    await expect(page.locator("li.customer .bubble").get_by_text("文件没有取到")).to_be_visible()
    assert await violations(page) == []
    await keep_picture(page, "withheld")
