"""What a customer's own window reads of what was said before: backwards, a stretch at a time. Only what was said to them."""

from collections.abc import Sequence

from sqlalchemy import bindparam, or_, select

from config.labels import Audience, Holder
from store.conversations import message_from_row
from store.engine import Tx
from store.following import Followed
from store.model import Message
from store.of_many import OfMany
from store.prepared import Prepared, constant
from store.tables import conversations, customers
from store.tables import messages as lines

AFTER_ALL_IDS = "g"  # ids are hex digits: sorts behind them in every collation

# In the order in which they were opened; of one moment by id. The first comparison is the one that the index answers.
_BEFORE = Prepared(
    select(conversations.c.id)
    .join(customers, customers.c.id == conversations.c.customer_id)
    .where(
        customers.c.account == bindparam("account"),
        customers.c.external_hmac == bindparam("external_hmac"),
        conversations.c.holder == constant(Holder.ENDED),
        conversations.c.erased_at.is_(None),
        conversations.c.created_at <= bindparam("created_at"),
        or_(conversations.c.created_at < bindparam("created_at"), conversations.c.id < bindparam("id")),
    )
    .order_by(conversations.c.created_at.desc(), conversations.c.id.desc())
    .limit(bindparam("limit"))
)
_MESSAGES_BEFORE = Prepared(
    select(lines)
    .where(lines.c.conversation_id == bindparam("id"), lines.c.seq < bindparam("before"), lines.c.audience == Audience.ALL)
    .order_by(lines.c.seq.desc())
    .limit(bindparam("limit"))
)
_TICKETS = OfMany(
    "SELECT t.conversation_id, t.no FROM {keys} JOIN tickets t ON t.conversation_id = c.id ORDER BY t.received_at, t.no"
)


def conversations_before(tx: Tx, account: str, external_hmac: str, shown: Followed, limit: int) -> tuple[str, ...]:
    """The ids of up to *limit* of the customer's conversations before *shown*, the newest first, without those forgotten."""
    values = {
        "account": account,
        "external_hmac": external_hmac,
        "created_at": shown.created_at,
        # A clock may stand still between two conversations; the open one is the newer then.
        "id": shown.id if shown.holder is Holder.ENDED else AFTER_ALL_IDS,
        "limit": limit,
    }
    return tuple(row.id for row in _BEFORE.all(tx, values))


def messages_before(tx: Tx, conversation_id: str, before: int, limit: int) -> tuple[Message, ...]:
    """Up to *limit* messages with a seq smaller than *before* that the customer may see, the newest first."""
    rows = _MESSAGES_BEFORE.all(tx, {"id": conversation_id, "before": before, "limit": limit})
    return tuple(message_from_row(row) for row in rows)


def tickets_filed_in(tx: Tx, conversation_ids: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """The numbers of the tickets that were filed in each of these conversations, in their order; nothing for the others."""
    found: dict[str, tuple[str, ...]] = {}
    for row in _TICKETS.rows(tx, conversation_ids):
        found[row.conversation_id] = (*found.get(row.conversation_id, ()), row.no)
    return found
