"""The question how content a customer was, as the last message of a person's service. Pure."""

from typing import Any

from config.catalogue import Catalogue
from config.labels import Speaker
from store.conversations import MessageDraft
from store.ratings import of_conversation

SCORES = (1, 2, 3, 4, 5)
PENDING = "rate"  # in an ended conversation's state: the question that the customer's next message may answer


def question(catalogue: Catalogue) -> MessageDraft:
    """The farewell and the question, with a button for every score; their order makes the number the score."""
    buttons = [{"title": catalogue.text(f"desk.rating.{score}"), "payload": f"/rate_{score}"} for score in SCORES]
    text = f"{catalogue.text('desk.ended')}\n{catalogue.text('desk.rating.question')}"
    return MessageDraft(Speaker.SYSTEM, text, type="notice", payload={"buttons": buttons})


def asked(state: dict[str, Any], conversation_id: str, question_asked: MessageDraft) -> dict[str, Any]:
    """The state of a conversation whose customer was asked."""
    return {**state, PENDING: {"subject": of_conversation(conversation_id), "offered": question_asked.payload["buttons"]}}
