"""What other systems are told of, topic by topic: ids and states, never names, numbers or words of customers."""

from typing import Annotated, Any

from pydantic import Field
from typing_extensions import TypedDict

from config.labels import FeedbackChannel, Priority, TicketKind, TicketState, Topic
from config.operations import Moment, OpenObject


class SentEvent(TypedDict):
    """An event as it is posted. The same ``id`` may come twice, and events may come out of order."""

    id: str
    topic: Topic
    at: Moment
    data: OpenObject


class ConversationQueued(TypedDict):
    """A conversation waits for a person."""

    conversation_id: str
    reason: str
    priority: Priority
    skill: Annotated[str | None, Field(description="What whoever takes it must know")]


class ConversationClaimed(TypedDict):
    """Somebody took it."""

    conversation_id: str
    channel: FeedbackChannel
    agent_id: str


class ConversationLeft(TypedDict):
    """It waits no longer: the customer gave up or left a message, or staff at the platform's own desk took it."""

    conversation_id: str


class ConversationEnded(TypedDict):
    """It is over."""

    conversation_id: str
    channel: FeedbackChannel


class TicketFiled(TypedDict):
    """A ticket was filed. No ``conversation_id``: it came from a form."""

    ticket_no: str
    state: TicketState
    kind: TicketKind
    priority: Priority
    channel: FeedbackChannel
    product: str
    department: str
    conversation_id: str | None


TicketMoved = TypedDict("TicketMoved", {"ticket_no": str, "from": TicketState, "state": TicketState, "department": str})
TicketMoved.__doc__ = "A ticket went from one state to another; ``department`` works it now."


class TicketSupplemented(TypedDict):
    """Its customer added something."""

    ticket_no: str
    state: TicketState


EVENTS: dict[Topic, Any] = {
    Topic.CONVERSATION_QUEUED: ConversationQueued,
    Topic.CONVERSATION_CLAIMED: ConversationClaimed,
    Topic.CONVERSATION_LEFT: ConversationLeft,
    Topic.CONVERSATION_ENDED: ConversationEnded,
    Topic.TICKET_FILED: TicketFiled,
    Topic.TICKET_MOVED: TicketMoved,
    Topic.TICKET_SUPPLEMENTED: TicketSupplemented,
}
