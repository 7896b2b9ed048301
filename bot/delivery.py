"""The way out: takes what the outbox holds and hands it to the channel, in order, once if the channel lets us know."""

import asyncio
import random
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Literal, Protocol

import structlog

from bot.unsent import tell_a_person
from config.clock import Clock
from config.labels import Speaker
from store import outbox, windows
from store.bell import QUEUE, Bell, News
from store.engine import Store, Tx
from store.errors import StoreError
from store.model import OutboxRow

log = structlog.get_logger(__name__)

LEASE_S = 60.0  # longer than any single attempt may take
ATTEMPT_TIMEOUT_S = 20.0
MAX_ATTEMPTS = 8
FIRST_BACKOFF_S = 1.0
LONGEST_BACKOFF_S = 300.0
IDLE_POLL_S = 1.0  # a lease that ran out rings no bell


class ChannelBusy(Exception):
    """Try again after ``retry_after_s``: nothing was sent."""

    def __init__(self, retry_after_s: float | None = None, reason: str = "busy") -> None:
        super().__init__(reason)
        self.retry_after_s = retry_after_s
        self.reason = reason


class ChannelRefused(Exception):
    """Never try again: ``reason`` says why, in words without personal data."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class CustomerUnreachable(ChannelRefused):
    """This customer can't be written to on this account: no longer follows, or never did."""


class WindowShut(ChannelRefused):
    """The platform takes no message to this customer until they write again."""


class ConsentGone(ChannelRefused):
    """The customer no longer wants notices of this kind."""


class Channel(Protocol):
    """A way to a customer that we send on."""

    knows_repeats: bool  # whether what is sent again under the same client id arrives once

    async def send(self, row: OutboxRow) -> None:
        """Deliver once. Raises ``ChannelBusy`` or ``ChannelRefused``; anything else means that the outcome is not known."""
        ...

    def price(self, row: OutboxRow) -> int:
        """How many of the platform's messages it takes to send what is left of *row*. Quick: it is asked inside a transaction."""
        ...


class Detour(Protocol):
    """Another way to a customer to whom the platform takes no message now."""

    name: str

    async def is_preferred(self, row: OutboxRow) -> bool:
        """Whether this customer would choose this way before the others."""
        ...

    async def take(self, row: OutboxRow, reason: str) -> Literal["delivered", "notified"] | None:
        """Whether *row* was delivered, or the customer was told that something waits, or this way does not lead to them."""
        ...


class Delivery:
    """Works the outbox off."""

    def __init__(self, store: Store, bell: Bell, clock: Clock) -> None:
        self._store = store
        self._bell = bell
        self._clock = clock
        self._channels: dict[str, Channel] = {}
        self._detours: list[Detour] = []
        self._wake = asyncio.Event()
        bell.subscribe(self._hear)

    def register(self, account_prefix: str, channel: Channel) -> None:
        """Send messages of accounts named ``<account_prefix>:...`` through *channel*."""
        self._channels[account_prefix] = channel

    def offer(self, *detours: Detour) -> None:
        """Take the first of these ways that leads to a customer whose window is shut, what they prefer before the others.

        Where none does, a person is told.
        """
        self._detours += detours

    def wake(self) -> None:
        """There may be something to send."""
        self._wake.set()

    def _hear(self, _news: News) -> None:
        if self._channels:
            self._wake.set()

    async def run(self) -> None:
        """Deliver until cancelled. A database that is away only delays."""
        while True:
            self._wake.clear()
            try:
                while await self.deliver_due():
                    pass
            except StoreError:
                log.warning("delivery_waits_for_database")
            with suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), IDLE_POLL_S)

    async def deliver_due(self) -> int:
        """Send the first unsent message of every conversation that has one due; returns how many were tried."""
        now = self._clock.now()
        lease_until = now + timedelta(seconds=LEASE_S)
        rows = await self._store.write(lambda tx: outbox.claim_due(tx, now, lease_until, price=self._price), key="outbox")
        await asyncio.gather(*(self._deliver(row) for row in rows))
        return len(rows)

    def _channel_of(self, row: OutboxRow) -> Channel | None:
        return self._channels.get(row.account.partition(":")[0])

    def _price(self, row: OutboxRow) -> int:
        channel = self._channel_of(row)
        return channel.price(row) if channel is not None else 0

    async def _deliver(self, row: OutboxRow) -> None:
        channel = self._channel_of(row)
        if channel is None:
            await self._give_up(row, "no_channel")
            return
        try:
            async with asyncio.timeout(ATTEMPT_TIMEOUT_S):
                shut = row.shut or await self._send(channel, row)
                went = await self._detour(row, shut) if shut else None
        except ChannelBusy as busy:
            await self._again(row, busy.retry_after_s, busy.reason, unsent=channel.price(row))
        except ChannelRefused as refused:
            await self._give_up(row, refused.reason)
        except Exception as error:  # noqa: BLE001 -- the customer may or may not have seen it
            log.warning("delivery_outcome_unknown", account=row.account, kind=type(error).__name__, attempts=row.attempts)
            await self._unknown(row, type(error).__name__)
        else:
            if shut is None:
                await self._arrived(row, channel)
            elif went is not None and went[0] == "delivered":
                await self._settle(row, "sent", error=f"by_{went[1]}")
            else:
                await self._hold(row, shut, notified=went is not None)

    async def _arrived(self, row: OutboxRow, channel: Channel) -> None:
        """It is sent; what may have been sent before is marked as perhaps doubled, unless the channel tells repeats apart."""
        if row.doubtful and not channel.knows_repeats:
            await self._settle(row, "unknown", error="perhaps_twice")
        else:
            await self._settle(row, "sent")

    async def _send(self, channel: Channel, row: OutboxRow) -> str | None:
        """Send *row*. Returns why the platform takes no message to this customer now, when it says so."""
        try:
            await channel.send(row)
        except WindowShut as shut:
            used_up = shut.reason == "reply_count_used_up"
            await self._store.write(lambda tx: windows.close(tx, row.customer_id, used_up=used_up), key="outbox")
            return shut.reason
        except CustomerUnreachable as gone:
            await self._store.write(lambda tx: windows.mark_unreachable(tx, row.customer_id), key="outbox")
            return gone.reason
        return None

    async def _detour(self, row: OutboxRow, reason: str) -> tuple[Literal["delivered", "notified"], str] | None:
        """What became of *row* on the first other way that leads to the customer, and that way's name."""
        if row.speaker is Speaker.BOT and not outbox.is_outcome(row):
            return None  # words of the moment: they can wait until the customer is back
        for detour in await self._by_preference(row):
            went = await detour.take(row, reason)
            if went is not None:
                return went, detour.name
        return None

    async def _by_preference(self, row: OutboxRow) -> list[Detour]:
        preferred = [detour for detour in self._detours if await detour.is_preferred(row)]
        return [*preferred, *(detour for detour in self._detours if detour not in preferred)]

    async def _settle(
        self, row: OutboxRow, status: outbox.SettledStatus, *, after_s: float = 0, error: str | None = None
    ) -> None:
        now = self._clock.now()
        due_at = now + timedelta(seconds=after_s)
        await self._store.write(
            lambda tx: outbox.settle(tx, row.conversation_id, row.seq, status, now, due_at=due_at, error=error), key="outbox"
        )
        self._bell.ring(row.conversation_id, row.seq)

    async def _hold(self, row: OutboxRow, reason: str, *, notified: bool) -> None:
        """Let *row* wait until the customer writes; where they were not even told that it waits, a person sees to it."""
        # Leftover words of the bot are not worth a person's time: the customer is still there, or has left for good.
        worth_it = row.speaker is Speaker.AGENT or outbox.is_outcome(row) or reason == "outside_reply_window"
        person = worth_it and not notified
        reason = f"{reason}_notified" if notified else reason
        now, price = self._clock.now(), self._price(row)

        def write(tx: Tx) -> bool:
            waits = outbox.hold(tx, row, reason, now, price=price)
            if waits and person:
                tell_a_person(tx, row.conversation_id, row.seq, "window_shut", reason, now)
            return waits

        if not await self._store.write(write, key=row.conversation_id):
            self.wake()
            return
        log.info("message_waits_for_the_customer", account=row.account, reason=reason)
        self._bell.ring(row.conversation_id, row.seq)
        if person:
            self._bell.ring(QUEUE)

    async def _again(self, row: OutboxRow, retry_after_s: float | None, reason: str, *, unsent: int) -> None:
        """Later, and what was not sent is given back to the customer's allowance."""
        spent = windows.Spent(*(min(taken, unsent) for taken in row.spent))
        await self._store.write(lambda tx: windows.give_back(tx, row.customer_id, spent), key="outbox")
        if row.attempts >= MAX_ATTEMPTS:
            await self._give_up(row, reason)
            return
        backoff = min(FIRST_BACKOFF_S * 2 ** (row.attempts - 1), LONGEST_BACKOFF_S)
        # Spread out, so that what failed together is not tried together.
        wait = retry_after_s if retry_after_s is not None else backoff * random.uniform(0.5, 1.0)  # noqa: S311 -- no secret
        await self._settle(row, "pending", after_s=wait, error=reason)

    async def _unknown(self, row: OutboxRow, error: str) -> None:
        """Once more, under the same client id; after that it stays marked as perhaps doubled or perhaps lost."""
        if row.attempts <= 1:
            await self._settle(row, "pending", after_s=FIRST_BACKOFF_S, error=f"{outbox.UNKNOWN} {error}")
        else:
            await self._settle(row, "unknown", error=f"{outbox.UNKNOWN} {error}")

    async def _give_up(self, row: OutboxRow, reason: str) -> None:
        """Mark the message as failed and put it before a person."""
        log.error("delivery_failed", account=row.account, reason=reason, attempts=row.attempts)
        now = self._clock.now()
        await self._store.write(lambda tx: _failed(tx, row, reason, now), key=row.conversation_id)
        self._bell.ring(row.conversation_id, row.seq)
        self._bell.ring(QUEUE)

    async def settle_passive(self, conversation_id: str, seqs: list[int]) -> None:
        """These went out in the answer to the platform's own request."""
        now = self._clock.now()
        await self._store.write(lambda tx: outbox.settle_passive(tx, conversation_id, seqs, now), key=conversation_id)

    async def release_passive(self, conversation_id: str, seqs: list[int]) -> None:
        """These did not fit into the answer, or missed it: send them now."""
        now = self._clock.now()
        await self._store.write(lambda tx: outbox.release_passive(tx, conversation_id, seqs, now), key=conversation_id)
        self.wake()

    async def drop_passive(self, conversation_id: str, seqs: list[int], reason: str) -> None:
        """These could not be said in answer, and need not be said later."""
        now = self._clock.now()
        await self._store.write(lambda tx: outbox.drop_passive(tx, conversation_id, seqs, reason, now), key=conversation_id)

    async def turned_out_failed(self, conversation_id: str, seq: int, reason: str, *, window_shut: bool) -> None:
        """The platform had taken the message and now says that it did not arrive. Told twice, it counts once.

        With *window_shut* nothing more arrives before the customer writes.
        """
        now = self._clock.now()

        def write(tx: Tx) -> bool:
            row, status = outbox.find(tx, conversation_id, seq) or (None, "")
            if status == "shut":  # it waits as before, but the customer was not told so
                outbox.settle(tx, conversation_id, seq, "shut", now, error=reason)
                tell_a_person(tx, conversation_id, seq, "window_shut", reason, now)
                return True
            if row is None or status not in ("sent", "unknown", "leased"):
                return False
            if window_shut:
                windows.close(tx, row.customer_id, used_up=reason == "reply_count_used_up")
            _failed(tx, row, reason, now)
            return True

        if await self._store.write(write, key=conversation_id):
            log.error("delivery_failed_later", reason=reason)
            self._bell.ring(conversation_id, seq)
            self._bell.ring(QUEUE)

    async def answered_passively(self, conversation_id: str, seqs: list[int]) -> bool:
        """Whether these are the answer to the platform's own request, so that a redelivery gets them again."""
        return await self._store.read(lambda tx: outbox.answered_passively(tx, conversation_id, seqs))


def _failed(tx: Tx, row: OutboxRow, reason: str, now: datetime) -> None:
    outbox.settle(tx, row.conversation_id, row.seq, "failed", now, error=reason)
    tell_a_person(tx, row.conversation_id, row.seq, "delivery_failed", reason, now)
