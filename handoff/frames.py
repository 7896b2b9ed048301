"""What the desk's pages are told of conversations, messages and tickets, as JSON. Pure."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, overload

from config.catalogue import Catalogue
from config.labels import Priority
from config.queueing import queueing
from handoff.routing import department_name
from handoff.shapes import (
    EarlierConversation,
    ListedConversation,
    ListedTicket,
    NamedAgent,
    Reserved,
    SaidFile,
    SendingWindow,
    ShownCustomer,
    ShownFile,
    ShownMessage,
    StaffMember,
    TicketFile,
    TicketStep,
)
from handoff.tickets.masking import mask_name, mask_phone
from handoff.tickets.views import state_for_customer
from store.desk_lists import DeskRow
from store.desk_views import Glance
from store.model import Agent, Customer, Message, QueueEntry, Ticket, TicketEvent, Window


@overload
def instant(moment: datetime) -> str: ...
@overload
def instant(moment: datetime | None) -> str | None: ...
def instant(moment: datetime | None) -> str | None:
    """UTC, as browsers read it."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z") if moment else None


def agent_frame(agent: Agent) -> StaffMember:
    """A member of staff."""
    return {
        "id": agent.id,
        "name": agent.name,
        "role": agent.role,
        "department": agent.department,
        "presence": agent.presence,
        "capacity": agent.capacity,
        "skills": list(agent.skills),
    }


def row_frame(row: DeskRow, names: Mapping[str, str]) -> ListedConversation:
    """A line of a list."""
    entry = row.entry
    waits = entry is not None and row.holder == "queued"
    return {
        "id": row.id,
        "customer_name": mask_name(row.customer_name) if row.customer_name else None,
        "channel": row.channel,
        "holder": row.holder,
        # Whoever waits was told last that they wait: what it is about says more.
        "preview": (entry.brief.get("summary") if entry and waits else None) or row.preview,
        "urgent": row.urgent,
        "unread": row.unread,
        "updated_at": instant(row.updated_at),
        "waiting_since": instant(entry.queued_at) if entry and waits else None,
        "priority": entry.priority if entry else Priority.NORMAL,
        "reason": entry.reason if entry else None,
        "returned": entry.brief.get("returned") if entry and waits else None,
        "skill": queueing().skill_name(entry.skill) if entry and entry.skill else None,
        "reserved": reserved_frame(entry, names) if entry and waits else None,
        "ticket_no": row.ticket_no,
        "tags": list(row.tags),
        "agent": {"id": row.agent_id, "name": names.get(row.agent_id, "")} if row.agent_id else None,
    }


def reserved_frame(entry: QueueEntry, names: Mapping[str, str]) -> Reserved | None:
    """For whom a waiting conversation is kept, until when, and which colleague asked them."""
    if entry.reserved_for is None or entry.reserved_until is None:
        return None
    return {
        "agent": {"id": entry.reserved_for, "name": names.get(entry.reserved_for, "")},
        "until": instant(entry.reserved_until),
        "offered_by": {"id": entry.offered_by, "name": names.get(entry.offered_by, "")} if entry.offered_by else None,
    }


def message_frame(message: Message, prev: int, names: Mapping[str, str]) -> ShownMessage:
    """A message with the seq before it, so that a page can tell a gap."""
    base = f"/api/v1/desk/conversations/{message.conversation_id}/files/{message.seq}"
    attachments = message.payload.get("attachments", [])
    withheld, unopened = message.payload.get("withheld_files", 0), message.payload.get("unopened_files", 0)
    return {
        "conversation": message.conversation_id,
        "seq": message.seq,
        "prev": prev,
        "speaker": message.speaker,
        "type": message.type,
        "audience": message.audience,
        "text": message.text,
        "at": instant(message.at),
        "buttons": message.payload.get("buttons", []),
        "attachments": [_file_frame(f"{base}/{n}", item) for n, item in enumerate(attachments)],
        "pending_files": max(message.payload.get("pending_media", 0) - len(attachments) - withheld - unopened, 0),
        "withheld_files": withheld,
        "unopened_files": unopened,
        "media_failed": bool(message.payload.get("media_failed")),
        "location": {key: message.payload[key] for key in ("label", "latitude", "longitude") if key in message.payload},
        "agent": _author(message, names),
        "recalled": bool(message.payload.get("recalled")),
        "understanding": message.understanding,
        "delivery": message.delivery,
        "delivery_reason": message.delivery_reason,
    }


def _file_frame(url: str, item: Mapping[str, Any]) -> ShownFile:
    return {"url": url, "media_type": item["media_type"], "name": item.get("name", ""), "size": item.get("size", 0)}


def _author(message: Message, names: Mapping[str, str]) -> NamedAgent | None:
    """Which person wrote it: one of ours, or somebody at a platform's own desk."""
    if message.agent_id:
        return {"id": message.agent_id, "name": names.get(message.agent_id, "")}
    author = message.payload.get("author")
    return {"id": "", "name": author} if author else None


def file_frames(messages: Sequence[Message]) -> list[SaidFile]:
    """Every file of a conversation, in order."""
    return [
        {"seq": message.seq, "speaker": message.speaker, **item}
        for message in messages
        for item in message_frame(message, message.seq - 1, {})["attachments"]
    ]


def ticket_frame(ticket: Ticket, catalogue: Catalogue) -> ListedTicket:
    """A ticket in a list."""
    return {
        "no": ticket.no,
        "kind": ticket.kind,
        "state": ticket.state,
        "state_text": state_for_customer(ticket.state, catalogue),
        "priority": ticket.priority,
        "product": ticket.product,
        "content": ticket.content,
        "department_name": department_name(ticket.department),
        "received_at": instant(ticket.received_at),
        "due_at": instant(ticket.due_at),
        "version": ticket.version,
    }


def ticket_file(ticket: Ticket, history: Sequence[TicketEvent], names: Mapping[str, str], catalogue: Catalogue) -> TicketFile:
    """A ticket with its record and everything that happened to it; contact masked."""
    lines: list[TicketStep] = [
        {
            "n": event.n,
            "at": instant(event.at),
            "actor": names.get(event.actor, event.actor),
            "action": event.action,
            "from": event.from_state,
            "to": event.to_state,
            "to_text": state_for_customer(event.to_state, catalogue) if event.to_state else "",
            "detail": event.detail,
        }
        for event in history
    ]
    return {
        **ticket_frame(ticket, catalogue),
        "nature": ticket.nature,
        "channel": ticket.channel,
        "customer_name": mask_name(ticket.customer_name) if ticket.customer_name else None,
        "phone_masked": mask_phone(ticket.contact_phone) if ticket.contact_phone else None,
        "record": ticket.record,
        "history": lines,
    }


def window_frame(window: Window | None, now: datetime) -> SendingWindow | None:
    """What the platform still lets us send, None where there is no limit. Zero: nothing before the customer writes again."""
    if window is None:
        return None
    left_s = (window.until - now).total_seconds() if window.until else 0.0
    return {
        "until": instant(window.until),
        "minutes_left": int(left_s // 60),
        "messages_left": window.messages_left,
        "reserved": window.reserved,
        "unreachable": window.unreachable,
    }


def customer_frame(customer: Customer) -> ShownCustomer:
    """Who it is, masked."""
    return {
        "name": mask_name(customer.name) if customer.name else None,
        "phone_masked": mask_phone(customer.phone) if customer.phone else None,
        "signed": customer.signed_id is not None,
    }


def earlier_frame(other: Glance) -> EarlierConversation:
    """One of the customer's other conversations."""
    return {
        "id": other.id,
        "channel": other.channel,
        "holder": other.holder,
        "created_at": instant(other.created_at),
        "ended_at": instant(other.ended_at),
        "preview": other.preview,
        "ticket_no": other.ticket_no,
    }
