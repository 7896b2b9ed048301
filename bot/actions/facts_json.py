"""Facts on their way into a tracker: JSON in, the same values out, for actions here and behind ``/actions/webhook``."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from bot.effects import Facts
from config.labels import Priority
from store.model import Ticket


def facts_to_json(facts: Facts) -> dict[str, Any]:
    """*facts* as ``latest_message.metadata.facts``; it holds no more of a ticket than its owner may see."""
    return {
        "now": facts.now.isoformat(),
        "next_ticket_no": facts.next_ticket_no,
        "reply_due": {priority.value: due.isoformat() for priority, due in facts.reply_due.items()},
        "agents_on_duty": facts.agents_on_duty,
        "open_now": facts.open_now,
        "opening_hours": facts.opening_hours,
        "queue_length": facts.queue_length,
        "queues_elsewhere": facts.queues_elsewhere,
        "pace": asdict(facts.pace) if facts.pace else None,
        "tickets": [_ticket(ticket) for ticket in facts.tickets],
        "lookup": _ticket(facts.lookup) if facts.lookup else None,
        "lookup_blocked": facts.lookup_blocked,
        "known_phone": facts.known_phone,
        "ticket_links": dict(facts.ticket_links),
        "channel": facts.channel,
    }


def _ticket(ticket: Ticket) -> dict[str, Any]:
    return {
        "no": ticket.no,
        "kind": ticket.kind.value,
        "state": ticket.state.value,
        "received_at": ticket.received_at.isoformat(),
        "due_at": ticket.due_at.isoformat() if ticket.due_at else None,
    }


def due_of(facts: dict[str, Any], priority: Priority) -> datetime:
    """When an answer is promised, from facts in JSON."""
    return datetime.fromisoformat(facts["reply_due"][priority.value])
