"""Views that somebody saved: lists narrowed as they like to come back to them."""

from typing import Annotated, Any

from aiohttp import web
from pydantic import StringConstraints
from typing_extensions import TypedDict

from config.catalogue import Catalogue
from config.clock import Clock
from config.operations import Operation, described, kept_as
from config.problem import Problem
from handoff.auth import Auth
from handoff.bodies import Body, read_body
from handoff.endpoints import BASE, signed_in
from handoff.lists_api import Filters
from handoff.shapes import Reference
from store import saved_views
from store.engine import Store
from store.ids import new_id
from store.model import Agent
from store.saved_views import SavedView

MAX_VIEWS = 30


class NewView(Body):
    """A saved view."""

    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=30)]
    filters: Filters


class KeptView(TypedDict):
    """A list narrowed as somebody likes to come back to it. ``filters``: those that were set, and the view."""

    id: Reference
    name: str
    filters: Annotated[dict[str, Any], kept_as(Filters)]


class KeptViews(TypedDict):
    """One's saved views."""

    items: list[KeptView]


class SavedViewsApi:
    """``/views``."""

    def __init__(self, store: Store, clock: Clock, catalogue: Catalogue, auth: Auth) -> None:
        self._store = store
        self._clock = clock
        self._catalogue = catalogue
        self._auth = auth

    def add_routes(self, app: web.Application) -> None:
        """Mount the endpoints."""
        add = app.router.add_route
        add("GET", f"{BASE}/views", signed_in(self._auth, self._views))
        add("POST", f"{BASE}/views", signed_in(self._auth, self._save_view))
        add("DELETE", f"{BASE}/views/{{id:[0-9a-f]{{32}}}}", signed_in(self._auth, self._drop_view))

    @described(Operation("One's saved views", "saved views", scope="conversations:read", answers={200: KeptViews}))
    async def _views(self, _request: web.Request, agent: Agent) -> web.StreamResponse:
        found = await self._store.read(lambda tx: saved_views.of(tx, agent.id))
        return web.json_response(KeptViews(items=[_view_frame(item) for item in found]))

    @described(
        Operation(
            "Save a view",
            "saved views",
            scope="conversations:write",
            body=NewView,
            answers={201: KeptView},
            problems={422: ("too_many",)},
        )
    )
    async def _save_view(self, request: web.Request, agent: Agent) -> web.StreamResponse:
        body, now = await read_body(request, NewView), self._clock.now()
        filters = body.filters.model_dump(mode="json", exclude_defaults=True) | {"view": body.filters.view}
        view = SavedView(new_id(now), body.name, filters)
        if not await self._store.write(lambda tx: saved_views.save(tx, agent.id, view, now, MAX_VIEWS)):
            raise Problem(422, "too_many", self._catalogue.sentence("desk.problem.too_many_views", limit=MAX_VIEWS))
        return web.json_response(_view_frame(view), status=201)

    @described(Operation("Remove a saved view", "saved views", scope="conversations:write", answers={204: None}))
    async def _drop_view(self, request: web.Request, agent: Agent) -> web.StreamResponse:
        view_id = request.match_info["id"]
        await self._store.write(lambda tx: saved_views.drop(tx, agent.id, view_id))
        return web.Response(status=204)


def _view_frame(view: SavedView) -> KeptView:
    return {"id": view.id, "name": view.name, "filters": view.filters}
