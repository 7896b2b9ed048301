"""What is on its way to a customer whose channel we send to. Rows are made in the transaction of what caused them."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import and_, bindparam, func, or_, select, update

from config.labels import Speaker
from store import windows
from store.customers import from_row as customer_from_row
from store.engine import Tx
from store.model import OutboxRow
from store.prepared import Prepared
from store.tables import conversations, customers, messages, outbox

_EARLIER = outbox.alias("earlier")
_DUE = or_(
    and_(outbox.c.status == "pending", outbox.c.due_at <= bindparam("now")),
    # The holder of the lease died or never settled: whether the customer saw the message is not known.
    and_(outbox.c.status == "leased", outbox.c.lease_until <= bindparam("now")),
)
_BLOCKED = (
    select(_EARLIER.c.seq)
    .where(
        _EARLIER.c.conversation_id == outbox.c.conversation_id,
        _EARLIER.c.seq < outbox.c.seq,
        _EARLIER.c.status.in_(("pending", "leased")),
    )
    .exists()
)
_ROWS = (
    select(outbox, messages.c.text, messages.c.payload, customers)
    .join(
        messages,
        and_(
            messages.c.conversation_id == outbox.c.conversation_id,
            messages.c.seq == outbox.c.seq,
        ),
    )
    .join(conversations, conversations.c.id == outbox.c.conversation_id)
    .join(customers, customers.c.id == conversations.c.customer_id)
)
_CLAIMABLE = (
    _ROWS.where(_DUE, ~_BLOCKED)
    .order_by(outbox.c.due_at, outbox.c.conversation_id, outbox.c.seq)
    .limit(bindparam("limit"))
    .with_for_update(of=outbox, skip_locked=True)
)
_ONE = _ROWS.where(outbox.c.conversation_id == bindparam("id"), outbox.c.seq == bindparam("seq"))
_LEASE = (
    update(outbox)
    .where(
        outbox.c.conversation_id == bindparam("b_id"),
        outbox.c.seq == bindparam("b_seq"),
    )
    .values(
        status="leased",
        passive=False,
        attempts=bindparam("b_attempts"),
        lease_until=bindparam("b_until"),
        updated_at=bindparam("b_now"),
    )
)


UNKNOWN = "unknown:"  # the error of a row whose last attempt may have reached the customer


def claim_due(
    tx: Tx, now: datetime, lease_until: datetime, limit: int = 100, *, price: Callable[[OutboxRow], int] = lambda _row: 1
) -> tuple[OutboxRow, ...]:
    """Take the first unsent message of up to *limit* conversations and hide it from other workers until *lease_until*.

    Per conversation one message is in flight and order is kept: nothing is taken while an earlier one is unsent. What a row
    costs (*price*, in the platform's messages) is taken off its customer's allowance; where that is not enough the row comes
    back as ``shut`` with the reason, and must not be sent.
    """
    found = tx.conn.execute(_CLAIMABLE, {"now": now, "limit": limit}).all()
    rows = []
    for row in found:
        # Still leased: whoever had it died at it. An answer to the platform's own request is another matter: it was not given.
        doubtful = (row.status == "leased" and not row.passive) or (row.error or "").startswith(UNKNOWN)
        claimed = replace(_row(tx, row, attempts=row.attempts + 1), doubtful=doubtful)
        paid = windows.spend(tx, row.id, price(claimed), now, is_outcome=is_outcome(claimed))
        rows.append(replace(claimed, shut=paid) if isinstance(paid, str) else replace(claimed, spent=(paid.long, paid.brief)))
    if rows:
        tx.conn.execute(
            _LEASE,
            [
                {
                    "b_id": row.conversation_id,
                    "b_seq": row.seq,
                    "b_attempts": row.attempts,
                    "b_until": lease_until,
                    "b_now": now,
                }
                for row in rows
            ],
        )
    return tuple(rows)


def find(tx: Tx, conversation_id: str, seq: int) -> tuple[OutboxRow, str] | None:
    """What was or is to be sent under that number, and what became of it so far."""
    row = tx.conn.execute(_ONE, {"id": conversation_id, "seq": seq}).one_or_none()
    return (_row(tx, row, attempts=row.attempts), row.status) if row else None


def _row(tx: Tx, row: Any, *, attempts: int) -> OutboxRow:
    return OutboxRow(
        id=f"{row.conversation_id}:{row.seq}",
        conversation_id=row.conversation_id,
        seq=row.seq,
        account=row.account,
        customer_external_id=customer_from_row(tx.crypto, row).external_id,
        speaker=Speaker(row.speaker),
        text=row.text,
        payload=row.payload or {},
        attempts=attempts,
        client_id=f"{row.conversation_id[:24]}-{row.seq}",
        customer_id=row.id,
    )


def is_outcome(row: OutboxRow) -> bool:
    """Whether the row tells what came of the customer's matter: for that the last message is kept."""
    return bool(row.payload.get("outcome"))


SettledStatus = Literal["sent", "pending", "unknown", "failed", "shut"]
_SETTLE = Prepared(
    update(outbox)
    .where(outbox.c.conversation_id == bindparam("b_id"), outbox.c.seq == bindparam("b_seq"))
    .values(
        status=bindparam("b_status"),
        due_at=bindparam("b_due_at"),
        lease_until=None,
        error=bindparam("b_error"),
        updated_at=bindparam("b_now"),
    )
)


def settle(
    tx: Tx,
    conversation_id: str,
    seq: int,
    status: SettledStatus,
    now: datetime,
    *,
    due_at: datetime | None = None,
    error: str | None = None,
) -> None:
    """Record what became of a claimed message: sent, to be tried again at *due_at*, or given up with *error*."""
    settled = {"b_status": status, "b_due_at": due_at or now, "b_error": error, "b_now": now}
    _SETTLE.run(tx, {"b_id": conversation_id, "b_seq": seq, **settled})


def hold(tx: Tx, row: OutboxRow, reason: str, now: datetime, *, price: int) -> bool:
    """Let a claimed row wait until the customer writes. False when they just did: then it is due again at once."""
    waits = windows.hold(tx, row.customer_id, price, now, is_outcome=is_outcome(row))
    settle(tx, row.conversation_id, row.seq, "shut" if waits else "pending", now, error=reason if waits else None)
    return waits


_SETTLE_PASSIVE = Prepared(
    update(outbox)
    .where(
        outbox.c.conversation_id == bindparam("b_id"),
        outbox.c.seq == bindparam("b_seq"),
        outbox.c.passive.is_(True),
        or_(outbox.c.status == "leased", outbox.c.status == "cancelled"),  # shown already, even if a person took over meanwhile
    )
    .values(status="sent", lease_until=None, updated_at=bindparam("b_now"))
)


def settle_passive(tx: Tx, conversation_id: str, seqs: list[int], now: datetime) -> None:
    """Mark messages as sent that went out in the answer to the platform's own request."""
    _SETTLE_PASSIVE.run_many(tx, [{"b_id": conversation_id, "b_seq": seq, "b_now": now} for seq in seqs])


def release_passive(tx: Tx, conversation_id: str, seqs: list[int], now: datetime) -> None:
    """Give messages back to the worker that did not fit into the answer, or that missed it."""
    tx.conn.execute(
        update(outbox)
        .where(
            outbox.c.conversation_id == conversation_id,
            outbox.c.seq.in_(seqs),
            outbox.c.passive.is_(True),
            outbox.c.status == "leased",
        )
        .values(
            status="pending",
            passive=False,
            lease_until=None,
            due_at=now,
            updated_at=now,
        )
    )


def drop_passive(tx: Tx, conversation_id: str, seqs: list[int], reason: str, now: datetime) -> None:
    """Give messages up that could only be said in answer to the platform's own request."""
    mine = outbox.c.conversation_id == conversation_id, outbox.c.seq.in_(seqs), outbox.c.passive.is_(True)
    tx.conn.execute(
        update(outbox)
        .where(*mine, outbox.c.status == "leased")
        .values(status="cancelled", error=reason, lease_until=None, updated_at=now)
    )


def answered_passively(tx: Tx, conversation_id: str, seqs: list[int]) -> bool:
    """Whether all of these belong to the answer of a platform's request and none was taken by the worker."""
    mine = outbox.c.conversation_id == conversation_id, outbox.c.seq.in_(seqs)
    total = tx.conn.execute(select(func.count()).where(*mine, outbox.c.passive.is_(True))).scalar() or 0
    return bool(seqs) and total == len(seqs)


def cancel_bot_rows(tx: Tx, conversation_id: str, now: datetime) -> None:
    """Drop the bot's words that are not out yet: a person has taken over."""
    tx.conn.execute(
        update(outbox)
        .where(
            outbox.c.conversation_id == conversation_id,
            outbox.c.speaker == Speaker.BOT,
            outbox.c.status == "pending",
        )
        .values(status="cancelled", updated_at=now)
    )


def counts(tx: Tx) -> dict[str, int]:
    """How many rows stand in each status that is not final."""
    rows = tx.conn.execute(
        select(outbox.c.status, func.count()).where(outbox.c.status.in_(("pending", "leased", "shut"))).group_by(outbox.c.status)
    )
    return {row[0]: row[1] for row in rows}
