"""What is forgotten when its time is over: one rule a kind of row. How long each is kept is a setting of the same name.

A rule forgets a few rows a call, because each call is one transaction that others wait for.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, delete, func, select

from store import erasing
from store.engine import Tx
from store.tables import attempts, idempotency, odd_pushes, sent_notices

Forget = Callable[[Tx, datetime, datetime, int], tuple[int, frozenset[str]]]


@dataclass(frozen=True, slots=True)
class Rule:
    """Rows of one kind. *name* is that of the setting, without ``_days``.

    ``count(tx, before)`` says how many are older; ``forget(tx, before, now, most)`` forgets up to *most* of them and says how
    many, and which files may have lost their last mention.
    """

    name: str
    count: Callable[[Tx, datetime], int]
    forget: Forget
    most: int


def _requests_older(tx: Tx, before: datetime) -> int:
    return sum(
        tx.conn.execute(select(func.count()).select_from(column.table).where(column < before)).scalar() or 0
        for column in (idempotency.c.created_at, attempts.c.at)
    )


def _forget_requests(tx: Tx, before: datetime, _now: datetime, most: int) -> tuple[int, frozenset[str]]:
    some = select(idempotency.c.key_hash).where(idempotency.c.created_at < before).limit(most)
    gone = tx.conn.execute(delete(idempotency).where(idempotency.c.key_hash.in_(some))).rowcount
    # Tries of whoever never came back: counting others' leaves them alone.
    tries = select(attempts.c.id).where(attempts.c.at < before).limit(most - gone)
    return gone + tx.conn.execute(delete(attempts).where(attempts.c.id.in_(tries))).rowcount, frozenset()


def _told_older(tx: Tx, before: datetime) -> int:
    return sum(
        tx.conn.execute(select(func.count()).select_from(table).where(table.c.at < before)).scalar() or 0
        for table in (odd_pushes, sent_notices)
    )


def _forget_told(tx: Tx, before: datetime, _now: datetime, most: int) -> tuple[int, frozenset[str]]:
    odd = select(odd_pushes.c.digest).where(odd_pushes.c.at < before).limit(most)
    gone = tx.conn.execute(delete(odd_pushes).where(odd_pushes.c.digest.in_(odd))).rowcount
    sent = select(sent_notices.c.account, sent_notices.c.msgid).where(sent_notices.c.at < before).limit(most - gone)
    old = [{"b_account": row.account, "b_msgid": row.msgid} for row in tx.conn.execute(sent)]
    if old:
        mine = sent_notices.c.account == bindparam("b_account"), sent_notices.c.msgid == bindparam("b_msgid")
        tx.conn.execute(delete(sent_notices).where(*mine), old)
    return gone + len(old), frozenset()


# Customers come last: whoever has nothing left that is kept is forgotten in the same run.
RULES = (
    Rule("requests", _requests_older, _forget_requests, most=500),
    Rule("platforms", _told_older, _forget_told, most=500),
    Rule("conversations", erasing.conversations_over, erasing.forget_conversations, most=10),
    Rule("customers", erasing.customers_known, erasing.forget_customers, most=100),
)
