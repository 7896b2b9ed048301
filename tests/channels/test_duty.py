"""Who is on duty is asked once for many turns, and never told from before a change that the bell announced."""

import asyncio
from datetime import UTC, datetime

import pytest

from bot.intake import duty
from bot.intake.duty import DutyRoster
from store import agents
from store.bell import AGENTS, Bell
from store.engine import Store

NOON = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> list[None]:
    """One entry for each look into the database."""
    seen: list[None] = []
    look = agents.on_duty

    def counting(*arguments):
        seen.append(None)
        return look(*arguments)

    monkeypatch.setattr(duty.agents, "on_duty", counting)
    return seen


async def test_turns_at_once_share_one_look(store: Store, looks: list[None]):
    roster = DutyRoster(store, Bell(), 60.0)
    told = await asyncio.gather(*(roster.at(NOON) for _ in range(16)))
    assert len(looks) == 1
    assert {item.agents for item in told} == {()}


async def test_a_look_during_which_the_bell_rang_is_not_kept(store: Store, monkeypatch: pytest.MonkeyPatch):
    bell, loop, look = Bell(), asyncio.get_running_loop(), agents.on_duty
    looks: list[None] = []

    def interrupted(*arguments):
        looks.append(None)
        loop.call_soon_threadsafe(bell.ring, AGENTS)
        return look(*arguments)

    monkeypatch.setattr(duty.agents, "on_duty", interrupted)
    roster = DutyRoster(store, bell, 60.0)
    await roster.at(NOON)
    await roster.at(NOON)
    assert len(looks) == 2


async def test_a_turn_that_gives_up_leaves_the_answer_to_the_others(store: Store):
    roster = DutyRoster(store, Bell(), 60.0)
    one, other = asyncio.create_task(roster.at(NOON)), asyncio.create_task(roster.at(NOON))
    await asyncio.sleep(0)
    one.cancel()
    assert (await other).agents == ()
