"""What could not be sent becomes visible work for a person. Runs inside a transaction."""

from datetime import datetime
from typing import Literal

from config.labels import Audience, HandoffReason, Holder, Priority, Speaker
from store import conversations, queue, tickets
from store.conversations import MessageDraft
from store.engine import Tx
from store.model import QueueEntry

What = Literal["delivery_failed", "window_shut"]


def tell_a_person(tx: Tx, conversation_id: str, seq: int, what: What, reason: str, now: datetime) -> None:
    """A mark in the conversation that the desk shows, and one in the history of the ticket that the message was about.

    A conversation that no person holds and that is not over takes a place in the queue.
    """
    conversation = conversations.get(tx, conversation_id)
    if conversation is None:
        return
    found = conversations.messages(tx, conversation_id, seq - 1, 1)
    about = found[0].payload.get("notice") if found and found[0].seq == seq else None
    if about:
        tickets.note(
            tx, about["ticket_no"], "system", "customer_not_reached", {"account": conversation.account, "reason": reason}, now
        )
    note = MessageDraft(Speaker.SYSTEM, reason, type=what, audience=Audience.DESK, payload={"failed_seq": seq})
    waits = conversation.holder is Holder.BOT
    conversations.append(tx, conversation_id, note, now=now, new_holder=Holder.QUEUED if waits else None)
    if waits:
        queue.enter(tx, QueueEntry(conversation_id, HandoffReason.FAILURE.value, Priority.NORMAL, now, None, {"reasons": [what]}))
