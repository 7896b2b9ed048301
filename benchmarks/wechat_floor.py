"""A callback without any work of ours: decrypt, parse, answer encrypted. ``python -m benchmarks.wechat_floor PORT``.

Also the floor of everything that is refused: ``/bare`` takes a POST and answers, with no look at it.
"""

import sys
import time

from aiohttp import web
from wechatpy import parse_message
from wechatpy.crypto import WeChatCrypto
from wechatpy.replies import TextReply

from benchmarks.wechat import ACCOUNT


def make_app() -> web.Application:
    """The handler as the library's own documentation writes it."""
    crypto = WeChatCrypto(ACCOUNT.token, ACCOUNT.aes_key, ACCOUNT.appid)

    async def push(request: web.Request) -> web.Response:
        query = request.query
        body = await request.read()
        message = parse_message(crypto.decrypt_message(body, query["msg_signature"], query["timestamp"], query["nonce"]))
        reply = TextReply(content="您好，请问有什么可以帮您？", message=message, time=int(time.time())).render()
        return web.Response(
            text=crypto.encrypt_message(reply, query["nonce"], query["timestamp"]), content_type="application/xml"
        )

    async def bare(request: web.Request) -> web.Response:
        await request.read()
        return web.Response(text="success")

    async def ready(_request: web.Request) -> web.Response:
        return web.Response()

    app = web.Application()
    app.router.add_post("/wechat/official/{account}", push)
    app.router.add_post("/bare", bare)
    app.router.add_get("/readyz", ready)
    return app


if __name__ == "__main__":
    web.run_app(make_app(), host="127.0.0.1", port=int(sys.argv[1]), access_log=None, print=None)
