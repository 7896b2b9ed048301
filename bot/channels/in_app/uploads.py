"""Pictures on their way in: read within a limit, cleaned, put away; the page gets a token to send with its message."""

import asyncio
import json
from dataclasses import asdict
from datetime import timedelta

from aiohttp import web

from bot.channels.in_app.identity import Visitor
from bot.channels.in_app.images import ImageRefused, clean_image
from bot.message import Attachment
from config.catalogue import Catalogue
from config.clock import Clock
from config.problem import Problem
from store.blobs import Blobs
from store.crypto import Crypto

PURPOSE = "in_app_upload"
VALID_FOR = timedelta(hours=24)  # a page may be offline between upload and message
READ_WITHIN_S = 120.0
DECODE_AT_ONCE = 2  # a large photo takes 100 MB while it is decoded


class Uploads:
    """Takes pictures in and knows whose they are."""

    def __init__(self, blobs: Blobs, crypto: Crypto, clock: Clock, catalogue: Catalogue, max_bytes: int) -> None:
        self._blobs = blobs
        self._crypto = crypto
        self._clock = clock
        self._catalogue = catalogue
        self._max_bytes = max_bytes
        self._decoding = asyncio.Semaphore(DECODE_AT_ONCE)

    async def take(self, request: web.Request, visitor: Visitor) -> dict[str, object]:
        """Store the picture in the request's body; answers with its token. Raises ``Problem`` for what we do not take."""
        data = await self._body(request)
        try:
            async with self._decoding:
                image = await asyncio.to_thread(clean_image, data)
        except ImageRefused as error:
            raise self._problem(415 if error.code == "image_type" else 422, error.code) from None
        attachment = Attachment(await self._blobs.put(image.data), image.media_type, len(image.data), image.name)
        return {"upload": self._token(attachment, visitor), "media_type": attachment.media_type, "size": attachment.size}

    def open(self, token: object, visitor: Visitor) -> Attachment | None:
        """The file that *token* stands for, if this visitor uploaded it and the token has not run out."""
        text = self._crypto.verify(PURPOSE, token) if isinstance(token, str) else None
        if text is None:
            return None
        owner, until, fields = json.loads(text)
        if owner != visitor.key or until < self._clock.now().timestamp():
            return None
        return Attachment(**fields)

    def _token(self, attachment: Attachment, visitor: Visitor) -> str:
        until = (self._clock.now() + VALID_FOR).timestamp()
        return self._crypto.sign(PURPOSE, json.dumps([visitor.key, until, asdict(attachment)]))

    async def _body(self, request: web.Request) -> bytes:
        """The body, given up as soon as it is longer than allowed, whatever length it announced."""
        if (request.content_length or 0) > self._max_bytes:
            raise self._problem(413, "image_bytes")
        data = bytearray()
        try:
            async with asyncio.timeout(READ_WITHIN_S):
                async for chunk in request.content.iter_any():
                    data += chunk
                    if len(data) > self._max_bytes:
                        raise self._problem(413, "image_bytes")
        except TimeoutError:
            raise self._problem(408, "image_slow") from None
        if not data:
            raise self._problem(422, "image_broken")
        return bytes(data)

    def _problem(self, status: int, code: str) -> Problem:
        limit = self._max_bytes // (1024 * 1024)
        return Problem(status, code, self._catalogue.text(f"in_app.refused.{code}", limit=limit))
