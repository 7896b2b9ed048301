"""Customers whom people at a platform's own desk have, in WeCom or WeChat: a conversation held by somebody not ours."""

from datetime import datetime

from config.labels import Audience, Holder, Speaker
from store import conversations as chat
from store import queue, servings
from store.conversations import Appended, MessageDraft
from store.engine import Tx
from store.model import Conversation


def hand_over(tx: Tx, conversation_id: str, notice: str, now: datetime) -> Appended | None:
    """They have the customer now: nobody of ours may speak until they are done. None if that is so already."""
    found = chat.get(tx, conversation_id)
    if found is None or found.holder is Holder.ENDED or have(found):
        return None
    note = MessageDraft(Speaker.SYSTEM, notice, type="notice", audience=Audience.DESK)
    done = chat.append(tx, conversation_id, note, now=now, new_holder=Holder.HUMAN, clear_agent=True)
    queue.leave(tx, conversation_id, now)
    queue.cancel_bot_words(tx, conversation_id, now)
    servings.close(tx, conversation_id, "transferred", now)
    return done if isinstance(done, Appended) else None


def have(conversation: Conversation) -> bool:
    """Whether they have the customer, and none of ours."""
    return conversation.holder is Holder.HUMAN and conversation.agent_id is None


def end(tx: Tx, conversation_id: str, draft: MessageDraft, now: datetime) -> Appended | None:
    """They are done; *draft* says so, and the customer has it already. None if they did not have the customer."""
    found = chat.get(tx, conversation_id)
    if found is None or not have(found):
        return None
    done = chat.append(tx, conversation_id, draft, now=now, new_holder=Holder.ENDED, seen_already=True)
    return done if isinstance(done, Appended) else None
