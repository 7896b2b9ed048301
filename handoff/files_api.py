"""Files of conversations at the desk: looked at, listened to, and sent by the agent who holds the conversation."""

import re
import urllib.parse
from typing import Any

import filetype  # type: ignore[import-untyped]
from aiohttp import web

from config.catalogue import Catalogue
from config.clock import Clock
from config.labels import FeedbackChannel, Speaker
from config.operations import FILE, TEXT, Operation, described
from config.problem import Problem
from config.speakable import as_file_name
from handoff import policy, sight
from handoff.auth import Auth
from handoff.endpoints import BASE, NUMBER, Looks, signed_in
from handoff.holding import Holdings
from handoff.shapes import NumberedMessage
from handoff.uploads.body import BodyRefused, read_whole
from handoff.uploads.taking import FILE_REFUSALS, FileTaker
from intents.redact import redact
from store import conversations, tickets
from store.blobs import BlobMissing, Blobs
from store.conversations import MessageDraft
from store.engine import Store, Tx
from store.errors import Conflict
from store.model import Agent, Message

MAX_FILE_BYTES = 20 * 1024 * 1024
MAX_NAME_CHARS = 120
_CLIENT_ID = re.compile(r"[0-9A-Za-z-]{1,36}")
_RANGE = re.compile(r"bytes=(\d{1,12})-(\d{0,12})")
PICTURES = frozenset({"image/jpeg", "image/png", "image/webp", "image/gif"})
# What a browser shows by itself; everything else is handed out to be saved, whatever its name says.
SHOWN = PICTURES | {"video/mp4", "video/webm", "audio/mpeg", "audio/mp4", "audio/ogg", "audio/wav", "audio/x-wav"}
OFFICE = "application/vnd.openxmlformats-officedocument"
REWRITTEN = PICTURES | {"video/mp4"}
REFUSALS = {"long": (413, "file_bytes", MAX_FILE_BYTES), "slow": (408, "file_slow", 0), "empty": (422, "file_empty", 0)}
SENDABLE = PICTURES | {
    "application/pdf",
    "video/mp4",
    "audio/mpeg",
    "audio/mp4",
    f"{OFFICE}.wordprocessingml.document",
    f"{OFFICE}.spreadsheetml.sheet",
}
# WeChat's customer-service messages carry pictures of these kinds up to 10 MB, and no documents.
# WebP is among them because it is written anew as JPEG.
WECHAT_PICTURES = PICTURES
MAX_WECHAT_BYTES = 10 * 1024 * 1024
WECHAT = frozenset({FeedbackChannel.WECHAT_OFFICIAL, FeedbackChannel.WECHAT_MINI, FeedbackChannel.WECHAT_KF})


class FilesApi:
    """``/conversations/{id}/files``."""

    def __init__(
        self,
        store: Store,
        blobs: Blobs,
        clock: Clock,
        catalogue: Catalogue,
        auth: Auth,
        holdings: Holdings,
        looks: Looks,
        files: FileTaker,
    ) -> None:
        self._store = store
        self._blobs = blobs
        self._clock = clock
        self._catalogue = catalogue
        self._auth = auth
        self._holdings = holdings
        self._looks = looks
        self._files = files

    def add_routes(self, app: web.Application) -> None:
        """Mount the endpoints."""
        files = f"{BASE}/conversations/{{id:[0-9a-f]{{32}}}}/files"
        app.router.add_get(f"{files}/{{seq:[0-9]{{1,9}}}}/{{n:[0-9]{{1,2}}}}", signed_in(self._auth, self._get))
        app.router.add_post(files, signed_in(self._auth, self._send))
        of_ticket = f"{BASE}/tickets/{{no:{NUMBER}}}/files/{{n:[0-9]{{1,2}}}}"
        app.router.add_get(of_ticket, signed_in(self._auth, self._of_ticket))

    @described(
        Operation(
            "A file of a message",
            "conversations",
            scope="conversations:read",
            answers={200: FILE, 206: FILE, 416: None},
            media_type="*/*",
        )
    )
    async def _get(self, request: web.Request, agent: Agent) -> web.StreamResponse:
        conversation_id, seq, n = request.match_info["id"], int(request.match_info["seq"]), int(request.match_info["n"])

        def look(tx: Tx) -> tuple[Message, ...]:
            seen = sight.sees(tx, agent, conversation_id)
            return conversations.messages(tx, conversation_id, seq - 1, 1) if seen else ()

        found = await self._store.read(look)
        attachments = found[0].payload.get("attachments", []) if found and found[0].seq == seq else []
        return await self._answer(request, agent, attachments, n, f"{conversation_id}:{seq}:{n}")

    @described(
        Operation(
            "A file that came with a form's ticket",
            "tickets",
            scope="tickets:read",
            answers={200: FILE, 206: FILE, 416: None},
            media_type="*/*",
        )
    )
    async def _of_ticket(self, request: web.Request, agent: Agent) -> web.StreamResponse:
        number, n = request.match_info["no"], int(request.match_info["n"])
        ticket = await self._store.read(lambda tx: tickets.get(tx, number))
        if ticket is None or not policy.sees_ticket(agent, ticket):
            raise Problem(404, "not_found")
        return await self._answer(request, agent, ticket.record.get("attachments", []), n, f"{number}:{n}")

    async def _answer(
        self, request: web.Request, agent: Agent, attachments: list[dict[str, Any]], n: int, subject: str
    ) -> web.StreamResponse:
        """The file at place *n*, its opening recorded. 404 where there is none."""
        if n >= len(attachments):
            raise Problem(404, "not_found")
        try:
            data = await self._blobs.get(attachments[n]["blob_id"])
        except BlobMissing:
            raise Problem(404, "not_found") from None
        await self._looks.record(agent, "opened_file", subject)
        return _response(request, data, attachments[n])

    @described(
        Operation(
            "Send the customer a file: the body is the file itself",
            "conversations",
            scope="conversations:write",
            body=FILE,
            body_type="application/octet-stream",
            query={"name": TEXT, "client_id": {"type": "string", "pattern": f"^{_CLIENT_ID.pattern}$"}},
            answers={201: NumberedMessage},
            problems={
                408: ("file_slow",),
                409: ("not_holder", "with_wecom"),
                413: ("file_bytes", "not_scannable"),
                415: ("file_type", "file_type_wechat", "image_type", "video_type"),
                422: ("file_empty", *FILE_REFUSALS[422]),
                503: FILE_REFUSALS[503],
            },
        )
    )
    async def _send(self, request: web.Request, agent: Agent) -> web.StreamResponse:
        conversation_id, now = request.match_info["id"], self._clock.now()
        client_id = request.query.get("client_id", "")
        if not _CLIENT_ID.fullmatch(client_id):
            raise Problem(400, "bad_request")
        channel = (await self._holdings.of(agent, conversation_id)).channel
        data = await self._body(request)
        media_type = self._kind(data, channel)
        name = redact(as_file_name(request.query.get("name", ""))[:MAX_NAME_CHARS]).text
        if media_type in REWRITTEN:
            # As customers' files are: an agent's photo tells no more of where and by whom it was taken than theirs.
            clean = await self._files.cleaned(data, more=("image/gif",))
            data, media_type, name = clean.data, clean.media_type, _named_as(name, clean.name)
        else:
            await self._files.scan(data)
            name = _named_as(name, f"file.{filetype.get_type(mime=media_type).extension}")
        attachment = {"blob_id": await self._blobs.put(data), "media_type": media_type, "size": len(data), "name": name}
        external_id = f"file:{agent.id}:{conversation_id}:{client_id}"
        draft = MessageDraft(
            Speaker.AGENT,
            "",
            type=media_type.partition("/")[0] if media_type.partition("/")[0] in ("image", "video") else "file",
            agent_id=agent.id,
            payload={"attachments": [attachment]},
            external_id=external_id,
        )
        try:
            seq = await self._holdings.append(agent, conversation_id, draft, now)
        except Conflict:  # sent again: it is there already
            seq = await self._store.read(lambda tx: conversations.seq_of(tx, conversation_id, external_id))
        return web.json_response(NumberedMessage(seq=seq), status=201)

    def _kind(self, data: bytes, channel: FeedbackChannel) -> str:
        """What the file is, by its content. 415 for what may not be sent, 413 for what the platform does not take."""
        found = str(filetype.guess_mime(data[:8192]))
        if found not in SENDABLE:
            raise self._problem(415, "file_type")
        if channel in WECHAT and found not in WECHAT_PICTURES:
            raise self._problem(415, "file_type_wechat")
        if channel in WECHAT and len(data) > MAX_WECHAT_BYTES:
            raise self._problem(413, "file_bytes", MAX_WECHAT_BYTES)
        return found

    async def _body(self, request: web.Request) -> bytes:
        try:
            return await read_whole(request, MAX_FILE_BYTES)
        except BodyRefused as error:
            status, code, limit = REFUSALS[error.why]
            raise self._problem(status, code, limit) from None

    def _problem(self, status: int, code: str, limit: int = 0) -> Problem:
        return Problem(status, code, self._catalogue.sentence(f"desk.problem.{code}", limit=limit // (1024 * 1024)))


def _named_as(name: str, written: str) -> str:
    """The name that it came with, with the ending of what was *written*."""
    stem = name.rpartition(".")[0] or name
    return f"{stem}.{written.rpartition('.')[2]}" if stem else written


def _response(request: web.Request, data: bytes, item: dict[str, Any]) -> web.Response:
    """The file, or the part of it that a player asks for; it can run nothing, and a browser does not guess what it is."""
    shown = item["media_type"] in SHOWN
    name = urllib.parse.quote(as_file_name(item.get("name") or "") or "file", safe="")
    headers = {
        "Content-Type": item["media_type"] if shown else "application/octet-stream",
        "Content-Disposition": f"{'inline' if shown else 'attachment'}; filename*=UTF-8''{name}",
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "X-Content-Type-Options": "nosniff",
        "Accept-Ranges": "bytes",
    }
    wanted = _RANGE.fullmatch(request.headers.get("Range", ""))
    if wanted is None:
        return web.Response(body=data, headers=headers)
    begins, last = int(wanted[1]), min(int(wanted[2] or len(data) - 1), len(data) - 1)
    if begins > last:
        return web.Response(status=416, headers={"Content-Range": f"bytes */{len(data)}"})
    headers["Content-Range"] = f"bytes {begins}-{last}/{len(data)}"
    return web.Response(status=206, body=data[begins : last + 1], headers=headers)
