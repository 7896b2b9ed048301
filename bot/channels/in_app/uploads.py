"""Files for the chat: taken in before their message, and known by a token that only their visitor can send along."""

import json
from dataclasses import asdict

from aiohttp import web

from bot.channels.in_app.identity import Visitor
from bot.message import Attachment
from config.clock import Clock
from handoff.uploads.taking import FileTaker
from store.crypto import Crypto

PURPOSE = "in_app_upload"


class Uploads:
    """Takes files in and knows whose they are."""

    def __init__(self, taker: FileTaker, crypto: Crypto, clock: Clock) -> None:
        self._taker = taker
        self._crypto = crypto
        self._clock = clock

    async def take(self, request: web.Request, visitor: Visitor) -> dict[str, object]:
        """Store the file in the request's body; answers with its token. Raises ``Problem`` for what we do not take."""
        attachment = await self._taker.take(request)
        return {"upload": self._token(attachment, visitor), "media_type": attachment.media_type, "size": attachment.size}

    async def open(self, token: object, visitor: Visitor) -> Attachment | None:
        """The file that *token* stands for, if this visitor uploaded it and the token has not run out.

        Whoever is given it mentions it at once: until then nobody removes it as unused.
        """
        text = self._crypto.verify(PURPOSE, token) if isinstance(token, str) else None
        if text is None:
            return None
        owner, until, fields = json.loads(text)
        if owner != visitor.key or until < self._clock.now().timestamp():
            return None
        attachment = Attachment(**fields)
        return attachment if await self._taker.still_has(attachment) else None

    def _token(self, attachment: Attachment, visitor: Visitor) -> str:
        until = (self._clock.now() + self._taker.usable_for).timestamp()
        return self._crypto.sign(PURPOSE, json.dumps([visitor.key, until, asdict(attachment)]))
