"""``api.weixin.qq.com`` for one Official Account or Mini Program, under the request shapes of wechatpy.

The library builds the requests (paths, field names); ``Caller`` sends them.
"""

from collections.abc import Sequence
from typing import Any

import aiohttp
from wechatpy.client import WeChatClient

from bot.attention import Attention
from bot.channels.wechat.caller import Caller, Means, fetched_token
from bot.channels.wechat.token import TokenSource
from bot.channels.wechat.transport import Answer, File, Transport
from config.clock import Clock
from store.pauses import Pauses
from store.tokens import TokenStore

HOST = "https://api.weixin.qq.com/"


class WeixinApi(WeChatClient):  # type: ignore[misc]
    """``await api.message.send_text(openid, text)`` and the like. Made inside a running event loop. Raises as ``Caller`` does."""

    def __init__(
        self,
        appid: str,
        secret: str,
        bases: Sequence[str],
        http: aiohttp.ClientSession,
        tokens: TokenStore,
        clock: Clock,
        *,
        account: str = "",
        attention: Attention | None = None,
        pauses: Pauses | None = None,
    ) -> None:
        """*bases* are hosts to try in order; *account* is our name for it in logs."""
        super().__init__(appid, secret)
        self._http.close()  # the library's own transport is never used
        transport = Transport(http, bases)

        async def fetch(force: bool) -> tuple[str, float]:
            asked = {"grant_type": "client_credential", "appid": appid, "secret": secret, "force_refresh": force}
            return await fetched_token(transport.json("post", "cgi-bin/stable_token", data=asked))

        self.caller = Caller(account or appid, transport, TokenSource(appid, fetch, tokens, clock), clock, attention, pauses)

    @property
    def access_token(self) -> str:
        """Nothing: the library reads this as an attribute, even before ``__init__``, so it must not fetch one."""
        return ""

    def get(self, url: str, **kwargs: Any) -> Any:
        """An awaitable of the answer to a GET."""
        return self._request("get", url, **kwargs)

    def post(self, url: str, **kwargs: Any) -> Any:
        """An awaitable of the answer to a POST."""
        return self._request("post", url, **kwargs)

    async def _request(self, method: str, url_or_endpoint: str, **kwargs: Any) -> Answer:
        """What all of the library's calls end in."""
        # Some groups of calls live beside /cgi-bin; the library names the host with them, which is ours to choose.
        folder = str(kwargs.get("api_base_url") or f"{HOST}cgi-bin/").removeprefix(HOST)
        files = kwargs.get("files")
        return await self.caller.call(
            method,
            f"{folder}{url_or_endpoint.removeprefix(HOST)}",
            params=kwargs.get("params"),
            data=kwargs.get("data"),
            upload=files["media"] if files else None,
        )

    async def download(self, media_id: str, limit: int) -> File | Answer:
        """A file's bytes and announced type, or the JSON that came instead. Reads *limit* + 1 bytes at most."""
        return await self.caller.download("cgi-bin/media/get", {"media_id": media_id}, limit)

    async def follow(self, url: str, limit: int) -> File:
        """The bytes at an address that the platform itself named."""
        return await self.caller.follow(url, limit)


def weixin_api(account: str, appid: str, secret: str, bases: Sequence[str], means: Means) -> WeixinApi:
    """The API of one Official Account or Mini Program that we call *account*, such as ``official:main``."""
    http, tokens, clock, attention, pauses = means.http, means.tokens, means.clock, means.attention, means.pauses
    return WeixinApi(appid, secret, bases, http, tokens, clock, account=account, attention=attention, pauses=pauses)
