"""WeChat Customer Service between callbacks: how far each account was read, and in what state its sessions stand."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, bindparam, delete, exists, insert, or_, select, update

from config.labels import Holder
from store import conversations as chat
from store.customers import from_row as customer_from_row
from store.engine import Tx
from store.erasing import SETTLED
from store.prepared import Prepared
from store.tables import (
    conversations,
    customers,
    kf_cursors,
    kf_sessions,
    messages,
    outbox,
    protected_values,
    reply_windows,
    tickets,
)

# The platform's states of a session.
NEW, BOT, POOL, SERVICER, OVER = range(5)

_CURSOR = Prepared(
    select(kf_cursors.c.cursor).where(
        kf_cursors.c.account == bindparam("account"), kf_cursors.c.open_kfid == bindparam("open_kfid")
    )
)
_MOVE = Prepared(
    update(kf_cursors)
    .where(
        kf_cursors.c.account == bindparam("b_account"),
        kf_cursors.c.open_kfid == bindparam("b_open_kfid"),
        kf_cursors.c.cursor == bindparam("b_before"),
    )
    .values(cursor=bindparam("b_cursor"), updated_at=bindparam("b_now"))
)
_NAMED = select(kf_cursors.c.open_kfid).where(kf_cursors.c.account == bindparam("account"))


def cursor(tx: Tx, account: str, open_kfid: str) -> str:
    """Up to where that address of *account* was read; empty before the first time."""
    row = _CURSOR.first(tx, {"account": account, "open_kfid": open_kfid})
    return "" if row is None else str(row.cursor)


def move_cursor(tx: Tx, account: str, open_kfid: str, before: str, after: str, now: datetime) -> bool:
    """Note that the address was read from *before* to *after*. False, and nothing changed, when it had moved already."""
    mine = {"b_account": account, "b_open_kfid": open_kfid, "b_before": before, "b_cursor": after, "b_now": now}
    if _MOVE.run(tx, mine):
        return True
    if before or _CURSOR.first(tx, {"account": account, "open_kfid": open_kfid}) is not None:
        return False
    tx.conn.execute(insert(kf_cursors).values(account=account, open_kfid=open_kfid, cursor=after, updated_at=now))
    return True


def addresses(tx: Tx, account: str) -> tuple[str, ...]:
    """The addresses of *account* that were ever read."""
    return tuple(row.open_kfid for row in tx.conn.execute(_NAMED, {"account": account}))


@dataclass(frozen=True, slots=True)
class Session:
    """A session as we last knew it, and who serves the customer on our side."""

    conversation_id: str
    account: str
    customer: str  # the customer's id on that account
    state: int
    holder: Holder
    goes_on: bool  # the customer has a newer conversation, which the session serves now
    attempts: int


_KNOWN = Prepared(select(kf_sessions.c.state).where(kf_sessions.c.conversation_id == bindparam("id")))
_OPEN_STATES = (NEW, BOT)


def customer_wrote(tx: Tx, conversation_id: str, account: str, now: datetime) -> None:
    """A customer's message opens a session, or opens an ended one again."""
    row = _KNOWN.first(tx, {"id": conversation_id})
    if row is None:
        values = {"conversation_id": conversation_id, "account": account, "state": NEW, "attempts": 0, "due_at": now}
        tx.conn.execute(insert(kf_sessions).values(values))
    elif row.state == OVER:
        know_state(tx, conversation_id, NEW, now)


def know_state(tx: Tx, conversation_id: str, state: int, now: datetime) -> None:
    """The platform said in what state the session stands."""
    mine = kf_sessions.c.conversation_id == conversation_id
    tx.conn.execute(update(kf_sessions).where(mine).values(state=state, attempts=0, due_at=now))


def postpone(tx: Tx, session: Session, due_at: datetime) -> None:
    """The platform did not do it: try again at *due_at*."""
    mine = kf_sessions.c.conversation_id == session.conversation_id
    tx.conn.execute(update(kf_sessions).where(mine).values(attempts=session.attempts + 1, due_at=due_at))


def forget(tx: Tx, conversation_id: str) -> None:
    """The conversation and its session are over."""
    tx.conn.execute(delete(kf_sessions).where(kf_sessions.c.conversation_id == conversation_id))


_UNSENT = exists().where(outbox.c.conversation_id == kf_sessions.c.conversation_id, outbox.c.status.in_(("pending", "leased")))
_NEWER = conversations.alias("newer")
_GOES_ON = (
    exists().where(_NEWER.c.customer_id == conversations.c.customer_id, _NEWER.c.holder != Holder.ENDED).correlate(conversations)
)
_OPEN_TICKET = exists().where(
    tickets.c.customer_id == conversations.c.customer_id, tickets.c.state.notin_([state.value for state in SETTLED])
)
_MAY_WRITE = exists().where(
    reply_windows.c.customer_id == conversations.c.customer_id,
    reply_windows.c.long_until > bindparam("now"),
    reply_windows.c.long_left > 0,
)
# The outcome of their matter may still be told as long as the session is open and the customer's last message allows it.
_OUTCOME_MAY_COME = and_(_OPEN_TICKET, _MAY_WRITE, ~_GOES_ON)
# Words on their way go out first: in another state the platform would refuse them.
_TO_MOVE = (
    select(kf_sessions, conversations.c.holder, _GOES_ON.label("goes_on"), *chat.OWNER)
    .join(conversations, conversations.c.id == kf_sessions.c.conversation_id)
    .join(customers, customers.c.id == conversations.c.customer_id)
    .where(
        kf_sessions.c.due_at <= bindparam("now"),
        or_(
            and_(conversations.c.holder == Holder.ENDED, ~_UNSENT, ~_OUTCOME_MAY_COME),
            and_(kf_sessions.c.state == NEW, conversations.c.holder != Holder.ENDED),
            and_(
                conversations.c.holder == Holder.QUEUED,
                kf_sessions.c.state.in_(_OPEN_STATES),
                kf_sessions.c.account.in_(bindparam("staffed", expanding=True)),
                ~_UNSENT,
            ),
        ),
    )
    .order_by(kf_sessions.c.due_at)
    .limit(bindparam("limit"))
)


def to_move(tx: Tx, now: datetime, staffed: Collection[str], limit: int = 50) -> tuple[Session, ...]:
    """Sessions whose state is not yet what it should be; *staffed* are the accounts whose staff answer in WeCom."""
    rows = tx.conn.execute(_TO_MOVE, {"now": now, "staffed": sorted(staffed), "limit": limit})
    return tuple(_session(tx, row) for row in rows)


def _session(tx: Tx, row: Any) -> Session:
    owner = customer_from_row(tx.crypto, chat.CustomerView(row))
    return Session(
        row.conversation_id, row.account, owner.external_id, row.state, Holder(row.holder), bool(row.goes_on), row.attempts
    )


def recall(tx: Tx, account: str, external_id: str, now: datetime, *, keep_text: bool) -> tuple[str, int] | None:
    """Mark a message as taken back; without *keep_text* what it said goes too. Its conversation and seq, None if unknown."""
    mine = messages.c.account == account, messages.c.external_id == external_id
    row = tx.conn.execute(select(messages.c.conversation_id, messages.c.seq, messages.c.payload).where(*mine)).one_or_none()
    if row is None:
        return None
    payload = dict(row.payload or {}) if keep_text else {}
    values: dict[str, Any] = {"payload": {**payload, "recalled": True}}
    if not keep_text:
        values |= {"text": "", "understanding": None}
        hidden = protected_values.c.conversation_id == row.conversation_id, protected_values.c.seq == row.seq
        tx.conn.execute(delete(protected_values).where(*hidden))
    tx.conn.execute(update(messages).where(*mine).values(values))
    touched = conversations.c.id == row.conversation_id
    tx.conn.execute(update(conversations).where(touched).values(updated_at=now))
    return row.conversation_id, row.seq
