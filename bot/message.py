"""Values that travel between channels, intake, turn and delivery. No I/O, no behaviour beyond small questions."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from config.labels import FeedbackChannel
from store.model import Allowance, Attachment

__all__ = ["Attachment", "Inbound", "PendingMedia"]

MessageType = Literal["text", "image", "voice", "video", "file", "location", "link", "event"]


@dataclass(frozen=True, slots=True)
class PendingMedia:
    """A file that still lies with the platform and is fetched after the commit."""

    media_id: str
    media_type: str  # image | voice | video | file


@dataclass(frozen=True, slots=True)
class Inbound:
    """One message of a customer as a channel hands it to intake. ``text`` is what was typed, not yet redacted."""

    account: str  # channel account, such as "official:main" or "in_app:main"
    channel: FeedbackChannel
    customer: str  # the customer's id on that account (openid, visitor id, sender)
    text: str
    message_id: str | None = None  # the platform's or client's id; the same id is stored once
    type: MessageType = "text"
    attachments: tuple[Attachment, ...] = ()
    pending_media: tuple[PendingMedia, ...] = ()
    payload: dict[str, Any] = field(default_factory=dict)  # location, event name, button payload
    signed_customer: str | None = None  # the bank's customer id from a verified login, never from an unsigned claim
    signed_name: str | None = None
    signed_phone: str | None = None
    branch: str | None = None  # known from a branch's QR code, now or earlier in the conversation
    home_branch: str | None = None  # the branch that the account belongs to, when no code says better
    brand: str | None = None  # the brand that the account speaks for
    language: str | None = None  # what the customer's window speaks; None: Chinese
    allowance: Allowance | None = None  # what this lets us send by the platform's API; None: no platform limits us
    hold_for_passive_reply_s: float = 0.0  # lease the answer's outbox rows this long: the channel answers in its response


@dataclass(frozen=True, slots=True)
class Button:
    """A quick reply: the customer sees ``title``; pressing it sends ``title`` as text with ``payload`` beside it."""

    title: str
    payload: str  # Rasa's form, such as "/affirm" or '/inform{"product": "loan"}'


@dataclass(frozen=True, slots=True)
class Outbound:
    """One message to the customer, committed and numbered."""

    seq: int
    text: str
    speaker: str  # bot | agent | system
    buttons: tuple[Button, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    custom: dict[str, Any] = field(default_factory=dict)  # a ticket card, a queue position
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """What intake did with an inbound message. The message is committed in every case but ``rejected``."""

    status: Literal["answered", "duplicate", "held", "unanswered", "rejected"]
    # answered: ``replies`` are the turn's; duplicate: the same replies as the first time (may be empty)
    # held: queued or human, the bot is silent (``replies`` may hold system notices)
    # unanswered: committed, the answer comes later through the outbox or the socket
    # rejected: refused with ``reason`` (too long, empty); nothing was stored
    conversation_id: str = ""
    seq: int = 0
    replies: tuple[Outbound, ...] = ()
    reason: str = ""
