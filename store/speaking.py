"""In which language the customer of a conversation is spoken to."""

from sqlalchemy import bindparam, select, update

from config.labels import Holder
from store.engine import Tx
from store.prepared import Prepared
from store.tables import conversations

_LANGUAGE = Prepared(select(conversations.c.language).where(conversations.c.id == bindparam("id")))
_SPEAK = (
    update(conversations)
    .where(conversations.c.id == bindparam("b_id"), conversations.c.holder != Holder.ENDED)
    .values(language=bindparam("b_language"))
)


def language_of(tx: Tx, conversation_id: str) -> str | None:
    """In which language the customer is spoken to there; None: Chinese."""
    row = _LANGUAGE.first(tx, {"id": conversation_id})
    return row.language if row else None


def speak(tx: Tx, conversation_id: str, language: str | None) -> None:
    """What comes next in that conversation is said in *language*. Nothing happens where it has ended."""
    tx.conn.execute(_SPEAK, {"b_id": conversation_id, "b_language": language})
