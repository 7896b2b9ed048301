"""Fetches files that customers sent and that still lie with the platform, after the message itself is safe.

Pictures are written anew, like those of the chat and of forms, and one that cannot be is not kept. What a scanner knows to be
harmful is not kept either, and while the scanner does not answer nothing is: the file waits where it lies. Whoever sent a file
that is not kept is told so, and the message itself says it at the desk.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Protocol

import structlog

from config.catalogue import Catalogue
from config.clock import Clock
from config.labels import Speaker
from handoff.uploads.clean import CleanFile, ImageRefused
from handoff.uploads.opening import Opener
from handoff.uploads.scanner import Infected, NotScanned, TooLargeToScan
from store import conversations, media
from store.bell import Bell
from store.blobs import Blobs
from store.conversations import Appended, MessageDraft
from store.engine import Store, Tx
from store.errors import StoreError
from store.media import MediaRow

log = structlog.get_logger(__name__)

MAX_ATTEMPTS = 8
FIRST_BACKOFF_S = 2.0
UNSCANNED_AGAIN_S = 120.0  # platforms keep files for days; each look fetches it once more
FETCHED_AT_ONCE = 2  # a file may have 100 MB; and one that takes long to open holds up half of the others at most
MORE_PICTURES = ("image/gif", "image/bmp")  # stickers, and what computers paste
NAMES = {
    "video/mp4": "video.mp4",
    "audio/amr": "voice.amr",
    "application/pdf": "file.pdf",
    "application/zip": "file.zip",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "file.docx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "file.xlsx",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": "file.pptx",
}


class MediaRefused(Exception):
    """The file will never come, or is not of a kind that we keep."""


class MediaSource(Protocol):
    """A platform that holds files for a while."""

    async def fetch_media(self, account: str, media_id: str, media_type: str) -> tuple[bytes, str]:
        """Content and media type (from the content itself). Raises ``MediaRefused``; anything else means: try again."""
        ...


class MediaFetcher:
    """Works the pending files off."""

    def __init__(self, store: Store, blobs: Blobs, bell: Bell, clock: Clock, catalogue: Catalogue, opener: Opener) -> None:
        self._opener = opener
        self._words = {what: catalogue.text(f"media.{what}") for what in ("withheld", "unopened", "lost")}
        self._fetching = asyncio.Semaphore(FETCHED_AT_ONCE)
        self._store = store
        self._blobs = blobs
        self._bell = bell
        self._clock = clock
        self._sources: dict[str, MediaSource] = {}

    def register(self, account_prefix: str, source: MediaSource) -> None:
        """Fetch files of accounts named ``<account_prefix>:...`` from *source*."""
        self._sources[account_prefix] = source

    async def fetch_due(self) -> int:
        """Fetch what is due; returns how many files were tried."""
        if not self._sources:
            return 0
        now = self._clock.now()
        due = await self._store.read(lambda tx: media.due(tx, now))
        by_conversation: defaultdict[str, list[MediaRow]] = defaultdict(list)
        for item in due:
            by_conversation[item.conversation_id].append(item)
        done = await asyncio.gather(*map(self._fetch_in_order, by_conversation.values()), return_exceptions=True)
        for error in done:
            if error is not None:
                raise error
        return len(due)

    async def _fetch_in_order(self, items: Iterable[MediaRow]) -> None:
        """Files of one conversation one after another: a message shows them as they were sent."""
        async with self._fetching:
            for item in items:
                await self._fetch(item)

    async def _fetch(self, item: MediaRow) -> None:
        source = self._sources.get(item.account.partition(":")[0])
        try:
            if source is None:
                raise MediaRefused("no_source")
            data, media_type = await source.fetch_media(item.account, item.media_id, item.media_type)
            clean = await self._opened(data, media_type)
            blob_id = await self._blobs.put(clean.data)
        except ImageRefused as refused:
            log.warning("media_not_opened", account=item.account, why=refused.code)
            await self._settle(item, media.unopened, "unopened")
        except (MediaRefused, TooLargeToScan):
            await self._give_up(item)
        except Infected:
            await self._settle(item, media.withheld, "withheld")
        except NotScanned:
            await self._postpone(item, UNSCANNED_AGAIN_S, item.attempts)
        except StoreError:
            raise
        except Exception as error:  # noqa: BLE001 -- the platform or the network; the file may still come
            log.warning("media_not_fetched", account=item.account, kind=type(error).__name__, attempts=item.attempts)
            if item.attempts + 1 >= MAX_ATTEMPTS:
                await self._give_up(item)
            else:
                await self._postpone(item, FIRST_BACKOFF_S * 2**item.attempts, item.attempts + 1)
        else:
            attachment = {"blob_id": blob_id, "media_type": clean.media_type, "size": len(clean.data), "name": clean.name}
            await self._store.write(lambda tx: media.arrived(tx, item, attachment), key=item.conversation_id)
            self._bell.ring(item.conversation_id, item.seq)

    async def _opened(self, data: bytes, media_type: str) -> CleanFile:
        """What is kept of a file: a picture as we wrote it, other files as they came, and of both what the scanner lets pass."""
        if media_type.startswith("image/"):
            return await self._opener.cleaned(data, more=MORE_PICTURES)
        await self._opener.scan(data)
        return CleanFile(data, media_type, NAMES.get(media_type, "file"))

    async def _postpone(self, item: MediaRow, wait_s: float, attempts: int) -> None:
        due_at = self._clock.now() + timedelta(seconds=wait_s)
        await self._store.write(lambda tx: media.postpone(tx, item, due_at, attempts), key=item.conversation_id)

    async def _give_up(self, item: MediaRow) -> None:
        log.error("media_given_up", account=item.account)
        await self._settle(item, media.lost, "lost")

    async def _settle(self, item: MediaRow, note: Callable[[Tx, MediaRow], Speaker | None], words: str) -> None:
        """Note at the message what became of its file, and tell the customer if it was theirs."""
        notice, now = MessageDraft(Speaker.SYSTEM, self._words[words], type="notice"), self._clock.now()

        def write(tx: Tx) -> int | None:
            if note(tx, item) is not Speaker.CUSTOMER:  # staff of the platform's own desk send files too
                return None
            done = conversations.append(tx, item.conversation_id, notice, now=now)
            return done.seq if isinstance(done, Appended) else None

        told = await self._store.write(write, key=item.conversation_id)
        self._bell.ring(item.conversation_id, item.seq)
        if told is not None:
            self._bell.ring(item.conversation_id, told)
