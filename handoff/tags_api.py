"""Tags of conversations: put on and taken off by whoever may see them."""

from typing import Annotated

from aiohttp import web
from pydantic import Field, StringConstraints, model_validator
from typing_extensions import TypedDict

from config.operations import Operation, Whole, described
from handoff.auth import Auth
from handoff.bodies import Body, read_body
from handoff.endpoints import BASE, signed_in
from handoff.tagging import Tagging
from store import tags
from store.engine import Store
from store.model import Agent

MAX_TAGS = 20
Tag = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=20, pattern=r"^[^\s,，#]+$")]


class Changes(Body):
    """Tags to put on and to take off."""

    add: list[Tag] = Field(default_factory=list, max_length=MAX_TAGS)
    remove: list[Tag] = Field(default_factory=list, max_length=MAX_TAGS)

    @model_validator(mode="after")
    def _something(self) -> "Changes":
        if not self.add and not self.remove:
            raise ValueError("add or remove")
        return self


class CountedTag(TypedDict):
    """A tag and on how many conversations it is."""

    tag: str
    count: Whole


class CountedTags(TypedDict):
    """Tags in use."""

    items: list[CountedTag]


class TagsLeft(TypedDict):
    """The tags that a conversation has now."""

    tags: list[str]


class TagsApi:
    """``/tags`` and ``/conversations/{id}/tags``."""

    def __init__(self, store: Store, auth: Auth, tagging: Tagging) -> None:
        self._store = store
        self._tagging = tagging
        self._auth = auth

    def add_routes(self, app: web.Application) -> None:
        """Mount the endpoints."""
        app.router.add_get(f"{BASE}/tags", signed_in(self._auth, self._known))
        app.router.add_put(f"{BASE}/conversations/{{id:[0-9a-f]{{32}}}}/tags", signed_in(self._auth, self._change))

    @described(
        Operation("Tags in use, the most frequent first", "conversations", scope="conversations:read", answers={200: CountedTags})
    )
    async def _known(self, _request: web.Request, _agent: Agent) -> web.StreamResponse:
        found = await self._store.read(tags.known)
        return web.json_response(CountedTags(items=[{"tag": tag, "count": count} for tag, count in found]))

    @described(
        Operation(
            "Put tags on a conversation, or take them off",
            "conversations",
            scope="conversations:write",
            body=Changes,
            answers={200: TagsLeft},
        )
    )
    async def _change(self, request: web.Request, agent: Agent) -> web.StreamResponse:
        body, conversation_id = await read_body(request, Changes), request.match_info["id"]
        left = await self._tagging.change(agent, conversation_id, add=body.add, remove=body.remove)
        return web.json_response(TagsLeft(tags=list(left)))
