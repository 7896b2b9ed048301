"""One file on its way in, from the request's body to the blob store."""

import asyncio

from aiohttp import web

from config.catalogue import Catalogue
from config.problem import Problem
from config.settings import Uploads
from handoff.uploads.body import BodyRefused, read_whole
from handoff.uploads.clean import CleanFile, FileRefused
from handoff.uploads.images import clean_image
from handoff.uploads.scanner import Infected, NotScanned, Scanner
from handoff.uploads.videos import clean_video, is_video
from store.blobs import Blobs
from store.model import Attachment

DECODE_AT_ONCE = 2  # a large photo takes 100 MB while it is decoded
SNIFFED_BYTES = 4096  # enough to know what a file is
MIB = 1024 * 1024
REFUSALS = {"long": (413, "video_bytes"), "slow": (408, "image_slow"), "empty": (422, "image_broken")}
TYPE_REFUSALS = frozenset({"image_type", "video_type"})


class FileTaker:
    """Takes pictures and short videos in. Says in Chinese what it does not take, and why."""

    def __init__(self, settings: Uploads, blobs: Blobs, catalogue: Catalogue) -> None:
        """``ValueError`` when the scanner's address makes no sense."""
        self._settings = settings
        self._blobs = blobs
        self._catalogue = catalogue
        self._scanner = Scanner(settings.scanner) if settings.scanner else None
        self._decoding = asyncio.Semaphore(DECODE_AT_ONCE)

    async def take(self, request: web.Request) -> Attachment:
        """The file in the request's body, cleaned and stored. Raises ``Problem`` for what is not taken; then nothing is kept."""
        clean = await self.cleaned(await self._body(request))
        return Attachment(await self._blobs.put(clean.data), clean.media_type, len(clean.data), clean.name)

    async def cleaned(self, data: bytes) -> CleanFile:
        """The picture or video in *data*, scanned and written anew. Raises ``Problem`` for what is not taken."""
        await self.scan(data)
        try:
            async with self._decoding:
                if is_video(data):
                    return await clean_video(data, longest_s=self._settings.max_video_s)
                return await asyncio.to_thread(clean_image, data)
        except FileRefused as error:
            raise self._problem(415 if error.code in TYPE_REFUSALS else 422, error.code) from None

    async def scan(self, data: bytes) -> None:
        """Raises ``Problem`` for what a scanner knows to be harmful, or could not look at."""
        if self._scanner is None:
            return
        try:
            await self._scanner.check(data)
        except Infected:
            raise self._problem(422, "infected") from None
        except NotScanned:
            raise self._problem(503, "not_scanned") from None

    async def _body(self, request: web.Request) -> bytes:
        """The body, given up as soon as it is longer than its kind may be."""
        try:
            data = await read_whole(
                request, max(self._settings.max_image_bytes, self._settings.max_video_bytes), self._check_length
            )
        except BodyRefused as error:
            raise self._problem(*REFUSALS[error.why]) from None
        self._check_length(data, known=0)
        return data

    def _check_length(self, data: bytes | bytearray, known: int = SNIFFED_BYTES) -> None:
        """Raises ``Problem`` as soon as *data* is too long for what it is; before *known* bytes nobody can tell what that is."""
        if len(data) <= known:
            return
        if is_video(data):
            if len(data) > self._settings.max_video_bytes:
                raise self._problem(413, "video_bytes")
        elif len(data) > self._settings.max_image_bytes:
            raise self._problem(413, "image_bytes")

    def _problem(self, status: int, code: str) -> Problem:
        limits = {
            "image_mib": self._settings.max_image_bytes // MIB,
            "video_mib": self._settings.max_video_bytes // MIB,
            "video_s": f"{self._settings.max_video_s:g}",
        }
        return Problem(status, code, self._catalogue.text(f"uploads.{code}", **limits))
