"""``/api/v1/wechat/branch-codes``: codes that branches put up, made by an Official Account, for who runs the branches."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated
from urllib.parse import quote

from aiohttp import web
from pydantic import Field, StringConstraints
from typing_extensions import TypedDict

from bot.channels.qr_code import code, drawing
from bot.channels.wechat.answers import OutcomeUnknown
from bot.channels.wechat.console import MAX_BRANCH_CHARS, MAX_DAYS, Console
from bot.delivery import ChannelBusy, ChannelRefused
from config.catalogue import Catalogue
from config.clock import Clock
from config.operations import TEXT, Moment, Operation, described
from config.problem import Problem
from handoff import policy
from handoff.auth import Auth
from handoff.bodies import Body, read_body
from handoff.endpoints import signed_in
from handoff.shapes import Reference
from store import agents, audit, branch_codes
from store.branch_codes import BranchCode
from store.engine import Store, Tx
from store.ids import new_id
from store.model import Agent

PATH = "/api/v1/wechat/branch-codes"
MOST_LISTED = 200


class NewCode(Body):
    """A code of ``branch``. ``account``: which Official Account, where there are several. Without ``days`` it lasts for ever."""

    branch: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_BRANCH_CHARS)]
    account: Annotated[str, StringConstraints(max_length=64)] | None = None
    days: Annotated[int, Field(ge=1, le=MAX_DAYS)] | None = None


class ShownCode(TypedDict):
    """A code that a branch puts up: what it encodes, and where WeChat shows it. Without ``lasts_until`` it lasts for ever."""

    id: Reference
    branch: str
    account: str
    content: str
    picture: str
    made_by: str
    made_at: Moment
    lasts_until: Moment | None
    is_over: bool


class MadeCode(ShownCode):
    """A new code, and how many days it lasts as WeChat says; null: for ever."""

    lasts_days: int | None


class ShownCodes(TypedDict):
    """The latest codes, the accounts that can make them, and whether there are older codes."""

    accounts: list[str]
    items: list[ShownCode]
    more: bool


class BranchCodesApi:
    """Makes codes at WeChat, writes down who had them made, lists them, and draws them to print."""

    def __init__(self, consoles: Mapping[str, Console], store: Store, clock: Clock, catalogue: Catalogue, auth: Auth) -> None:
        """*consoles* by the name of their account."""
        self._consoles = consoles
        self._store = store
        self._clock = clock
        self._catalogue = catalogue
        self._auth = auth

    def add_routes(self, app: web.Application) -> None:
        """Mount the endpoints."""
        app.router.add_get(PATH, signed_in(self._auth, self._listed))
        app.router.add_post(PATH, signed_in(self._auth, self._make))
        app.router.add_get(f"{PATH}/{{id:[0-9a-f]{{32}}}}/picture", signed_in(self._auth, self._picture))

    @described(
        Operation(
            "The latest codes of branches, and the Official Accounts that can make them",
            "branches",
            scope="branches",
            answers={200: ShownCodes},
            problems={403: ("not_allowed",)},
        )
    )
    async def _listed(self, _request: web.Request, agent: Agent) -> web.Response:
        self._only_who_runs_branches(agent)
        now = self._clock.now()

        def load(tx: Tx) -> tuple[tuple[BranchCode, ...], dict[str, str]]:
            return branch_codes.newest(tx, MOST_LISTED + 1), agents.names(tx)

        found, names = await self._store.read(load)
        items = [_shown(each, names, now) for each in found[:MOST_LISTED]]
        return web.json_response(ShownCodes(accounts=list(self._consoles), items=items, more=len(found) > MOST_LISTED))

    @described(
        Operation(
            "Make a WeChat QR code of a branch",
            "branches",
            scope="branches",
            body=NewCode,
            answers={201: MadeCode},
            problems={403: ("not_allowed",), 404: ("no_such_account",), 502: ("wechat_refused",), 503: ("wechat_away",)},
        )
    )
    async def _make(self, request: web.Request, agent: Agent) -> web.Response:
        self._only_who_runs_branches(agent)
        wanted = await read_body(request, NewCode)
        account, console = self._console(wanted.account)
        try:
            made = await console.branch_code(wanted.branch, days=wanted.days)
        except ChannelRefused as refused:
            detail = self._catalogue.sentence("desk.problem.wechat_refused", reason=refused.reason)
            raise Problem(502, "wechat_refused", detail, reason=refused.reason) from None
        except (ChannelBusy, OutcomeUnknown):
            detail = self._catalogue.sentence("desk.problem.wechat_away")
            raise Problem(503, "wechat_away", detail, headers={"Retry-After": "60"}) from None
        now = self._clock.now()
        until = now + timedelta(days=made.lasts_days) if made.lasts_days else None
        kept = BranchCode(new_id(now), account, made.branch, made.content, made.picture, agent.id, now, until)

        def write(tx: Tx) -> None:
            branch_codes.keep(tx, kept)
            audit.record(tx, agent.id, "branch_code", kept.branch, {"account": account, "days": wanted.days}, now)

        await self._store.write(write)
        return web.json_response(MadeCode(**_shown(kept, {agent.id: agent.name}, now), lasts_days=made.lasts_days), status=201)

    @described(
        Operation(
            "A code of a branch as a drawing to print",
            "branches",
            scope="branches",
            answers={200: TEXT},
            media_type="image/svg+xml",
            problems={403: ("not_allowed",)},
        )
    )
    async def _picture(self, request: web.Request, agent: Agent) -> web.Response:
        self._only_who_runs_branches(agent)
        found = await self._store.read(lambda tx: branch_codes.get(tx, request.match_info["id"]))
        if found is None:
            raise Problem(404, "not_found")
        svg = drawing(code(found.content), found.branch, self._catalogue.text("wechat.scan"))
        headers = {
            "Content-Disposition": f"inline; filename*=UTF-8''{quote(found.branch, safe='')}.svg",
            "Content-Security-Policy": "default-src 'none'; sandbox",
            "Cache-Control": "private, max-age=3600",
        }
        return web.Response(text=svg, content_type="image/svg+xml", headers=headers)

    def _only_who_runs_branches(self, agent: Agent) -> None:
        if not policy.edits_shared(agent):
            raise Problem(403, "not_allowed", self._catalogue.sentence("desk.problem.not_allowed"))

    def _console(self, name: str | None) -> tuple[str, Console]:
        """That account's, or the only one's."""
        account = name or (next(iter(self._consoles)) if len(self._consoles) == 1 else "")
        found = self._consoles.get(account)
        if found is None:
            raise Problem(
                404, "no_such_account", self._catalogue.sentence("desk.problem.no_account"), accounts=sorted(self._consoles)
            )
        return account, found


def _shown(each: BranchCode, names: Mapping[str, str], now: datetime) -> ShownCode:
    until = each.lasts_until
    return {
        "id": each.id,
        "branch": each.branch,
        "account": each.account,
        "content": each.content,
        "picture": each.picture,
        "made_by": names.get(each.made_by, ""),
        "made_at": each.made_at.isoformat(),
        "lasts_until": until.isoformat() if until else None,
        "is_over": until is not None and until <= now,
    }
