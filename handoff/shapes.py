"""What the desk is told of staff, conversations, messages and tickets, field by field. The API's description is made from these.

``frames`` and the endpoints make them: the type checker holds what is made against what is promised here. What one endpoint alone
answers stands beside it.
"""

from collections.abc import Mapping
from typing import Annotated, Any, NotRequired, get_args

from pydantic import ConfigDict, Field, with_config
from typing_extensions import TypedDict

from config.labels import (
    Audience,
    Emotion,
    EscalationSign,
    FeedbackChannel,
    Holder,
    Kind,
    Nature,
    Priority,
    Product,
    Role,
    Speaker,
    TicketKind,
    TicketState,
)
from config.operations import Moment, OpenObject, Whole, kept_as, one_of
from handoff.endpoints import NUMBER
from store.model import OutboxStatus

Reference = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]  # what conversations, staff and whatever they keep are known by
ProductWord = Annotated[str, kept_as(Product)]

# --- staff ---------------------------------------------------------------------------------------------------------------


class NamedAgent(TypedDict):
    """A member of staff by name. No ``id``: somebody who answers at a platform's own desk."""

    id: str
    name: str


class StaffMember(TypedDict):
    """A member of staff. ``capacity``: how many conversations they may hold. No ``skills``: they take everything."""

    id: Reference
    name: str
    role: Role
    department: str | None
    presence: Annotated[str, one_of("online", "busy", "away", "offline")]
    capacity: Whole
    skills: list[str]


class OneStaffMember(TypedDict):
    """A member of staff, alone."""

    agent: StaffMember


class StaffAtWork(StaffMember):
    """A member of staff, how many conversations they hold, and whether they are there to take more."""

    load: Whole
    on_duty: bool


class KnownSkill(TypedDict):
    """Something that members of staff may know."""

    id: str
    name: str


# --- what was understood -------------------------------------------------------------------------------------------------


class Understood(TypedDict):
    """What words of a customer were understood to mean. ``urgent_reasons`` are the rules that spoke."""

    kind: Kind
    product: Product
    urgent: bool
    urgent_reasons: list[str]
    emotion: Emotion
    escalation_signs: list[EscalationSign]
    confidence: Annotated[float, Field(ge=0, le=1)]


class NamedEntity(TypedDict):
    """Something named in a text: a sum, a place, a day, in the customer's words."""

    entity: str
    text: str


class HeardWords(TypedDict):
    """A rule that spoke, and the words that it heard."""

    rule: str
    text: str


class HeardInMessage(HeardWords):
    """A rule that spoke, the words that it heard, and the message that they stand in."""

    seq: Whole


class UnderstoodMessage(Understood):
    """What a message was understood to mean. ``intent``: the kind, or an act such as ``affirm``. Not ``understood``: guessed."""

    intent: str
    understood: bool
    entities: list[NamedEntity]
    heard: list[HeardWords]


# --- messages ------------------------------------------------------------------------------------------------------------


class NumberedMessage(TypedDict):
    """A message: its number in the conversation."""

    seq: Whole


class ShownFile(TypedDict):
    """A file of a message; ``url`` is good for who may read the conversation."""

    url: str
    media_type: str
    name: str
    size: Whole


class SaidFile(ShownFile):
    """A file, and with which message it came from whom."""

    seq: Whole
    speaker: Speaker


class Button(TypedDict):
    """An answer that the customer may choose: what it says, and what it sends (nothing: its title)."""

    title: str
    payload: NotRequired[str]


class ShownPlace(TypedDict, total=False):
    """A place that was sent; nothing in it where none was."""

    label: str
    latitude: float
    longitude: float


class ShownMessage(TypedDict):
    """A message. ``prev`` is the number of the one before it: a gap means that something was missed."""

    conversation: Reference
    seq: Whole
    prev: Whole
    speaker: Speaker
    type: Annotated[str, Field(description="text, image, voice, video, file, location, link, event, notice or note")]
    audience: Audience
    text: str
    at: Moment
    buttons: list[Annotated[dict[str, Any], kept_as(Button)]]
    attachments: list[ShownFile]
    pending_files: Annotated[int, Field(ge=0, description="Files that are still being fetched from the platform")]
    withheld_files: Annotated[int, Field(ge=0, description="Files that the scanner knew to be harmful: they were not kept")]
    unopened_files: Annotated[int, Field(ge=0, description="Pictures that could not be opened or are too large: not kept")]
    media_failed: Annotated[bool, Field(description="A file could not be fetched and will not come")]
    location: Annotated[dict[str, Any], kept_as(ShownPlace)]
    agent: NamedAgent | None
    recalled: bool
    understanding: Annotated[Mapping[str, Any], kept_as(UnderstoodMessage)] | None
    delivery: Annotated[Annotated[str, one_of(*get_args(OutboxStatus))] | None, Field(description="unknown: it may come twice")]
    delivery_reason: Annotated[str | None, Field(description="Why it is not sent, as a stable word")]


class MessagePage(TypedDict):
    """Messages in order; ``more`` says whether others follow."""

    items: list[ShownMessage]
    more: bool


# --- tickets -------------------------------------------------------------------------------------------------------------


class ListedTicket(TypedDict):
    """A ticket in a list. ``state_text`` is the word that its customer reads."""

    no: Annotated[str, Field(pattern=f"^{NUMBER}$")]
    kind: TicketKind
    state: TicketState
    state_text: str
    priority: Priority
    product: ProductWord
    content: str
    department_name: str
    received_at: Moment
    due_at: Annotated[Moment | None, Field(description="When the customer was told to expect an answer")]
    version: Annotated[int, Field(ge=1, description="What a move must name: of two people at once, one succeeds")]


TicketStep = TypedDict(
    "TicketStep",
    {
        "n": Whole,
        "at": Moment,
        "actor": Annotated[str, Field(description="Who did it: a member of staff by name, customer, bot, system, or rule:NAME")],
        "action": Annotated[str, Field(description="filed, moved, supplemented, … as a stable word")],
        "from": TicketState | None,
        "to": TicketState | None,
        "to_text": Annotated[str, Field(description="The word for `to` that the customer reads; empty where nothing moved")],
        "detail": Annotated[OpenObject, Field(description="What belongs to this action")],
    },
)
TicketStep.__doc__ = "Something that happened to a ticket; nothing of it is ever changed."


@with_config(ConfigDict(extra="ignore"))  # or it would be as open as the record that it stands in
class NotTold(TypedDict):
    """A field that was left out on purpose: ``not_asked``, ``declined``, ``not_applicable``, or why in words."""

    na: str


@with_config(ConfigDict(extra="allow"))
class TicketRecord(TypedDict, total=False):
    """The standard record, as far as it was told: values, or why there is none. Other fields may stand beside these."""

    demand: str | NotTold
    occurred_at: str | NotTold
    occurred_at_precision: str
    occurred_place: str | NotTold
    branch: str
    machine: str
    product_name: str
    staff_name: str
    person_praised: str
    app_function: str
    amount_yuan: float
    card_tail: str
    preferred_channel: str | NotTold
    nature_rule: Annotated[str, Field(description="The rule that found the nature; given: somebody said it")]
    escalation_signs: list[EscalationSign]
    major_proposed_by: Annotated[list[str], Field(description="Rules that find it major; a person decides")]
    co_departments: list[str]


class TicketFile(ListedTicket):
    """A ticket with its record and everything that happened to it; name and phone are masked."""

    nature: Annotated[str, kept_as(Nature)]
    channel: FeedbackChannel
    customer_name: str | None
    phone_masked: str | None
    record: Annotated[dict[str, Any], kept_as(TicketRecord)]
    history: list[TicketStep]


# --- conversations -------------------------------------------------------------------------------------------------------


class Reserved(TypedDict):
    """For whom a waiting conversation is kept, until when, and which colleague asked them."""

    agent: NamedAgent
    until: Moment
    offered_by: NamedAgent | None


class ListedConversation(TypedDict):
    """A line of a list. What only a waiting conversation has is null for the others."""

    id: Reference
    customer_name: str | None
    channel: FeedbackChannel
    holder: Holder
    preview: str
    urgent: bool
    unread: Annotated[int, Field(ge=0, description="Words of the customer that whoever holds it has not read")]
    updated_at: Moment
    waiting_since: Moment | None
    priority: Priority
    reason: Annotated[str | None, Field(description="Why it came to a person, as a stable word")]
    returned: Annotated[str | None, Field(description="Why it waits again, as a stable word")]
    skill: Annotated[str | None, Field(description="What whoever takes it must know")]
    reserved: Reserved | None
    ticket_no: str | None
    tags: list[str]
    agent: NamedAgent | None


class ShownCustomer(TypedDict):
    """Who it is, masked. ``signed``: the bank's own login vouches for them."""

    name: str | None
    phone_masked: str | None
    signed: bool


class SendingWindow(TypedDict):
    """What the platform still lets us send. No messages left: nothing before the customer writes again."""

    until: Moment | None
    minutes_left: int
    messages_left: Whole
    reserved: Annotated[int, Field(ge=0, description="Of these, kept for the outcome")]
    unreachable: Annotated[bool, Field(description="The customer no longer follows")]


class EarlierConversation(TypedDict):
    """One of the customer's other conversations."""

    id: Reference
    channel: FeedbackChannel
    holder: Holder
    created_at: Moment
    ended_at: Moment | None
    preview: str
    ticket_no: str | None


class OtherMatter(TypedDict):
    """Something else that the customer told of, set aside until the first matter is settled."""

    text: str
    kind: TicketKind
    product: Product
    urgent: bool


class Brief(TypedDict):
    """What it is about: why it is here, what was understood, the words that said so, what is still missing."""

    reasons: list[str]
    priority: Priority
    understood: Annotated[dict[str, Any], kept_as(Understood)] | None
    heard: list[HeardInMessage]
    summary: Annotated[list[str] | None, Field(description="The customer's most telling sentences; null with `after`")]
    missing: list[str]
    matters: list[OtherMatter]


class TicketDraft(TypedDict):
    """What the bot collected for a ticket that is not filed yet. ``record``: its fields in the customer's words."""

    kind: TicketKind
    product: Product
    urgent: bool
    record: dict[str, str | float]
    contact_phone_masked: str | None
    missing: list[str]


class Rating(TypedDict):
    """How content the customer was, and why; without a score they were asked and have not answered."""

    score: Annotated[int, Field(ge=1, le=5)] | None
    comment: str | None


class OpenedConversation(TypedDict):
    """Everything known of a conversation, so that the customer repeats nothing. Its messages are asked for in pages."""

    id: Reference
    holder: Holder
    agent: NamedAgent | None
    channel: FeedbackChannel
    customer: ShownCustomer
    urgent: bool
    branch: str | None
    brand: str | None
    window: Annotated[SendingWindow | None, Field(description="null where the platform sets no limit")]
    last_seq: Whole
    erased_at: Annotated[Moment | None, Field(description="When its words were erased, if they were")]
    read_seq: Annotated[int, Field(ge=0, description="How far one has read it")]
    after: Whole
    brief: Brief
    reserved: Reserved | None
    draft: TicketDraft | None
    files: list[SaidFile]
    tags: list[str]
    rating: Rating | None
    tickets: list[ListedTicket]
    earlier: list[EarlierConversation]


class NumberedTicket(TypedDict):
    """A ticket that was filed."""

    ticket_no: str
