"""Reads that windows share: who stands at the same place of the same customer's conversation is told the same."""

import asyncio
from typing import Protocol

import structlog

from bot.channels.in_app import news
from bot.channels.in_app.news import News, Place
from bot.intake.duty import DutyRoster
from config.clock import Clock
from store.engine import Store
from store.errors import StoreError

log = structlog.get_logger(__name__)

SHOWN_AT_ONCE = 100  # windows; then others of this process get their turn


class Reader(Protocol):
    """A window that wants to know what is new."""

    fingerprint: str
    place: Place

    def show(self, found: News | None) -> None:
        """Take what was read for it; None when nothing could be read. Must neither block nor raise."""


class SharedReads:
    """Reads for windows. Whoever asks is shown what was committed before they asked."""

    def __init__(self, store: Store, account: str, roster: DutyRoster, clock: Clock) -> None:
        self._store = store
        self._account = account
        self._roster = roster
        self._clock = clock
        self._asking: dict[tuple[str, Place], list[Reader]] = {}
        self._reading: set[asyncio.Task[None]] = set()

    def ask(self, reader: Reader) -> None:
        """Read for *reader* soon, together with all who ask the same until then."""
        if not self._asking:
            asyncio.get_running_loop().call_soon(self._begin)
        self._asking.setdefault((reader.fingerprint, reader.place), []).append(reader)

    def _begin(self) -> None:
        asking, self._asking = self._asking, {}
        for (fingerprint, place), readers in asking.items():
            task = asyncio.create_task(self._read(fingerprint, place, readers))
            self._reading.add(task)
            task.add_done_callback(self._reading.discard)

    async def _read(self, fingerprint: str, place: Place, readers: list[Reader]) -> None:
        found: News | None = None
        try:
            found = await self._store.read(lambda tx: news.read(tx, self._account, fingerprint, place))
            if found.waits:
                found = news.with_wait(found, (await self._roster.at(self._clock.now())).pace)
        except StoreError:
            log.warning("widget_read_failed")  # the next poll wakes them again
        except Exception:
            log.exception("widget_read_failed")
        for number, reader in enumerate(readers, 1):
            reader.show(found)
            if number % SHOWN_AT_ONCE == 0:
                await asyncio.sleep(0)
