"""What the desk's pages are told of conversations, messages and tickets, as JSON. Pure."""

from datetime import UTC, datetime
from typing import Any

from config.catalogue import Catalogue
from handoff.routing import department_name
from handoff.tickets.masking import mask_name, mask_phone
from handoff.tickets.views import state_for_customer
from store.conversations import DeskRow
from store.model import Agent, Conversation, Customer, Message, Ticket


def instant(moment: datetime | None) -> str | None:
    """UTC, as browsers read it."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z") if moment else None


def agent_frame(agent: Agent) -> dict[str, Any]:
    """A member of staff."""
    return {"id": agent.id, "name": agent.name, "role": agent.role.value, "presence": agent.presence}


def row_frame(row: DeskRow) -> dict[str, Any]:
    """A line of a list."""
    chat, entry = row.conversation, row.entry
    waits = entry is not None and chat.holder == "queued"
    return {
        "id": chat.id,
        "customer_name": mask_name(row.customer_name) if row.customer_name else None,
        "channel": chat.channel.value,
        "holder": chat.holder.value,
        "preview": chat.preview,
        "urgent": chat.urgent,
        "unread": row.unread,
        "updated_at": instant(chat.updated_at),
        "waiting_since": instant(entry.queued_at) if entry and waits else None,
        "priority": entry.priority.value if entry else "normal",
        "reason": entry.reason if entry else None,
        "ticket_no": chat.ticket_no,
        "agent_id": chat.agent_id,
    }


def message_frame(message: Message, prev: int, names: dict[str, str]) -> dict[str, Any]:
    """A message with the seq before it, so that a page can tell a gap."""
    base = f"/api/v1/desk/conversations/{message.conversation_id}/files/{message.seq}"
    attachments = message.payload.get("attachments", [])
    return {
        "conversation": message.conversation_id,
        "seq": message.seq,
        "prev": prev,
        "speaker": message.speaker.value,
        "type": message.type,
        "audience": message.audience.value,
        "text": message.text,
        "at": instant(message.at),
        "buttons": message.payload.get("buttons", []),
        "attachments": [
            {"url": f"{base}/{n}", "media_type": item["media_type"], "name": item.get("name", ""), "size": item.get("size", 0)}
            for n, item in enumerate(attachments)
        ],
        "pending_files": max(message.payload.get("pending_media", 0) - len(attachments), 0),
        "media_failed": bool(message.payload.get("media_failed")),
        "location": {key: message.payload[key] for key in ("label", "latitude", "longitude") if key in message.payload},
        "agent": {"id": message.agent_id, "name": names.get(message.agent_id, "")} if message.agent_id else None,
        "understanding": message.understanding,
        "delivery": message.delivery,
    }


def ticket_frame(ticket: Ticket, catalogue: Catalogue) -> dict[str, Any]:
    """A ticket in a list."""
    return {
        "no": ticket.no,
        "kind": ticket.kind.value,
        "state": ticket.state.value,
        "state_text": state_for_customer(ticket.state, catalogue),
        "priority": ticket.priority.value,
        "product": ticket.product,
        "content": ticket.content,
        "department_name": department_name(ticket.department),
        "received_at": instant(ticket.received_at),
        "due_at": instant(ticket.due_at),
        "version": ticket.version,
    }


def customer_frame(customer: Customer) -> dict[str, Any]:
    """Who it is, masked."""
    return {
        "name": mask_name(customer.name) if customer.name else None,
        "phone_masked": mask_phone(customer.phone) if customer.phone else None,
        "signed": customer.signed_id is not None,
    }


def earlier_frame(conversation: Conversation) -> dict[str, Any]:
    """One of the customer's other conversations."""
    return {
        "id": conversation.id,
        "created_at": instant(conversation.created_at),
        "ended_at": instant(conversation.ended_at),
        "preview": conversation.preview,
        "ticket_no": conversation.ticket_no,
    }
