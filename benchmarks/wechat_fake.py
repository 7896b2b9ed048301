"""The fake platform for the benchmarks' account; it lets everything through. ``python -m benchmarks.wechat_fake PORT``."""

import sys

import aiohttp
from aiohttp import web

from benchmarks.wechat import ACCOUNT
from bot.channels.wechat.fake import FakeWeChat


class Everybody(set[str]):
    """All customers there could be."""

    def __contains__(self, _user: object) -> bool:
        return True


async def make_app() -> web.Application:
    """The platform's API, and ``/bare``, which answers a POST with no look at it."""
    app = web.Application()
    platform = FakeWeChat([ACCOUNT], aiohttp.ClientSession())
    platform.phones.followers = Everybody()
    platform.phones.show = lambda _user, _seen: None  # type: ignore[method-assign]  # nobody looks
    platform.add_routes(app)

    async def bare(request: web.Request) -> web.Response:
        await request.read()
        return web.json_response({"errcode": 0, "errmsg": "ok"})

    async def ready(_request: web.Request) -> web.Response:
        return web.Response()

    app.router.add_post("/bare", bare)
    app.router.add_get("/readyz", ready)
    return app


if __name__ == "__main__":
    web.run_app(make_app(), host="127.0.0.1", port=int(sys.argv[1]), access_log=None, print=None)
