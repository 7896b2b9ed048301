"""The whole service with Mini Programs, pushed to as XML and as JSON, sealed and plain, over real HTTP."""

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer
from desk.at_the_desk import Bank
from making_services import settings_for

from bot.app import make_app
from bot.channels.wechat.fake import FakeAccount, FakeWeChat
from bot.channels.wechat.fake.phones import Seen
from config.clock import SettableClock
from config.settings import MiniProgram, Server, WeChat
from store import conversations
from store.customers import external_hmac
from store.model import Conversation, Message

AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
OPENID = "oGZUI0egBJY1zhBYw2KhdUfwVJJE"
# name -> format of the body, and whether it is sealed
MODES = {"json": ("json", True), "xml": ("xml", True), "plain": ("json", False), "bare": ("xml", False)}


class MiniBank(Bank):
    """The bank, and its customers in a Mini Program."""

    def __init__(self, server: TestServer, platform: FakeWeChat, session: aiohttp.ClientSession) -> None:
        super().__init__(server)
        self.platform = platform
        self.session = session

    def seen(self) -> list[Seen]:
        return self.platform.seen[OPENID]

    def texts(self) -> list[str]:
        return [seen.text for seen in self.seen()]

    async def push(self, account: str = "json", **fields: Any) -> bool:
        """Push *fields*, and let everything follow that follows by itself."""
        answered = await self.platform.message(account, OPENID, **fields)
        await self.settle()
        return answered

    async def write(self, text: str, account: str = "json", **fields: Any) -> bool:
        return await self.push(account, MsgType="text", Content=text, **fields)

    async def event(self, event: str, account: str = "json", **fields: Any) -> bool:
        answered = await self.platform.event(account, OPENID, event, **fields)
        await self.settle()
        return answered

    async def settle(self) -> None:
        await self.platform.settled()
        while await self.service.delivery.deliver_due():
            pass

    async def found(self, account: str = "json") -> list[Conversation]:
        fingerprint = external_hmac(self.service.store.crypto, f"mini:{account}", OPENID)

        def load(tx):
            customer = conversations.load(tx, f"mini:{account}", fingerprint, None).customer
            return conversations.earlier(tx, customer.id) if customer else ()

        return list(await self.service.store.read(load))

    async def lines(self, account: str = "json") -> list[Message]:
        (newest, *_) = await self.found(account)
        return list(await self.service.store.read(lambda tx: conversations.messages(tx, newest.id)))


@asynccontextmanager
async def mini_bank(
    folder: Path, clock: SettableClock, dictionary: Path, public_url: str | None = None, **changes: Any
) -> AsyncGenerator[MiniBank]:
    """The service without its loops; *changes* are settings of every Mini Program."""
    async with AsyncExitStack() as stack:
        session = await stack.enter_async_context(aiohttp.ClientSession())
        known = [
            FakeAccount(
                name, f"wx{n}", f"secret{n}", f"token{n}", "", AES_KEY if sealed else None, family="mini", body_format=kind
            )
            for n, (name, (kind, sealed)) in enumerate(MODES.items())
        ]
        platform = FakeWeChat(known, session, clock, strict=True)
        api = web.Application()
        platform.add_routes(api)
        api_server = await stack.enter_async_context(TestServer(api))
        configured = tuple(
            MiniProgram(name=one.name, appid=one.appid, secret=one.secret, token=one.token, aes_key=one.aes_key, **changes)
            for one in known
        )
        base = str(api_server.make_url("")).rstrip("/")
        wechat = WeChat(mini=configured, api_base=base, fallback_api_base=None)
        settings = settings_for(folder, wechat=wechat, server=Server(public_url=public_url))
        (folder / "cache").symlink_to(dictionary)
        server = await stack.enter_async_context(TestServer(await make_app(settings, clock, background=False)))
        bank = MiniBank(server, platform, session)
        for one in known:
            platform.accounts[one.name] = replace(one, callback_url=f"{bank.url}/wechat/mini/{one.name}")
        yield bank
        for opened in bank.sessions:
            await opened.close()
