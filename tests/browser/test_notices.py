"""An agent who looks elsewhere learns of what concerns them: by a sound, on the desktop, in the title, as they like it."""

import json
import re

from browser.at_work import composer, hire, keep_picture, sign_in, take, waits, write
from browser.conftest import DESK
from playwright.async_api import Page, expect
from sqlalchemy import update

from store.tables import queue_entries

# Spies in the place of the browser's own: what rings and what is shown can be counted, and hiding does not need a second tab.
SPIES = """
window.shown = []; window.away = false;
window.count = (name, n) => document.documentElement.setAttribute(`data-${name}`, n);
window.counted = (name) => Number(document.documentElement.getAttribute(`data-${name}`));
const real = AudioContext.prototype.createOscillator;
AudioContext.prototype.createOscillator = function () { count("rung", counted("rung") + 1); return real.call(this); };
window.Notification = class { static permission = "granted"; static requestPermission = async () => "granted";
  constructor(title, options) { count("shown", counted("shown") + 1); window.shown.push({ title, ...options }); window.lastNotice = this; } close() {} };
Object.defineProperty(document, "hidden", { get: () => window.away });
"""


async def at_desk(contexts, app, login: str, **likes) -> Page:
    context = await contexts(**DESK)
    await context.context.add_init_script(
        f"{SPIES} if (location.protocol === 'http:') localStorage.setItem('desk-preferences', '{json.dumps(likes)}');"
    )
    return await sign_in(context, app, login)


async def look_away(page: Page, away: bool = True) -> None:
    await page.evaluate("away => { window.away = away; document.dispatchEvent(new Event('visibilitychange')); }", away)


async def forget(page: Page) -> None:
    """What rang and was shown so far does not count."""
    await page.evaluate("count('rung', 0); count('shown', 0); window.shown = []")


async def counts(page: Page, **wanted: int) -> None:
    for name, n in wanted.items():
        await expect(page.locator("html")).to_have_attribute(f"data-{name}", str(n))


async def offer(page: Page, name: str = "小李", reason: str = "她熟悉柜台业务") -> None:
    await page.get_by_role("button", name="转接", exact=True).click()
    box = page.get_by_role("dialog", name="转接")
    await box.get_by_role("radio", name=name).check()
    await box.get_by_label("转接原因").fill(reason)
    await box.get_by_role("button", name="转接").click()
    await expect(box).to_have_count(0)


async def both(contexts, app, **likes) -> tuple[Page, Page]:
    """Somebody who serves a customer, and a colleague who looks at another window."""
    await hire(app)
    await hire(app, "xiaoli", "小李")
    first = await at_desk(contexts, app, "xiaowang", sound=False)
    second = await at_desk(contexts, app, "xiaoli", **likes)
    await waits(app)
    await take(first)
    await expect(second.get_by_role("button", name="未分配")).not_to_contain_text("1")
    await forget(second)
    await look_away(second)
    return first, second


async def test_an_offer_rings_shows_on_the_desktop_and_in_the_title_and_is_taken_by_one_key(contexts, running_app):
    first, second = await both(contexts, running_app, sound=True, desktop=True)
    await offer(first)
    await expect(second.get_by_text("小王 把会话转给您")).to_be_visible()
    await counts(second, rung=2, shown=1)  # two tones
    told = await second.evaluate("window.shown")
    assert [item["body"] for item in told] == ["同事转给您一个会话"]
    assert "柜员" not in str(told)  # what a customer says is not for the desktop
    assert "同事转给您一个会话" in await second.title()
    await look_away(second, away=False)
    await keep_picture(second, "offered")
    await second.keyboard.press("Alt+O")
    await expect(composer(second)).to_be_visible()
    await expect(second.locator(".banner.offer")).to_have_count(0)
    await expect(second).not_to_have_title(re.compile("●"))  # once what was said before is read


async def test_the_notice_on_the_desktop_leads_to_the_conversation(contexts, running_app):
    first, second = await both(contexts, running_app, desktop=True)
    await offer(first)
    await counts(second, shown=1)
    await second.evaluate("window.lastNotice.onclick()")
    await expect(second.get_by_role("main").get_by_role("button", name="暂时接不了")).to_be_visible()


async def test_without_sound_and_desktop_an_offer_is_seen_in_the_page_alone(contexts, running_app):
    first, second = await both(contexts, running_app, sound=False, desktop=False)
    await offer(first)
    await expect(second.get_by_text("小王 把会话转给您")).to_be_visible()
    await counts(second, rung=0, shown=0)


async def test_an_offer_that_is_not_answered_goes_and_both_are_told(contexts, running_app):
    first, second = await both(contexts, running_app, sound=False)
    await offer(first)
    await expect(second.locator(".banner.offer")).to_have_count(1)
    over = running_app.service.clock.now()
    await running_app.service.store.write(lambda tx: tx.conn.execute(update(queue_entries).values(reserved_until=over)).rowcount)
    await expect(first.get_by_role("status").get_by_text("小李 没有及时接入")).to_be_visible()
    await expect(second.get_by_role("status").get_by_text("已开放给其他同事")).to_be_visible()
    await expect(second.locator(".banner.offer")).to_have_count(0)


async def test_a_customers_words_ring_where_they_are_not_being_read(contexts, running_app):
    await hire(running_app)
    page = await at_desk(contexts, running_app, "xiaowang", sound=True, desktop=True)
    await waits(running_app)
    await take(page)
    await expect(page.locator(".views .dot")).to_have_count(0)
    await forget(page)
    await write(running_app, "您在看吗")
    await expect(page.locator("li.customer .bubble").last).to_contain_text("您在看吗")
    await look_away(page)
    await write(running_app, "还在吗")
    await counts(page, rung=2, shown=1)
    assert [item["body"] for item in await page.evaluate("window.shown")] == ["您接待的客户有新消息"]
    await expect(page.get_by_role("img", name="1 个会话有未读消息")).to_be_visible()
    await look_away(page, away=False)
    await expect(page.locator(".views .dot")).to_have_count(0)


# A browser that keeps a page silent until somebody has clicked in it, as browsers do after a page was opened anew.
SILENT = """
window.allowed = false;
Object.defineProperty(AudioContext.prototype, "state", { get: () => window.allowed ? "running" : "suspended" });
AudioContext.prototype.resume = async function () { if (window.gesture) window.allowed = true; };
for (const name of ["pointerdown", "keydown"]) window.addEventListener(name, () => window.gesture = true, true);
"""


async def test_a_ring_that_the_browser_withholds_is_told_and_comes_with_the_first_click(contexts, running_app):
    await hire(running_app)
    page = await at_desk(contexts, running_app, "xiaowang", sound=True)
    await page.context.add_init_script(SILENT)
    await page.reload()
    await forget(page)
    told = page.get_by_text("浏览器还没有允许响铃")
    await expect(told).to_be_visible()  # before anybody waits
    await waits(running_app)
    await expect(page.locator(".list .row")).to_have_count(1)
    await counts(page, rung=0)
    await keep_picture(page, "silenced")
    await page.locator(".list .row").click()
    await counts(page, rung=2)
    await expect(told).to_have_count(0)
    await expect(page.locator(".list .row")).to_have_attribute("aria-current", "true")  # the click went where it was meant to


async def test_an_offer_rings_for_the_one_it_is_made_to_and_for_everybody_only_when_it_is_over(contexts, running_app):
    await hire(running_app, "xiaozhao", "小赵")
    third = await at_desk(contexts, running_app, "xiaozhao", sound=True)
    first, second = await both(contexts, running_app, sound=True)
    await expect(third.get_by_role("button", name="未分配")).not_to_contain_text("1")
    await forget(third)
    await offer(first)
    await counts(second, rung=2)
    await expect(third.locator(".list .row").filter(has_text="等 小李 接入")).to_be_visible()
    await counts(third, rung=0)
    over = running_app.service.clock.now()
    await running_app.service.store.write(lambda tx: tx.conn.execute(update(queue_entries).values(reserved_until=over)).rowcount)
    await expect(third.locator(".list .row").filter(has_text="等 小李 接入")).to_have_count(0)
    await counts(third, rung=2)


async def test_what_is_said_in_the_conversation_before_ones_eyes_is_never_shown_as_unread(contexts, running_app):
    await hire(running_app)
    page = await at_desk(contexts, running_app, "xiaowang", sound=False)
    await waits(running_app)
    await take(page)
    for n in range(3):
        async with page.expect_response(lambda answer: answer.url.endswith("/read")):
            await write(running_app, f"第{n}句话")
        await expect(page.locator("li.customer .bubble").last).to_contain_text(f"第{n}句话")
    await expect(page.locator(".list .row").filter(has_text="第2句话")).to_be_visible()
    await expect(page.locator(".views .dot, .row .unread")).to_have_count(0)
    await page.reload()  # and the service knows it too
    await expect(page.locator("li.customer .bubble").last).to_contain_text("第2句话")
    await page.get_by_role("button", name="我的").click()
    await expect(page.locator(".list .row")).to_have_count(1)
    await expect(page.locator(".views .dot, .row .unread")).to_have_count(0)
