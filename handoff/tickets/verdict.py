"""Whether a customer may say that their matter is solved or not: which moves, and until when. Pure."""

from collections.abc import Sequence
from datetime import datetime

from config.labels import TicketState
from handoff.tickets.clocks import Clocks
from store.model import Ticket, TicketEvent

ANSWERED = frozenset({TicketState.REPLIED, TicketState.RESOLVED, TicketState.CLOSED})


def may_rate(ticket: Ticket) -> bool:
    """Whether there is an answer whose handling can be judged."""
    return ticket.state in ANSWERED


def reopen_until(ticket: Ticket, history: Sequence[TicketEvent], clocks: Clocks) -> datetime | None:
    """Until when a resolved ticket may be opened again; None for one in another state."""
    if ticket.state is not TicketState.RESOLVED:
        return None
    resolved_at = next((event.at for event in reversed(history) if event.to_state is TicketState.RESOLVED), ticket.updated_at)
    return clocks.target_due("reopen_window", resolved_at, ticket.priority)


def may_reopen(ticket: Ticket, history: Sequence[TicketEvent], clocks: Clocks, now: datetime) -> bool:
    """Whether the customer may still say that it is not solved: after a reply, and within the window after that was settled."""
    until = reopen_until(ticket, history, clocks)
    return ticket.state is TicketState.REPLIED or (until is not None and now <= until)


def times_reopened(history: Sequence[TicketEvent]) -> int:
    """How often the ticket came back from an answer."""
    return sum(event.to_state is TicketState.IN_PROGRESS and event.from_state in ANSWERED for event in history)
