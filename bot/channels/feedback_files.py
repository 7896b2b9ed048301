"""Files that belong to feedback: taken in before it, and known by a token that only whoever sent them can use."""

import json
from dataclasses import asdict, dataclass

from aiohttp import web

from bot.message import Attachment
from config.clock import Clock
from handoff.uploads.taking import FileTaker
from store.crypto import Crypto

PURPOSE = "feedback_upload"


@dataclass(frozen=True, slots=True)
class TakenFile:
    """What is told of a file that was taken in: the token that stands for it, and what it became."""

    upload: str
    media_type: str
    size: int


class FeedbackFiles:
    """Takes files in and knows whose they are."""

    def __init__(self, taker: FileTaker, crypto: Crypto, clock: Clock) -> None:
        self._taker = taker
        self._crypto = crypto
        self._clock = clock

    async def take(self, request: web.Request, caller: str) -> TakenFile:
        """Store the file in the request's body; answers with its token. Raises ``Problem`` for what we do not take."""
        attachment = await self._taker.take(request)
        until = (self._clock.now() + self._taker.usable_for).timestamp()
        token = self._crypto.sign(PURPOSE, json.dumps([caller, until, asdict(attachment)]))
        return TakenFile(token, attachment.media_type, attachment.size)

    async def opened(self, token: str, caller: str) -> dict[str, object] | None:
        """The same as a mapping, as it is kept beside a ticket."""
        found = await self.open(token, caller)
        return asdict(found) if found else None

    async def open(self, token: str, caller: str) -> Attachment | None:
        """The file that *token* stands for, if this caller sent it and the token has not run out.

        Whoever is given it mentions it at once: until then nobody removes it as unused.
        """
        text = self._crypto.verify(PURPOSE, token)
        if text is None:
            return None
        owner, until, fields = json.loads(text)
        if owner != caller or until < self._clock.now().timestamp():
            return None
        attachment = Attachment(**fields)
        return attachment if await self._taker.still_has(attachment) else None
