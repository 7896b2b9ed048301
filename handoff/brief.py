"""What an agent opens: everything said so far, boiled down. Pure."""

from collections.abc import Sequence

from config.labels import Priority
from handoff.shapes import Brief, HeardInMessage, TicketDraft
from handoff.summary import summary
from handoff.tickets.masking import mask_phone
from store.model import Conversation, Message, QueueEntry


def brief(conversation: Conversation, messages: Sequence[Message], entry: QueueEntry | None, *, is_whole: bool = True) -> Brief:
    """Why it is here, what was understood, three lines of the customer's own words, what is missing, and other matters told.

    Of *messages* that are not the whole conversation no summary is made: None.
    """
    understood = conversation.state.get("understood")
    return {
        "reasons": list(dict.fromkeys([entry.reason, *entry.brief.get("reasons", ())])) if entry else [],
        "priority": entry.priority if entry else Priority.NORMAL,
        "understood": understood,
        "heard": _heard(messages),
        "summary": summary(messages) if is_whole else None,
        "missing": (conversation.state.get("draft") or {}).get("missing", []),
        "matters": [
            {"text": one["text"], "kind": one["ticket_kind"], "product": one["product"], "urgent": one["urgent"]}
            for one in conversation.state.get("matters", ())
        ],
    }


def draft_for_desk(conversation: Conversation) -> TicketDraft | None:
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


def _heard(messages: Sequence[Message]) -> list[HeardInMessage]:
    """The words that made us call it urgent, angry or a matter for a careful person, each rule's first ones."""
    found: dict[str, HeardInMessage] = {}
    for message in messages:
        for item in (message.understanding or {}).get("heard", ()):
            found.setdefault(item["rule"], {"rule": item["rule"], "text": item["text"], "seq": message.seq})
    return list(found.values())
