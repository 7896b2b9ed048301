"""Canned replies: everybody's, one's own, and those that come with us."""

from typing import Annotated

from aiohttp import web
from pydantic import Field, StringConstraints
from typing_extensions import TypedDict

from config.catalogue import Catalogue, load_yaml
from config.clock import Clock
from config.operations import Operation, described
from config.problem import Problem
from handoff import policy
from handoff.auth import Auth
from handoff.bodies import Body, read_body
from handoff.endpoints import BASE, signed_in
from store import canned
from store.canned import CannedReply
from store.engine import Store
from store.ids import new_id
from store.model import Agent

MAX_CANNED_CHARS = 2000


class Canned(Body):
    """A canned reply. ``shared``: everybody's, which takes a supervisor."""

    shortcut: Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[^\s/]{1,20}$")]
    title: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=30)]
    text: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_CANNED_CHARS)]
    shared: bool = False


class ShownCanned(TypedDict):
    """A canned reply as one may use it; those that come with us are ``packaged:`` and their shortcut, and nobody changes them."""

    id: Annotated[str, Field(pattern=r"^([0-9a-f]{32}|packaged:.+)$")]
    shortcut: str
    title: str
    text: str
    shared: bool
    editable: bool


class ShownCannedReplies(TypedDict):
    """Those one may use."""

    items: list[ShownCanned]


class CannedApi:
    """``/canned``."""

    def __init__(self, store: Store, clock: Clock, catalogue: Catalogue, auth: Auth) -> None:
        self._store = store
        self._clock = clock
        self._catalogue = catalogue
        self._auth = auth
        self._packaged = tuple(
            CannedReply(f"packaged:{item['shortcut']}", None, item["shortcut"], item["title"], item["text"])
            for item in load_yaml("canned.zh-CN.yaml")["canned"]
        )

    def add_routes(self, app: web.Application) -> None:
        """Mount the endpoints."""
        add, one = app.router.add_route, f"{BASE}/canned/{{id:[0-9a-f]{{32}}}}"
        add("GET", f"{BASE}/canned", signed_in(self._auth, self._canned))
        add("POST", f"{BASE}/canned", signed_in(self._auth, self._add_canned))
        add("PUT", one, signed_in(self._auth, self._change_canned))
        add("DELETE", one, signed_in(self._auth, self._drop_canned))

    @described(
        Operation(
            "Canned replies: shared ones and one's own",
            "canned replies",
            scope="conversations:read",
            answers={200: ShownCannedReplies},
        )
    )
    async def _canned(self, _request: web.Request, agent: Agent) -> web.StreamResponse:
        own = await self._store.read(lambda tx: canned.of(tx, agent.id))
        taken = {item.shortcut for item in own}
        packaged = [item for item in self._packaged if item.shortcut not in taken]  # a bank's own words go before ours
        return web.json_response(ShownCannedReplies(items=[_canned_frame(item, agent) for item in (*own, *packaged)]))

    @described(
        Operation(
            "Add a canned reply",
            "canned replies",
            scope="conversations:write",
            body=Canned,
            answers={201: ShownCanned},
            problems={403: ("not_allowed",)},
        )
    )
    async def _add_canned(self, request: web.Request, agent: Agent) -> web.StreamResponse:
        body, now = await read_body(request, Canned), self._clock.now()
        reply = self._reply(agent, new_id(now), body)
        await self._store.write(lambda tx: canned.keep(tx, reply, now))
        return web.json_response(_canned_frame(reply, agent), status=201)

    @described(
        Operation(
            "Change a canned reply",
            "canned replies",
            scope="conversations:write",
            body=Canned,
            answers={200: ShownCanned},
            problems={403: ("not_allowed",)},
        )
    )
    async def _change_canned(self, request: web.Request, agent: Agent) -> web.StreamResponse:
        body, now = await read_body(request, Canned), self._clock.now()
        before = await self._own(agent, request.match_info["id"])
        reply = self._reply(agent, before.id, body)
        await self._store.write(lambda tx: canned.keep(tx, reply, now))
        return web.json_response(_canned_frame(reply, agent))

    @described(
        Operation(
            "Remove a canned reply",
            "canned replies",
            scope="conversations:write",
            answers={204: None},
            problems={403: ("not_allowed",)},
        )
    )
    async def _drop_canned(self, request: web.Request, agent: Agent) -> web.StreamResponse:
        reply = await self._own(agent, request.match_info["id"])
        await self._store.write(lambda tx: canned.drop(tx, reply.id))
        return web.Response(status=204)

    def _reply(self, agent: Agent, reply_id: str, body: Canned) -> CannedReply:
        if body.shared and not policy.edits_shared(agent):
            raise Problem(403, "not_allowed", self._catalogue.sentence("desk.problem.not_allowed"))
        return CannedReply(reply_id, None if body.shared else agent.id, body.shortcut, body.title, body.text)

    async def _own(self, agent: Agent, reply_id: str) -> CannedReply:
        """The reply, if *agent* may change it. Somebody else's looks as if there were none."""
        found = await self._store.read(lambda tx: canned.get(tx, reply_id))
        if found is None or (found.owner_id is not None and found.owner_id != agent.id):
            raise Problem(404, "not_found")
        if found.owner_id is None and not policy.edits_shared(agent):
            raise Problem(403, "not_allowed", self._catalogue.sentence("desk.problem.not_allowed"))
        return found


def _canned_frame(reply: CannedReply, agent: Agent) -> ShownCanned:
    is_packaged = reply.id.startswith("packaged:")
    return {
        "id": reply.id,
        "shortcut": reply.shortcut,
        "title": reply.title,
        "text": reply.text,
        "shared": reply.owner_id is None,
        "editable": not is_packaged and (reply.owner_id == agent.id or (reply.owner_id is None and policy.edits_shared(agent))),
    }
