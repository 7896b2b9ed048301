"""The demo's WeChat phone in a real browser, with the callback, the API and the encryption behind it over real HTTP."""

import io
import socket
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import aiohttp
import pytest_asyncio
from aiohttp import web
from PIL import Image
from prometheus_client import CollectorRegistry

from bot.attention import Attention
from bot.channels.wechat.caller import Means
from bot.channels.wechat.official import OfficialChannel
from bot.channels.wechat.simulator import mount_simulator
from bot.measures import Measures
from bot.message import Button, Inbound, Outbound, Receipt
from bot.middleware import edge
from config.catalogue import Catalogue
from config.clock import SystemClock
from config.labels import Speaker
from config.settings import OfficialAccount, Server, Settings, WeChat
from store.model import OutboxRow
from store.tokens import MemoryTokens

LOOP = "session"
READ_BACK = "请核对：\n问题：ATM吞了我的卡"


class Answers:
    """Answers each message and keeps what came."""

    def __init__(self) -> None:
        self.messages: list[Inbound] = []

    async def receive(self, inbound: Inbound) -> Receipt:
        self.messages.append(inbound)
        buttons = (Button("确认提交", "/affirm"), Button("修改", "/correct")) if "吞" in inbound.text else ()
        text = READ_BACK if buttons else f"收到：{inbound.text or inbound.type}"
        return Receipt("answered", "c1", 1, (Outbound(2, text, "bot", buttons),))


class NoNotes:
    async def note(self, account, push):
        pass


class NoLedger:
    """Nothing is redelivered here, so nothing is remembered."""

    async def settle_passive(self, conversation_id: str, seqs: list[int]) -> None: ...

    async def release_passive(self, conversation_id: str, seqs: list[int]) -> None: ...


class OnePicture:
    """A blob store with one picture in it."""

    def __init__(self) -> None:
        kept = io.BytesIO()
        Image.new("RGB", (60, 40), (90, 140, 180)).save(kept, "PNG")
        self.content = kept.getvalue()

    async def get(self, _blob_id: str) -> bytes:
        return self.content


@dataclass
class Simulated:
    url: str
    intake: Answers
    channel: OfficialChannel
    picture: bytes

    async def agent_says(self, page, text: str, **payload) -> None:
        openid = await page.evaluate("sessionStorage.getItem('simulator.user')")
        await self.channel.send(OutboxRow("c1:9", "c1", 9, "official:demo", openid, Speaker.AGENT, text, payload, 1, "c1-9"))


@pytest_asyncio.fixture(loop_scope=LOOP)
async def simulated(tmp_path: Path):
    listening = socket.create_server(("127.0.0.1", 0))
    base = f"http://127.0.0.1:{listening.getsockname()[1]}"
    account = OfficialAccount(name="demo", appid="wx0", secret="secret", token="token", aes_key="a" * 42 + "A")
    settings = Settings(
        data_dir=tmp_path,
        server=Server(public_url=base),
        wechat=WeChat(official=(account,), api_base=f"{base}/simulator/api", fallback_api_base=None),
    )
    async with aiohttp.ClientSession() as session:
        app = web.Application(middlewares=[edge(Catalogue(), Measures(CollectorRegistry()))])
        intake, picture = Answers(), OnePicture()
        means = Means(session, MemoryTokens(SystemClock()), SystemClock(), Attention())
        channel = OfficialChannel(settings, intake, NoLedger(), NoNotes(), picture, means)
        channel.add_routes(app)
        mount_simulator(app, settings, session)
        app.router.add_static("/static/", Path(str(files("config") / "static")))
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.SockSite(runner, listening).start()
        yield Simulated(f"{base}/simulator/", intake, channel, picture.content)
        await runner.cleanup()


async def test_a_customer_follows_complains_and_reads_the_numbered_choices(simulated, small_phone):
    page = await small_phone.page(simulated.url)
    await page.get_by_text("收到：event").wait_for()
    field = page.get_by_label("输入消息")
    await field.fill("ATM吞了我的卡")
    await field.press("Enter")
    await page.get_by_text("回复数字选择：").wait_for()
    assert await page.locator(".theirs .bubble").last.inner_text() == f"{READ_BACK}\n回复数字选择：\n1. 确认提交\n2. 修改"
    assert [(message.type, message.text) for message in simulated.intake.messages] == [("event", ""), ("text", "ATM吞了我的卡")]
    assert await field.input_value() == ""


async def test_an_agents_menu_is_tapped_and_a_picture_of_theirs_is_seen(simulated, desk):
    page = await desk.page(simulated.url)
    await page.get_by_text("收到：event").wait_for()
    item = {"blob_id": "b", "media_type": "image/png", "size": len(simulated.picture), "name": "a.png"}
    await simulated.agent_says(page, "请选择。", attachments=[item], buttons=[{"title": "邮寄到家", "payload": "a"}])
    await page.get_by_role("button", name="邮寄到家").click()
    await page.get_by_text("收到：邮寄到家").wait_for()
    shown = page.locator(".theirs .picture img")
    assert await shown.evaluate("async (image) => { await image.decode(); return image.naturalWidth; }") == 60


async def test_a_picture_a_place_and_the_menu_are_sent(simulated, small_phone):
    page = await small_phone.page(simulated.url)
    await page.get_by_text("收到：event").wait_for()
    await page.set_input_files("input[type=file]", {"name": "a.png", "mimeType": "image/png", "buffer": simulated.picture})
    await page.get_by_text("收到：image").wait_for()
    await page.get_by_role("button", name="更多功能").click()
    await page.get_by_role("button", name="位置").click()
    await page.get_by_text("收到：朝阳支行").wait_for()
    await page.get_by_role("button", name="切换到公众号菜单").click()
    await page.get_by_role("button", name="人工服务").click()
    await page.get_by_text("收到：转人工").wait_for()
    (pending,) = simulated.intake.messages[1].pending_media
    assert await simulated.channel.fetch_media("official:demo", pending.media_id, "image") == (simulated.picture, "image/png")


async def test_reloading_keeps_the_chat_and_another_user_starts_anew(simulated, desk):
    page = await desk.page(simulated.url)
    await page.get_by_text("收到：event").wait_for()
    await page.get_by_role("button", name="发送：转人工").click()
    await page.get_by_text("收到：转人工").wait_for()
    await page.reload()
    await page.get_by_text("收到：转人工").wait_for()
    await page.get_by_role("button", name="换一位用户").click()
    await page.get_by_text("收到：转人工").wait_for(state="detached")
    await page.get_by_text("收到：event").wait_for()
    assert len({message.customer for message in simulated.intake.messages}) == 2


async def test_typed_markup_stays_text(simulated, desk):
    page = await desk.page(simulated.url)
    await page.get_by_text("收到：event").wait_for()
    field = page.get_by_label("输入消息")
    await field.fill("<img src=x onerror=alert(1)>")
    await page.get_by_role("button", name="发送", exact=True).click()
    await page.get_by_text("收到：<img").wait_for()
    assert await page.locator(".bubble img").count() == 0


async def test_enter_that_ends_a_composition_sends_nothing_and_a_long_text_is_refused_whole(simulated, desk):
    page = await desk.page(simulated.url)
    await page.get_by_text("收到：event").wait_for()
    field = page.get_by_label("输入消息")
    await field.fill("kachi")
    await field.dispatch_event("keydown", {"key": "Enter", "isComposing": True, "bubbles": True})
    assert await field.input_value() == "kachi"
    await field.fill("长" * 2001)
    await page.get_by_role("button", name="发送", exact=True).click()
    await page.get_by_text("一条消息最多 2000 字").wait_for()
    assert len(await field.input_value()) == 2001
    assert len(simulated.intake.messages) == 1


async def test_nothing_is_wider_than_the_smallest_phone(simulated, small_phone):
    page = await small_phone.page(simulated.url)
    await page.get_by_text("收到：event").wait_for()
    field = page.get_by_label("输入消息")
    await field.fill("W" * 300)
    await page.get_by_role("button", name="发送", exact=True).click()
    await page.get_by_text("收到：WWW").wait_for()
    assert await page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    assert await page.evaluate("document.querySelector('.log').scrollWidth <= document.querySelector('.log').clientWidth")
