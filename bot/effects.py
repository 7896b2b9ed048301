"""What a turn is given and what it may bring about. Values only: intake loads the facts and commits the effects."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from bot.message import Button
from config.labels import HandoffReason, Priority, TicketKind
from handoff.waiting import Pace
from store.model import Ticket


@dataclass(frozen=True, slots=True)
class Facts:
    """All that a turn may know beyond the conversation: loaded before it, so that the turn itself asks nobody."""

    now: datetime
    next_ticket_no: str  # used up only if the turn files a ticket
    reply_due: dict[Priority, datetime]  # when an answer would be promised, by priority
    agents_on_duty: int = 0
    open_now: bool = True
    opening_hours: str = ""  # for people, such as 工作日 9:00-18:00
    queue_length: int = 0
    queues_elsewhere: bool = False  # people of the platform's own desk take over, and whom they serve first we don't know
    pace: Pace | None = None  # how fast the queue moves; None: that cannot be told
    on_emotion: Literal["offer", "go", "off"] = "offer"  # what an angry or distressed customer is offered
    ticket_links: Mapping[str, str] = field(default_factory=dict)  # ticket number -> the customer's page of it
    tickets: tuple[Ticket, ...] = ()  # the asker's own, newest first: same channel identity or same signed customer id
    lookup: Ticket | None = None  # another ticket, number and phone ending checked; None for wrong and unknown alike
    lookup_blocked: bool = False  # too many tries within the hour
    customer_name: str | None = None
    known_phone: str | None = None  # full number; show it masked only
    branch: str | None = None
    has_secret: bool = False  # a password or code was dropped from this message: warn first
    privacy_notice_due: bool = False  # the notice goes before the first answer
    channel: str = "in_app"


@dataclass(frozen=True, slots=True)
class TicketQuery:
    """A ticket that the customer asks after and that may not be theirs."""

    ticket_no: str
    phone_last4: str


@dataclass(frozen=True, slots=True)
class Say:
    """One message to the customer."""

    text: str
    buttons: tuple[Button, ...] = ()
    custom: dict[str, Any] = field(default_factory=dict)
    system: bool = False  # a notice rather than the bot's own words


@dataclass(frozen=True, slots=True)
class FileTicket:
    """File a ticket under ``Facts.next_ticket_no``. At most one a turn."""

    kind: TicketKind
    priority: Priority
    product: str
    nature: str
    content: str  # the customer's own words, redacted, unchanged
    record: dict[str, Any]
    contact_phone: str | None = None
    confirmed_text: str = ""  # the read-back that the customer agreed to


@dataclass(frozen=True, slots=True)
class HandOff:
    """Put the conversation into the queue."""

    reason: HandoffReason
    priority: Priority = Priority.NORMAL
    skill: str | None = None
    brief: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class WithdrawTicket:
    """The customer takes a ticket of their own back."""

    ticket_no: str
    statement: str


@dataclass(frozen=True, slots=True)
class SupplementTicket:
    """The customer adds something to a ticket of their own."""

    ticket_no: str
    text: str


@dataclass(frozen=True, slots=True)
class RateService:
    """The customer says how content they were with *subject*: a score, or afterwards a word why."""

    subject: str
    score: int | None = None
    comment: str | None = None


@dataclass(frozen=True, slots=True)
class EndConversation:
    """Nothing more to do here; the next message opens a new conversation."""


Effect = Say | FileTicket | HandOff | WithdrawTicket | SupplementTicket | RateService | EndConversation
