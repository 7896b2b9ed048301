"""What strangers and colleagues may write anywhere stays text on every page: nothing of it runs, loads, or leads where it should not.

Twice: as browsers have it, where any complaint of the Content-Security-Policy fails the test, and with that policy switched off,
where nothing would stop a script that got in.
"""

import asyncio
import json
import time
from urllib.parse import quote, urlsplit

import jwt
import pytest
from browser.at_work import canned, composer, hire, sign_in
from browser.conftest import DESK, PHONE, WAIT_MS, Watched
from desk.at_the_desk import BASE
from playwright.async_api import Page, expect
from widget.speaking import IDENTITY_SECRET

from config.labels import Role

TINY = "<b/id=injected>x"
TITLE = '"><img src=x onerror=hacked()>'
SHORT = '"><img id=injected src=x onerror=hacked()>'
EVIL = (
    f"{SHORT}<script id=injected>hacked()</script></textarea></title><svg id=injected onload=hacked()>"
    "<iframe id=injected srcdoc='<script>parent.hacked()</script>'></iframe><a id=injected href=\"javascript:hacked()\">点这里</a>"
    "{{7*7}}${7*7}<!--\u2028]]>"
)
LINKS = (
    "javascript:hacked() data:text/html,<script>hacked()</script> vbscript:hacked() JaVaScRiPt://bank.example/%0ahacked() "
    "https://www.bank.example@evil.example/login https://user:pass@evil.example/ https:\\\\evil.example/ //evil.example/x "
    "https://bank.example:hacked()@evil.example"
)


class Trap:
    """A browser in which anything that ran, opened or went elsewhere is noted."""

    def __init__(self, watched: Watched, own: str) -> None:
        self.watched, self.own, self.caught = watched, own, []

    async def set_up(self) -> None:
        context = self.watched.context
        await context.expose_function("hacked", lambda: self.caught.append("a script ran"))
        context.on("dialog", lambda dialog: self.caught.append(f"a dialog: {dialog.message}"))
        context.on("request", self._asked)

    def _asked(self, request) -> None:
        if not request.url.startswith((self.own, "blob:", "data:image/")) or urlsplit(request.url).path.endswith("/x"):
            self.caught.append(f"asked for {request.url}")

    async def nothing_got_in(self, page: Page) -> None:
        """No element came of what was written, no link leads astray, and nothing ran until now."""
        assert await page.locator("#injected, [onerror], [onload], [srcdoc]").count() == 0
        for href in await page.locator("a[href]").evaluate_all("links => links.map(link => link.getAttribute('href'))"):
            parts = urlsplit(href)
            assert parts.scheme in ("", "http", "https", "blob") and "@" not in parts.netloc, href
        assert self.caught == []


@pytest.fixture(params=[False, True], ids=["as it is", "without the policy"])
def trapped(request, contexts, running_app):
    async def new(**options) -> Trap:
        trap = Trap(await contexts(bypass_csp=request.param, **options), running_app.url)
        await trap.set_up()
        return trap

    return new


async def desk_api(page: Page, method: str, path: str, body: object, status: tuple[int, ...] = (200, 201)) -> dict:
    """The desk's API, as its own pages call it."""
    answer = await page.context.request.fetch(
        f"{page.url.partition('/desk')[0]}{BASE}{path}",
        method=method,
        data=json.dumps(body),
        headers={"Content-Type": "application/json", "Origin": page.url.partition("/desk")[0]},
    )
    assert answer.status in status, await answer.text()
    return await answer.json() if answer.status != 204 else {}


async def found(page: Page, kind: str) -> None:
    """Wait until what was written a moment ago can be searched."""
    async with asyncio.timeout(WAIT_MS / 1000):
        while not (await desk_api(page, "GET", "/search?q=injected", None))[kind]["items"]:  # noqa: ASYNC110 -- another loop indexes
            await asyncio.sleep(0.1)


async def test_whatever_customers_and_colleagues_write_stays_text_in_chat_and_desk(trapped, running_app):
    await hire(running_app, "zhuguan", SHORT, Role.SUPERVISOR)
    staff_trap, phone_trap = await trapped(**DESK), await trapped(**PHONE)
    staff = await sign_in(staff_trap.watched, running_app, "zhuguan")
    login = jwt.encode({"sub": EVIL[:128], "name": SHORT, "exp": int(time.time()) + 3600}, IDENTITY_SECRET, "HS256")
    chat = await phone_trap.watched.page(f"{running_app.url}/widget/#token={login}")
    field = chat.get_by_role("textbox", name="请输入您的问题")
    for words in (f"柜员态度太差了{EVIL}", f"{LINKS}我要投诉", "转人工"):
        await field.fill(words)
        answers = await chat.locator("li.bot .bubble, li.system").count()
        await chat.get_by_role("button", name="发送", exact=True).click()
        await expect(chat.locator("li.bot .bubble, li.system")).not_to_have_count(answers)
    await phone_trap.nothing_got_in(chat)

    await expect(staff.locator(".list .row")).to_contain_text("<img")
    await staff.locator(".list .row").click()
    await staff.get_by_role("button", name="接入", exact=True).click()
    await expect(staff.locator("li.customer .bubble").first).to_contain_text("<script id=injected>")
    await expect(composer(staff)).to_be_visible()
    opened = await desk_api(staff, "GET", "/conversations?view=mine", None)
    one = f"/conversations/{opened['items'][0]['id']}"
    await desk_api(staff, "POST", f"{one}/replies", {"text": f"{EVIL} {LINKS} https://www.bank.example/help?a=1"})
    await desk_api(staff, "POST", f"{one}/notes", {"text": EVIL})
    await desk_api(staff, "PUT", f"{one}/tags", {"add": [TINY]})
    await desk_api(staff, "POST", "/canned", {"shortcut": "evil", "title": TITLE, "text": f"{EVIL} {LINKS}", "shared": True})
    await desk_api(staff, "POST", "/views", {"name": TITLE, "filters": {"view": "all"}})
    await expect(staff.locator("li.note")).to_contain_text("<script id=injected>")
    await staff_trap.nothing_got_in(staff)
    reply = chat.locator("li.agent .bubble")
    await expect(reply).to_contain_text("<script id=injected>")
    assert await reply.locator("a").evaluate_all("links => links.map(link => link.href)") == ["https://www.bank.example/help?a=1"]
    await phone_trap.nothing_got_in(chat)

    await composer(staff).fill("/evil")
    await expect(canned(staff).first).to_contain_text("<img")
    await composer(staff).fill("")
    await found(staff, "messages")
    await staff.keyboard.press("Control+k")
    await staff.get_by_role("combobox", name="搜索或执行命令").fill("injected")
    await expect(staff.get_by_role("listbox").locator("mark").first).to_have_text("injected")
    await staff_trap.nothing_got_in(staff)
    await staff.keyboard.press("Escape")
    for part in ("search?q=injected", "supervisor", "staff", "canned", "settings", f"search?q={quote(EVIL)}", "register"):
        await staff.goto(f"{running_app.url}/desk/#{part}")
        await expect(staff.get_by_role("heading", level=2)).to_be_visible()
        await expect(staff.get_by_role("status").filter(has_text="正在")).to_have_count(0)
        await staff_trap.nothing_got_in(staff)

    exported = await staff.context.request.get(f"{running_app.url}{BASE}{one}/export?format=html")
    page = await staff_trap.watched.context.new_page()
    await page.set_content(await exported.text())  # as it is opened from a disk: without any header
    await expect(page.locator("article").first).to_contain_text("<script id=injected>")
    await staff_trap.nothing_got_in(page)


async def test_whatever_a_form_says_stays_text_on_the_form_the_tickets_page_and_the_desk(trapped, running_app):
    await hire(running_app, "zhuguan", "陈主管", Role.SUPERVISOR)
    trap = await trapped(**PHONE)
    page = await trap.watched.page(f"{running_app.url}/feedback/?branch={quote(SHORT)}&locale={quote(SHORT)}&size={quote(SHORT)}")
    await expect(page.get_by_text("<img id=injected")).to_be_visible()
    await page.locator("label", has_text="投诉").click()
    await page.get_by_label("和哪项业务有关").select_option(label="网点服务")
    await page.get_by_label("请说说具体情况").fill(f"柜员态度差{EVIL} {LINKS}")
    await page.get_by_role("button", name="下一步：核对").click()
    await expect(page.get_by_text("<script id=injected>")).to_be_visible()
    await trap.nothing_got_in(page)
    await page.get_by_role("button", name="内容无误，提交").click()
    await expect(page.get_by_role("heading", name="已经收到")).to_be_visible()
    await trap.nothing_got_in(page)
    await page.get_by_role("link", name="查看进度、补充说明").click()
    # The ticket's page shows how it begins: the branch and the first words, and then the addition as well.
    shown = page.get_by_role("main").get_by_text("<img id=injected")
    await expect(shown).to_have_count(2)
    await page.get_by_label("补充说明").fill(EVIL)
    await page.get_by_role("button", name="提交补充").click()
    await expect(shown).to_have_count(3)
    await trap.nothing_got_in(page)
    await page.goto(f"{page.url}?locale={quote(SHORT)}#<script>hacked()</script>")
    await expect(shown).to_have_count(3)
    await trap.nothing_got_in(page)

    at_work = await trapped(**DESK)
    staff = await sign_in(at_work.watched, running_app, "zhuguan")
    await found(staff, "tickets")
    await staff.goto(f"{running_app.url}/desk/#search?q=injected")
    await staff.locator(".number", has_text="FB").first.click()
    await expect(staff.locator(".ticket-card .problem")).to_contain_text("<script id=injected>")
    await at_work.nothing_got_in(staff)


async def test_what_a_page_is_asked_with_stays_text(trapped, running_app):
    trap = await trapped(**DESK)
    for path in ("/api/docs", "/widget/", "/desk/", "/feedback/", "/simulator/", "/", f"/s/{'0' * 32}"):
        for rest in (
            f"?locale={quote(SHORT)}&q={quote(EVIL)}",
            f"#{EVIL}",
            "#javascript:hacked()",
            "#token=<script>hacked()</script>",
        ):
            page = await trap.watched.page(f"{running_app.url}{path}{rest}")
            await page.wait_for_load_state("load")
            await trap.nothing_got_in(page)
            await page.close()
