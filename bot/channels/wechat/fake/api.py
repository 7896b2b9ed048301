"""Serves the platform's API: tokens for everybody, the other endpoints for who has one, and everything as the script says."""

import asyncio
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from aiohttp import web

from bot.channels.wechat.fake.accounts import FakeAccount
from bot.channels.wechat.fake.calls import ApiError, Call, Endpoint, Script, answer, body_of, refusal
from bot.channels.wechat.fake.tokens import Tokens

HTML = "<html><body>502 Bad Gateway</body></html>"
KEPT_REQUESTS = 10_000

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Api:
    """Both hosts in one: ``api.weixin.qq.com`` and ``qyapi.weixin.qq.com`` have no path in common that means two things."""

    def __init__(self, accounts: dict[str, FakeAccount], tokens: Tokens, script: Script) -> None:
        self._accounts = accounts
        self._tokens = tokens
        self._script = script
        self.latency_s = 0.0
        self.calls: Counter[str] = Counter()  # by path
        self.requests: deque[tuple[str, Any]] = deque(maxlen=KEPT_REQUESTS)  # path and JSON body of each

    def add_routes(self, app: web.Application, endpoints: Iterable[Endpoint], prefix: str) -> None:
        """Serve below *prefix* what the platform serves at its root."""
        tokens: list[tuple[str, str, Handler]] = [
            ("GET", "token", self._token),
            ("POST", "stable_token", self._stable_token),
            ("GET", "gettoken", self._gettoken),
        ]
        for method, path, handler in tokens:
            app.router.add_route(method, f"{prefix}/cgi-bin/{path}", self._as_told(path, handler))
        for endpoint in endpoints:
            handler = self._as_told(endpoint.path, self._let_in(endpoint))
            app.router.add_route(endpoint.method, f"{prefix}/cgi-bin/{endpoint.path}", handler)

    def _as_told(self, path: str, handler: Handler) -> Handler:
        async def serve(request: web.Request) -> web.StreamResponse:
            self.calls[path] += 1
            misstep = self._script.next(path)
            if self.latency_s or misstep.wait_s:
                await asyncio.sleep(self.latency_s + misstep.wait_s)
            if misstep.until is not None:
                await misstep.until.wait()
            if misstep.errcode is not None:
                return refusal(ApiError(misstep.errcode))
            if misstep.html:
                return web.Response(text=HTML, content_type="text/html", status=misstep.status)
            if misstep.lost == "before":
                return _hang_up(request)
            try:
                response = await handler(request)
            except ApiError as error:
                response = refusal(error)
            return _hang_up(request) if misstep.lost == "after" else response

        return serve

    def _let_in(self, endpoint: Endpoint) -> Handler:
        async def serve(request: web.Request) -> web.StreamResponse:
            body = await self._body(request, endpoint.path)
            account = self._accounts[self._tokens.account_of(request.query)]
            if account.family not in endpoint.families:
                raise ApiError(48001)
            made = await endpoint.handler(Call(account, body, request.query, request))
            return made if isinstance(made, web.StreamResponse) else answer(made)

        return serve

    async def _body(self, request: web.Request, path: str) -> dict[str, Any]:
        """The JSON that came, written down; a form's file is left to be read by its endpoint."""
        if not request.can_read_body or request.content_type.startswith("multipart/"):
            return {}
        body = body_of(await request.read())
        self.requests.append((path, body))
        return body

    # --- tokens ------------------------------------------------------------------------------------------------------------

    async def _token(self, request: web.Request) -> web.Response:
        account = self._known(request.query.get("appid"), request.query.get("secret"), company=False)
        return answer(self._tokens.by_token(account))

    async def _stable_token(self, request: web.Request) -> web.Response:
        asked = await self._body(request, "stable_token")
        account = self._known(asked.get("appid"), asked.get("secret"), company=False)
        return answer(self._tokens.by_stable_token(account, force=asked.get("force_refresh") is True))

    async def _gettoken(self, request: web.Request) -> web.Response:
        account = self._known(request.query.get("corpid"), request.query.get("corpsecret"), company=True)
        return answer(self._tokens.by_gettoken(account))

    def _known(self, appid: Any, secret: Any, *, company: bool) -> FakeAccount:
        for account in self._accounts.values():
            if account.appid == appid and (account.family == "kf") == company:
                if account.secret != secret:
                    raise ApiError(40001 if company else 40125)
                return account
        raise ApiError(40013)


def _hang_up(request: web.Request) -> web.StreamResponse:
    """The connection breaks before any answer."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()
