"""One call of the API and what answers it: errors as WeChat sends them, and how calls are made to go wrong."""

import asyncio
import json
import secrets
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from aiohttp import web

from bot.channels.wechat.fake.accounts import FakeAccount


class ApiError(Exception):
    """A call is refused with *code*; *field* is what the message blames."""

    def __init__(self, code: int, field: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.field = field


@dataclass(frozen=True, slots=True)
class Call:
    """A call by *account*, already let in by its token; *body* is the JSON object that came with it."""

    account: FakeAccount
    body: Mapping[str, Any]
    query: Mapping[str, str]
    request: web.Request

    def text(self, *path: str) -> str:
        """The text at *path* in the body, ``""`` when there is none."""
        value: Any = self.body
        for name in path:
            value = value.get(name) if isinstance(value, Mapping) else None
        return value if isinstance(value, str) else ""


Answer = dict[str, Any] | web.StreamResponse
Handler = Callable[[Call], Awaitable[Answer]]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """*path* below ``/cgi-bin``, for the *families* that have it."""

    method: Literal["GET", "POST"]
    path: str
    handler: Handler
    families: frozenset[str] = frozenset({"official", "mini"})


ALL = frozenset({"official", "mini", "kf"})
OFFICIAL = frozenset({"official"})
MINI = frozenset({"mini"})
KF = frozenset({"kf"})


@dataclass(frozen=True, slots=True)
class Misstep:
    """What happens once instead of answering: an error code, a page of HTML with 200, a lost connection, or a wait.

    ``lost`` may happen ``before`` the call is carried out, or ``after`` it: then the caller can't know.
    """

    errcode: int | None = None
    html: bool = False
    lost: Literal["before", "after"] | None = None
    until: asyncio.Event | None = None  # wait for this, then answer as usual
    wait_s: float = 0.0
    status: int = 200  # with html


class Script:
    """Missteps by path, used up one a call."""

    def __init__(self) -> None:
        self._missteps: dict[str, deque[Misstep]] = defaultdict(deque)

    def add(self, path: str, *missteps: Misstep) -> None:
        """The next calls of *path* go wrong, one each."""
        self._missteps[path].extend(missteps)

    def next(self, path: str) -> Misstep:
        """What happens to this call of *path*."""
        waiting = self._missteps.get(path)
        return waiting.popleft() if waiting else Misstep()

    def clear(self) -> None:
        """Forget all that was to happen."""
        self._missteps.clear()


def answer(values: Mapping[str, Any]) -> web.Response:
    """*values* as WeChat writes JSON: UTF-8, nothing escaped."""
    return web.Response(body=json.dumps(values, ensure_ascii=False).encode(), content_type="application/json", charset="utf-8")


def refusal(error: ApiError) -> web.Response:
    """An error as WeChat sends it: status 200, the code in the body, and a message that ends in the number of the request."""
    blamed = f" {error.field} invalid" if error.field else ""
    return answer({"errcode": error.code, "errmsg": f"refused{blamed} rid: {secrets.token_hex(4)}-{secrets.token_hex(4)}"})


def body_of(raw: bytes) -> dict[str, Any]:
    r"""The JSON object in *raw*, ``{}`` if there is none.

    Escapes like ``\u4f60`` stay as they are written: a phone shows them to its owner just so.
    """
    try:
        body = json.loads(raw.replace(b"\\u", b"\\\\u"))
    except (ValueError, RecursionError):
        return {}
    return body if isinstance(body, dict) else {}
