"""What the dialogue remembers between turns: a value that is copied, never shared."""

import copy
from dataclasses import dataclass, field
from typing import Any

from config.labels import EscalationSign
from handoff.shapes import Understood
from intents.understanding import Understanding


@dataclass(slots=True)
class Memory:
    """The tracker of one conversation, made anew from the stored state for every turn."""

    form: str | None = None  # the open form, or a question of ours: confirm, confirm_cancel, confirm_withdraw ...
    back_to: str | None = None  # where a side question returns to
    requested_slot: str | None = None
    failures: int = 0  # messages not understood in a row
    asked: int = 0  # questions put so far for this draft
    offered: list[dict[str, str]] = field(default_factory=list)  # buttons of the last answer
    draft: dict[str, Any] | None = None
    matters: list[dict[str, Any]] = field(default_factory=list)  # told beside the main one, still to be offered
    misheard: str | None = None  # what was not understood before anything was open; it may belong to what comes
    answered: str | None = None  # the question that was answered last; the next one may be about the same
    told: str | None = None  # the answer to it: whoever asks the same again is not helped by it
    understood: Understood | None = None
    ticket_no: str | None = None  # what a question of ours is about
    advised: bool = False  # safety advice was given in this conversation
    cared: bool = False  # somebody in danger was answered with care in this conversation
    greeted: bool = False
    queue_notices: int = 0
    rate: str | None = None  # what the customer was asked to rate, until their next message
    person_offered: bool = False  # somebody angry or distressed was told that a person may take over

    @classmethod
    def of(cls, state: dict[str, Any]) -> "Memory":
        """The memory in a stored state; unknown parts of it are left out."""
        known = {name: copy.deepcopy(state[name]) for name in cls.__slots__ if name in state}
        return cls(**known)

    def state(self) -> dict[str, Any]:
        """What is stored: only what differs from a fresh memory."""
        kept = {name: value for name, fresh in _FRESH if (value := getattr(self, name)) != fresh}
        return {**kept, "slots": dict((self.draft or {}).get("record", {}))} if self.draft else kept

    def close(self) -> None:
        """Forget the draft and every open question; matters that were set aside stay."""
        self.form = self.back_to = self.requested_slot = self.ticket_no = self.draft = None
        self.asked = self.failures = 0

    def hear(self, u: Understanding) -> None:
        """Remember signs that call for a careful person, whatever the message was about."""
        if self.understood is None:
            self.note(u)
        else:
            self.understood = {**self.understood, "escalation_signs": self._signs(u)}

    def note(self, u: Understanding) -> None:
        """Remember what was understood, for people who take over."""
        self.understood = {
            "kind": u.kind,
            "product": u.product,
            "urgent": u.urgent,
            "urgent_reasons": list(u.urgent_reasons),
            "emotion": u.emotion,
            "escalation_signs": self._signs(u),
            "confidence": round(u.confidence, 3),
        }

    def _signs(self, u: Understanding) -> list[EscalationSign]:
        return sorted({*(self.understood["escalation_signs"] if self.understood else ()), *u.escalation_signs})


_FRESH = tuple((name, getattr(Memory(), name)) for name in Memory.__slots__)
