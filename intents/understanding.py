"""The value that understanding a message yields, and nothing else."""

from dataclasses import dataclass, field
from typing import Any

from config.labels import DialogueAct, Emotion, EscalationSign, Kind, Product

_ACTS = frozenset(act.value for act in DialogueAct)


@dataclass(frozen=True, slots=True)
class Found:
    """One protected value taken out of a text: ``token`` stands at ``start:end`` of the redacted text instead of it."""

    kind: str  # card | id_number | phone | secret
    token: str
    original: str  # empty for a secret: it is dropped, not kept
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Redacted:
    """A text safe to store and log, with what was taken out of it (in order of appearance)."""

    text: str
    found: tuple[Found, ...] = ()

    @property
    def has_secret(self) -> bool:
        """Whether a password, PIN, CVV or one-time code was dropped: the customer must be warned."""
        return any(item.kind == "secret" for item in self.found)


@dataclass(frozen=True, slots=True)
class Entity:
    """A slot value and where it stands in the redacted text (code points, end exclusive).

    ``value`` is canonical: yuan as float for ``amount_yuan``, ISO 8601 with zone for ``occurred_at``, the full original
    number for ``phone``. ``details`` holds what the value needs beside it, such as ``{"precision": "hour"}``.
    """

    entity: str
    start: int
    end: int
    value: Any
    text: str
    extractor: str
    details: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Matter:
    """One of several matters in a message, and where it is told in the redacted text."""

    start: int
    end: int
    kind: Kind
    product: Product
    urgent_reasons: tuple[str, ...]

    @property
    def urgent(self) -> bool:
        """Whether this matter cannot wait."""
        return bool(self.urgent_reasons)


@dataclass(frozen=True, slots=True)
class Reason:
    """A rule that spoke, such as ``urgent.stolen_funds`` or ``sign.lawyer``, and the words in the redacted text that it heard."""

    rule: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Understanding:
    """What one message means. ``intent`` is a kind or a dialogue act; ``kind`` is never a dialogue act."""

    text: str
    intent: str
    confidence: float
    intent_ranking: tuple[tuple[str, float], ...]
    kind: Kind
    kind_confidence: float
    product: Product
    product_confidence: float
    urgent: bool
    urgent_reasons: tuple[str, ...]
    wants_person: bool
    understood: bool  # False below the confidence threshold or margin: say so honestly
    emotion: Emotion
    escalation_signs: tuple[EscalationSign, ...]
    entities: tuple[Entity, ...]
    reasons: tuple[Reason, ...] = ()  # for urgency, emotion and signs; what the model alone says has no words
    matters: tuple[Matter, ...] = ()  # empty for a message with a single one; else the main one first
    is_english: bool = False  # only what is certain was heard in it

    @property
    def is_act(self) -> bool:
        """Whether it is a yes, a no or another act of the dialogue rather than a matter."""
        return self.intent in _ACTS

    @property
    def in_danger(self) -> bool:
        """Whether a life may be in danger, the customer's own or somebody else's: a person at once."""
        return not {EscalationSign.SELF_HARM, EscalationSign.THREAT}.isdisjoint(self.escalation_signs)

    def first(self, entity: str) -> Entity | None:
        """The first entity of that name in the text, if any."""
        return next((item for item in self.entities if item.entity == entity), None)

    def entities_of(self, entity: str) -> tuple[Entity, ...]:
        """All entities of that name, in order."""
        return tuple(item for item in self.entities if item.entity == entity)
