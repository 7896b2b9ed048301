"""Understands messages, and asks the embeddings about doubtful ones without ever making a customer wait for them."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any

import structlog

from intents.semantic import Opinion, Semantic, is_asked_about
from intents.understander import Understander
from intents.understanding import Redacted, Understanding

log = structlog.get_logger(__name__)


class SecondOpinion:
    """The linear model at once; the embeddings where it is in doubt, they are installed, free, and answer within the deadline."""

    def __init__(self, understander: Understander, semantic: Semantic | None, *, deadline_s: float, always: bool = False) -> None:
        """Ask in doubt, or with *always* about all but plain answers. Nobody waits for longer than *deadline_s*."""
        self._understander = understander
        self._semantic = semantic
        self._deadline_s = deadline_s
        self._always = always
        # One thread: the embedding is not made for more, and a queue before it would only hold answers that come too late.
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="semantic")
        self._asked: asyncio.Future[Opinion] | None = None

    async def understand(self, redacted: Redacted, now: datetime, *, expecting: str | None = None) -> Understanding:
        """What the message means. Never raises; late by at most the deadline."""
        first = self._understander.understand(redacted, now, expecting=expecting)
        if self._semantic is None or not is_asked_about(first, always=self._always) or self._is_busy:
            return first
        opinion = await self._within_deadline(self._semantic, redacted.text)
        if opinion is None:
            return first
        return self._understander.understand(redacted, now, expecting=expecting, opinion=opinion)

    @property
    def _is_busy(self) -> bool:
        return self._asked is not None and not self._asked.done()

    async def parse_result(self, u: Understanding) -> dict[str, Any]:
        """*u* in the shape of Rasa's ``/model/parse``. The first one waits for a dictionary, in a thread."""
        if not self._understander.knows_words:
            await asyncio.to_thread(self._understander.load_words)
        return self._understander.parse_result(u)

    async def _within_deadline(self, semantic: Semantic, text: str) -> Opinion | None:
        self._asked = asyncio.get_running_loop().run_in_executor(self._thread, semantic.opinion, text)
        done, _ = await asyncio.wait((self._asked,), timeout=self._deadline_s)
        if not done:
            log.info("second_opinion_late")
            return None
        if (error := self._asked.exception()) is not None:
            log.warning("second_opinion_failed", kind=type(error).__name__)
            return None
        return self._asked.result()

    async def close(self) -> None:
        """Let a running embedding finish."""
        await asyncio.to_thread(self._thread.shutdown)
