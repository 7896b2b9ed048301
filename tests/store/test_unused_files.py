"""Files that were sent and never used go after their time. What a message or a ticket mentions stays, whatever happens meanwhile."""

import asyncio
import os
import signal
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from making_rows import opened, said, ticket
from making_services import settings_for

from bot import retention
from bot.retention import ON_ITS_WAY, UNUSED, forget
from config.settings import Retention, Uploads
from store import conversations, tickets
from store.blobs import FOLDERS, LOCK, BlobMissing, Blobs
from store.conversations import MessageDraft
from store.crypto import Crypto, new_key_ring
from store.engine import Store
from store.migrate import migrate

NOW = datetime.now(UTC).replace(microsecond=0)  # files carry the time of the system that they lie on
UNUSED_H = 24
LONG_AGO = NOW - timedelta(hours=UNUSED_H) - ON_ITS_WAY - timedelta(seconds=1)


@pytest.fixture
def blobs(tmp_path, crypto) -> Blobs:
    return Blobs(tmp_path / "blobs", crypto)


def aged(blobs: Blobs, blob_id: str, since: datetime = LONG_AGO) -> str:
    os.utime(blobs._path(blob_id), (since.timestamp(), since.timestamp()))
    return blob_id


async def lying(blobs: Blobs, data: bytes, since: datetime = LONG_AGO) -> str:
    """A file that was put then."""
    return aged(blobs, await blobs.put(data), since)


def mention(*blob_ids: str) -> dict:
    return {"attachments": [{"blob_id": blob_id, "media_type": "image/jpeg", "size": 1, "name": "a"} for blob_id in blob_ids]}


async def say(store: Store, conversation_id: str, *blob_ids: str) -> None:
    draft = MessageDraft(said("").speaker, "", payload=mention(*blob_ids))
    await store.write(lambda tx: conversations.append(tx, conversation_id, draft, now=NOW))


async def run(store: Store, blobs: Blobs, folder, now: datetime = NOW, *, dry: bool = False) -> int:
    chosen = settings_for(
        folder, uploads=Uploads(unused_h=UNUSED_H), retention=Retention(requests_days=None, platforms_days=None)
    )
    done, _ = await forget(store, blobs, chosen, now, dry=dry)
    return next(item.count for item in done if item.name == UNUSED)


async def is_there(blobs: Blobs, blob_id: str) -> bool:
    try:
        await blobs.get(blob_id)
    except BlobMissing:
        return False
    return True


async def test_what_nothing_mentions_goes_once_its_time_is_over_and_what_something_mentions_stays(store, blobs, tmp_path):
    found = await opened(store)
    sent, filed, forgotten, young = [await lying(blobs, name) for name in (b"sent", b"filed", b"forgotten", b"young")]
    aged(blobs, young, LONG_AGO + timedelta(seconds=2))
    await say(store, found.id, sent)
    await store.write(lambda tx: tickets.file(tx, replace(ticket("FB202511230000011"), record=mention(filed)), NOW))
    assert await run(store, blobs, tmp_path, dry=True) == 1
    assert await run(store, blobs, tmp_path) == 1
    assert [await is_there(blobs, blob) for blob in (sent, filed, forgotten, young)] == [True, True, False, True]
    assert await run(store, blobs, tmp_path) == 0
    assert await run(store, blobs, tmp_path, NOW + timedelta(seconds=2)) == 1


async def test_a_file_that_is_being_used_or_comes_in_again_stays(store, blobs, tmp_path):
    touched, again = await lying(blobs, b"touched"), await lying(blobs, b"again")
    assert await blobs.touch(touched)
    await blobs.put(b"again")
    assert await run(store, blobs, tmp_path) == 0
    assert await is_there(blobs, touched) and await is_there(blobs, again)


async def test_once_removed_it_cannot_be_used_any_more(store, blobs, tmp_path):
    gone = await lying(blobs, b"gone")
    await run(store, blobs, tmp_path)
    assert not await blobs.touch(gone)
    assert not await blobs.touch("0" * 64)
    assert not await Blobs(tmp_path / "nowhere", Crypto(new_key_ring())).touch(gone)


async def test_a_file_used_between_the_look_for_mentions_and_its_removal_stays(store, blobs, tmp_path, monkeypatch):
    """A token is opened while the run has already found that nothing mentions its file; the message is written after the run."""
    found = await opened(store)
    blob = await lying(blobs, b"in the last moment")
    real = retention._unmentioned

    async def and_then_it_is_used(store, blob_ids):
        free = await real(store, blob_ids)
        if blob in free:
            assert await blobs.touch(blob)
        return free

    monkeypatch.setattr(retention, "_unmentioned", and_then_it_is_used)
    assert await run(store, blobs, tmp_path) == 0
    await say(store, found.id, blob)
    assert await is_there(blobs, blob)


async def test_whoever_uses_and_whoever_removes_a_file_at_the_same_moment_agree_on_what_became_of_it(blobs):
    for n in range(60):
        blob = await lying(blobs, f"file {n}".encode())
        kept, removed = await asyncio.gather(blobs.touch(blob), blobs.remove(blob, NOW - timedelta(hours=1)))
        assert kept != removed
        assert await is_there(blobs, blob) == kept


@pytest.mark.parametrize("again", [False, True])
async def test_what_a_killed_process_was_writing_is_found_by_the_next_run(store, blobs, tmp_path, again):
    whole = await lying(blobs, b"whole")
    draft = blobs._path(whole).with_name(f".{whole[2:]}.00ff00ff")
    draft.write_bytes(b"half of i")
    aged_at = LONG_AGO.timestamp() if again else NOW.timestamp()
    os.utime(draft, (aged_at, aged_at))
    await run(store, blobs, tmp_path)
    assert draft.exists() != again


KILLED = """
import asyncio, os, sys
from bot import retention
from config.clock import SettableClock
from config.settings import load_settings
from pathlib import Path
unlink, left = Path.unlink, [int(sys.argv[2])]
def dying(self, *a, **k):
    if left[0] == 0:
        os.kill(os.getpid(), 9)
    left[0] -= 1
    unlink(self, *a, **k)
    if left[0] == 0 and sys.argv[3] == "after":
        os.kill(os.getpid(), 9)
Path.unlink = dying
from datetime import datetime
clock = SettableClock(datetime.fromisoformat(sys.argv[4]))
asyncio.run(retention.run_retention(load_settings(None, data_dir=Path(sys.argv[1])), dry=False, clock=clock))
"""


@pytest.mark.parametrize("when", ["before", "after"])
async def test_a_run_that_is_killed_loses_nothing_mentioned_and_the_next_one_finds_the_rest(tmp_path, when):
    chosen = settings_for(tmp_path)
    migrate(chosen.database_url)
    crypto = Crypto((tmp_path / "keys.json").read_text("utf-8"))
    blobs = Blobs(tmp_path / "blobs", crypto)
    store = await Store.open(chosen.database_url, crypto)
    found = await opened(store)
    used = [await lying(blobs, f"used {n}".encode()) for n in range(5)]
    unused = [await lying(blobs, f"unused {n}".encode()) for n in range(5)]
    await say(store, found.id, *used)
    await store.close()
    command = [sys.executable, "-c", KILLED, str(tmp_path), "2", when, NOW.isoformat()]
    process = await asyncio.to_thread(subprocess.run, command, check=False, capture_output=True, cwd=Path.cwd())
    assert process.returncode == -signal.SIGKILL, process.stderr.decode()
    assert [await is_there(blobs, blob) for blob in used] == [True] * 5
    assert sum([await is_there(blobs, blob) for blob in unused]) == 3
    store = await Store.open(chosen.database_url, crypto)
    assert await run(store, blobs, tmp_path) == 3
    assert [await is_there(blobs, blob) for blob in used] == [True] * 5
    assert {path.name for path in blobs._root.rglob("*") if path.is_file()} == {blob[2:] for blob in used} | {LOCK}
    await store.close()


async def test_a_run_takes_only_so_many_and_the_next_one_goes_on(store, blobs, tmp_path, monkeypatch):
    for n in range(40):
        await lying(blobs, f"unused {n}".encode())
    monkeypatch.setattr(retention, "MOST_UNUSED", 10)
    counts = [await run(store, blobs, tmp_path) for _ in range(6)]
    assert sum(counts) == 40 and counts[-1] == 0 and max(counts) < 20


@pytest.mark.parametrize("name", ["notes.txt", "x" * 62, "0" * 61, "A" * 62])
async def test_a_file_that_is_none_of_ours_is_left_alone(store, blobs, tmp_path, name):
    folder = tmp_path / "blobs" / FOLDERS[0]
    folder.mkdir(parents=True)
    (folder / name).write_bytes(b"x")
    os.utime(folder / name, (0, 0))
    assert await run(store, blobs, tmp_path) == 0
    assert (folder / name).exists()


STEPS = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(["upload", "touch", "message", "ticket", "forget"]), st.integers(0, 5)),
        st.tuples(st.just("wait"), st.sampled_from([1, 12, 24, 30])),
        st.tuples(st.just("run"), st.just(0)),
    ),
    max_size=30,
)


@pytest.fixture(scope="module")
def migrated(tmp_path_factory):
    url = f"sqlite:///{tmp_path_factory.mktemp('walk') / 'huiyin.db'}"
    migrate(url)
    return url


@settings(max_examples=60)
@given(steps=STEPS)
def test_no_order_of_events_removes_what_is_mentioned_or_keeps_what_is_not(steps, migrated, crypto, tmp_path_factory):
    """Uploads, uses in messages and tickets, conversations forgotten, time and runs, in any order."""
    asyncio.run(_walk(steps, migrated, crypto, tmp_path_factory.mktemp("files")))


async def _walk(steps, url: str, crypto: Crypto, folder) -> None:
    store, blobs, now = await Store.open(url, crypto), Blobs(folder / "blobs", crypto), NOW
    mentioned: dict[str, int] = {}  # how many rows mention it
    used_at: dict[str, datetime] = {}
    places: dict[str, list[str]] = {}
    try:
        for n, (what, which) in enumerate(steps):
            content = f"{folder.name} {which}".encode()
            blob = crypto.hmac("blob", content)
            if what == "upload":
                used_at[blob] = now
                await lying(blobs, content, now)
            elif what == "wait":
                now += timedelta(hours=which)
            elif what == "run":
                await run(store, blobs, folder, now)
                over = now - timedelta(hours=UNUSED_H) - ON_ITS_WAY
                for one, at in list(used_at.items()):
                    assert await is_there(blobs, one) == (mentioned.get(one, 0) > 0 or at >= over)
                    if not mentioned.get(one) and at < over:
                        del used_at[one]
            elif blob in used_at and what == "forget":
                for conversation_id in places.pop(blob, []):
                    await store.write(lambda tx, one=conversation_id: _forget(tx, one, now))
                    mentioned[blob] -= 1
            elif blob in used_at:
                assert await blobs.touch(blob)
                used_at[blob] = now
                aged(blobs, blob, now)
                if what == "message":
                    found = await opened(store, external_id=f"{folder.name}-{n}")
                    await say(store, found.id, blob)
                    places.setdefault(blob, []).append(found.id)
                    mentioned[blob] = mentioned.get(blob, 0) + 1
                elif what == "ticket":
                    draft = replace(ticket(f"{folder.name[-6:]}-{n}"), record=mention(blob))
                    await store.write(lambda tx, draft=draft: tickets.file(tx, draft, NOW))
                    mentioned[blob] = mentioned.get(blob, 0) + 1
    finally:
        await store.close()


def _forget(tx, conversation_id: str, now: datetime) -> None:
    from store.erasing import _forget_conversation

    _forget_conversation(tx, conversation_id, now)
