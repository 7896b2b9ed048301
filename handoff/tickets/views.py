"""What a customer may see of a ticket: the bank's own names for its state, dates, and nothing internal. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from config.catalogue import Catalogue
from config.clock import in_shanghai
from config.labels import OPEN_TICKET_STATES, TicketState
from handoff.tickets.masking import mask_name, mask_phone
from store.model import Ticket, TicketEvent


@dataclass(frozen=True, slots=True)
class CustomerView:
    """A ticket as its owner sees it. Contact is masked: the owner knows it, a stranger at the screen shouldn't."""

    no: str
    kind: str
    state: str
    received_on: str
    answer_by: str  # empty once answered or ended
    contact: str
    name: str


def state_for_customer(state: TicketState, catalogue: Catalogue, detail: Mapping[str, Any] | None = None) -> str:
    """The state in the bank's words. *detail* of the move that led here names the surviving ticket or the reason."""
    detail = detail or {}
    if state is TicketState.MERGED and detail.get("into"):
        return catalogue.text("tickets.states.merged_into", into=detail["into"])
    if state is TicketState.NOT_ACCEPTED and detail.get("reason_for_customer"):
        return catalogue.text("tickets.states.not_accepted_because", reason=detail["reason_for_customer"])
    return catalogue.text(f"tickets.states.{state}")


def customer_view(ticket: Ticket, history: Sequence[TicketEvent], catalogue: Catalogue) -> CustomerView:
    """*ticket* as its owner may see it; *history* tells what the last move said."""
    detail = next((event.detail for event in reversed(history) if event.to_state is ticket.state), None)
    waits = ticket.state in OPEN_TICKET_STATES and ticket.state is not TicketState.REPLIED
    return CustomerView(
        no=ticket.no,
        kind=catalogue.text(f"tickets.kinds.{ticket.kind}"),
        state=state_for_customer(ticket.state, catalogue, detail),
        received_on=day_for_people(ticket.received_at, catalogue),
        answer_by=day_for_people(ticket.due_at, catalogue) if waits and ticket.due_at else "",
        contact=mask_phone(ticket.contact_phone) if ticket.contact_phone else "",
        name=mask_name(ticket.customer_name) if ticket.customer_name else "",
    )


def steps_for_customer(history: Sequence[TicketEvent], catalogue: Catalogue) -> tuple[dict[str, Any], ...]:
    """What happened to a ticket in the customer's words, oldest first: ``at``, ``text``, and their own words under ``said``.

    Moves that change nothing for the customer (from department to department) and internal remarks are left out.
    """
    steps: list[dict[str, Any]] = []
    shown = ""
    for event in history:
        if event.action == "supplemented" and event.actor == "customer":
            text = catalogue.text("tickets.steps.supplemented")
            steps.append({"at": in_shanghai(event.at).isoformat(), "text": text, "said": event.detail.get("text", "")})
            continue
        state = state_for_customer(event.to_state, catalogue, event.detail) if event.to_state else ""
        if state and state != shown:
            steps.append({"at": in_shanghai(event.at).isoformat(), **_step(event, state, catalogue)})
            shown = state
    return tuple(steps)


def _step(event: TicketEvent, state: str, catalogue: Catalogue) -> dict[str, str]:
    """A move in words; where the customer made it, as their own doing."""
    if event.action == "filed":
        return {"text": catalogue.text("tickets.steps.filed")}
    if event.actor == "customer" and event.to_state is TicketState.RESOLVED:
        return {"text": catalogue.text("tickets.steps.confirmed")}
    if event.actor == "customer" and event.to_state is TicketState.IN_PROGRESS:
        return {"text": catalogue.text("tickets.steps.reopened"), "said": event.detail.get("reason", "")}
    return {"text": state}


def day_for_people(moment: datetime, catalogue: Catalogue) -> str:
    """The day of *moment* on the bank's wall clock, such as 2026年12月2日 or 2 December 2026."""
    local = in_shanghai(moment)
    name = catalogue.find(f"tickets.months.{local.month}") or ""
    return catalogue.text("tickets.day", year=local.year, month=local.month, day=local.day, month_name=name)
