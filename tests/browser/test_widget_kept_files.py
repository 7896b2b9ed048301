"""A picture or video that is not with us yet: kept by the browser over a reload, sent once, for its own customer, not for ever."""

import asyncio

import pytest
from browser.conftest import WAIT_MS
from browser.test_widget import bubbles, field, login, picture, said, say, taken_and_cut_off
from browser.test_widget_unsent import embedded, offline
from playwright.async_api import expect

KEYS = """() => new Promise((resolve) => {
    const asking = indexedDB.open("huiyin", 1);
    asking.onupgradeneeded = () => asking.result.createObjectStore("files", { keyPath: "key" });
    asking.onsuccess = () => {
        const all = asking.result.transaction("files").objectStore("files").getAllKeys();
        all.onsuccess = () => { asking.result.close(); resolve(all.result); };
    };
})"""
CHANGE = """([change, size]) => new Promise((resolve) => {
    const asking = indexedDB.open("huiyin", 1);
    asking.onupgradeneeded = () => asking.result.createObjectStore("files", { keyPath: "key" });
    asking.onsuccess = () => {
        const transaction = asking.result.transaction("files", "readwrite");
        const files = transaction.objectStore("files");
        if (change === "fill") files.put({ key: "x", file: new Blob([new Uint8Array(size)]), at: Date.now() });
        else files.getAll().onsuccess = ({ target }) => target.result.forEach((item) => files.put({ ...item, at: item.at - 86_400_001 }));
        transaction.oncomplete = () => { asking.result.close(); resolve(); };
    };
})"""
REFUSALS = {
    "missing": "Object.defineProperty(window, 'indexedDB', { value: undefined })",
    "refusing": "Object.defineProperty(window, 'indexedDB', { get() { throw new DOMException('no', 'SecurityError'); } })",
    "failing": "IDBFactory.prototype.open = () => { const asking = new EventTarget(); queueMicrotask(() => asking.onerror()); return asking; }",
    "silent": "IDBFactory.prototype.open = () => ({})",
    "full": "IDBObjectStore.prototype.put = () => { throw new DOMException('full', 'QuotaExceededError'); }",
}


async def is_kept(page, count: int) -> None:
    """Until so many files are kept."""
    async with asyncio.timeout(WAIT_MS / 1000):
        while len(await page.evaluate(KEYS)) != count:
            await page.evaluate("() => new Promise(requestAnimationFrame)")


async def chosen_offline(device, service):
    """A page on which a picture was chosen after the line was cut."""
    page = await device.page(f"{service.line.url}/widget/")
    await say(page, "第一句")
    await expect(said(page, "bot", "收到：第一句")).to_be_visible()
    await offline(page, service)
    await page.locator("input[type=file]").set_input_files(picture())
    await expect(page.locator("li.customer .picture img")).to_be_visible()
    return page


async def reloaded(page, service) -> None:
    service.line.mend()
    await page.reload()


async def is_named_as_lost(page) -> None:
    await expect(page.get_by_role("alert")).to_contain_text("请重新选择")
    await expect(page.get_by_role("button", name="重发")).to_have_count(0)
    await page.get_by_role("button", name="删除").click()
    await expect(page.get_by_role("alert")).to_have_count(0)


async def test_picture_chosen_offline_is_sent_after_a_reload_once_and_in_its_place(phone, chat_service):
    page = await chosen_offline(phone, chat_service)
    await say(page, "第二句")
    await is_kept(page, 1)
    await reloaded(page, chat_service)
    await expect(said(page, "bot", "收到：第二句")).to_be_visible()
    assert await bubbles(page, "customer") == ["第一句", "第二句"]
    received = chat_service.intake.received
    assert [(message.text, len(message.attachments)) for message in received] == [("第一句", 0), ("", 1), ("第二句", 0)]
    shown = page.locator("li.customer .picture img")
    assert await shown.evaluate("image => image.decode().then(() => image.naturalWidth)") == 640
    await is_kept(page, 0)
    await page.reload()
    await expect(said(page, "bot", "收到：第二句")).to_be_visible()
    assert len(received) == 3
    await expect(page.locator("li.customer .picture")).to_have_count(1)


async def test_picture_is_shown_while_it_still_waits_after_a_reload_and_can_be_called_back(phone, chat_service):
    page = await chosen_offline(phone, chat_service)
    await is_kept(page, 1)
    await page.route("**/widget/uploads", lambda _route: None)  # nobody answers
    await reloaded(page, chat_service)
    await expect(page.locator("li.customer .picture img")).to_be_visible()
    await page.get_by_role("button", name="取消", exact=True).click()
    await expect(page.locator("li.customer .picture")).to_have_count(0)
    await is_kept(page, 0)
    await page.reload()
    await expect(said(page, "bot", "收到：第一句")).to_be_visible()
    await expect(page.locator("li.customer .picture, .problem")).to_have_count(0)


async def test_uploaded_picture_whose_message_was_not_acknowledged_is_neither_lost_nor_doubled(phone, chat_service):
    page = await phone.page(f"{chat_service.line.url}/widget/")
    await expect(field(page)).to_be_visible()
    async with taken_and_cut_off(page, chat_service):
        await page.locator("input[type=file]").set_input_files(picture())
    uploads = []
    page.on("request", lambda request: request.url.endswith("/widget/uploads") and uploads.append(request))
    await reloaded(page, chat_service)
    await expect(page.locator("li.customer .picture img")).to_have_count(1)
    await expect(page.get_by_text("发送中")).to_have_count(0)
    await is_kept(page, 0)
    assert len(chat_service.intake.received) == 1
    assert uploads == []


@pytest.mark.parametrize("how", REFUSALS)
async def test_where_the_browser_keeps_nothing_the_file_is_named_as_lost_and_what_follows_is_sent(contexts, chat_service, how):
    device = await contexts()
    await device.context.add_init_script(REFUSALS[how])
    page = await chosen_offline(device, chat_service)
    await say(page, "第二句")
    await page.route("**/widget/uploads", lambda route: route.abort())
    await reloaded(page, chat_service)
    await expect(said(page, "bot", "收到：第二句")).to_be_visible()
    await is_named_as_lost(page)


async def test_file_is_kept_for_a_day_and_no_longer(phone, chat_service):
    page = await chosen_offline(phone, chat_service)
    await is_kept(page, 1)
    await page.evaluate(CHANGE, ["age", 0])
    await reloaded(page, chat_service)
    await is_named_as_lost(page)
    await is_kept(page, 0)


async def test_no_more_is_kept_than_there_is_room_for(phone, chat_service):
    page = await phone.page(f"{chat_service.line.url}/widget/")
    await page.evaluate(CHANGE, ["fill", 64 * 1024 * 1024])
    await say(page, "第一句")
    await offline(page, chat_service)
    await page.locator("input[type=file]").set_input_files(picture())
    await expect(page.locator("li.customer .picture img")).to_be_visible()
    await is_kept(page, 1)  # what was there
    await reloaded(page, chat_service)
    await is_named_as_lost(page)


@pytest.mark.parametrize(
    ("then", "is_sent"),
    [
        ("token => huiyin('setUser', { token })", True),  # the same customer with a new token
        ("() => huiyin('setUser', null)", False),
        ("() => huiyin('reset')", False),
        ("() => huiyin('setUser', { token: window.other })", False),
    ],
    ids=["same", "nobody", "reset", "other"],
)
async def test_file_stays_with_the_customer_who_chose_it(desk, chat_service, then, is_sent):
    page, frame = await embedded(desk, chat_service, f"huiyin('setUser', {{ token: '{login('c-1')}' }})")
    await say(frame, "你好")
    await expect(said(frame, "bot", "收到：你好")).to_be_visible()
    await page.route("**/widget/uploads", lambda _route: None)  # nobody answers
    await frame.locator("input[type=file]").set_input_files(picture())
    await is_kept(frame.locator("body"), 1)
    await page.evaluate(f"window.other = '{login('c-2')}'")
    await page.unroute_all(behavior="ignoreErrors")
    await page.evaluate(then, login("c-1") + "")
    if is_sent:
        await expect(said(frame, "bot", "收到").last).to_be_visible()
    await is_kept(frame.locator("body"), 0)
    assert all(message.signed_customer == "c-1" for message in chat_service.intake.received)
    await expect(frame.locator("li.customer .picture")).to_have_count(1 if is_sent else 0)


async def test_another_customers_tab_finds_no_file_of_the_one_before(desk, chat_service):
    page, frame = await embedded(desk, chat_service, f"huiyin('setUser', {{ token: '{login('c-1')}' }})")
    await expect(field(frame)).to_be_visible()
    await page.route("**/widget/uploads", lambda _route: None)
    await frame.locator("input[type=file]").set_input_files(picture())
    await is_kept(frame.locator("body"), 1)
    await page.reload()
    await page.evaluate(f"huiyin('setUser', {{ token: '{login('c-2')}' }})")
    await page.evaluate("huiyin('open')")
    await expect(field(frame)).to_be_visible()
    await is_kept(frame.locator("body"), 0)
    await expect(frame.locator("li.customer")).to_have_count(0)
    assert chat_service.intake.received == []


async def test_file_that_was_only_just_chosen_is_not_kept_after_signing_out(phone, chat_service):
    page = await phone.page(f"{chat_service.url}/widget/")
    await expect(field(page)).to_be_visible()
    left = await page.evaluate(
        """async () => {
            const kept = await import("/widget/assets/kept_files.js");
            kept.keepFile("k", new File(["x"], "x.jpg"));
            await kept.dropFiles();
            return kept.keptFile("k");
        }"""
    )
    assert left is None
    assert await page.evaluate(KEYS) == []


async def test_files_that_other_tabs_left_behind_are_dropped_when_they_are_old(phone, chat_service):
    page = await chosen_offline(phone, chat_service)
    await is_kept(page, 1)
    await page.evaluate(CHANGE, ["age", 0])
    await page.close()
    chat_service.line.mend()
    page = await phone.page(f"{chat_service.line.url}/widget/")
    await expect(said(page, "bot", "收到：第一句")).to_be_visible()
    await is_kept(page, 0)
    assert await page.evaluate("localStorage.getItem('huiyin.files')") is None
