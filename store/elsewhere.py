"""Where else a customer can be found: by the bank's own id, which is the same on every channel."""

from sqlalchemy import select

from config.labels import FeedbackChannel
from store.customers import signed_hmac
from store.engine import Tx
from store.tables import conversations, customers


def latest_of_signed(tx: Tx, signed_id: str, channel: FeedbackChannel) -> str | None:
    """The latest conversation on *channel* of the bank's customer *signed_id*, as its id."""
    statement = (
        select(conversations.c.id)
        .join(customers, customers.c.id == conversations.c.customer_id)
        .where(customers.c.signed_hmac == signed_hmac(tx.crypto, signed_id), conversations.c.channel == channel.value)
        .order_by(conversations.c.created_at.desc())
        .limit(1)
    )
    found: str | None = tx.conn.execute(statement).scalar()
    return found
