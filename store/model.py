"""Rows as frozen values. Pure: no SQL here, so that every package may use them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from config.labels import (
    Audience,
    FeedbackChannel,
    Holder,
    Priority,
    Role,
    Speaker,
    TicketKind,
    TicketState,
)

# A value a caller may protect: stored encrypted, looked up by HMAC, shown masked.


@dataclass(frozen=True, slots=True)
class Customer:
    """A customer on one channel account. Names, ids and phone are decrypted here and encrypted on disk."""

    id: str
    account: str
    external_id: str
    signed_id: str | None = None
    name: str | None = None
    phone: str | None = None
    privacy_notice_version: str | None = None


@dataclass(frozen=True, slots=True)
class Conversation:
    """One conversation. ``state`` is the dialogue's own memory (encrypted on disk); ``version`` guards every change."""

    id: str
    account: str
    channel: FeedbackChannel
    customer_id: str
    holder: Holder
    version: int
    last_seq: int
    state: dict[str, Any]
    agent_id: str | None
    ticket_no: str | None
    urgent: bool
    preview: str  # start of what was said last; of the customer's own words once they wait for a person
    created_at: datetime
    updated_at: datetime
    last_customer_at: datetime | None
    ended_at: datetime | None
    department: str | None = None  # whose skill it needs; None: the desk's own
    erased_at: datetime | None = None  # when its words were forgotten
    language: str | None = None  # in which the customer is spoken to; None: Chinese


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file of a message that already lies in the blob store."""

    blob_id: str  # a fingerprint of the content, hex
    media_type: str
    size: int  # bytes
    name: str = ""


@dataclass(frozen=True, slots=True)
class Message:
    """One numbered line of a conversation. ``payload`` holds buttons, attachments, location, marks.

    ``payload["attachments"]`` is a list of ``{"blob_id", "media_type", "size", "name"}``; ``payload["buttons"]`` a list of
    ``{"title", "payload"}``.
    """

    conversation_id: str
    seq: int
    speaker: Speaker
    type: str  # text image voice video file location link event notice note
    text: str
    at: datetime
    audience: Audience = Audience.ALL
    payload: dict[str, Any] = field(default_factory=dict)
    external_id: str | None = None
    agent_id: str | None = None
    cause_seq: int | None = None  # the customer's message that this one answers
    understanding: Mapping[str, Any] | None = None
    delivery: str | None = None  # what the desk shows of an outbound row: sent, failed, shut, unknown (可能重复)
    delivery_reason: str | None = None  # why it is not sent, as a stable word


@dataclass(frozen=True, slots=True)
class QueueEntry:
    """A conversation waiting for, or held by, a person."""

    conversation_id: str
    reason: str
    priority: Priority
    queued_at: datetime
    skill: str | None
    brief: dict[str, Any]  # reasons in words, what was understood, the summary at that moment
    claimed_at: datetime | None = None
    left_at: datetime | None = None
    agent_id: str | None = None
    previous_agent_id: str | None = None  # who served this customer before
    reserved_for: str | None = None  # nobody else may take it before ``reserved_until``
    reserved_until: datetime | None = None
    offered_by: str | None = None  # the colleague who asked the one it is reserved for

    @property
    def waits(self) -> bool:
        """Whether it stands in the queue now."""
        return self.claimed_at is None and self.left_at is None

    def reserved_at(self, now: datetime) -> str | None:
        """The agent for whom it is kept at that moment."""
        return self.reserved_for if self.reserved_until is not None and now < self.reserved_until else None


@dataclass(frozen=True, slots=True)
class Ticket:
    """A ticket as filed. ``record`` holds the standard record's fields; contact and names are decrypted here."""

    no: str
    kind: TicketKind
    state: TicketState
    priority: Priority
    version: int
    channel: FeedbackChannel
    account: str | None
    customer_id: str | None
    conversation_id: str | None
    product: str
    nature: str
    department: str
    content: str
    record: dict[str, Any]  # demand, occurred_at, occurred_place, amount_yuan, branch ...; n/a is {"na": reason}
    contact_phone: str | None
    customer_name: str | None
    received_at: datetime
    due_at: datetime | None  # when the customer was told to expect an answer
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class TicketEvent:
    """One line of a ticket's append-only history."""

    ticket_no: str
    n: int
    at: datetime
    actor: str  # agent id, "customer", "bot", "system", "rule:<name>"
    action: str  # filed, moved, noted, supplemented ...
    from_state: TicketState | None
    to_state: TicketState | None
    detail: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Allowance:
    """What something that a customer did lets us send: so many *messages* within *lasts_s* seconds."""

    messages: int
    lasts_s: float
    is_brief: bool = False  # beside the long one of a message: a tap on the menu, a scanned code


@dataclass(frozen=True, slots=True)
class Window:
    """What may still be sent to a customer."""

    until: datetime | None  # None: nothing before the customer writes again
    messages_left: int
    reserved: int  # of these, kept for the outcome
    unreachable: bool = False  # the customer no longer follows


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """A message on its way to a push channel, as the delivery worker claims it."""

    id: str
    conversation_id: str
    seq: int
    account: str
    customer_external_id: str
    speaker: Speaker
    text: str
    payload: dict[str, Any]
    attempts: int
    client_id: str  # the same on every attempt: platforms that de-duplicate get it
    customer_id: str = ""
    spent: tuple[int, int] = (0, 0)  # taken off the customer's long and brief allowance for this attempt
    shut: str | None = None  # why it must not be sent now: the platform takes no message to this customer
    doubtful: bool = False  # an earlier attempt may have reached the customer


OutboxStatus = Literal["pending", "leased", "shut", "sent", "unknown", "failed", "cancelled"]


@dataclass(frozen=True, slots=True)
class Agent:
    """A member of staff who may sign in at the desk."""

    id: str
    login: str
    name: str
    role: Role
    department: str | None
    active: bool
    capacity: int
    presence: str  # online, busy, away, offline (also when unseen for too long)
    skills: tuple[str, ...] = ()  # none: everything

    def knows(self, skill: str | None) -> bool:
        """Whether the agent can serve what needs *skill*."""
        return skill is None or not self.skills or skill in self.skills
