"""HTTP to a platform's hosts: JSON in and out, files in and out, and errors that say whether something may have happened.

No address, token or secret reaches an exception or a log: the errors of the HTTP library quote addresses with their queries,
and so are replaced.
"""

import io
import json
from collections.abc import Callable, Sequence
from typing import Any

import aiohttp
import structlog
from yarl import URL

from bot.channels.wechat.answers import OutcomeUnknown
from bot.delivery import ChannelBusy

log = structlog.get_logger(__name__)

MAX_ANSWER_BYTES = 64 * 1024
KEPT_ADDRESSES = 100
MAX_LONG_ANSWER_BYTES = 8 * 1024 * 1024  # a page of a thousand messages

Upload = tuple[str, bytes, str]  # name, content, media type
File = tuple[bytes, str]  # content, announced media type
Answer = dict[str, Any]


class Transport:
    """The hosts of one platform. Works inside a running event loop."""

    def __init__(self, http: aiohttp.ClientSession, bases: Sequence[str]) -> None:
        """*bases* are tried in order; a later one is used only when no connection to an earlier one comes about."""
        self._http = http
        self._bases = tuple(base.rstrip("/") for base in bases)
        self._written: dict[tuple[str, ...], tuple[URL, ...]] = {}  # addresses that calls come to again and again

    async def json(
        self,
        method: str,
        path: str,
        *,
        params: dict[str, Any] | None = None,
        data: Any = None,
        upload: Upload | None = None,
        limit: int = MAX_ANSWER_BYTES,
    ) -> Answer:
        """The JSON object that answers one request, whatever its ``errcode``.

        Raises ``ChannelBusy`` if the request can't have been carried out, else ``OutcomeUnknown``.
        """
        body = _form(upload) if upload is not None else _json(data) if data is not None else dict
        try:
            async with self._open(method, path, params or {}, body) as response:
                content = await _up_to(response, limit)
                if response.status != 200:  # noqa: PLR2004 -- errors of the platform's own come with 200 and a code
                    raise OutcomeUnknown(f"http_{response.status}")
                return _object(content)
        except aiohttp.ClientConnectorError:
            raise ChannelBusy(None, "no_connection") from None
        except (aiohttp.ClientError, TimeoutError) as error:
            raise OutcomeUnknown(type(error).__name__) from None

    async def file(self, path: str, params: dict[str, Any], limit: int, part: tuple[int, int] | None = None) -> File | Answer:
        """A file, or the JSON that came instead. Reads *limit* + 1 bytes at most. Raises ``ChannelBusy``: it may come later.

        *part* asks for the bytes from the first number to the second alone, both included.
        """
        asked = {"headers": {"Range": f"bytes={part[0]}-{part[1]}"}} if part else {}
        try:
            async with self._open("get", path, params, lambda: asked) as response:
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

    async def follow(self, url: str, limit: int) -> File:
        """The bytes at an address that the platform itself named."""
        try:
            async with self._http.get(url, allow_redirects=False) as response:
                return await _up_to(response, limit), response.content_type
        except (aiohttp.ClientError, TimeoutError) as error:
            raise ChannelBusy(None, f"network:{type(error).__name__}") from None

    def _open(self, method: str, path: str, params: dict[str, Any], body: Callable[[], dict[str, Any]]) -> "_FirstReachable":
        return _FirstReachable(self._http, method, self._addresses(path, params), body)

    def _addresses(self, path: str, params: dict[str, Any]) -> tuple[URL, ...]:
        """Where *path* is, in the order to try. With nothing but a token it is written once and not with every call."""
        key = (path, *params.values()) if params.keys() == {"access_token"} else ()
        written = self._written.get(key)
        if written is None:
            written = tuple(URL(f"{base}/{path}").update_query(params) for base in self._bases)
            if key:
                if len(self._written) >= KEPT_ADDRESSES:  # a token is renewed now and then
                    self._written.clear()
                self._written[key] = written
        return written


class _FirstReachable:
    """The response of the first address that a connection comes about with; nothing is sent to a second one after that."""

    def __init__(
        self,
        http: aiohttp.ClientSession,
        method: str,
        urls: Sequence[URL],
        body: Callable[[], dict[str, Any]],
    ) -> None:
        self._http = http
        self._method = method
        self._urls = urls
        self._body = body
        self._response: aiohttp.ClientResponse | None = None

    async def __aenter__(self) -> aiohttp.ClientResponse:
        for url in self._urls[:-1]:
            try:
                self._response = await self._request(url)
            except aiohttp.ClientConnectorError:
                log.warning("wechat_host_unreachable")
            else:
                return self._response
        self._response = await self._request(self._urls[-1])
        return self._response

    async def _request(self, url: URL) -> aiohttp.ClientResponse:
        return await self._http.request(self._method, url, allow_redirects=False, **self._body())

    async def __aexit__(self, *_: object) -> None:
        if self._response is not None:
            self._response.release()


def _json(data: Any) -> Callable[[], dict[str, Any]]:
    # Chinese as UTF-8: WeChat shows \\u escapes as they are.
    content = data if isinstance(data, bytes) else json.dumps(data, ensure_ascii=False).encode()
    return lambda: {"data": content, "headers": {"Content-Type": "application/json; charset=utf-8"}}


def _form(upload: Upload) -> Callable[[], dict[str, Any]]:
    """A multipart form, made anew for each try, so that a retry sends all of it."""
    name, content, media_type = upload

    def form() -> dict[str, Any]:
        data = aiohttp.FormData()
        data.add_field("media", io.BytesIO(content), filename=name, content_type=media_type)
        return {"data": data}

    return form


async def _up_to(response: aiohttp.ClientResponse, limit: int) -> bytes:
    if response.content_length is not None and response.content_length <= limit and not response.headers.get("Content-Encoding"):
        return await response.read()
    body = bytearray()
    async for chunk in response.content.iter_chunked(64 * 1024):
        body += chunk
        if len(body) > limit:
            break
    return bytes(body)


def _object(body: bytes) -> Answer:
    """A JSON object; anything else, such as a proxy's HTML with status 200, is no answer."""
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        raise OutcomeUnknown("not_json") from None
    if not isinstance(answer, dict):
        raise OutcomeUnknown("not_an_object")
    return answer
