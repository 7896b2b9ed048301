"""Pictures cleaned in a process of their own: Pillow never meets a stranger's file inside the service."""

import asyncio
import os
import sys
from collections.abc import Collection
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

import filetype  # type: ignore[import-untyped]
import structlog

from handoff.uploads.clean import IMAGE_REFUSALS, USUAL, WRITTEN, CleanFile, ImageRefused
from handoff.uploads.programs import run

log = structlog.get_logger(__name__)

CPU_S = 15  # the largest picture that we take needs three on a slow machine
WITHIN_S = 60.0
LONGEST_WORD = 64
MAIN = "import sys; sys.path[:0] = sys.argv[1:]; from handoff.uploads.cleaner import main; main()"


async def clean_apart(data: bytes, *, more: Collection[str] = ()) -> CleanFile:
    """The same as ``clean_image`` and, for GIFs, ``clean_animation``; of kinds that are not ``USUAL`` only those in *more*.

    Raises ``ImageRefused``, also for what the other process died of, and ``Overdue``.
    """
    if filetype.guess_mime(data[:4096]) not in {*USUAL, *more}:
        raise ImageRefused("image_type")
    with _sheet() as source, _sheet() as target:
        await asyncio.to_thread(_lay_down, data, source)
        ran = await run(*_command(), cpu_s=CPU_S, within_s=WITHIN_S, source=source, target=target)
        if ran.code != 0:
            log.warning("picture_process_died", code=ran.code)
            raise ImageRefused("image_broken")
        return _believed(*await asyncio.to_thread(_picked_up, target))


def _believed(code: str, data: bytes) -> CleanFile:
    """What the other process wrote, if it can be what it says: whoever broke into it could make it say anything."""
    if code in IMAGE_REFUSALS:
        raise ImageRefused(code)
    if code not in WRITTEN or filetype.guess_mime(data[:4096]) != code:
        log.error("picture_process_lied")
        raise ImageRefused("image_broken")
    return CleanFile(data, code, WRITTEN[code])


def _command() -> tuple[str, ...]:
    """Isolated from environment, user's folder and ``.pth`` files: it starts in 70 ms of a processor, most of it Pillow's."""
    ours = Path(__file__).parents[2]
    spec = find_spec("PIL")
    theirs = Path(spec.origin).parents[1] if spec is not None and spec.origin else ours
    return sys.executable, "-I", "-S", "-c", MAIN, str(ours), str(theirs)


def _sheet() -> IO[bytes]:
    """A file without a name, in memory where the system has such."""
    if sys.platform == "linux":
        return os.fdopen(os.memfd_create("picture"), "w+b", buffering=0)
    return TemporaryFile(buffering=0)


def _lay_down(data: bytes, file: IO[bytes]) -> None:
    left = memoryview(data)
    while left:
        left = left[file.write(left) :]
    file.seek(0)


def _picked_up(file: IO[bytes]) -> tuple[str, bytes]:
    """The first line, and what follows it."""
    word, _, _ = os.pread(file.fileno(), LONGEST_WORD, 0).partition(b"\n")
    file.seek(len(word) + 1)
    return word.decode("ascii", "replace"), file.read()
