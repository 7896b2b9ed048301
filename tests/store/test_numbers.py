"""Ticket numbers of several processes and days: never twice the same."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from store.engine import Store
from store.numbers import BLOCK, TicketNumbers
from store.ticket_number import is_ticket_number

NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
BEFORE_MIDNIGHT = datetime(2026, 11, 23, 15, 59, 59, tzinfo=UTC)


async def take(numbers: TicketNumbers, now: datetime) -> str:
    await numbers.ready(now)
    return numbers.take(now)


async def test_three_processes_at_once_never_give_a_number_twice(store: Store) -> None:
    processes = [TicketNumbers(store) for _ in range(3)]
    taken = await asyncio.gather(*(take(processes[n % 3], NOON) for n in range(3 * BLOCK + 50)))
    assert len(set(taken)) == len(taken)
    assert all(is_ticket_number(number) for number in taken)


async def test_what_peek_shows_is_what_take_gives(store: Store) -> None:
    numbers = TicketNumbers(store)
    await numbers.ready(NOON)
    assert numbers.peek(NOON) == numbers.peek(NOON) == numbers.take(NOON) != numbers.peek(NOON)


async def test_a_number_carries_the_banks_day_and_a_new_day_begins_anew(store: Store) -> None:
    numbers = TicketNumbers(store)
    old = await take(numbers, BEFORE_MIDNIGHT)
    new = await take(numbers, BEFORE_MIDNIGHT + timedelta(seconds=1))
    assert old.startswith("FB20261123")
    assert new.startswith("FB20261124000001")


async def test_a_request_from_before_midnight_that_comes_late_still_gets_a_number_of_its_own(store: Store) -> None:
    numbers = TicketNumbers(store)
    after = BEFORE_MIDNIGHT + timedelta(seconds=2)
    taken = [await take(numbers, moment) for moment in (BEFORE_MIDNIGHT, after, BEFORE_MIDNIGHT, after)]
    assert len(set(taken)) == 4


async def test_after_a_restart_the_sequence_goes_on_behind_the_reserved_block(store: Store) -> None:
    first = await take(TicketNumbers(store), NOON)
    second = await take(TicketNumbers(store), NOON)
    assert int(second[10:16]) - int(first[10:16]) == BLOCK


async def test_taking_without_being_ready_is_an_error_and_not_a_guess(store: Store) -> None:
    with pytest.raises(RuntimeError):
        TicketNumbers(store).take(NOON)
