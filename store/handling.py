"""What agents' steps need of a conversation inside the transaction that makes them."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import bindparam, select, update

from config.labels import Audience, Holder, Speaker
from store.conversations import messages
from store.engine import Tx
from store.model import Message
from store.tables import conversations

_LOCKED = select(conversations.c.id).where(conversations.c.id == bindparam("id")).with_for_update()


def lock(tx: Tx, conversation_id: str) -> None:
    """Nobody else changes the conversation until this transaction ends."""
    tx.conn.execute(_LOCKED, {"id": conversation_id})


def said_after(tx: Tx, conversation_id: str, seq: int, but: str, speakers: Sequence[Speaker]) -> tuple[Message, ...]:
    """What the customer was told or said after *seq* by *speakers*, the agent *but* excepted."""
    found = messages(tx, conversation_id, seq, audience=Audience.ALL)
    return tuple(item for item in found if item.speaker in speakers and item.agent_id != but)


def move(tx: Tx, conversation_id: str, holder: Holder, now: datetime) -> None:
    """Let *holder* speak from now on; a turn under way goes stale."""
    tx.conn.execute(
        update(conversations)
        .where(conversations.c.id == conversation_id)
        .values(holder=holder.value, version=conversations.c.version + 1, updated_at=now)
    )
