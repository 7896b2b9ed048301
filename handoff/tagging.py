"""Puts tags on conversations and takes them off."""

from collections.abc import Sequence

from config.clock import Clock
from config.problem import Problem
from handoff import sight
from store import tags
from store.bell import Bell
from store.engine import Store, Tx
from store.model import Agent


class Tagging:
    """The verb behind the endpoints."""

    def __init__(self, store: Store, bell: Bell, clock: Clock) -> None:
        self._store = store
        self._bell = bell
        self._clock = clock

    async def change(
        self, agent: Agent, conversation_id: str, *, add: Sequence[str] = (), remove: Sequence[str] = ()
    ) -> tuple[str, ...]:
        """The tags that are there afterwards. 404 for a conversation that *agent* may not see."""
        now = self._clock.now()

        def write(tx: Tx) -> tuple[str, ...] | None:
            if not sight.sees(tx, agent, conversation_id):
                return None
            tags.remove(tx, conversation_id, remove)
            tags.add(tx, conversation_id, add, agent.id, now)
            return tags.of_one(tx, conversation_id)

        left = await self._store.write(write, key=conversation_id)
        if left is None:
            raise Problem(404, "not_found")
        self._bell.ring(conversation_id)
        return left
