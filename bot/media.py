"""Fetches files that customers sent and that still lie with the platform, after the message itself is safe."""

from datetime import timedelta
from typing import Protocol

import structlog

from config.clock import Clock
from store import media
from store.bell import Bell
from store.blobs import Blobs
from store.engine import Store
from store.errors import StoreError
from store.media import MediaRow

log = structlog.get_logger(__name__)

MAX_ATTEMPTS = 8
FIRST_BACKOFF_S = 2.0
NAMES = {
    "image/jpeg": "image.jpg",
    "image/png": "image.png",
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

    def __init__(self, store: Store, blobs: Blobs, bell: Bell, clock: Clock) -> None:
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
        for item in due:
            await self._fetch(item)
        return len(due)

    async def _fetch(self, item: MediaRow) -> None:
        source = self._sources.get(item.account.partition(":")[0])
        try:
            if source is None:
                raise MediaRefused("no_source")
            data, media_type = await source.fetch_media(item.account, item.media_id, item.media_type)
            blob_id = await self._blobs.put(data)
        except MediaRefused:
            await self._postpone(item, give_up=True)
        except StoreError:
            raise
        except Exception as error:  # noqa: BLE001 -- the platform or the network; the file may still come
            log.warning("media_not_fetched", account=item.account, kind=type(error).__name__, attempts=item.attempts)
            await self._postpone(item, give_up=item.attempts + 1 >= MAX_ATTEMPTS)
        else:
            attachment = {"blob_id": blob_id, "media_type": media_type, "size": len(data), "name": NAMES.get(media_type, "file")}
            await self._store.write(lambda tx: media.arrived(tx, item, attachment), key=item.conversation_id)
            self._bell.ring(item.conversation_id, item.seq)

    async def _postpone(self, item: MediaRow, *, give_up: bool) -> None:
        due_at = self._clock.now() + timedelta(seconds=FIRST_BACKOFF_S * 2**item.attempts)
        status: media.Status = "failed" if give_up else "pending"
        await self._store.write(lambda tx: media.postpone(tx, item, due_at, status), key=item.conversation_id)
        if give_up:
            log.error("media_given_up", account=item.account)
            self._bell.ring(item.conversation_id, item.seq)
