"""From what was collected to a ticket ready to file: who is responsible, what is promised, a record without blind spots. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from config.labels import EscalationSign, FeedbackChannel, Kind, Nature, Priority, TicketKind
from handoff.routing import department_of, major_proposals, nature_with_rule
from handoff.tickets.clocks import Clocks
from store.model import Ticket
from store.tickets import TicketDraft

# Feedback that somebody else writes down from what a customer says: it must be read back and confirmed.
ORAL_CHANNELS = frozenset({FeedbackChannel.HOTLINE, FeedbackChannel.HOTLINE_VOICE, FeedbackChannel.COUNTER})
# Where a customer can be answered at the place they wrote from.
CHAT_CHANNELS = frozenset(
    {FeedbackChannel.WECHAT_OFFICIAL, FeedbackChannel.WECHAT_MINI, FeedbackChannel.WECHAT_KF, FeedbackChannel.IN_APP}
)

# The part of the standard record that must be told, or marked with the reason why not, before anybody takes a ticket on.
# Number, moment of receipt and channel are always there.
GROUP_A = (
    "customer_name",
    "contact",
    "preferred_channel",
    "content",
    "demand",
    "product",
    "occurred_at",
    "occurred_place",
    "readback",
)
_EVENT_FIELDS = ("occurred_at", "occurred_place")
_FILED_AS = {Kind(kind.value): kind for kind in TicketKind} | {Kind.URGENT_REPORT: TicketKind.COMPLAINT}
_ASKED_TO_REASON = {"skipped": "declined", "declined": "declined"}
# What the dialogue calls some fields while it collects them.
_RENAMED = {"place": "occurred_place"}


@dataclass(frozen=True, slots=True)
class Filing:
    """What a bot, a form or a member of staff wants filed."""

    no: str
    kind: TicketKind
    priority: Priority
    product: str
    content: str  # the customer's own words, redacted, unchanged
    channel: FeedbackChannel
    received_at: datetime
    record: Mapping[str, Any] = field(default_factory=dict)
    asked: Mapping[str, str] = field(default_factory=dict)  # slot -> answered, skipped or declined
    nature: str = ""  # empty: found from the words
    signs: Sequence[str] = ()
    contact_phone: str | None = None
    customer_name: str | None = None
    confirmed_text: str = ""
    account: str | None = None
    customer_id: str | None = None
    signed_id: str | None = None
    conversation_id: str | None = None
    filed_by: str = "bot"


def not_applicable(reason: str) -> dict[str, str]:
    """A field that was left out on purpose: ``not_asked``, ``declined``, ``not_applicable`` or other words."""
    return {"na": reason}


def build_draft(filing: Filing, clocks: Clocks, *, chat: bool = True) -> TicketDraft:
    """The ticket to file for *filing*: dispatched by rule, with the promise made to the customer.

    *chat*: a dialogue asked for what it needed, so whatever it did not ask is marked as such. A form is filed as it came, and
    what it lacks stays open for :func:`missing_from_group_a` to name.
    """
    found, nature_rule = nature_with_rule(filing.kind, filing.product, filing.content, filing.signs)
    nature = Nature(filing.nature) if filing.nature else found
    record = {_RENAMED.get(name, name): value for name, value in filing.record.items() if value not in (None, "")}
    if record.get("branch"):
        record.setdefault("occurred_place", record["branch"])
    # The record is not sealed: a phone number belongs into the contact, which is.
    phone = record.pop("phone", None)
    dispatch = department_of(
        nature,
        priority=filing.priority,
        signs=filing.signs,
        product=filing.product,
        at_outlet=True if record.get("branch") else None,
    )
    if filing.signs:
        record["escalation_signs"] = [EscalationSign(sign).value for sign in filing.signs]
    # Whoever filed may know more than the words say; then no rule stands behind the nature.
    record["nature_rule"] = nature_rule if nature is found else "given"
    amount = record.get("amount_yuan")
    known_amount = float(amount) if isinstance(amount, int | float) else 0.0
    proposals = major_proposals(nature, signs=filing.signs, amount_yuan=known_amount)
    if proposals and filing.priority is not Priority.MAJOR:
        record["major_proposed_by"] = list(proposals)
    if dispatch.co_departments:
        record["co_departments"] = list(dispatch.co_departments)
    if chat:
        record |= _reasons(filing, record, has_contact=bool(filing.contact_phone or phone))
    return TicketDraft(
        no=filing.no,
        kind=filing.kind,
        priority=filing.priority,
        channel=filing.channel,
        product=filing.product,
        nature=nature.value,
        department=dispatch.department,
        content=filing.content,
        received_at=filing.received_at,
        due_at=clocks.reply_due(filing.received_at, filing.kind, filing.priority),
        record=record,
        account=filing.account,
        customer_id=filing.customer_id,
        signed_id=filing.signed_id,
        conversation_id=filing.conversation_id,
        contact_phone=filing.contact_phone or phone,
        customer_name=filing.customer_name,
        confirmed_text=filing.confirmed_text,
        filed_by=filing.filed_by,
        dispatch_rule=dispatch.rule,
    )


def missing_from_group_a(ticket: TicketDraft | Ticket, *, confirmed_text: str = "") -> tuple[str, ...]:
    """The fields of group A that are neither told nor marked with a reason: the ticket may not leave ``pending`` with any.

    A filed :class:`Ticket` doesn't carry its read-back; hand it in as *confirmed_text*.
    """
    record = ticket.record
    readback = ticket.confirmed_text if isinstance(ticket, TicketDraft) else confirmed_text
    told: dict[str, Any] = {
        "customer_name": ticket.customer_name,
        "contact": ticket.contact_phone,
        "content": ticket.content,
        "product": ticket.product,
        "readback": readback if ticket.channel in ORAL_CHANNELS else not_applicable("written"),
    }
    return tuple(name for name in GROUP_A if not told.get(name) and not record.get(name))


def ticket_kind(kind: Kind) -> TicketKind:
    """What a message of *kind* is filed as. An urgent report is a complaint; a message that is no feedback is ``other``."""
    return _FILED_AS.get(kind, TicketKind.OTHER)


def _reasons(filing: Filing, record: Mapping[str, Any], *, has_contact: bool) -> dict[str, Any]:
    """The reasons why a dialogue left fields of group A empty."""
    reasons: dict[str, Any] = {}
    slots = {"contact": "phone", "occurred_place": "place"}
    for name in GROUP_A:
        if record.get(name) or (name == "contact" and has_contact) or (name == "customer_name" and filing.customer_name):
            continue
        if name in ("content", "product", "readback"):
            continue
        asked = filing.asked.get(slots.get(name, name), filing.asked.get(name, ""))
        if asked in _ASKED_TO_REASON:
            reason = _ASKED_TO_REASON[asked]
        elif name in _EVENT_FIELDS and filing.kind is not TicketKind.COMPLAINT:
            reason = "not_applicable"
        elif name in ("contact", "preferred_channel") and filing.channel in CHAT_CHANNELS:
            reason = "answered_where_written"
        else:
            reason = "not_asked"
        reasons[name] = not_applicable(reason)
    return reasons
