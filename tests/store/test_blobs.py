import asyncio
import os
from pathlib import Path

import pytest

from store.blobs import LOCK, BlobMissing, Blobs
from store.crypto import Crypto, Undecipherable, new_key_ring


@pytest.fixture
def blobs(tmp_path: Path, crypto: Crypto) -> Blobs:
    return Blobs(tmp_path / "data" / "blobs", crypto)


def files(tmp_path: Path) -> list[Path]:
    return [path for path in tmp_path.rglob("*") if path.is_file() and path.name != LOCK]


async def test_what_was_put_comes_back(blobs):
    assert await blobs.get(await blobs.put(b"a picture")) == b"a picture"


async def test_content_and_its_plain_hash_are_not_on_disk(blobs, tmp_path):
    import hashlib

    await blobs.put(b"a picture of a card")
    (path,) = files(tmp_path)
    assert b"card" not in path.read_bytes()
    assert hashlib.sha256(b"a picture of a card").hexdigest() not in str(path).replace("/", "")
    assert path.stat().st_mode & 0o077 == 0


async def test_same_content_is_one_file_even_when_put_at_once(blobs, tmp_path):
    ids = await asyncio.gather(*(blobs.put(b"the same") for _ in range(8)))
    assert len(set(ids)) == 1
    assert len(files(tmp_path)) == 1


async def test_file_and_folder_are_flushed_before_the_id_is_given(blobs, monkeypatch):
    flushed: list[str] = []
    real = os.fsync

    def fsync(descriptor):
        flushed.append(Path(f"/proc/self/fd/{descriptor}").readlink().name)
        real(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)
    blob_id = await blobs.put(b"a picture")
    assert any(blob_id[2:] in name for name in flushed)
    assert flushed[-1] == blob_id[:2]
    assert "data" in flushed


async def test_failed_write_leaves_nothing_behind(blobs, tmp_path, monkeypatch):
    def full(_descriptor):
        raise OSError(28, "no space left")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="no space"):
        await blobs.put(b"a picture")
    assert files(tmp_path) == []


async def test_file_under_another_name_or_changed_does_not_open(blobs, tmp_path):
    first, second = await blobs.put(b"one"), await blobs.put(b"two")
    root = tmp_path / "data" / "blobs"
    (root / second[:2] / second[2:]).write_bytes((root / first[:2] / first[2:]).read_bytes())
    with pytest.raises(Undecipherable):
        await blobs.get(second)


async def test_other_keys_do_not_open_it(blobs, tmp_path):
    blob_id = await blobs.put(b"one")
    with pytest.raises(Undecipherable):
        await Blobs(tmp_path / "data" / "blobs", Crypto(new_key_ring())).get(blob_id)


@pytest.mark.parametrize("blob_id", ["0" * 64, "../../etc/passwd", "", "A" * 64, "0" * 63 + "/"])
async def test_id_without_a_file_is_missing(blobs, blob_id):
    with pytest.raises(BlobMissing):
        await blobs.get(blob_id)
