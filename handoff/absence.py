"""What becomes of an agent's conversations when the agent is not there any more: they wait again, with a note why."""

from datetime import datetime, timedelta

import structlog

from config.catalogue import Catalogue
from config.clock import Clock
from config.labels import Audience, Speaker
from config.queueing import queueing
from config.settings import Settings
from handoff.spoken import notice
from store import agents, conversations, queue
from store.bell import AGENTS, QUEUE, Bell
from store.conversations import MessageDraft
from store.engine import Store, Tx
from store.model import Agent
from store.queue import Return

log = structlog.get_logger(__name__)


class Absences:
    """Notices agents who are gone, and lets their customers wait for somebody else."""

    def __init__(self, settings: Settings, store: Store, bell: Bell, clock: Clock, catalogue: Catalogue) -> None:
        self._settings = settings
        self._store = store
        self._bell = bell
        self._clock = clock
        self._catalogue = catalogue

    async def sweep(self) -> int:
        """Release what agents hold whose line has been dead for too long; returns how many agents were found gone."""
        now = self._clock.now()
        since = now - timedelta(seconds=self._settings.desk.presence_timeout_s)
        found = 0
        for agent in await self._store.read(lambda tx: agents.gone(tx, since)):
            kept_until = now + timedelta(seconds=queueing().previous_agent.wait_seconds)
            back = Return("lost", reserved_for=agent.id, reserved_until=kept_until)
            found += await self._release(agent, back, now, unless_seen_since=since)
        return found

    async def leave(self, agent: Agent) -> None:
        """The agent signs out: whoever they serve waits for a colleague."""
        await self._release(agent, Return("left"), self._clock.now())

    async def _release(self, agent: Agent, back: Return, now: datetime, *, unless_seen_since: datetime | None = None) -> bool:
        note = MessageDraft(
            Speaker.SYSTEM,
            self._catalogue.text(f"desk.note.{back.outcome}", name=agent.name),
            type="note",
            audience=Audience.DESK,
        )
        requeued = notice(self._catalogue, "desk.requeued")

        def release(tx: Tx) -> tuple[str, ...] | None:
            held = agents.leave(tx, agent.id, now, unless_seen_since=unless_seen_since)
            for conversation_id in held or ():
                conversations.append(tx, conversation_id, note, now=now)
                conversations.append(tx, conversation_id, requeued.to(tx, conversation_id), now=now)
                queue.requeue(tx, conversation_id, back, now)
            return held

        released = await self._store.write(release, key=agent.id)
        if released is None:
            return False
        if released:
            log.warning("agent_gone", outcome=back.outcome, conversations=len(released))
        for conversation_id in released:
            self._bell.ring(conversation_id)
        self._bell.ring(AGENTS)
        self._bell.ring(QUEUE)
        return True
