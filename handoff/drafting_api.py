"""What an agent is writing: kept while it is typed, so that a browser that dies loses nothing."""

from aiohttp import web
from pydantic import Field
from typing_extensions import TypedDict

from config.clock import Clock
from config.operations import Operation, described
from config.problem import Problem
from handoff import sight
from handoff.auth import Auth
from handoff.bodies import Body, read_body
from handoff.endpoints import BASE, signed_in
from handoff.holding import MAX_TEXT_CHARS
from store import drafts
from store.engine import Store, Tx
from store.model import Agent


class Draft(Body):
    """An unfinished reply or note; empty text drops it."""

    mode: drafts.Mode
    text: str = Field(max_length=MAX_TEXT_CHARS)


class KeptDrafts(TypedDict, total=False):
    """What one has begun to write; nothing of it where nothing is begun."""

    reply: str
    note: str


class DraftingApi:
    """``/conversations/{id}/draft``: everybody has their own, also of conversations that a colleague holds by now."""

    def __init__(self, store: Store, clock: Clock, auth: Auth) -> None:
        self._store = store
        self._clock = clock
        self._auth = auth

    def add_routes(self, app: web.Application) -> None:
        """Mount the endpoints."""
        one = f"{BASE}/conversations/{{id:[0-9a-f]{{32}}}}/draft"
        app.router.add_get(one, signed_in(self._auth, self._get))
        app.router.add_put(one, signed_in(self._auth, self._keep))

    @described(
        Operation(
            "One's unfinished reply and note in a conversation",
            "conversations",
            scope="conversations:read",
            answers={200: KeptDrafts},
        )
    )
    async def _get(self, request: web.Request, agent: Agent) -> web.StreamResponse:
        conversation_id = request.match_info["id"]

        def look(tx: Tx) -> dict[str, str] | None:
            return drafts.of(tx, conversation_id, agent.id) if sight.sees(tx, agent, conversation_id) else None

        found = await self._store.read(look)
        if found is None:
            raise Problem(404, "not_found")
        return web.json_response(found)

    @described(
        Operation(
            "Keep an unfinished reply or note", "conversations", scope="conversations:write", body=Draft, answers={204: None}
        )
    )
    async def _keep(self, request: web.Request, agent: Agent) -> web.StreamResponse:
        conversation_id, body, now = request.match_info["id"], await read_body(request, Draft), self._clock.now()
        crypto = self._store.crypto
        text_enc = drafts.sealed(crypto, conversation_id, agent.id, body.mode, body.text) if body.text else None

        def keep(tx: Tx) -> bool:
            if not sight.sees(tx, agent, conversation_id):
                return False
            drafts.keep(tx, conversation_id, agent.id, body.mode, text_enc, now)
            return True

        if not await self._store.write(keep, key=conversation_id):
            raise Problem(404, "not_found")
        return web.Response(status=204)
