"""Words that agents put on conversations to find them again."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import bindparam, delete, func, insert, select

from store.engine import Tx
from store.prepared import Prepared
from store.tables import conversation_tags as table

_OF_ONE = Prepared(select(table.c.tag).where(table.c.conversation_id == bindparam("id")).order_by(table.c.tag))


def add(tx: Tx, conversation_id: str, tags: Sequence[str], agent_id: str, now: datetime) -> None:
    """Put the tags on; those that are there stay as they are."""
    known = of_one(tx, conversation_id)
    for tag in dict.fromkeys(tags):
        if tag not in known:
            tx.conn.execute(insert(table).values(conversation_id=conversation_id, tag=tag, agent_id=agent_id, at=now))


def remove(tx: Tx, conversation_id: str, tags: Sequence[str]) -> None:
    """Take the tags off."""
    tx.conn.execute(delete(table).where(table.c.conversation_id == conversation_id, table.c.tag.in_(tags)))


def of(tx: Tx, conversation_ids: Collection[str]) -> dict[str, tuple[str, ...]]:
    """The tags of each of the conversations that has any, in the order of their words."""
    if not conversation_ids:
        return {}
    found = (
        select(table.c.conversation_id, table.c.tag).where(table.c.conversation_id.in_(conversation_ids)).order_by(table.c.tag)
    )
    tags: dict[str, tuple[str, ...]] = {}
    for row in tx.conn.execute(found):
        tags[row.conversation_id] = (*tags.get(row.conversation_id, ()), row.tag)
    return tags


def of_one(tx: Tx, conversation_id: str) -> tuple[str, ...]:
    """The tags of one conversation, in the order of their words."""
    return tuple(row.tag for row in _OF_ONE.all(tx, {"id": conversation_id}))


def known(tx: Tx, most: int = 100) -> tuple[tuple[str, int], ...]:
    """The tags in use, the most frequent first, with how many conversations have them."""
    found = select(table.c.tag, func.count()).group_by(table.c.tag).order_by(func.count().desc(), table.c.tag).limit(most)
    return tuple((row[0], row[1]) for row in tx.conn.execute(found))
