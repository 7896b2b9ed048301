"""Temporary media: what customers sent, and what accounts upload, with the platform's limits."""

import secrets
from datetime import datetime, timedelta
from pathlib import PurePosixPath
from typing import Any

import aiohttp
from aiohttp import web

from bot.channels.wechat.fake.calls import ALL, ApiError, Call, Endpoint
from config.clock import Clock

KIB, MIB = 1024, 1024 * 1024
LASTS = timedelta(days=3)
IN_ONE_PIECE = 20 * MIB  # a company's larger files need a Range
SMALLEST_OF_A_COMPANY = 5
# What may be uploaded: most bytes, and the endings of the file's name.
OFFICIAL = {
    "image": (10 * MIB, {"bmp", "png", "jpeg", "jpg", "gif"}),
    "voice": (2 * MIB, {"amr", "mp3"}),
    "video": (10 * MIB, {"mp4"}),
    "thumb": (64 * KIB, {"jpg", "jpeg"}),
}
COMPANY = {
    "image": (10 * MIB, {"png", "jpeg", "jpg"}),
    "voice": (2 * MIB, {"amr"}),
    "video": (10 * MIB, {"mp4"}),
    "file": (20 * MIB, set[str]()),  # any name
}

Kept = tuple[bytes, str, str]  # content, media type, file name


class Files:
    """Media by id. They are gone after three days."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.media: dict[str, Kept] = {}
        self._until: dict[str, datetime] = {}
        self._addresses: dict[str, str] = {}

    def keep(self, content: bytes, media_type: str, name: str = "file", *, address: str = "") -> str:
        """Store a file; returns its media id. With *address*, ``media/get`` names that instead, as it may for videos."""
        media_id = secrets.token_urlsafe(48)
        self.media[media_id] = (content, media_type, name)
        self._until[media_id] = self._clock.now() + LASTS
        if address:
            self._addresses[media_id] = address
        return media_id

    def get(self, media_id: str) -> Kept | None:
        """The file, unless there is none any more."""
        if media_id in self._until and self._until[media_id] <= self._clock.now():
            self.media.pop(media_id, None)
        return self.media.get(media_id)

    def endpoints(self) -> list[Endpoint]:
        """``media/...``."""
        return [
            Endpoint("GET", "media/get", self._download, ALL),
            Endpoint("GET", "media/get/jssdk", self._download_speex, ALL),
            Endpoint("POST", "media/upload", self._upload, ALL),
        ]

    async def _download(self, call: Call) -> web.Response | dict[str, Any]:
        media_id = call.query.get("media_id", "")
        kept = self.get(media_id)
        if kept is None:
            raise ApiError(40007)
        if media_id in self._addresses:
            return {"video_url": self._addresses[media_id]}
        return _file(call, kept)

    async def _download_speex(self, call: Call) -> web.Response:
        """The recording in better quality; only recordings have one."""
        kept = self.get(call.query.get("media_id", ""))
        if kept is None or not kept[1].startswith(("voice/", "audio/")):
            raise ApiError(40007)
        return _file(call, (kept[0], "voice/speex", f"{PurePosixPath(kept[2]).stem}.speex"))

    async def _upload(self, call: Call) -> dict[str, Any]:
        kind, company = call.query.get("type", ""), call.account.family == "kf"
        limits = COMPANY if company else OFFICIAL
        if kind not in limits:
            raise ApiError(40004)
        most, endings = limits[kind]
        content, media_type, name = await _uploaded(call.request, most)
        if len(content) > most:
            raise ApiError(40006)
        if endings and name.rpartition(".")[2].lower() not in endings:
            raise ApiError(40005)
        if len(content) < (SMALLEST_OF_A_COMPANY if company else 1):
            raise ApiError(40006 if company else 44001)
        created_s = int(self._clock.now().timestamp())
        made = {"type": kind, "media_id": self.keep(content, media_type, name)}
        if company:
            return {"errcode": 0, "errmsg": "ok", **made, "created_at": str(created_s)}
        return {**made, "created_at": created_s}


def _file(call: Call, kept: Kept) -> web.Response:
    content, media_type, name = kept
    headers = {"Content-disposition": f'attachment; filename="{name}"', "Accept-Ranges": "bytes"}
    if call.account.family != "kf":
        return web.Response(body=content, content_type=media_type, headers=headers)
    try:
        wanted = call.request.http_range
    except ValueError:
        raise ApiError(830002) from None
    if wanted.start is None and wanted.stop is None:
        if len(content) > IN_ONE_PIECE:
            raise ApiError(830002)
        return web.Response(body=content, content_type=media_type, headers=headers)
    start, stop, _ = wanted.indices(len(content))
    headers["Content-Range"] = f"bytes {start}-{stop - 1}/{len(content)}"
    return web.Response(body=content[start:stop], status=206, content_type=media_type, headers=headers)


async def _uploaded(request: web.Request, most: int) -> Kept:
    """The part ``media`` of the form, up to one byte more than *most*. Raises ``ApiError`` when there is none."""
    if not request.content_type.startswith("multipart/"):
        raise ApiError(41005)
    async for part in await request.multipart():
        if isinstance(part, aiohttp.BodyPartReader) and part.name == "media" and part.filename:
            content = bytearray()
            while len(content) <= most and (chunk := await part.read_chunk()):
                content += chunk
            await part.release()
            return bytes(content[: most + 1]), part.headers.get("Content-Type", "application/octet-stream"), part.filename
    raise ApiError(41005)
