"""Strangers' files between their coming in and their being kept: shown to the scanner as they came, then written anew."""

import asyncio
from collections.abc import Collection

from config.settings import Uploads
from handoff.uploads.apart import clean_apart
from handoff.uploads.clean import CleanFile
from handoff.uploads.scanner import Scanner
from handoff.uploads.videos import clean_video, is_video

OPENED_AT_ONCE = 2  # each in a process that may take a processor and some hundred MB for itself


class Opener:
    """One a service, whichever way files come in: together they get no more of the machine than one way alone would."""

    def __init__(self, settings: Uploads, scanner: Scanner | None = None) -> None:
        """Every file goes by the *scanner* first, where there is one."""
        self._longest_s = settings.max_video_s
        self._scanner = scanner
        self._opening = asyncio.Semaphore(OPENED_AT_ONCE)

    async def scan(self, data: bytes) -> None:
        """Raises ``Infected``, ``NotScanned`` or ``TooLargeToScan``."""
        if self._scanner is not None:
            await self._scanner.check(data)

    async def cleaned(self, data: bytes, *, more: Collection[str] = ()) -> CleanFile:
        """The picture or video in *data*, scanned and written anew; *more* names kinds of pictures that are taken as well.

        Raises what ``scan`` raises, ``FileRefused`` and ``Overdue``.
        """
        await self.scan(data)
        async with self._opening:
            if is_video(data):
                return await clean_video(data, longest_s=self._longest_s)
            return await clean_apart(data, more=more)
