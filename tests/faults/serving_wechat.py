"""A process that serves WeChat, to be killed, and the platform that it talks to, which is not."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import yaml
from aiohttp import web
from aiohttp.test_utils import TestServer
from making_services import Process

from bot.channels.wechat.fake import FakeAccount, FakeWeChat
from config.clock import SystemClock

ACCOUNT = FakeAccount("main", "wx5823bf96d3bd56c7", "secret", "token", "", "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG")


class Bank:
    """A service of its own and the platform that it talks to."""

    def __init__(self, service: Process, platform: FakeWeChat) -> None:
        self.service = service
        self.platform = platform
        self.account = platform.accounts["main"]

    def rows(self, statement: str, *values: object) -> list[tuple]:
        with closing(sqlite3.connect(self.service.folder / "huiyin.db", timeout=20)) as database, database:
            return database.execute(statement, values).fetchall()

    async def until(self, true: Callable[[], bool]) -> None:
        """Wait for something that only the other process knows."""
        while not true():  # noqa: ASYNC110 -- another process has no event to wait for
            await asyncio.sleep(0.05)

    def unsent(self) -> int:
        return self.rows("SELECT count(*) FROM outbox WHERE status IN ('pending', 'leased')")[0][0]

    def let_leases_end(self) -> None:
        """As if their time had passed: a minute, which nobody needs to wait for."""
        self.rows("UPDATE outbox SET lease_until = 0 WHERE status = 'leased'")

    def killed_when_seen(self, is_it: Callable[[Any], bool]) -> asyncio.Event:
        """Kill the service once a customer sees such a message; the platform's answer to it reaches nobody."""
        killed = asyncio.Event()

        def kill(_user: str, seen: Any) -> None:
            if not killed.is_set() and is_it(seen):
                self.service.kill()
                killed.set()

        self.platform.listen(kill)
        return killed

    async def push(self, push) -> None:
        await self.platform.deliveries.deliver(self.account, push)
        self.platform._show(self.account, push)


@pytest.fixture
async def make_bank(tmp_path: Path) -> AsyncIterator[Callable]:
    opened: list[Process] = []
    servers: list[TestServer] = []
    async with aiohttp.ClientSession() as session:

        async def make(family: str = "official", **account_settings) -> Bank:
            """*account_settings* are the service's for its account; ``body_format`` is the platform's."""
            service = Process(tmp_path / "data")
            callback_url = f"{service.url}/wechat/{family}/main"
            body_format = account_settings.pop("body_format", "xml")
            account = replace(ACCOUNT, callback_url=callback_url, family=family, body_format=body_format)
            platform = FakeWeChat([account], session, SystemClock())
            app = web.Application()
            platform.add_routes(app)
            server = TestServer(app)
            await server.start_server()
            servers.append(server)
            passive_reply_s = account_settings.pop("passive_reply_s", 4.5)
            configured = {"name": "main", "appid": account.appid, "secret": account.secret, "token": account.token}
            wechat = {
                family: [{**configured, "aes_key": account.aes_key, **account_settings}],
                "api_base": str(server.make_url("")).rstrip("/"),
                "fallback_api_base": None,
                "passive_reply_s": passive_reply_s,
            }
            await asyncio.to_thread(_serve, service, wechat)
            opened.append(service)
            return Bank(service, platform)

        yield make
        for service in opened:
            service.kill()
        for server in servers:
            await server.close()


def _serve(service: Process, wechat: dict) -> None:
    config = service.folder.parent / "huiyin.yaml"
    config.write_text(yaml.safe_dump({"data_dir": str(service.folder), "wechat": wechat}), "utf-8")
    service.serve_with(config)
    service.start()
