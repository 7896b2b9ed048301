"""Fetches files that customers sent and that still lie with the platform, after the message itself is safe.

What a scanner knows to be harmful is not kept, and while the scanner does not answer nothing is: the file waits where it lies.
Whoever sent a file that is not kept is told so, and the message itself says it at the desk.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Protocol

import structlog

from config.catalogue import Catalogue
from config.clock import Clock
from config.labels import Speaker
from handoff.uploads.scanner import Infected, NotScanned, Scanner, TooLargeToScan
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

    def __init__(
        self, store: Store, blobs: Blobs, bell: Bell, clock: Clock, catalogue: Catalogue, scanner: Scanner | None = None
    ) -> None:
        """Every file goes by the *scanner* first, where there is one."""
        self._scanner = scanner
        self._words = {"withheld": catalogue.text("media.withheld"), "lost": catalogue.text("media.lost")}
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
            if self._scanner is not None:
                await self._scanner.check(data)
            blob_id = await self._blobs.put(data)
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
            attachment = {"blob_id": blob_id, "media_type": media_type, "size": len(data), "name": NAMES.get(media_type, "file")}
            await self._store.write(lambda tx: media.arrived(tx, item, attachment), key=item.conversation_id)
            self._bell.ring(item.conversation_id, item.seq)

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
