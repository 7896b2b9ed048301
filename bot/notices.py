"""Tells customers that their tickets moved on: a notice in their conversation, which takes the same road out as every message."""

from datetime import datetime
from functools import partial
from typing import Any

import structlog

from config.catalogue import Catalogue
from config.clock import Clock
from config.labels import Speaker
from handoff.spoken import Spoken, spoken
from handoff.tickets.views import state_for_customer
from store import conversations, notices, tickets
from store.bell import Bell
from store.conversations import Appended, MessageDraft
from store.engine import Store, Tx
from store.model import Ticket
from store.notices import Due

log = structlog.get_logger(__name__)

BATCH = 50


class TicketNotices:
    """Works off the moves that customers have not heard of."""

    def __init__(self, store: Store, bell: Bell, clock: Clock, catalogue: Catalogue) -> None:
        self._store = store
        self._bell = bell
        self._clock = clock
        self._catalogue = catalogue

    async def tell_due(self) -> int:
        """Write the notices that are due into their conversations; returns how many moves were seen to."""
        found = await self._store.read(
            lambda tx: [(item, tickets.get(tx, item.ticket_no)) for item in notices.all_due(tx, BATCH)]
        )
        now = self._clock.now()
        for item, ticket in found:
            draft = spoken(self._catalogue, partial(_draft, item, ticket)) if ticket is not None else None
            told = await self._store.write(partial(_tell, item=item, draft=draft, now=now), key=item.ticket_no)
            if told is not None:
                self._bell.ring(*told)
        return len(found)


def _draft(item: Due, ticket: Ticket, catalogue: Catalogue) -> MessageDraft:
    state = state_for_customer(item.to_state, catalogue)
    text = catalogue.text(f"tickets.notice.{item.to_state.value}", ticket_no=item.ticket_no, state=state)
    # Beside the words, what a platform's template is filled in with.
    about = {"ticket_no": item.ticket_no, "state": state, "at": item.at.isoformat(), "summary": ticket.content[:100]}
    payload: dict[str, Any] = {"notice": about, "outcome": item.to_state in notices.OUTCOMES}
    return MessageDraft(Speaker.SYSTEM, text, type="notice", payload=payload)


def _tell(tx: Tx, item: Due, draft: Spoken | None, now: datetime) -> tuple[str, int] | None:
    """The conversation and number of the notice; None when the customer has none, or somebody else told them."""
    if not notices.take(tx, item) or draft is None:
        return None
    ticket = tickets.get(tx, item.ticket_no)
    if ticket is None or ticket.customer_id is None:
        return None
    latest = conversations.earlier(tx, ticket.customer_id, limit=1)
    if not latest:
        return None
    done = conversations.append(tx, latest[0].id, draft.in_language(latest[0].language), now=now)
    return (latest[0].id, done.seq) if isinstance(done, Appended) else None
