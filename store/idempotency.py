"""Answers to requests that carry an ``Idempotency-Key``, kept with what the request made."""

from datetime import datetime
from typing import Any, Literal

from sqlalchemy import bindparam, insert, select, update

from store.engine import Tx
from store.tables import idempotency

_BY_KEY = select(idempotency).where(idempotency.c.key_hash == bindparam("key_hash"))


def begin(tx: Tx, key_hash: str, body_hash: str, now: datetime) -> Literal["new", "same", "other"]:
    """Take the key for this body: ``new``, seen with the ``same`` body, or seen with an ``other`` one."""
    row = tx.conn.execute(_BY_KEY, {"key_hash": key_hash}).one_or_none()
    if row is not None:
        return "same" if row.body_hash == body_hash else "other"
    tx.conn.execute(insert(idempotency).values(key_hash=key_hash, body_hash=body_hash, created_at=now))
    return "new"


def finish(tx: Tx, key_hash: str, status: int, body: dict[str, Any]) -> None:
    """Keep the answer, in the transaction that made what it speaks of."""
    tx.conn.execute(update(idempotency).where(idempotency.c.key_hash == key_hash).values(status=status, body=body))


def result(tx: Tx, key_hash: str) -> tuple[int, dict[str, Any]] | None:
    """The answer given before."""
    row = tx.conn.execute(_BY_KEY, {"key_hash": key_hash}).one_or_none()
    return (row.status, row.body) if row is not None and row.status is not None else None
