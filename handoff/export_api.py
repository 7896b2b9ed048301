"""A conversation to take away: for the file, for an auditor, for a court. Who took it is written down."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from contextlib import suppress

from aiohttp import web
from typing_extensions import TypedDict

from config.catalogue import Catalogue
from config.clock import Clock
from config.operations import FILE, TEXT, Moment, Operation, described
from config.problem import Problem
from handoff import export_html, frames, policy
from handoff.auth import Auth
from handoff.endpoints import BASE, signed_in
from handoff.opening import opened
from handoff.shapes import OpenedConversation, ShownMessage
from handoff.transcript import Words, transcript
from handoff.uploads.apart import clean_apart
from handoff.uploads.clean import ImageRefused
from handoff.uploads.programs import Overdue
from store import agents, audit, conversations
from store.blobs import BlobMissing, Blobs
from store.engine import Store, Tx
from store.model import Agent, Message

FORMATS = {"json": "application/json", "html": "text/html", "pdf": "application/pdf"}
MAX_FILES_BYTES = 40 * 1024 * 1024  # pictures beyond this are named only: an export is made in memory


class ExportedConversation(TypedDict):
    """A conversation to take away: everything known of it, and every message."""

    exported_at: Moment
    by: str
    conversation: OpenedConversation
    messages: list[ShownMessage]


class ExportApi:
    """``GET /conversations/{id}/export?format=html|json|pdf``."""

    def __init__(self, store: Store, blobs: Blobs, clock: Clock, catalogue: Catalogue, auth: Auth) -> None:
        self._store = store
        self._blobs = blobs
        self._clock = clock
        self._catalogue = catalogue
        self._auth = auth
        self._own = Catalogue("brief.zh-CN.yaml")
        self._words = Words(self._own, Catalogue("readback.zh-CN.yaml"))

    def add_routes(self, app: web.Application) -> None:
        """Mount the endpoint."""
        app.router.add_get(f"{BASE}/conversations/{{id:[0-9a-f]{{32}}}}/export", signed_in(self._auth, self._export))

    @described(
        Operation(
            "A conversation with brief, record and every message, to take away",
            "conversations",
            scope="conversations:read",
            query={"format": {"type": "string", "enum": list(FORMATS), "default": "html"}},
            answers={200: ExportedConversation},
            or_as={"text/html": TEXT, "application/pdf": FILE},
            problems={403: ("not_allowed",)},
        )
    )
    async def _export(self, request: web.Request, agent: Agent) -> web.StreamResponse:
        wanted, conversation_id, now = request.query.get("format", "html"), request.match_info["id"], self._clock.now()
        if wanted not in FORMATS:
            raise Problem(400, "bad_request")

        def look(tx: Tx) -> tuple[OpenedConversation | None, tuple[Message, ...], dict[str, str]]:
            view = opened(tx, agent, conversation_id, now, self._catalogue)
            said = conversations.messages(tx, conversation_id) if view else ()
            return view, said, agents.names(tx)

        view, said, names = await self._store.read(look)
        if view is None:
            raise Problem(404, "not_found")
        if not policy.may_export(agent, view["agent"]["id"] if view["agent"] else None):
            raise Problem(403, "not_allowed", self._catalogue.sentence("desk.problem.not_allowed"))
        # Written down first: what nobody knows of is not handed out.
        detail = {"format": wanted}
        await self._store.write(lambda tx: audit.record(tx, agent.id, "exported", conversation_id, detail, now))
        if wanted == "json":
            items = [frames.message_frame(message, message.seq - 1, names) for message in said]
            told = ExportedConversation(exported_at=frames.instant(now), by=agent.name, conversation=view, messages=items)
            body = json.dumps(told, ensure_ascii=False).encode()
        else:
            files = await self._files(said)
            words = transcript(view, said, names, self._words, now=now, by=agent.name)
            if wanted == "html":
                body = export_html.page(words, files).encode()
            else:
                from handoff import export_pdf  # takes a moment to load, and few need it

                body = await asyncio.to_thread(export_pdf.document, words, await _written_anew(files), self._own)
        return web.Response(
            body=body,
            headers={
                "Content-Type": f"{FORMATS[wanted]}; charset=utf-8" if wanted != "pdf" else FORMATS[wanted],
                "Content-Disposition": f'attachment; filename="{conversation_id}.{wanted}"',
                "Content-Security-Policy": "default-src 'none'; img-src data:; style-src 'unsafe-inline'; sandbox",
            },
        )

    async def _files(self, messages: Sequence[Message]) -> dict[str, bytes]:
        """The pictures of the conversation, in order, as far as they fit."""
        found: dict[str, bytes] = {}
        room = MAX_FILES_BYTES
        for message in messages:
            for item in message.payload.get("attachments", ()):
                if item["media_type"] not in export_html.SHOWN or item["blob_id"] in found or item["size"] > room:
                    continue
                try:
                    found[item["blob_id"]] = await self._blobs.get(item["blob_id"])
                except BlobMissing:
                    continue
                room -= item["size"]
        return found


async def _written_anew(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """*files* as we wrote them: those from a platform were not opened before, and drawing a page decodes them right here."""
    anew: dict[str, bytes] = {}
    for blob_id, data in files.items():
        with suppress(ImageRefused, Overdue):  # the page then names it instead
            anew[blob_id] = (await clean_apart(data)).data
    return anew
