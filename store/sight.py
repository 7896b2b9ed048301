"""Which conversations a member of staff may see, as a condition that every list, search and look applies."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import ColumnElement, bindparam, false, or_, select, true

from store.engine import Tx
from store.prepared import Prepared
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


_EXISTS = Prepared(select(conversations.c.id).where(conversations.c.id == bindparam("id")))


def sees(tx: Tx, sight: Sight, conversation_id: str) -> bool:
    """Whether that conversation exists and may be seen. Every look of a page asks it; for most it is a row by key."""
    if sight.department is None and not sight.nothing:
        return _EXISTS.first(tx, {"id": conversation_id}) is not None
    return conversation_id in seen(tx, sight, (conversation_id,))


def seen(tx: Tx, sight: Sight, conversation_ids: Collection[str]) -> frozenset[str]:
    """Those of the conversations that exist and may be seen."""
    if not conversation_ids:
        return frozenset()
    found = select(conversations.c.id).where(conversations.c.id.in_(conversation_ids), sight.condition())
    return frozenset(tx.conn.execute(found).scalars())
