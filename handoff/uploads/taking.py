"""One file on its way in, from the request's body to the blob store."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import timedelta

from aiohttp import web

from config.addresses import household
from config.catalogue import Catalogue
from config.problem import Problem
from config.settings import Uploads
from handoff.uploads.body import BodyRefused, read_whole
from handoff.uploads.clean import CleanFile, FileRefused
from handoff.uploads.opening import Opener
from handoff.uploads.programs import Overdue
from handoff.uploads.room import Room, Share
from handoff.uploads.scanner import Infected, NotScanned, TooLargeToScan
from handoff.uploads.videos import is_video
from store.blobs import Blobs
from store.model import Attachment
from store.quotas import MemoryQuota, Quota

MIB = 1024 * 1024
REFUSALS = {"slow": (408, "image_slow"), "empty": (422, "image_broken")}
FILE_REFUSALS = {  # by status, for the API's description
    408: ("image_slow",),
    413: ("image_bytes", "video_bytes", "not_scannable"),
    415: ("image_type", "video_type"),
    422: ("image_pixels", "image_broken", "video_long", "video_broken", "infected"),
    429: ("too_many",),
    503: ("not_scanned",),
}
TYPE_REFUSALS = frozenset({"image_type", "video_type"})


class FileTaker:
    """Takes pictures and short videos in. Says in Chinese what it does not take, and why."""

    def __init__(self, settings: Uploads, blobs: Blobs, catalogue: Catalogue, opener: Opener, quota: Quota | None = None) -> None:
        """Without a *quota* of all processes this one has its own."""
        self._settings = settings
        self._blobs = blobs
        self._catalogue = catalogue
        self._opener = opener
        self._room = Room(settings.max_bytes_at_once)
        self._quota = quota or MemoryQuota(settings.max_bytes_an_hour)

    async def take(self, request: web.Request) -> Attachment:
        """The file in the request's body, cleaned and stored. Raises ``Problem`` for what is not taken; then nothing is kept."""
        address = household(request.remote)
        if await self._quota.is_used_up(address):
            raise self._problem(429, "too_many")
        with self._room.share(request.remote) as share:
            clean = await self.cleaned(await self._body(request, share))
            await self._quota.count(address, len(clean.data))
            return Attachment(await self._blobs.put(clean.data), clean.media_type, len(clean.data), clean.name)

    @property
    def usable_for(self) -> timedelta:
        """How long after it came in a file can be used in a message or form."""
        return timedelta(hours=self._settings.unused_h)

    async def still_has(self, attachment: Attachment) -> bool:
        """Whether the file is there; if so it stays, for whoever asks is about to mention it."""
        return await self._blobs.touch(attachment.blob_id)

    async def cleaned(self, data: bytes, *, more: Collection[str] = ()) -> CleanFile:
        """The picture or video in *data*, scanned and written anew; pictures also of kinds in *more*.

        Raises ``Problem`` for what is not taken.
        """
        with self._told():
            return await self._opener.cleaned(data, more=more)

    async def scan(self, data: bytes) -> None:
        """Raises ``Problem`` for what a scanner knows to be harmful, or could not look at."""
        with self._told():
            await self._opener.scan(data)

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Why a file is not taken, as a ``Problem`` with a sentence."""
        try:
            yield
        except FileRefused as error:
            raise self._problem(415 if error.code in TYPE_REFUSALS else 422, error.code) from None
        except Overdue:
            raise _busy() from None
        except Infected:
            raise self._problem(422, "infected") from None
        except TooLargeToScan:
            raise self._problem(413, "not_scannable") from None
        except NotScanned:
            raise self._problem(503, "not_scanned") from None

    async def _body(self, request: web.Request, share: Share) -> bytes:
        """The body, given up as soon as it is longer than its kind may be."""
        longest = max(self._settings.max_image_bytes, self._settings.max_video_bytes)
        kind = "video"

        def limit(head: bytes) -> int:
            nonlocal kind
            kind = "video" if is_video(head) else "image"
            return self._settings.max_video_bytes if kind == "video" else self._settings.max_image_bytes

        try:
            return await read_whole(request, longest, limit, share)
        except BodyRefused as error:
            if error.why == "full":
                raise _busy() from None
            if error.why == "long":
                raise self._problem(413, f"{kind}_bytes") from None
            raise self._problem(*REFUSALS[error.why]) from None

    def _problem(self, status: int, code: str) -> Problem:
        limits = {
            "image_mib": self._settings.max_image_bytes // MIB,
            "video_mib": self._settings.max_video_bytes // MIB,
            "video_s": f"{self._settings.max_video_s:g}",
        }
        headers = {"Retry-After": "600"} if status == 429 else None  # noqa: PLR2004 -- too much for now
        return Problem(status, code, self._catalogue.text(f"uploads.{code}", **limits), headers=headers)


def _busy() -> Problem:
    return Problem(503, "busy", headers={"Retry-After": "5"})
