"""``huiyin retention run``: forgets what has been kept for as long as the settings say. Meant to be run once a night."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.app import read_keys
from bot.serving import opened
from config.clock import Clock, SystemClock, in_shanghai
from config.settings import Settings
from store import audit, mentions
from store.blobs import FOLDERS, Blobs
from store.engine import Store
from store.retention import RULES, Rule

# A file that somebody has just sent again is on its way into a row that we cannot see yet.
FILE_AT_REST = timedelta(days=1)
# A message or form whose file was opened by its token in time is written long before that.
ON_ITS_WAY = timedelta(hours=1)
UNUSED = "unused_files"
MOST_UNUSED = 20_000  # files a run: the rest is the next one's


@dataclass(frozen=True, slots=True)
class Done:
    """What a run did with rows of one kind; *before* is None where they are kept for ever."""

    name: str
    before: datetime | None
    count: int


async def run_retention(settings: Settings, *, dry: bool, clock: Clock | None = None) -> int:
    """Forget, or with *dry* only say what would be forgotten. One line a kind on standard output."""
    clock = clock or SystemClock()
    async with opened(settings) as store:
        done, files = await forget(store, Blobs(settings.data_dir / "blobs", read_keys(settings)), settings, clock.now(), dry=dry)
    for item in done:
        print(_line(item, dry=dry))
    if not dry:
        print(f"files: {files} removed")
    return 0


async def forget(store: Store, blobs: Blobs, settings: Settings, now: datetime, *, dry: bool) -> tuple[Sequence[Done], int]:
    """What was (or would be) forgotten, kind by kind, and how many files were removed."""
    done: list[Done] = []
    loose: set[str] = set()
    for rule in RULES:
        days = settings.retention.days_of(rule.name)
        if days is None:
            done.append(Done(rule.name, None, 0))
            continue
        before = now - timedelta(days=days)
        if dry:
            count = await store.read(lambda tx, rule=rule, before=before: rule.count(tx, before))  # type: ignore[misc]
        else:
            count = await _apply(store, rule, before, now, loose)
        done.append(Done(rule.name, before, count))
    files = await _remove(store, blobs, loose, now - FILE_AT_REST)
    before = now - timedelta(hours=settings.uploads.unused_h) - ON_ITS_WAY
    done.append(Done(UNUSED, before, await _remove_unused(store, blobs, before, now, dry=dry)))
    return done, files


async def _apply(store: Store, rule: Rule, before: datetime, now: datetime, loose: set[str]) -> int:
    total = 0
    while True:
        count, files = await store.write(lambda tx: rule.forget(tx, before, now, rule.most), key="retention")
        loose |= files
        total += count
        if count < rule.most:
            break
    if total:
        told = {"count": total, "before": before.isoformat()}
        await store.write(lambda tx: audit.record(tx, "system", "forgot", rule.name, told, now))
    return total


async def _remove_unused(store: Store, blobs: Blobs, before: datetime, now: datetime, *, dry: bool) -> int:
    """Remove files that nothing mentions and that nobody has put or touched since *before*; with *dry* only count them.

    The folders are what is walked, not a list of uploads: whatever a crash left behind is found there, now or by the next run.
    """
    total = 0
    for folder in FOLDERS:
        if not dry:
            await blobs.remove_drafts(folder, before)
        resting = await blobs.at_rest(folder, before)
        total += len(await _unmentioned(store, resting)) if dry else await _remove(store, blobs, resting, before)
        if total >= MOST_UNUSED:
            break
    if total and not dry:
        told = {"count": total, "before": before.isoformat()}
        await store.write(lambda tx: audit.record(tx, "system", "forgot", UNUSED, told, now))
    return total


async def _remove(store: Store, blobs: Blobs, blob_ids: Iterable[str], untouched_since: datetime) -> int:
    """Remove those that nothing mentions (any more). The same content is one file, whoever sent it."""
    return sum([await blobs.remove(blob_id, untouched_since) for blob_id in await _unmentioned(store, blob_ids)])


async def _unmentioned(store: Store, blob_ids: Iterable[str]) -> list[str]:
    found: list[str] = []
    ids = sorted(blob_ids)
    for first in range(0, len(ids), mentions.MOST):
        some = ids[first : first + mentions.MOST]
        mentioned = await store.read(lambda tx, some=some: mentions.among(tx, some))  # type: ignore[misc]
        found += [blob_id for blob_id in some if blob_id not in mentioned]
    return found


def _line(item: Done, *, dry: bool) -> str:
    if item.before is None:
        return f"{item.name}: kept for ever (retention.{item.name}_days is not set)"
    verb = "would forget" if dry else "forgot"
    return f"{item.name}: {verb} {item.count} from before {in_shanghai(item.before):%Y-%m-%d %H:%M}"
