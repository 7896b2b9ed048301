"""Another way to a customer whom a platform takes no message to: the bank's app, where the same signed-in customer chats."""

from typing import Literal

from config.clock import Clock
from config.labels import FeedbackChannel
from store import conversations, customers, elsewhere
from store.bell import Bell
from store.conversations import Appended, MessageDraft
from store.engine import Store, Tx
from store.model import OutboxRow


class InApp:
    """Puts the message into the latest in-app conversation of the same signed-in customer."""

    name = "in_app"

    def __init__(self, store: Store, bell: Bell, clock: Clock) -> None:
        self._store = store
        self._bell = bell
        self._clock = clock

    async def is_preferred(self, row: OutboxRow) -> bool:
        """Whether the customer said that they rather hear here, or wrote here last."""
        about = row.payload.get("notice", {}).get("ticket_no")

        def look(tx: Tx) -> bool:
            found = _in_app_of(tx, row)
            return found is not None and elsewhere.prefers_app(tx, row.conversation_id, found, about)

        return await self._store.read(look)

    async def take(self, row: OutboxRow, reason: str) -> Literal["delivered"] | None:
        """``delivered`` when there is such a conversation. The message carries where it comes from, and is written once."""
        now = self._clock.now()

        def write(tx: Tx) -> tuple[str, int] | None:
            found = _in_app_of(tx, row)
            if found is None:
                return None
            external_id = f"elsewhere:{row.id}"
            known = conversations.seq_of(tx, found, external_id)
            if known:
                return found, known
            payload = {**row.payload, "elsewhere": {"account": row.account, "reason": reason}}
            draft = MessageDraft(row.speaker, row.text, type="notice", payload=payload, external_id=external_id)
            done = conversations.append(tx, found, draft, now=now)
            return (found, done.seq) if isinstance(done, Appended) else None

        written = await self._store.write(write, key=row.conversation_id)
        if written is None:
            return None
        self._bell.ring(*written)
        return "delivered"


def _in_app_of(tx: Tx, row: OutboxRow) -> str | None:
    """The latest in-app conversation of the signed-in customer to whom *row* goes."""
    customer = customers.get(tx, row.customer_id)
    if customer is None or customer.signed_id is None:
        return None
    return elsewhere.latest_of_signed(tx, customer.signed_id, FeedbackChannel.IN_APP)
