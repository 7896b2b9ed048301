"""How many messages a platform still takes to a customer, and until when: WeChat lets us write only to who wrote lately.

Two allowances may be open beside each other: the long one of a message (five within 48 hours), and a brief one of a tap on
the menu or a scanned code (three within a minute). The better one counts, not their sum, so a message sent is taken off both.
A customer without a row is not limited as far as we know, and the platform decides.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, insert, select, update

from store.engine import Tx
from store.model import Allowance, Window
from store.prepared import Prepared
from store.tables import conversations, outbox, reply_windows

RESERVE = 1  # of the long allowance, kept for telling the customer the outcome

_w = reply_windows.c
_NEW = Prepared(insert(reply_windows))


def _opened(**values: Any) -> Prepared:
    return Prepared(
        update(reply_windows)
        .where(_w.customer_id == bindparam("b_customer"))
        .values(unreachable=bindparam("b_unreachable"), **values)
        .returning(_w.holding)
    )


_LONG = _opened(long_until=bindparam("b_until"), long_left=bindparam("b_left"))
_BRIEF = _opened(brief_until=bindparam("b_until"), brief_left=bindparam("b_left"))


def grant(tx: Tx, customer_id: str, allowance: Allowance, now: datetime) -> None:
    """The customer did something that lets us write to them. What waited for that becomes due."""
    until = now + timedelta(seconds=allowance.lasts_s)
    values = {"b_customer": customer_id, "b_unreachable": False, "b_until": until, "b_left": allowance.messages}
    known = (_BRIEF if allowance.is_brief else _LONG).first(tx, values)
    if known is None:
        kind = "brief" if allowance.is_brief else "long"
        _NEW.run(tx, {**_empty(customer_id), f"{kind}_until": until, f"{kind}_left": allowance.messages})
    elif known.holding:
        _release(tx, customer_id, now)


def _empty(customer_id: str) -> dict[str, Any]:
    return {
        "customer_id": customer_id,
        "long_until": None,
        "long_left": 0,
        "brief_until": None,
        "brief_left": 0,
        "holding": False,
        "unreachable": False,
    }


def _release(tx: Tx, customer_id: str, now: datetime) -> None:
    mine = select(conversations.c.id).where(conversations.c.customer_id == customer_id)
    tx.conn.execute(
        update(outbox)
        .where(outbox.c.status == "shut", outbox.c.conversation_id.in_(mine))
        .values(status="pending", due_at=now, error=None, updated_at=now)
    )
    tx.conn.execute(update(reply_windows).where(_w.customer_id == customer_id).values(holding=False))


_ROW = Prepared(select(reply_windows).where(_w.customer_id == bindparam("customer")).with_for_update())
_SET_LEFT = Prepared(
    update(reply_windows)
    .where(_w.customer_id == bindparam("b_customer"))
    .values(long_left=bindparam("b_long"), brief_left=bindparam("b_brief"))
)
_GIVE_BACK = (
    update(reply_windows)
    .where(_w.customer_id == bindparam("b_customer"))
    .values(long_left=_w.long_left + bindparam("b_long"), brief_left=_w.brief_left + bindparam("b_brief"))
)
_OF_CONVERSATION = Prepared(
    select(reply_windows)
    .join(conversations, conversations.c.customer_id == _w.customer_id)
    .where(conversations.c.id == bindparam("id"))
)


@dataclass(frozen=True, slots=True)
class Spent:
    """What was taken off each allowance."""

    long: int = 0
    brief: int = 0


def spend(tx: Tx, customer_id: str, messages: int, now: datetime, *, is_outcome: bool) -> Spent | str:
    """Take *messages* off the allowances; or why they do not hold as many, and nothing is taken."""
    row = _ROW.first(tx, {"customer": customer_id})
    if row is None:
        return Spent()
    reason = _too_few(row, messages, now, is_outcome=is_outcome)
    if reason is not None:
        return reason
    spent = Spent(min(row.long_left, messages), min(row.brief_left, messages))
    left = {"b_long": row.long_left - spent.long, "b_brief": row.brief_left - spent.brief}
    _SET_LEFT.run(tx, {"b_customer": customer_id, **left})
    return spent


def give_back(tx: Tx, customer_id: str, spent: Spent) -> None:
    """What was taken off was not used after all."""
    if spent != Spent():
        tx.conn.execute(_GIVE_BACK, {"b_customer": customer_id, "b_long": spent.long, "b_brief": spent.brief})


def _too_few(row: Any, messages: int, now: datetime, *, is_outcome: bool) -> str | None:
    """Why *messages* can't be sent now; None when they can."""
    if row.unreachable:
        return "customer_unreachable"
    long = row.long_left if row.long_until is not None and row.long_until > now else None
    brief = row.brief_left if row.brief_until is not None and row.brief_until > now else None
    if long is None and brief is None:
        return "outside_reply_window"
    if max((long or 0) - (0 if is_outcome else RESERVE), brief or 0) >= messages:
        return None
    left = max(long or 0, brief or 0)
    if left == 0:
        return "reply_count_used_up"
    return "kept_for_outcome" if left >= messages else "more_than_is_left"


def close(tx: Tx, customer_id: str, *, used_up: bool) -> None:
    """The platform says that it takes no more: because the count is used up, or because the time is over."""
    none_left = {"long_left": 0, "brief_left": 0}
    _write(tx, customer_id, **(none_left if used_up else {**none_left, "long_until": None, "brief_until": None}))


def mark_unreachable(tx: Tx, customer_id: str) -> None:
    """The customer no longer follows the account: nothing gets through until they come back."""
    _write(tx, customer_id, unreachable=True)


def hold(tx: Tx, customer_id: str, messages: int, now: datetime, *, is_outcome: bool) -> bool:
    """Remember that *messages* wait for the customer to write. False when they may be sent now: the customer just wrote."""
    row = _ROW.first(tx, {"customer": customer_id})
    if row is None or _too_few(row, messages, now, is_outcome=is_outcome) is None:
        return False
    _write(tx, customer_id, holding=True)
    return True


def of_conversation(tx: Tx, conversation_id: str, now: datetime) -> Window | None:
    """What may still be sent in a conversation; None where there is no limit."""
    row = _OF_CONVERSATION.first(tx, {"id": conversation_id})
    if row is None:
        return None
    open_ones = [
        (left, until)
        for until, left in ((row.long_until, row.long_left), (row.brief_until, row.brief_left))
        if until is not None and until > now and not row.unreachable
    ]
    left, until = max(open_ones, default=(0, None), key=lambda one: (one[0], one[1]))
    return Window(until, left, reserved=RESERVE, unreachable=row.unreachable)


def customer_of(tx: Tx, conversation_id: str) -> str:
    """Whose allowance a conversation's messages are taken from. Raises ``LookupError`` for an unknown conversation."""
    found = tx.conn.execute(select(conversations.c.customer_id).where(conversations.c.id == conversation_id)).scalar()
    if found is None:
        raise LookupError(conversation_id)
    return str(found)


def _write(tx: Tx, customer_id: str, **values: Any) -> None:
    if not tx.conn.execute(update(reply_windows).where(_w.customer_id == customer_id).values(**values)).rowcount:
        tx.conn.execute(insert(reply_windows).values({**_empty(customer_id), **values}))
