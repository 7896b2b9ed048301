"""A fake platform with an account of each family, served over HTTP, and a callback that answers as a test tells it to."""

import asyncio
import json
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.channels.wechat.fake import FakeAccount, FakeWeChat, HeldTimer
from config.clock import SettableClock

AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
ACCOUNTS = (
    FakeAccount("main", "wx01", "secret-1", "token1", "", AES_KEY),
    FakeAccount("plain", "wx02", "secret-2", "token2", ""),
    FakeAccount("mini", "wx03", "secret-3", "token3", "", AES_KEY, family="mini", body_format="json", pages=("pages/ticket",)),
    FakeAccount("corp", "ww04", "secret-4", "token4", "", AES_KEY, family="kf", open_kfids=("wk1", "wk2")),
)


@dataclass
class Callback:
    """What the service answers, and what reached it: query and body of each delivery."""

    answer: Callable[[web.Request, str], Any] = lambda _request, _body: "success"
    status: int = 200
    gate: asyncio.Event | None = None
    got: list[tuple[dict[str, str], str]] = field(default_factory=list)
    arrived: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def arrivals(self, count: int) -> None:
        async with self.arrived:
            await self.arrived.wait_for(lambda: len(self.got) >= count)

    async def serve(self, request: web.Request) -> web.Response:
        body = await request.text()
        if request.method == "GET":
            return web.Response(text=self.answer(request, body))
        async with self.arrived:
            self.got.append((dict(request.query), body))
            self.arrived.notify_all()
        if self.gate is not None:
            await self.gate.wait()
        return web.Response(text=self.answer(request, body), status=self.status)


@dataclass
class Served:
    """A platform and how to call it."""

    platform: FakeWeChat
    clock: SettableClock
    timer: HeldTimer
    callback: Callback
    session: aiohttp.ClientSession
    base: str
    tokens: dict[str, str] = field(default_factory=dict)

    async def raw(self, method: str, path: str, **kwargs: Any) -> aiohttp.ClientResponse:
        response = await self.session.request(method, f"{self.base}/cgi-bin/{path}", **kwargs)
        await response.read()
        return response

    async def fetch_token(self, account: str, **asked: Any) -> dict[str, Any]:
        known = self.platform.accounts[account]
        if known.family == "kf":
            response = await self.raw("GET", "gettoken", params={"corpid": known.appid, "corpsecret": known.secret})
        else:
            body = {"grant_type": "client_credential", "appid": known.appid, "secret": known.secret, **asked}
            response = await self.raw("POST", "stable_token", json=body)
        return await response.json()

    async def call(self, account: str, path: str, body: Any = None, **query: str) -> dict[str, Any]:
        """The JSON that answers a call by *account*: GET without a body."""
        if account not in self.tokens:
            self.tokens[account] = (await self.fetch_token(account))["access_token"]
        params = {"access_token": self.tokens[account], **query}
        method = "GET" if body is None else "POST"
        response = await self.raw(method, path, params=params, **({} if body is None else {"json": body}))
        return await response.json()

    async def code(self, account: str, path: str, body: Any = None, **query: str) -> int:
        return (await self.call(account, path, body, **query)).get("errcode", 0)


def _as_wechat_wants_it(body: Any) -> str:
    return json.dumps(body, ensure_ascii=False)


@asynccontextmanager
async def serving_platform(clock: SettableClock, **options: Any) -> AsyncGenerator[Served]:
    callback, timer = Callback(), HeldTimer()
    service, api = web.Application(), web.Application()
    service.router.add_route("*", "/callback/{account}", callback.serve)
    async with TestServer(service) as heard, aiohttp.ClientSession(json_serialize=_as_wechat_wants_it) as session:
        accounts = [replace(one, callback_url=str(heard.make_url(f"/callback/{one.name}"))) for one in ACCOUNTS]
        platform = FakeWeChat(accounts, session, clock, **{"strict": True, "sleep": timer.sleep, **options})
        platform.add_routes(api)
        async with TestServer(api) as server:
            yield Served(platform, clock, timer, callback, session, str(server.make_url("")).rstrip("/"))
