"""What a Rasa server sends to have an action run, checked as far as our actions read it. The rest passes through."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from config.labels import EscalationSign, HandoffReason, Product, TicketKind
from config.problem import Problem

MAX_ID_CHARS = 128
NEEDED = {"action_file_ticket": "draft", "action_withdraw_ticket": "ticket_no", "action_supplement_ticket": "ticket_no"}


class Sent(BaseModel):
    """An object of theirs: what we do not read may be anything."""

    model_config = ConfigDict(extra="allow", strict=True)


class SentRecord(Sent):
    """What the customer told."""

    problem: str = ""
    branch: str | None = None
    amount_yuan: float | None = Field(None, allow_inf_nan=False)


class SentDraft(Sent):
    """The slot ``draft``: a ticket about to be filed."""

    kind: TicketKind = Field(strict=False)
    product: Product = Field(strict=False)
    urgent: bool
    record: SentRecord
    asked: dict[str, Any]
    contact_phone: str | None = None
    confirmed_text: str = ""
    signs: list[EscalationSign] = Field(default_factory=list, strict=False)
    missing: list[str] = Field(default_factory=list)


class SentUnderstanding(Sent):
    """The slot ``understood``: what a person who takes over is told."""

    product: str | None = None
    emotion: str | None = None
    escalation_signs: list[str] = Field(default_factory=list)


class SentSlots(Sent):
    """The slots that our actions read."""

    draft: SentDraft | None = None
    understood: SentUnderstanding | None = None
    handoff_reason: HandoffReason | None = Field(None, strict=False)
    matters: list[dict[str, Any]] | None = None
    ticket_no: str | None = None


class SentEntity(Sent):
    """Something found in the words."""

    entity: str
    value: Any


class SentMessage(Sent):
    """The customer's latest message."""

    text: str | None = None
    message_id: str | None = None
    entities: list[SentEntity] = Field(default_factory=list)
    metadata: dict[str, Any] | None = None


class SentTracker(Sent):
    """Where the conversation stands."""

    sender_id: str
    slots: SentSlots
    latest_message: SentMessage
    events: list[dict[str, Any]] | None = None
    active_loop: dict[str, Any] | None = None


class ActionCall(Sent):
    """The whole request."""

    next_action: str
    sender_id: str = Field(min_length=1, max_length=MAX_ID_CHARS)
    tracker: SentTracker

    @model_validator(mode="after")
    def _has_what_the_action_needs(self) -> "ActionCall":
        slot = NEEDED.get(self.next_action)
        if slot and getattr(self.tracker.slots, slot) is None:
            raise ValueError(f"{self.next_action} needs the slot {slot}")
        return self


def action_call(body: dict[str, Any]) -> ActionCall:
    """*body* as a call. 400 naming the fields that are wrong, never what stood in them."""
    try:
        return ActionCall.model_validate(body)
    except ValidationError as error:
        wrong = {".".join(map(str, item["loc"])) or item["msg"] for item in error.errors(include_url=False, include_input=False)}
        raise Problem(400, "bad_request", f"Not a call of an action: {', '.join(sorted(wrong))}") from None
