"""Forgets what was said in conversations that are long over, and who customers were. Numbers and figures stay.

A conversation that is forgotten keeps its row, its messages' rows with their numbers and times, its tags and its stretches of
service: what statistics are made of. Words, files, understandings, protected values and sealed states are gone, from the word
index too.
"""

import secrets
from datetime import datetime
from typing import Any

from sqlalchemy import and_, bindparam, delete, exists, func, or_, select, update

from config.labels import Holder, TicketState
from store import search_index
from store.crypto import Crypto
from store.engine import Tx
from store.search_index import Document
from store.tables import (
    agent_drafts,
    agent_reads,
    consents,
    conversations,
    customers,
    messages,
    odd_pushes,
    pending_media,
    protected_values,
    queue_entries,
    ratings,
    reply_windows,
    search_documents,
    tickets,
)

SETTLED = (TicketState.RESOLVED, TicketState.CLOSED, TicketState.WITHDRAWN, TicketState.MERGED, TicketState.NOT_ACCEPTED)
_OPEN_TICKET = exists().where(
    or_(tickets.c.conversation_id == conversations.c.id, tickets.c.no == conversations.c.ticket_no),
    tickets.c.state.notin_([state.value for state in SETTLED]),
)
_OVER = and_(
    conversations.c.holder == Holder.ENDED.value,
    conversations.c.erased_at.is_(None),
    conversations.c.ended_at < bindparam("before"),
    ~_OPEN_TICKET,
)
_OVER_IDS = select(conversations.c.id).where(_OVER).order_by(conversations.c.ended_at).limit(bindparam("most")).with_for_update()
_HOW_MANY_OVER = select(func.count()).select_from(conversations).where(_OVER)
_INDEXED = (
    select(messages.c.seq, messages.c.at, messages.c.text)
    .join(
        search_documents,
        and_(search_documents.c.subject == messages.c.conversation_id, search_documents.c.seq == messages.c.seq),
    )
    .where(messages.c.conversation_id == bindparam("id"))
)
_PAYLOADS = select(messages.c.payload).where(messages.c.conversation_id == bindparam("id"), messages.c.payload.isnot(None))
_GONE_WITH_IT = (protected_values, pending_media, agent_drafts, agent_reads)

_KNOWN = and_(
    customers.c.erased_at.is_(None),
    customers.c.created_at < bindparam("before"),
    ~exists().where(conversations.c.customer_id == customers.c.id, conversations.c.erased_at.is_(None)),
    ~exists().where(tickets.c.customer_id == customers.c.id),
)
_KNOWN_IDS = select(customers.c.id).where(_KNOWN).order_by(customers.c.created_at).limit(bindparam("most")).with_for_update()
_HOW_MANY_KNOWN = select(func.count()).select_from(customers).where(_KNOWN)


def conversations_over(tx: Tx, before: datetime) -> int:
    """How many conversations ended before that moment and are not forgotten. One whose ticket is still open isn't counted."""
    return tx.conn.execute(_HOW_MANY_OVER, {"before": before}).scalar() or 0


def forget_conversations(tx: Tx, before: datetime, now: datetime, most: int) -> tuple[int, frozenset[str]]:
    """Forget up to *most* of them. How many it were, and the ids of the files that were sent in them."""
    ids = [row.id for row in tx.conn.execute(_OVER_IDS, {"before": before, "most": most})]
    blobs = frozenset(blob for name in ids for blob in _forget_conversation(tx, name, now))
    return len(ids), blobs


def _forget_conversation(tx: Tx, conversation_id: str, now: datetime) -> set[str]:
    mine = {"id": conversation_id}
    blobs = {blob for row in tx.conn.execute(_PAYLOADS, mine) for blob in _blobs_in(row.payload)}
    said = [Document(conversation_id, row.seq, row.at, row.text) for row in tx.conn.execute(_INDEXED, mine)]
    search_index.forget(tx, said)
    of = messages.c.conversation_id == conversation_id
    tx.conn.execute(update(messages).where(of).values(text="", payload=None, understanding=None))
    for table in _GONE_WITH_IT:
        tx.conn.execute(delete(table).where(table.c.conversation_id == conversation_id))
    tx.conn.execute(update(queue_entries).where(queue_entries.c.conversation_id == conversation_id).values(brief={}))
    tx.conn.execute(update(ratings).where(ratings.c.conversation_id == conversation_id).values(comment=None))
    state = tx.crypto.encrypt("{}", f"conversations.state_enc.{conversation_id}")
    changed = {"state_enc": state, "preview": "", "erased_at": now}
    tx.conn.execute(update(conversations).where(conversations.c.id == conversation_id).values(**changed))
    return blobs


def _blobs_in(payload: Any) -> set[str]:
    return {item["blob_id"] for item in (payload or {}).get("attachments", ()) if "blob_id" in item}


def customers_known(tx: Tx, before: datetime) -> int:
    """How many customers came before that moment, have nothing left that is kept, and are still known by name or number."""
    return tx.conn.execute(_HOW_MANY_KNOWN, {"before": before}).scalar() or 0


def forget_customers(tx: Tx, before: datetime, now: datetime, most: int) -> tuple[int, frozenset[str]]:
    """Forget who up to *most* of them were. One who comes back is somebody new."""
    ids = [row.id for row in tx.conn.execute(_KNOWN_IDS, {"before": before, "most": most})]
    for customer_id in ids:
        for table in (consents, reply_windows, odd_pushes):
            tx.conn.execute(delete(table).where(table.c.customer_id == customer_id))
        tx.conn.execute(
            update(customers).where(customers.c.id == customer_id).values(**_nobody(tx.crypto, customer_id), erased_at=now)
        )
    return len(ids), frozenset()


def _nobody(crypto: Crypto, customer_id: str) -> dict[str, Any]:
    return {
        "external_hmac": secrets.token_hex(32),  # unique, and nobody's
        "external_enc": crypto.encrypt("", f"customers.external_enc.{customer_id}"),
        "signed_hmac": None,
        "profile_enc": None,
        "phone_hmac": None,
        "name_hmac": None,
    }
