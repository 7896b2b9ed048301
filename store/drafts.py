"""What agents have typed and not sent, sealed: a browser that dies loses nothing."""

from datetime import datetime
from typing import Any, Literal

from sqlalchemy import bindparam, delete, insert, select, update

from store.crypto import Crypto
from store.engine import Tx
from store.tables import agent_drafts

Mode = Literal["reply", "note"]
_OF = select(agent_drafts.c.mode, agent_drafts.c.text_enc).where(
    agent_drafts.c.conversation_id == bindparam("conversation_id"), agent_drafts.c.agent_id == bindparam("agent_id")
)


def _context(conversation_id: str, agent_id: str, mode: str) -> str:
    return f"agent_drafts.text_enc.{conversation_id}:{agent_id}:{mode}"


def sealed(crypto: Crypto, conversation_id: str, agent_id: str, mode: Mode, text: str) -> str:
    """*text* as it is kept; made before the write."""
    return crypto.encrypt(text, _context(conversation_id, agent_id, mode))


def of(tx: Tx, conversation_id: str, agent_id: str) -> dict[str, str]:
    """The agent's drafts in a conversation by mode."""
    rows = tx.conn.execute(_OF, {"conversation_id": conversation_id, "agent_id": agent_id})
    return {row.mode: tx.crypto.decrypt(row.text_enc, _context(conversation_id, agent_id, row.mode)) for row in rows}


def keep(tx: Tx, conversation_id: str, agent_id: str, mode: Mode, text_enc: str | None, now: datetime) -> None:
    """Keep a draft, or drop it with None."""
    where: tuple[Any, ...] = (
        agent_drafts.c.conversation_id == conversation_id,
        agent_drafts.c.agent_id == agent_id,
        agent_drafts.c.mode == mode,
    )
    if text_enc is None:
        tx.conn.execute(delete(agent_drafts).where(*where))
        return
    values = {"text_enc": text_enc, "updated_at": now}
    if not tx.conn.execute(update(agent_drafts).where(*where).values(**values)).rowcount:
        keys = {"conversation_id": conversation_id, "agent_id": agent_id, "mode": mode}
        tx.conn.execute(insert(agent_drafts).values(**keys, **values))
