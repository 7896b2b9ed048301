"""Files of conversations: sealed, named by a fingerprint of their content, on disk before the row that mentions them."""

import asyncio
import os
import re
import secrets
from datetime import datetime
from pathlib import Path

from store.crypto import Crypto

BLOB_ID = re.compile(r"[0-9a-f]{64}")


class BlobMissing(LookupError):
    """There is no file of that id."""


class Blobs:
    """Puts files away and gets them back. The same content is stored once.

    A file is the key id, a line feed, nonce and ciphertext; sealed for its own id: moved to another name it does not open.
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
        if not _touched(path):
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

    def _remove(self, blob_id: str, untouched_since: datetime) -> bool:
        path = self._path(blob_id)
        aside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
        try:
            # Whoever puts the same content now writes it anew; whoever did so a moment ago has touched it.
            path.rename(aside)
        except FileNotFoundError:
            return False
        if aside.stat().st_mtime >= untouched_since.timestamp():
            aside.rename(path)
            return False
        aside.unlink()
        return True


def _touched(path: Path) -> bool:
    """Whether there is such a file; its time is now that of its last use."""
    try:
        os.utime(path)
    except FileNotFoundError:
        return False
    return True


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
