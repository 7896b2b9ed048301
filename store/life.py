"""Ends conversations that nobody continues."""

from datetime import datetime

from sqlalchemy import and_, or_, select

from config.labels import Audience, Holder, Speaker
from store import conversations as chat
from store import queue, servings
from store.conversations import Appended, MessageDraft
from store.engine import Tx
from store.tables import conversations


def end_silent(
    tx: Tx, now: datetime, *, bot_before: datetime, human_before: datetime, notice: str, limit: int
) -> tuple[tuple[str, int], ...]:
    """End up to *limit* conversations untouched since these moments; returns ids and the seq of the notice.

    The notice is for the desk alone: a customer who has gone needs no message about it. Who waits in the queue stays there:
    nobody who asked for a person is dropped.
    """
    c = conversations.c
    silent = or_(
        and_(c.holder == Holder.BOT, c.updated_at < bot_before),
        and_(c.holder == Holder.HUMAN, c.updated_at < human_before),
    )
    ids = [row.id for row in tx.conn.execute(select(c.id).where(silent).order_by(c.updated_at).limit(limit))]
    ended = []
    for conversation_id in ids:
        draft = MessageDraft(Speaker.SYSTEM, notice, type="notice", audience=Audience.DESK)
        done = chat.append(tx, conversation_id, draft, now=now, new_holder=Holder.ENDED)
        if isinstance(done, Appended):
            queue.leave(tx, conversation_id, now)
            servings.close(tx, conversation_id, "ended", now)
            ended.append((conversation_id, done.seq))
    return tuple(ended)
