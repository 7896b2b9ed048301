"""Files of conversations: sealed, named by a fingerprint of their content, on disk before the row that mentions them."""

import asyncio
import fcntl
import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

from store.crypto import Crypto

BLOB_ID = re.compile(r"[0-9a-f]{64}")
FOLDERS = tuple(f"{n:02x}" for n in range(256))
LOCK = ".lock"


class BlobMissing(LookupError):
    """There is no file of that id."""


class Blobs:
    """Puts files away and gets them back. The same content is stored once.

    A file is the key id, a line feed, nonce and ciphertext; sealed for its own id: moved to another name it does not open.
    Whoever puts or touches a file and whoever removes one exclude each other, in all processes: a use that succeeded is seen.
    """

    def __init__(self, root: Path, crypto: Crypto) -> None:
        self._root = root
        self._crypto = crypto

    async def put(self, data: bytes) -> str:
        """The id of *data*. When this returns, the file survives a power cut."""
        return await asyncio.to_thread(self._put, data)

    async def get(self, blob_id: str) -> bytes:
        """The content under *blob_id*. Raises ``BlobMissing``, or ``Undecipherable`` for a file that was tampered with."""
        return await asyncio.to_thread(self._get, blob_id)

    async def touch(self, blob_id: str) -> bool:
        """Let the file count as used just now, so that nobody removes it as unused. False if there is none."""
        return await asyncio.to_thread(self._touch, blob_id)

    async def at_rest(self, folder: str, since: datetime) -> tuple[str, ...]:
        """The ids of the files in one of ``FOLDERS`` that were put and touched before that moment alone."""
        return await asyncio.to_thread(self._at_rest, folder, since)

    async def remove_drafts(self, folder: str, since: datetime) -> None:
        """Remove what was being written before that moment when the process was killed."""
        await asyncio.to_thread(self._remove_drafts, folder, since)

    async def remove(self, blob_id: str, untouched_since: datetime) -> bool:
        """Remove a file that nothing mentions. False if there is none, or if it was put (again) after that moment."""
        return await asyncio.to_thread(self._remove, blob_id, untouched_since)

    def _path(self, blob_id: str) -> Path:
        if not BLOB_ID.fullmatch(blob_id):
            raise BlobMissing(blob_id)
        return self._root / blob_id[:2] / blob_id[2:]

    def _put(self, data: bytes) -> str:
        blob_id = self._crypto.hmac("blob", data)
        path = self._path(blob_id)
        if not self._touch(blob_id):
            _make_durable_folder(path.parent)
            sealed = self._crypto.key_id.encode() + b"\n" + self._crypto.seal(data, _context(blob_id))
            _write_whole(path, sealed)
        # Also when another put was first: its rename may not be on disk yet, and we are about to promise that it is.
        _flush(path.parent)
        return blob_id

    def _get(self, blob_id: str) -> bytes:
        try:
            key_id, _, sealed = self._path(blob_id).read_bytes().partition(b"\n")
        except FileNotFoundError:
            raise BlobMissing(blob_id) from None
        return self._crypto.unseal(key_id.decode("ascii", "replace"), sealed, _context(blob_id))

    def _touch(self, blob_id: str) -> bool:
        path = self._path(blob_id)
        if not self._root.exists():
            return False
        with self._locked(fcntl.LOCK_SH):
            try:
                os.utime(path)
            except FileNotFoundError:
                return False
            return True

    def _at_rest(self, folder: str, since: datetime) -> tuple[str, ...]:
        return tuple(folder + path.name for path in self._older(folder, since) if BLOB_ID.fullmatch(folder + path.name))

    def _remove_drafts(self, folder: str, since: datetime) -> None:
        for path in self._older(folder, since):
            if path.name.startswith("."):
                Path(path).unlink(missing_ok=True)

    def _older(self, folder: str, since: datetime) -> Iterator[os.DirEntry[str]]:
        try:
            entries = os.scandir(self._root / folder)
        except FileNotFoundError:
            return
        with entries:
            for entry in entries:
                with suppress(FileNotFoundError):  # removed meanwhile
                    if entry.stat().st_mtime < since.timestamp():
                        yield entry

    def _remove(self, blob_id: str, untouched_since: datetime) -> bool:
        path = self._path(blob_id)
        if not self._root.exists():
            return False
        with self._locked(fcntl.LOCK_EX):
            try:
                if path.stat().st_mtime >= untouched_since.timestamp():
                    return False
                path.unlink()
            except FileNotFoundError:
                return False
            return True

    @contextmanager
    def _locked(self, how: int) -> Iterator[None]:
        """Until the end, or until the process is killed: the system lets go of it then."""
        descriptor = os.open(self._root / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, how)
            yield
        finally:
            os.close(descriptor)


def _context(blob_id: str) -> str:
    return f"blobs.{blob_id}"


def _write_whole(path: Path, content: bytes) -> None:
    """All of it or nothing under that name: written beside it, flushed, renamed."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.rename(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise


def _make_durable_folder(folder: Path) -> None:
    missing = [path for path in (folder, *folder.parents) if not path.exists()]
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for path in missing:
        _flush(path.parent)


def _flush(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
