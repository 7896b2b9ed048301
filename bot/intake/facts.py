"""Gathers what a turn may know. Everything that costs a query is asked here, before the turn."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from bot.effects import Facts, TicketQuery
from bot.intake.duty import DutyRoster
from bot.message import Inbound
from config.catalogue import ENGLISH, Catalogue
from config.labels import Kind, Priority
from config.settings import Settings
from handoff.tickets.clocks import Clocks
from store import attempts, tickets
from store.bell import Bell
from store.conversations import Loaded
from store.engine import Store, Tx
from store.model import Ticket
from store.numbers import TicketNumbers

LOOK_UP_LIMIT = 5  # tries an hour for a ticket that is not one's own
LOOK_UP_WINDOW = timedelta(hours=1)


class FactSource:
    """Loads the facts of one turn after the other."""

    def __init__(
        self, settings: Settings, store: Store, bell: Bell, numbers: TicketNumbers, clocks: Clocks, catalogue: Catalogue
    ) -> None:
        self._settings = settings
        self._store = store
        self._numbers = numbers
        self._clocks = clocks
        self._hours_texts = {language: clocks.hours.for_people(catalogue.speaking(language)) for language in (None, ENGLISH)}
        self._roster = DutyRoster(store, bell, settings.desk.presence_timeout_s)
        self._due: tuple[datetime, dict[Priority, datetime]] | None = None
        self._public_url = (settings.server.public_url or "").rstrip("/")

    async def for_turn(
        self, inbound: Inbound, loaded: Loaded, now: datetime, *, query: TicketQuery | None, has_secret: bool
    ) -> Facts:
        """The facts of a turn that answers *inbound*."""
        await self._numbers.ready(now)
        # People at a platform's own desk take over there: ours need not be here, and nobody waits in our queue.
        elsewhere = self._settings.wechat.staffed_elsewhere(inbound.account)
        duty = await self._roster.at(now)
        found, blocked = await self._look_up(inbound, loaded.tickets, query, now) if query else (None, False)
        customer = loaded.customer
        number = self._numbers.peek(now)
        return Facts(
            now=now,
            next_ticket_no=number,
            reply_due=self._reply_due(now),
            agents_on_duty=1 if elsewhere else len(duty.agents),
            open_now=self._clocks.hours.is_open(now),
            opening_hours=self._hours_texts[inbound.language],
            queue_length=0 if elsewhere else duty.queue_length,
            queues_elsewhere=elsewhere,
            pace=duty.pace,
            on_emotion=self._settings.turn.on_emotion,
            tickets=loaded.tickets,
            lookup=found,
            lookup_blocked=blocked,
            customer_name=inbound.signed_name or (customer.name if customer else None),
            known_phone=inbound.signed_phone or (customer.phone if customer else None),
            branch=inbound.branch,
            has_secret=has_secret,
            privacy_notice_due=(customer is None or customer.privacy_notice_version != self._settings.privacy_notice_version),
            channel=inbound.channel.value,
            ticket_links=self._links((number, *(ticket.no for ticket in (*loaded.tickets, found) if ticket))),
        )

    def _links(self, numbers: Iterable[str]) -> dict[str, str]:
        """Where customers see those tickets; empty where nobody said under which address customers reach us."""
        if not self._public_url:
            return {}
        return {no: f"{self._public_url}/s/{tickets.link_token(self._store.crypto, no)}" for no in numbers}

    def use_up_number(self, now: datetime) -> None:
        """The number shown to the turn became a ticket's."""
        self._numbers.take(now)

    @staticmethod
    def waiting_at(facts: Facts, position: int) -> Facts:
        """The same facts for somebody who waits: ``queue_length`` counts who is ahead of them."""
        return replace(facts, queue_length=max(position - 1, 0))

    def _reply_due(self, now: datetime) -> dict[Priority, datetime]:
        # A promise is given by the day; counting working days anew for every message of a minute would be waste.
        minute = now.replace(second=0, microsecond=0)
        if self._due is None or self._due[0] != minute:
            due = {priority: self._clocks.reply_due(minute, Kind.COMPLAINT, priority) for priority in Priority}
            self._due = (minute, due)
        return self._due[1]

    async def _look_up(
        self, inbound: Inbound, own: Sequence[Ticket], query: TicketQuery, now: datetime
    ) -> tuple[Ticket | None, bool]:
        """The ticket asked after, if number and phone ending fit; and whether the asker has tried too often."""
        mine = next((ticket for ticket in own if ticket.no == query.ticket_no), None)
        if mine is not None:
            return mine, False
        bucket = self._store.crypto.hmac("look_up", f"{inbound.account}\0{inbound.customer}")

        def ask(tx: Tx) -> tuple[Ticket | None, bool]:
            if not attempts.add(tx, bucket, now, LOOK_UP_WINDOW, LOOK_UP_LIMIT):
                return None, True
            return tickets.look_up(tx, query.ticket_no, query.phone_last4), False

        return await self._store.write(ask, key=bucket)
