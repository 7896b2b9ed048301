"""Tells customers who wait while nobody is there: they need not, they may leave a message."""

from datetime import timedelta

from config.catalogue import Catalogue
from config.clock import Clock
from config.labels import Holder, Speaker
from config.settings import Settings
from handoff.duty import on_duty
from handoff.spoken import notice, spoken
from handoff.tickets.clocks import Clocks
from store import conversations, queue
from store.bell import Bell
from store.conversations import Appended, MessageDraft
from store.engine import Store, Tx

AFTER = timedelta(seconds=60)  # a change of shift takes a moment


class Unattended:
    """Looks after the queue when nobody else does."""

    def __init__(self, settings: Settings, store: Store, bell: Bell, clock: Clock, catalogue: Catalogue, clocks: Clocks) -> None:
        self._settings = settings
        self._store = store
        self._bell = bell
        self._clock = clock
        self._clocks = clocks
        self._closed = spoken(catalogue, self._when_closed)
        self._nobody = notice(catalogue, "desk.unattended.nobody")

    def _when_closed(self, words: Catalogue) -> MessageDraft:
        text = words.text("desk.unattended.closed", hours=self._clocks.hours.for_people(words))
        return MessageDraft(Speaker.SYSTEM, text, type="notice")

    async def tell(self) -> int:
        """Tell each of them once; returns how many were told."""
        now = self._clock.now()
        is_open = self._clocks.hours.is_open(now)
        telling = self._nobody if is_open else self._closed

        def look(tx: Tx) -> tuple[str, ...]:
            waiting = queue.untold(tx, now - AFTER)
            if waiting and is_open and on_duty(tx, now, self._settings.desk.presence_timeout_s):
                return ()
            return waiting

        def say(tx: Tx, conversation_id: str) -> Appended | str:
            if not queue.mark_told(tx, conversation_id, now):
                return "told"
            return conversations.append(tx, conversation_id, telling.to(tx, conversation_id), now=now, holder=Holder.QUEUED)

        told = 0
        for waiting_one in await self._store.read(look):
            done = await self._store.write(lambda tx, found=waiting_one: say(tx, found), key=waiting_one)  # type: ignore[misc]
            if isinstance(done, Appended):
                told += 1
                self._bell.ring(waiting_one, done.seq)
        return told
