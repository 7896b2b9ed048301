"""The whole service with an address of WeChat Customer Service, and a platform that customers and operators use, over real HTTP."""

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer
from desk.at_the_desk import Bank
from making_services import settings_for

from bot.app import KF, SERVICE, make_app
from bot.channels.wechat.fake import FakeAccount, FakeWeChat
from bot.channels.wechat.fake.kf import KfDesk
from bot.channels.wechat.fake.phones import Seen
from bot.message import Attachment
from config.clock import SettableClock
from config.labels import Speaker
from config.settings import KfCorp, Uploads, WeChat
from config.settings import KfDesk as Address
from store import conversations, kf
from store.conversations import MessageDraft
from store.customers import external_hmac
from store.model import Conversation, Message

AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
WK1, WK2 = "wkAJ2GCAAASSm4_FhToWMFea0xAFfd3Q", "wkAJ2GCAAAZwQJkvZSu2xBEo_qqyNi1g"
WM1, WM2 = "wmAJ2GCAAAme1XQRC-NI-q0_ZM9ukoAw", "wmAJ2GCAAAbc3d4e5f6g7h8i9j0kAlBmC"
WM3 = "wmAJ2GCAAAt7Lq0c1xWn5RzYp2dHs8Kf4g"
ACCOUNT = "kf:corp"


class KfBank(Bank):
    """The bank, and both sides of its customer service in WeChat."""

    def __init__(self, server: TestServer, platform: FakeWeChat) -> None:
        super().__init__(server)
        self.platform = platform
        self.channel = server.app[KF]
        self.callback = f"{self.url}/wechat/kf/corp"

    @property
    def kf(self) -> KfDesk:
        """The address that most customers write to, as the platform has it."""
        return self.platform.kf.desks[WK1]

    def seen(self, user: str = WM1) -> list[Seen]:
        return self.platform.seen[user]

    def texts(self, user: str = WM1) -> list[str]:
        return [seen.text for seen in self.seen(user)]

    async def write(self, text: str, user: str = WM1, **more: Any) -> str:
        """The customer writes, and everything that follows from it by itself happens."""
        msgid = await self.kf.message(user, "text", content=text, **more)
        await self.settle()
        return msgid

    async def settle(self) -> None:
        """Read, answer, deliver and move sessions until nothing is left to do now."""
        await self.platform.settled()
        await self.channel.read_on()
        while await self.service.delivery.deliver_due() or await self.channel.move_sessions():
            await self.channel.read_on()  # the platform may say that something did not arrive

    async def fetch_media(self) -> int:
        """Fetch the files that customers sent; returns how many were tried."""
        return await self.service.background._work["media"][1]()

    async def agent_sends(self, conversation_id: str, text: str, *files: Attachment) -> None:
        """A person's message with files, as the desk would store it."""
        draft = MessageDraft(Speaker.AGENT, text, payload={"attachments": [asdict(item) for item in files]})
        now = self.service.clock.now()
        await self.service.store.write(lambda tx: conversations.append(tx, conversation_id, draft, now=now))

    def state(self, user: str = WM1) -> int:
        return self.kf.sessions.sessions[user].state

    async def conversations(self, user: str = WM1, address: str = WK1) -> list[Conversation]:
        """Newest first."""
        fingerprint = external_hmac(self.service.store.crypto, ACCOUNT, f"{address}/{user}")

        def load(tx):
            customer = conversations.load(tx, ACCOUNT, fingerprint, None).customer
            return conversations.earlier(tx, customer.id) if customer else ()

        return list(await self.service.store.read(load))

    async def lines(self, user: str = WM1, address: str = WK1) -> list[Message]:
        """All messages of the newest conversation."""
        found = await self.conversations(user, address)
        if not found:
            return []
        return list(await self.service.store.read(lambda tx: conversations.messages(tx, found[0].id)))

    async def cursor(self, address: str = WK1) -> str:
        return await self.service.store.read(lambda tx: kf.cursor(tx, ACCOUNT, address))


@asynccontextmanager
async def kf_bank(
    folder: Path, clock: SettableClock, dictionary: Path, *, scanner: str | None = None, **corp: Any
) -> AsyncGenerator[KfBank]:
    """The service without its loops; *corp* changes the corporation's settings."""
    async with AsyncExitStack() as stack:
        session = await stack.enter_async_context(aiohttp.ClientSession())
        account = FakeAccount("corp", "ww5823bf96d3bd56c7", "s3cret", "t0ken", "", AES_KEY, family="kf", open_kfids=(WK1, WK2))
        platform = FakeWeChat([account], session, clock, strict=True)
        api = web.Application()
        platform.add_routes(api)
        api_server = await stack.enter_async_context(TestServer(api))
        chosen = {"desks": (Address(open_kfid=WK1, branch="朝阳支行"),), **corp}
        secrets = {"secret": account.secret, "token": account.token, "aes_key": AES_KEY}
        configured = KfCorp(name="corp", corp_id=account.appid, **secrets, **chosen)
        base = str(api_server.make_url("")).rstrip("/")
        wechat = WeChat(kf=(configured,), api_base=base, qyapi_base=base, fallback_api_base=None)
        settings = settings_for(folder, wechat=wechat, uploads=Uploads(scanner=scanner))
        if not (folder / "cache").exists():
            (folder / "cache").symlink_to(dictionary)
        app = await make_app(settings, clock, background=False)
        server = await stack.enter_async_context(TestServer(app))
        bank = KfBank(server, platform)
        known = replace(account, callback_url=bank.callback)
        platform.accounts["corp"] = known
        for desk in platform.kf.desks.values():
            desk.company = known
        assert bank.service is app[SERVICE]
        yield bank
        for opened in bank.sessions:
            await opened.close()
