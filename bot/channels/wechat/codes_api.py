"""``POST /api/v1/wechat/branch-codes``: a code that a branch puts up, made by an Official Account, for who runs the branches."""

from collections.abc import Mapping
from typing import Annotated

from aiohttp import web
from pydantic import Field, StringConstraints

from bot.channels.wechat.answers import OutcomeUnknown
from bot.channels.wechat.console import MAX_BRANCH_CHARS, MAX_DAYS, Console
from bot.delivery import ChannelBusy, ChannelRefused
from config.catalogue import Catalogue
from config.clock import Clock
from config.operations import OBJECT, Operation, described
from config.problem import Problem
from handoff import policy
from handoff.auth import Auth
from handoff.bodies import Body, read_body
from handoff.endpoints import signed_in
from store import audit
from store.engine import Store
from store.model import Agent

PATH = "/api/v1/wechat/branch-codes"


class NewCode(Body):
    """A code of ``branch``. ``account``: which Official Account, where there are several. Without ``days`` it lasts for ever."""

    branch: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_BRANCH_CHARS)]
    account: Annotated[str, StringConstraints(max_length=64)] | None = None
    days: Annotated[int, Field(ge=1, le=MAX_DAYS)] | None = None


class BranchCodesApi:
    """Makes codes at WeChat, and writes down who had them made."""

    def __init__(self, consoles: Mapping[str, Console], store: Store, clock: Clock, catalogue: Catalogue, auth: Auth) -> None:
        """*consoles* by the name of their account."""
        self._consoles = consoles
        self._store = store
        self._clock = clock
        self._catalogue = catalogue
        self._auth = auth

    def add_routes(self, app: web.Application) -> None:
        """Mount the endpoint."""
        app.router.add_post(PATH, signed_in(self._auth, self._make))

    @described(
        Operation(
            "Make a WeChat QR code of a branch",
            "branches",
            body=NewCode,
            answers={201: OBJECT},
            problems=(404, 502, 503),
        )
    )
    async def _make(self, request: web.Request, agent: Agent) -> web.Response:
        if not policy.edits_shared(agent):
            raise Problem(403, "not_allowed", self._catalogue.text("desk.problem.not_allowed"))
        wanted = await read_body(request, NewCode)
        console = self._console(wanted.account)
        try:
            code = await console.branch_code(wanted.branch, days=wanted.days)
        except ChannelRefused as refused:
            raise Problem(502, "wechat_refused", reason=refused.reason) from None
        except (ChannelBusy, OutcomeUnknown):
            raise Problem(503, "wechat_away", headers={"Retry-After": "60"}) from None
        now = self._clock.now()
        detail = {"account": wanted.account, "days": wanted.days}
        await self._store.write(lambda tx: audit.record(tx, agent.id, "branch_code", code.branch, detail, now))
        made = {"branch": code.branch, "content": code.content, "picture": code.picture, "lasts_days": code.lasts_days}
        return web.json_response(made, status=201)

    def _console(self, name: str | None) -> Console:
        """That account's, or the only one's."""
        found = self._consoles.get(name) if name else next(iter(self._consoles.values())) if len(self._consoles) == 1 else None
        if found is None:
            raise Problem(404, "no_such_account", accounts=sorted(self._consoles))
        return found
