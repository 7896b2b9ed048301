"""The body of a feedback request: what a form, a teller or another system may tell, checked field by field."""

import re
from datetime import datetime
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from config.labels import EscalationSign, FeedbackChannel, Product, TicketKind
from config.speakable import as_name, speakable
from handoff.tickets.draft import GROUP_A, ORAL_CHANNELS


def _without_control_characters(text: str) -> str:
    # PostgreSQL stores no NUL, and nobody types the others.
    if any(char < " " and char not in "\t\n\r" for char in text):
        raise PydanticCustomError("control_character", "control characters can't be stored")
    return speakable(text)


def _one_line(text: str) -> str:
    seen = as_name(text)
    if not seen:
        raise PydanticCustomError("string_too_short", "nothing of it can be seen")
    return seen


def _plain_phone(phone: str) -> str:
    """The number as it is looked up: without spaces and dashes, a mainland mobile without the country code."""
    digits = re.sub(r"[ \-]", "", phone)
    mobile = re.fullmatch(r"(?:\+?86)?(1[0-9]{10})", digits)
    return mobile.group(1) if mobile else digits


MAX_FILES = 9

Clean = AfterValidator(_without_control_characters)
Reference = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), Clean]
Line = Annotated[Reference, AfterValidator(_one_line)]
Paragraph = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=8000), Clean]
StaffNumber = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[A-Za-z0-9_.\-]{1,40}$")]
Phone = Annotated[
    str, StringConstraints(strip_whitespace=True, pattern=r"^\+?[0-9][0-9 \-]{5,18}[0-9]$"), AfterValidator(_plain_phone)
]
# No whole identity number: four characters are enough to recognise a customer and useless to a thief.
IdEnding = Annotated[str, StringConstraints(strip_whitespace=True, to_upper=True, pattern=r"^[0-9]{3}[0-9Xx]$")]
CardEnding = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[0-9]{4}$")]
Email = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200, pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$")]


class Part(BaseModel):
    """Strict about names: a misspelt field is refused instead of lost."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class CustomerPart(Part):
    """Who speaks, as far as they say."""

    name: Line | None = None
    kind: Literal["personal", "corporate"] = "personal"
    acting: Literal["for_self", "proxy", "heir", "group"] = "for_self"
    reference: Reference | None = Field(default=None, description="The bank's own customer id; the caller vouches for it.")
    id_last4: IdEnding | None = None


class ContactPart(Part):
    """How to answer."""

    phone: Phone | None = None
    email: Email | None = None
    preferred: Literal["phone", "sms", "email", "app", "wechat"] | None = None


class ReadbackPart(Part):
    """The customer's explicit yes to what was written down from their words: who confirmed, when, and the wording."""

    confirmed_by: Line = Field(
        description="``customer``, ``proxy``, ``heir``, or a name: a name is kept sealed and shown masked."
    )
    at: AwareDatetime
    text: Paragraph


class FeedbackForm(Part):
    """One piece of feedback. Only ``channel`` and ``content`` are needed: kind, product and urgency can be found in the words."""

    channel: FeedbackChannel
    content: Paragraph
    kind: TicketKind | None = None
    product: Product | None = None
    urgent: bool | None = None
    demand: Paragraph | None = None
    occurred_at: AwareDatetime | None = None
    occurred_place: Line | None = None
    branch: Line | None = None
    machine: Line | None = None
    product_name: Line | None = None
    staff_name: Line | None = None
    amount_yuan: Annotated[float, Field(ge=0, le=1e12, allow_inf_nan=False)] | None = None
    card_tail: CardEnding | None = None
    customer: CustomerPart = CustomerPart()
    contact: ContactPart = ContactPart()
    received_at: AwareDatetime | None = Field(
        default=None, description="When the bank got it, if earlier than now (paper, voice)."
    )
    escalation_signs: tuple[EscalationSign, ...] = ()
    not_applicable: dict[str, Line] = Field(default={}, description="Fields left out on purpose, each with the reason.")
    source: Line | None = Field(default=None, description="Where it was copied from: which suggestion box, form or letter.")
    readback: ReadbackPart | None = None
    uploads: Annotated[tuple[str, ...], Field(max_length=MAX_FILES)] = Field(
        default=(), description="Tokens of files sent to /api/v1/feedback/uploads."
    )
    registered_by: StaffNumber | None = Field(default=None, description="Staff number of the teller or agent who wrote it down.")

    @model_validator(mode="after")
    def _oral_feedback_is_read_back(self) -> Self:
        if self.channel in ORAL_CHANNELS and self.readback is None:
            raise PydanticCustomError("readback_required", "oral feedback needs the confirmed read-back")
        if not set(self.not_applicable) <= set(GROUP_A) - {"content", "readback"}:
            raise PydanticCustomError("not_applicable_unknown_field", "not a field of the standard record")
        return self

    def record(self) -> dict[str, Any]:
        """The fields of the standard record that have no column of their own; free text is not redacted yet."""
        fields: dict[str, Any] = {
            "demand": self.demand,
            "occurred_at": _iso(self.occurred_at),
            "occurred_place": self.occurred_place,
            "branch": self.branch,
            "machine": self.machine,
            "product_name": self.product_name,
            "staff_name": self.staff_name,
            "amount_yuan": self.amount_yuan,
            "card_tail": self.card_tail,
            "customer_kind": self.customer.kind,
            "acting": self.customer.acting,
            "id_last4": self.customer.id_last4,
            "preferred_channel": self.contact.preferred,
            "registered_by": self.registered_by,
            "source": self.source,
        }
        return {name: value for name, value in fields.items() if value is not None}


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
