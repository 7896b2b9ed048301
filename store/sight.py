"""Which conversations a member of staff may see, as a condition that every list, search and look applies."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import ColumnElement, false, or_, select, true

from store.engine import Tx
from store.tables import conversations, queue_entries, tickets


@dataclass(frozen=True, slots=True)
class Sight:
    """Everything, nothing, or what concerns a department and the person themselves."""

    agent_id: str
    department: str | None = None  # None: every department's
    nothing: bool = False

    def condition(self) -> ColumnElement[bool]:
        """Holds for rows of ``conversations`` that may be seen."""
        if self.nothing:
            return false()
        if self.department is None:
            return true()
        works_on_it = (
            select(tickets.c.no)
            .where(tickets.c.conversation_id == conversations.c.id, tickets.c.department == self.department)
            .correlate(conversations)
        )
        # Under another name: lists have the queue in them already.
        waiting = queue_entries.alias("asked")
        asked = (
            select(waiting.c.conversation_id)
            .where(waiting.c.conversation_id == conversations.c.id, waiting.c.reserved_for == self.agent_id)
            .correlate(conversations)
        )
        return or_(
            conversations.c.department == self.department,
            conversations.c.agent_id == self.agent_id,
            works_on_it.exists(),
            asked.exists(),
        )


def seen(tx: Tx, sight: Sight, conversation_ids: Collection[str]) -> frozenset[str]:
    """Those of the conversations that exist and may be seen."""
    if not conversation_ids:
        return frozenset()
    found = select(conversations.c.id).where(conversations.c.id.in_(conversation_ids), sight.condition())
    return frozenset(tx.conn.execute(found).scalars())
