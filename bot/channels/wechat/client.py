"""The platform's API over aiohttp, under the request shapes of wechatpy.

The library builds the requests (paths, field names); this class sends them. No address, token or secret reaches an exception:
errors of the transport are replaced, because theirs quote the address with its query.
"""

import io
import json
from collections.abc import Sequence
from typing import Any

import aiohttp
import structlog
from wechatpy.client import WeChatClient

from bot.channels.wechat.answers import ALERTS, TOKEN_REFUSED, OutcomeUnknown, error_for
from bot.channels.wechat.token import TokenSource, TokenStore
from bot.delivery import ChannelBusy
from config.clock import Clock

log = structlog.get_logger(__name__)

MAX_ANSWER_BYTES = 64 * 1024


class OfficialApi(WeChatClient):  # type: ignore[misc]
    """``await api.message.send_text(openid, text)`` and the like. Made inside a running event loop.

    Calls raise ``ChannelBusy`` (nothing was done; later perhaps), ``ChannelRefused`` (never) or ``OutcomeUnknown``.
    """

    def __init__(
        self,
        appid: str,
        secret: str,
        bases: Sequence[str],
        http: aiohttp.ClientSession,
        tokens: TokenStore,
        clock: Clock,
    ) -> None:
        """*bases* are the hosts to try in order; a later one is used only when no connection to an earlier one comes about."""
        super().__init__(appid, secret)
        self._http.close()  # the library's own transport is never used
        self._bases = tuple(base.rstrip("/") for base in bases)
        self._aiohttp = http
        self._tokens = TokenSource(appid, self._fetch_token, tokens, clock)

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

    async def _request(self, method: str, url_or_endpoint: str, **kwargs: Any) -> dict[str, Any]:
        """What all of the library's calls end in. A refused token is renewed once, and the call made once more."""
        token = await self._tokens.current()
        answer = await self._call(method, url_or_endpoint, token, **kwargs)
        if answer.get("errcode") in TOKEN_REFUSED:
            answer = await self._call(method, url_or_endpoint, await self._tokens.after(token), **kwargs)
        return self._checked(answer)

    async def download(self, media_id: str, limit: int) -> tuple[bytes, str] | dict[str, Any]:
        """A file's bytes and announced type, or the JSON that came instead. Reads *limit* + 1 bytes at most."""
        token = await self._tokens.current()
        got = await self._get_media(media_id, token, limit)
        if isinstance(got, dict) and got.get("errcode") in TOKEN_REFUSED:
            got = await self._get_media(media_id, await self._tokens.after(token), limit)
        return self._checked(got) if isinstance(got, dict) else got

    async def follow(self, url: str, limit: int) -> tuple[bytes, str]:
        """The bytes at an address that the platform itself named."""
        try:
            async with self._aiohttp.get(url, allow_redirects=False) as response:
                return await _up_to(response, limit), response.content_type
        except (aiohttp.ClientError, TimeoutError) as error:
            raise ChannelBusy(None, f"network:{type(error).__name__}") from None

    async def _get_media(self, media_id: str, token: str, limit: int) -> tuple[bytes, str] | dict[str, Any]:
        params = {"access_token": token, "media_id": media_id}
        try:
            async with self._connected("get", "media/get", params=params) as response:
                if response.status >= 500:  # noqa: PLR2004 -- the platform's own trouble
                    raise ChannelBusy(None, f"http_{response.status}")
                if "json" in response.content_type or response.content_type == "text/plain":
                    return _object(await _up_to(response, MAX_ANSWER_BYTES))
                return await _up_to(response, limit), response.content_type
        except (aiohttp.ClientError, TimeoutError) as error:
            # Fetching changes nothing, so whatever went wrong may be tried again.
            raise ChannelBusy(None, f"network:{type(error).__name__}") from None
        except OutcomeUnknown:
            raise ChannelBusy(None, "not_understood") from None

    def _checked(self, answer: dict[str, Any]) -> dict[str, Any]:
        code = answer.get("errcode", 0)  # success may omit it
        if code == 0:
            return answer
        if code in ALERTS:
            log.error("wechat_account_needs_attention", appid=self.appid, errcode=code, reason=ALERTS[code])
        raise error_for(code if isinstance(code, int) else -1)

    async def _call(self, method: str, endpoint: str, token: str, **kwargs: Any) -> dict[str, Any]:
        """One request and its JSON. Raises ``ChannelBusy`` if it can't have been carried out, else ``OutcomeUnknown``."""
        params = {**(kwargs.get("params") or {}), "access_token": token}
        try:
            async with self._connected(method, endpoint, params=params, **_body(kwargs)) as response:
                body = await _up_to(response, MAX_ANSWER_BYTES)
                if response.status != 200:  # noqa: PLR2004 -- errors of WeChat's own come with 200 and a code
                    raise OutcomeUnknown(f"http_{response.status}")
                return _object(body)
        except aiohttp.ClientConnectorError:
            raise ChannelBusy(None, "no_connection") from None
        except (aiohttp.ClientError, TimeoutError) as error:
            raise OutcomeUnknown(type(error).__name__) from None

    async def _fetch_token(self, force: bool) -> tuple[str, float]:
        asked = {"grant_type": "client_credential", "appid": self.appid, "secret": self.secret, "force_refresh": force}
        try:
            async with self._connected("post", "stable_token", json=asked) as response:
                answer = self._checked(_object(await _up_to(response, MAX_ANSWER_BYTES)))
            token, lasts_s = answer["access_token"], float(answer["expires_in"])
        except (aiohttp.ClientError, TimeoutError, OutcomeUnknown, KeyError, TypeError, ValueError) as error:
            raise ChannelBusy(None, f"no_token:{type(error).__name__}") from None
        if not isinstance(token, str) or not token:
            raise ChannelBusy(None, "no_token")
        return token, lasts_s

    def _connected(self, method: str, endpoint: str, **kwargs: Any) -> "_FirstReachable":
        return _FirstReachable(self._aiohttp, method, [f"{base}/cgi-bin/{endpoint}" for base in self._bases], kwargs)


class _FirstReachable:
    """The response of the first address that a connection comes about with; nothing is sent to a second one after that."""

    def __init__(self, http: aiohttp.ClientSession, method: str, urls: list[str], kwargs: dict[str, Any]) -> None:
        self._http = http
        self._method = method
        self._urls = urls
        self._kwargs = kwargs
        self._response: aiohttp.ClientResponse | None = None

    async def __aenter__(self) -> aiohttp.ClientResponse:
        for url in self._urls[:-1]:
            try:
                self._response = await self._open(url)
            except aiohttp.ClientConnectorError:
                log.warning("wechat_host_unreachable")
            else:
                return self._response
        self._response = await self._open(self._urls[-1])
        return self._response

    async def _open(self, url: str) -> aiohttp.ClientResponse:
        made = {name: make() if callable(make) else make for name, make in self._kwargs.items()}
        return await self._http.request(self._method, url, allow_redirects=False, **made)

    async def __aexit__(self, *_: object) -> None:
        if self._response is not None:
            self._response.release()


def _body(kwargs: dict[str, Any]) -> dict[str, Any]:
    """The library's ``data`` or ``files`` as aiohttp sends them; made anew for each try, so that a retry sends all of it."""
    if kwargs.get("files"):
        name, content, media_type = kwargs["files"]["media"]

        def form() -> aiohttp.FormData:
            data = aiohttp.FormData()
            data.add_field("media", io.BytesIO(content), filename=name, content_type=media_type)
            return data

        return {"data": form}
    if "data" in kwargs:
        # Chinese as UTF-8: WeChat shows \\u escapes as they are.
        body = json.dumps(kwargs["data"], ensure_ascii=False).encode()
        return {"data": body, "headers": {"Content-Type": "application/json; charset=utf-8"}}
    return {}


async def _up_to(response: aiohttp.ClientResponse, limit: int) -> bytes:
    body = bytearray()
    async for chunk in response.content.iter_chunked(64 * 1024):
        body += chunk
        if len(body) > limit:
            break
    return bytes(body)


def _object(body: bytes) -> dict[str, Any]:
    """A JSON object; anything else, such as a proxy's HTML with status 200, is no answer."""
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        raise OutcomeUnknown("not_json") from None
    if not isinstance(answer, dict):
        raise OutcomeUnknown("not_an_object")
    return answer
