"""Knows the open windows and wakes those for whom there is news: at the bell, and by a poll in case a ring was lost."""

import asyncio
from datetime import timedelta
from typing import Protocol

import structlog

from config.clock import Clock
from config.labels import Holder
from store import following
from store.bell import QUEUE, TYPING, Bell, News, Signal
from store.engine import Store
from store.errors import StoreError

log = structlog.get_logger(__name__)

# A change carries the time at which it was begun; a slow commit or another machine's clock may make it visible later.
LOOK_BACK = timedelta(seconds=30)


class Window(Protocol):
    """An open chat window, as far as the hub cares."""

    fingerprint: str
    seen: tuple[int, str]  # last seq and holder that the window was told

    @property
    def conversation_id(self) -> str | None:
        """The conversation that the window shows."""

    def wake(self) -> None:
        """Read on when you can."""

    def agent_types(self, name: str, *, on: bool) -> None:
        """The person who serves is writing, or has stopped."""

    async def close(self, code: int) -> None:
        """Say good-bye."""


class Hub:
    """All open windows of this process."""

    def __init__(self, store: Store, bell: Bell, clock: Clock, account: str) -> None:
        self._store = store
        self._bell = bell
        self._clock = clock
        self._account = account
        self._by_customer: dict[str, set[Window]] = {}
        self._by_conversation: dict[str, set[Window]] = {}
        bell.subscribe(self._hear)
        bell.on_signal(self._hear_typing)

    def __len__(self) -> int:
        """How many windows are open."""
        return sum(len(windows) for windows in self._by_customer.values())

    def join(self, window: Window) -> None:
        """Wake *window* from now on."""
        self._by_customer.setdefault(window.fingerprint, set()).add(window)
        self.shows(window, None)

    def leave(self, window: Window) -> None:
        """Forget *window*."""
        _drop(self._by_customer, window.fingerprint, window)
        _drop(self._by_conversation, window.conversation_id, window)

    def shows(self, window: Window, before: str | None) -> None:
        """*window* shows another conversation than *before*."""
        _drop(self._by_conversation, before, window)
        if window.conversation_id is not None:
            self._by_conversation.setdefault(window.conversation_id, set()).add(window)

    def speaks(self, fingerprint: str, conversation_id: str | None) -> None:
        """A customer has said something there: wake their windows that show another conversation yet, or none."""
        for window in self._by_customer.get(fingerprint, ()):
            if window.conversation_id != conversation_id:
                window.wake()

    def _hear(self, news: News) -> None:
        if news.conversation_id == QUEUE:
            self._wake_waiting()
        for window in self._by_conversation.get(news.conversation_id, ()):
            window.wake()

    def _wake_waiting(self) -> None:
        """Somebody's place in the queue changed, and with it everybody's behind them."""
        for windows in self._by_conversation.values():
            for window in windows:
                if window.seen[1] == Holder.QUEUED:
                    window.wake()

    def types(self, conversation_id: str, *, on: bool) -> None:
        """The customer is writing, or has stopped: the desk may know."""
        self._bell.signal(TYPING, conversation_id, by="customer", on=on)

    def _hear_typing(self, signal: Signal) -> None:
        if signal.kind == TYPING and signal.detail.get("by") == "agent":
            for window in self._by_conversation.get(signal.conversation_id, ()):
                window.agent_types(str(signal.detail.get("name", "")), on=bool(signal.detail.get("on")))

    async def poll(self) -> None:
        """Wake the windows that do not show the present state of their conversation: one query for all of them."""
        if not self._by_customer:
            return
        since = self._clock.now() - LOOK_BACK
        for fingerprint, conversation_id, last_seq, holder in await self._store.read(
            lambda tx: following.changed(tx, self._account, since)
        ):
            for window in self._by_customer.get(fingerprint, ()):
                if window.conversation_id != conversation_id or window.seen != (last_seq, holder):
                    window.wake()
        self._wake_waiting()

    async def run(self, every_s: float) -> None:
        """Poll until cancelled."""
        while True:
            await asyncio.sleep(every_s)
            try:
                await self.poll()
            except StoreError:
                log.warning("widget_poll_failed")

    async def close(self, code: int) -> None:
        """Close every window."""
        windows = [window for group in self._by_customer.values() for window in group]
        await asyncio.gather(*(window.close(code) for window in windows), return_exceptions=True)


def _drop(index: dict[str, set[Window]], key: str | None, window: Window) -> None:
    group = index.get(key) if key is not None else None
    if group is not None and key is not None:
        group.discard(window)
        if not group:
            del index[key]
