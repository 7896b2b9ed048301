"""Ends conversations that nobody continues."""

from datetime import datetime, timedelta

from config.catalogue import Catalogue
from config.clock import Clock
from config.settings import Settings
from store import life
from store.bell import QUEUE, Bell
from store.engine import Store

BATCH = 200


class Silences:
    """Looks for conversations that have been silent for too long."""

    def __init__(self, settings: Settings, store: Store, bell: Bell, clock: Clock, catalogue: Catalogue) -> None:
        self._settings = settings
        self._store = store
        self._bell = bell
        self._clock = clock
        self._catalogue = catalogue

    async def end_all(self) -> int:
        """End them; returns how many."""
        now = self._clock.now()
        bot_before = now - timedelta(hours=self._settings.life.bot_idle_h)
        human_before = now - timedelta(hours=self._settings.life.human_idle_h)
        ended = 0
        while batch := await self._end_batch(now, bot_before, human_before):
            ended += batch
        return ended

    async def _end_batch(self, now: datetime, bot_before: datetime, human_before: datetime) -> int:
        notice = self._catalogue.text("life.ended_silent")
        found = await self._store.write(
            lambda tx: life.end_silent(tx, now, bot_before=bot_before, human_before=human_before, notice=notice, limit=BATCH),
            key="life",
        )
        for conversation_id, seq in found:
            self._bell.ring(conversation_id, seq)
        if found:
            self._bell.ring(QUEUE)
        return len(found)
