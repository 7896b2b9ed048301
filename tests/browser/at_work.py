"""What the desk's browser tests do again and again: hire people, sign in, let customers write, keep pictures."""

import io
from pathlib import Path
from typing import Any

from aiohttp import ClientSession
from axe_playwright_python.async_playwright import Axe
from desk.at_the_desk import HASH, PASSWORD
from PIL import Image
from playwright.async_api import Page, expect

from config.labels import Role
from store import agents
from store.ids import new_id
from store.model import Agent

PICTURES = Path(__file__).parents[2] / ".artefacts" / "desk"
WCAG = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"], "resultTypes": ["violations"]}


async def hire(app, login: str = "xiaowang", name: str = "小王", role: Role = Role.AGENT) -> Agent:
    now = app.service.clock.now()
    member = Agent(new_id(now), login, name, role, None, active=True, capacity=5, presence="offline")
    assert await app.service.store.write(lambda tx: agents.create(tx, member, HASH, now))
    return member


async def sign_in(watched, app, login: str = "xiaowang", query: str = "") -> Page:
    page = await watched.page(f"{app.url}/desk/{query}")
    await page.locator("input[name=login]").fill(login)
    await page.locator("input[name=password]").fill(PASSWORD)
    await page.locator(".sign-in button").click()
    await expect(page.locator(".views")).to_be_visible()
    return page


async def write(app, text: str, sender: str = "visitor-1") -> None:
    """A customer's message over the REST channel."""
    url, body = f"{app.url}/webhooks/rest/webhook", {"sender": sender, "message": text}
    async with ClientSession() as session, session.post(url, json=body) as answer:
        assert answer.status == 200


async def waits(app, sender: str = "visitor-1", problem: str = "柜员态度太差了，让我等了两个小时") -> None:
    """A customer with a complaint who asked for a person."""
    await write(app, problem, sender)
    await write(app, "转人工", sender)


async def take(page: Page) -> None:
    """Open who is served next and take the conversation."""
    await page.locator(".list .row").first.click()
    await page.get_by_role("button", name="接入", exact=True).click()
    await expect(composer(page)).to_be_visible()


def composer(page: Page, name: str = "回复客户"):
    return page.get_by_role("textbox", name=name)


def canned(page: Page):
    """The canned replies to choose from."""
    return page.get_by_role("listbox", name="快捷回复").get_by_role("option")


async def keep_picture(page: Page, name: str) -> None:
    """A picture for people to look at; CI keeps the folder."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    await page.screenshot(path=PICTURES / f"{name}.png")


async def violations(page: Page) -> list[str]:
    """What axe finds wrong with the page, as rule and place."""
    found = (await Axe().run(page, options=WCAG)).response["violations"]
    return [f"{item['id']}: {node['target']}" for item in found for node in item["nodes"]]


def picture() -> dict[str, Any]:
    kept = io.BytesIO()
    Image.new("RGB", (320, 200), (90, 140, 180)).save(kept, "PNG")
    return {"name": "receipt.png", "mimeType": "image/png", "buffer": kept.getvalue()}
