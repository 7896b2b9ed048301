"""Where else a customer can be found: by the bank's own id, which is the same on every channel."""

from sqlalchemy import select

from config.labels import FeedbackChannel
from store import conversations as chat
from store import tickets
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


def prefers_app(tx: Tx, conversation_id: str, in_app: str, ticket_no: str | None = None) -> bool:
    """Whether the customer of *conversation_id* rather hears in the app, where they have the conversation *in_app*.

    What they said in the ticket that it is about decides, and otherwise where they wrote last.
    """
    here, there = chat.get(tx, conversation_id), chat.get(tx, in_app)
    if here is None or there is None:
        return False
    about = ticket_no or here.ticket_no
    ticket = tickets.get(tx, about) if about else None
    wish = (ticket.record or {}).get("preferred_channel") if ticket is not None else None
    if wish in ("app", "wechat"):
        return bool(wish == "app")
    if here.last_customer_at is None or there.last_customer_at is None:
        return there.last_customer_at is not None
    return there.last_customer_at > here.last_customer_at
