"""Shows a customer in WeChat that the agent is writing."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

import structlog

from config.labels import Holder
from store import conversations
from store.bell import TYPING, Bell, Signal
from store.engine import Store, Tx
from store.errors import StoreError

log = structlog.get_logger(__name__)

AGAIN_AFTER_S = 5.0  # the platform shows it for longer than this
MAX_REMEMBERED = 1000
Show = Callable[[str, str], Awaitable[None]]  # account and customer


class TypingRelay:
    """Passes on what the desk of this process signals, to accounts whose prefix has a way to show it."""

    def __init__(self, store: Store, bell: Bell, ways: Mapping[str, Show]) -> None:
        self._store = store
        self._ways = ways
        self._shown_at: dict[str, float] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        bell.on_signal(self._hear)

    def _hear(self, signal: Signal) -> None:
        if signal.kind != TYPING or not signal.is_ours or signal.detail.get("by") != "agent" or not signal.detail.get("on"):
            return
        now = asyncio.get_running_loop().time()
        if now - self._shown_at.get(signal.conversation_id, -AGAIN_AFTER_S) < AGAIN_AFTER_S:
            return
        if len(self._shown_at) >= MAX_REMEMBERED:
            self._shown_at.clear()
        self._shown_at[signal.conversation_id] = now
        task = asyncio.create_task(self._show(signal.conversation_id))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _show(self, conversation_id: str) -> None:
        def whom(tx: Tx) -> tuple[str, str] | None:
            found = conversations.get(tx, conversation_id)
            if found is None or found.holder is not Holder.HUMAN or found.account.partition(":")[0] not in self._ways:
                return None
            return found.account, conversations.customer_of(tx, conversation_id).external_id

        try:
            place = await self._store.read(whom)
        except StoreError:
            return  # it is shown the next time
        if place is not None:
            await self._ways[place[0].partition(":")[0]](*place)

    async def settled(self) -> None:
        """Wait until everything that was heard so far is shown."""
        await asyncio.gather(*self._tasks, return_exceptions=True)
