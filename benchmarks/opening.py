"""How soon a customer can write: from the bank's page being asked for to the chat's button, and from a click on it to the input.

A real Chromium against the service with production defaults, a new browser profile each time, so that nothing is in a cache. The
floor is a page with one button from the same bare server, until that button is on the screen.
"""

import asyncio
import json
import statistics
from collections.abc import Awaitable, Callable

from playwright.async_api import Browser, async_playwright

from benchmarks.service import free_port, running, serving

TIMES = 9
CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking")
BANK = """
import sys
from aiohttp import web
service, port = sys.argv[1:]
def page(text):
    async def show(_request):
        return web.Response(text="<!doctype html><title>.</title><body>" + text, content_type="text/html")
    return show
app = web.Application()
app.router.add_get("/empty", page("<button>.</button>"))
app.router.add_get("/bank", page('<script async src="' + service + '/widget/sdk.js"></script>'))
app.router.add_get("/readyz", lambda r: web.Response())
web.run_app(app, host="127.0.0.1", port=int(port), access_log=None, print=None)
"""
# In every frame: when a button was on the screen, when one was clicked, and when there was a field to write into.
WATCH = """
const now = () => performance.timeOrigin + performance.now();
const seen = (element) => element && !element.disabled && element.getBoundingClientRect().width > 0;
addEventListener("click", () => (window.clicked = now()), true);
(function look() {
  const roots = [document, ...[...(document.body?.children ?? [])].map((element) => element.shadowRoot).filter(Boolean)];
  if (!window.button && roots.some((root) => seen(root.querySelector("button")))) window.button = now() - performance.timeOrigin;
  if (!window.field && seen(document.querySelector("textarea"))) window.field = now();
  if (!window.button || !window.field) requestAnimationFrame(look);
})();
"""
# The frame's policy forbids what Playwright waits with.
FIELD = "new Promise((done) => (function look() { window.field ? done(window.field) : requestAnimationFrame(look); })())"


async def opened(browser: Browser, url: str) -> tuple[float, float]:
    """Milliseconds to the button, and from a click on it to the input; 0 where there is no input."""
    context = await browser.new_context(viewport={"width": 390, "height": 844})
    await context.add_init_script(WATCH)
    page = await context.new_page()
    await page.goto(url)
    await page.wait_for_function("window.button")
    button, waited = await page.evaluate("window.button"), 0.0
    if "/bank" in url:
        await page.locator("button").first.click()
        await page.locator("iframe").wait_for(state="visible")
        await page.frame_locator("iframe").locator("textarea").wait_for()
        waited = await page.frames[-1].evaluate(FIELD) - await page.evaluate("window.clicked")
    await context.close()
    return button, waited


async def measured(work: Callable[[Browser], Awaitable[None]]) -> None:
    """Do *work* with a browser."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        await work(browser)
        await browser.close()


def main() -> None:
    """Print the figure."""
    times: dict[str, list[tuple[float, float]]] = {"empty": [], "bank": []}

    async def work(browser: Browser) -> None:
        await opened(browser, f"{site}/bank")  # the browser's own first steps
        for _ in range(TIMES):
            for name, found in times.items():
                found.append(await opened(browser, f"{site}/{name}"))

    port = free_port()
    site = f"http://127.0.0.1:{port}"
    with (
        serving(IN_APP__ALLOWED_ORIGINS=json.dumps([site])) as service,
        running("-c", BANK, f"http://127.0.0.1:{service.port}", at=port),
    ):
        asyncio.run(measured(work))

    def middle(name: str, n: int) -> float:
        return round(statistics.median(one[n] for one in times[name]), 1)

    line = {"benchmark": "widget_opening", "times": TIMES, "button_ms": middle("bank", 0), "click_to_input_ms": middle("bank", 1)}
    line |= {"longest_click_to_input_ms": round(max(one[1] for one in times["bank"]), 1)}
    print(json.dumps(line | {"floor_empty_page_ms": middle("empty", 0)}))


if __name__ == "__main__":
    main()
