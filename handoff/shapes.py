"""What the desk's endpoints answer, field by field, for the API's description. Moments are ISO 8601 in UTC unless otherwise said.

Answers are put together where they are read (``frames`` and the endpoints); the desk's tests hold every one against these.
"""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class NumberedMessage:
    """A message that was written: its number in the conversation."""

    seq: int


@dataclass(frozen=True, slots=True)
class NumberedTicket:
    """A ticket that was filed."""

    ticket_no: str


@dataclass(frozen=True, slots=True)
class Claimed:
    """It is one's own now."""

    claimed: bool


@dataclass(frozen=True, slots=True)
class Declined:
    """It is written down why nothing is filed."""

    declined: bool


@dataclass(frozen=True, slots=True)
class Ended:
    """The conversation is over."""

    ended: bool


@dataclass(frozen=True, slots=True)
class Requeued:
    """It waits for somebody else."""

    requeued: bool


@dataclass(frozen=True, slots=True)
class Transferred:
    """It is offered."""

    transferred: bool


@dataclass(frozen=True, slots=True)
class OfferRefused:
    """It waits for others again."""

    refused: bool


@dataclass(frozen=True, slots=True)
class TakenOver:
    """One goes on in another's place."""

    taken_over: bool


@dataclass(frozen=True, slots=True)
class Unmasked:
    """What was masked, in full."""

    value: str


@dataclass(frozen=True, slots=True)
class NamedAgent:
    """A member of staff by name."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class StaffMember:
    """A member of staff. ``capacity``: how many conversations they may hold."""

    id: str
    name: str
    role: str
    department: str | None
    presence: str
    capacity: int
    skills: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OneStaffMember:
    """A member of staff, alone."""

    agent: StaffMember


@dataclass(frozen=True, slots=True)
class StaffAccount(StaffMember):
    """An account; one that is switched off is not ``active``."""

    login: str
    active: bool


@dataclass(frozen=True, slots=True)
class OneStaffAccount:
    """An account, alone."""

    agent: StaffAccount


@dataclass(frozen=True, slots=True)
class KnownSkill:
    """Something that members of staff may know."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class StaffAccounts:
    """All accounts and skills."""

    agents: tuple[StaffAccount, ...]
    skills: tuple[KnownSkill, ...]


@dataclass(frozen=True, slots=True)
class ListedTicket:
    """A ticket in a list. ``state_text`` is the word that its customer reads."""

    no: str
    kind: str
    state: str
    state_text: str
    priority: str
    product: str
    content: str
    department_name: str
    received_at: str
    due_at: str | None
    version: int


@dataclass(frozen=True, slots=True)
class ListedTickets:
    """Tickets, newest first."""

    items: tuple[ListedTicket, ...]


@dataclass(frozen=True, slots=True)
class TicketFile(ListedTicket):
    """A ticket with its record and everything that happened to it; name and phone are masked."""

    nature: str | None
    channel: str
    customer_name: str | None
    phone_masked: str | None
    record: dict[str, Any]
    history: tuple[dict[str, Any], ...]  # n, at, actor, action, from, to, to_text, detail


@dataclass(frozen=True, slots=True)
class ShownFile:
    """A file of a message; ``url`` is good for who may read the conversation."""

    url: str
    media_type: str
    name: str
    size: int


@dataclass(frozen=True, slots=True)
class ShownMessage:
    """A message. ``prev`` is the number of the one before it: a gap means that something was missed."""

    conversation: str
    seq: int
    prev: int
    speaker: str
    type: str
    audience: str
    text: str
    at: str
    buttons: tuple[dict[str, Any], ...]
    attachments: tuple[ShownFile, ...]
    pending_files: int
    media_failed: bool
    location: dict[str, Any]
    agent: NamedAgent | None
    recalled: bool
    understanding: dict[str, Any] | None
    delivery: str | None
    delivery_reason: str | None


@dataclass(frozen=True, slots=True)
class MessagePage:
    """Messages in order; ``more`` says whether others follow."""

    items: tuple[ShownMessage, ...]
    more: bool


@dataclass(frozen=True, slots=True)
class CountedTag:
    """A tag and on how many conversations it is."""

    tag: str
    count: int


@dataclass(frozen=True, slots=True)
class CountedTags:
    """Tags in use."""

    items: tuple[CountedTag, ...]


@dataclass(frozen=True, slots=True)
class TagsLeft:
    """The tags that a conversation has now."""

    tags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class KeptView:
    """A list narrowed as somebody likes to come back to it."""

    id: str
    name: str
    filters: dict[str, Any]


@dataclass(frozen=True, slots=True)
class KeptViews:
    """One's saved views."""

    items: tuple[KeptView, ...]


@dataclass(frozen=True, slots=True)
class ShownWebhook:
    """An address that is told of some topics. ``created_at`` is Shanghai's time."""

    id: str
    url: str
    topics: tuple[str, ...]
    active: bool
    created_at: str


@dataclass(frozen=True, slots=True)
class ShownWebhooks:
    """All of them, those switched off too."""

    items: tuple[ShownWebhook, ...]


@dataclass(frozen=True, slots=True)
class WebhookWithSecret(ShownWebhook):
    """A new one. The secret is shown this once."""

    secret: str


@dataclass(frozen=True, slots=True)
class WebhookOff:
    """It is told nothing more."""

    active: bool


@dataclass(frozen=True, slots=True)
class Replayed:
    """It is told once more."""

    replayed: bool
