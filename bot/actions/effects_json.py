"""Effects on their way out of an action: ``custom: {"effect": {...}}`` and back."""

from dataclasses import asdict
from typing import Any

from bot.effects import Effect, EndConversation, FileTicket, HandOff, SupplementTicket, WithdrawTicket
from config.labels import HandoffReason, Priority, TicketKind


def effect_to_json(effect: Effect) -> dict[str, Any]:
    """*effect* as the ``custom`` part of a response."""
    return {"effect": {"type": type(effect).__name__, **asdict(effect)}}


def effect_from_json(custom: dict[str, Any]) -> Effect | None:
    """The effect in a ``custom`` part, None if there is none. Raises ``ValueError`` for an unknown type."""
    raw = custom.get("effect")
    if raw is None:
        return None
    values = {key: value for key, value in raw.items() if key != "type"}
    match raw["type"]:
        case "FileTicket":
            return FileTicket(**{**values, "kind": TicketKind(values["kind"]), "priority": Priority(values["priority"])})
        case "HandOff":
            return HandOff(**{**values, "reason": HandoffReason(values["reason"]), "priority": Priority(values["priority"])})
        case "WithdrawTicket":
            return WithdrawTicket(**values)
        case "SupplementTicket":
            return SupplementTicket(**values)
        case "EndConversation":
            return EndConversation()
        case other:
            raise ValueError(f"unknown effect {other}")
