"""What an agent opens: everything said so far, boiled down. Pure."""

import re
from collections.abc import Sequence
from typing import Any

from config.labels import Speaker
from handoff.tickets.masking import mask_phone
from store.model import Conversation, Message, QueueEntry

SUMMARY_LINES = 3
LINE_CHARS = 80
MIN_LINE_CHARS = 6
_TOKEN = re.compile(r"\[[^\]]*\]")  # a protected number says nothing about the matter


def brief(conversation: Conversation, messages: Sequence[Message], entry: QueueEntry | None) -> dict[str, Any]:
    """Why it is here, what was understood, three lines of the customer's own words, what is missing, and other matters told."""
    understood = conversation.state.get("understood")
    return {
        "reasons": list(dict.fromkeys([entry.reason, *entry.brief.get("reasons", ())])) if entry else [],
        "priority": entry.priority.value if entry else "normal",
        "understood": understood,
        "summary": summary(messages),
        "missing": (conversation.state.get("draft") or {}).get("missing", []),
        "matters": [matter["text"] for matter in conversation.state.get("matters", ())],
    }


def summary(messages: Sequence[Message]) -> list[str]:
    """The customer's most telling lines, in their order: the first, the longest and the last that say something."""
    said = [m for m in messages if m.speaker is Speaker.CUSTOMER and len(_TOKEN.sub("", m.text).strip()) >= MIN_LINE_CHARS]
    if not said:
        return []
    chosen = {said[0].seq, said[-1].seq}
    for message in sorted(said, key=lambda item: -len(item.text)):
        if len(chosen) >= SUMMARY_LINES:
            break
        chosen.add(message.seq)
    return [_line(message.text) for message in said if message.seq in chosen]


def draft_for_desk(conversation: Conversation) -> dict[str, Any] | None:
    """The draft with the phone masked; None when there is none."""
    draft = conversation.state.get("draft")
    if not draft:
        return None
    phone = draft.get("contact_phone")
    return {
        "kind": draft["kind"],
        "product": draft["product"],
        "urgent": draft["urgent"],
        "record": draft["record"],
        "contact_phone_masked": mask_phone(phone) if phone else None,
        "missing": draft.get("missing", []),
    }


def _line(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= LINE_CHARS else line[: LINE_CHARS - 1] + "…"
