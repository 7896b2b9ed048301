"""Who gets whom by itself: the rules as they are, and over a running service."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from desk.at_the_desk import Bank
from desk.test_passing import row
from hypothesis import given
from hypothesis import strategies as st

from config.catalogue import load_yaml
from config.labels import Priority, Role
from config.queueing import queueing, read_queueing
from handoff.assignment import OnDuty, pairs
from store.model import Agent, QueueEntry

NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
RULES = queueing()


def there(name: str, load: int = 0, skills: tuple[str, ...] = (), capacity: int = 5, role: Role = Role.AGENT) -> OnDuty:
    return OnDuty(Agent(name, name, name, role, None, True, capacity, "online", skills), load)


def waits(name: str, skill: str | None = None, since_s: float = 0, **more: Any) -> QueueEntry:
    return QueueEntry(name, "asked", Priority.NORMAL, NOW - timedelta(seconds=since_s), skill, {}, **more)


def chosen(entry: QueueEntry, *staff: OnDuty) -> str | None:
    return dict(pairs([entry], staff, NOW, RULES)).get(entry.conversation_id)


def test_who_knows_the_matter_is_chosen_before_who_has_less_to_do():
    assert chosen(waits("c", "lending"), there("a", 0, ("app",)), there("b", 3, ("lending",))) == "b"
    assert chosen(waits("c", "lending"), there("a", 0), there("b", 3, ("lending",))) == "b"


def test_the_least_loaded_is_chosen_among_equals():
    assert chosen(waits("c"), there("a", 2), there("b", 1), there("d", 4)) == "b"


def test_the_agent_of_before_is_chosen_before_the_less_loaded():
    assert chosen(waits("c", previous_agent_id="a"), there("a", 4), there("b", 0)) == "a"
    assert chosen(waits("c", previous_agent_id="a"), there("a", 5), there("b", 0)) == "b"


def test_what_is_kept_for_the_agent_of_before_waits_for_them():
    kept = {"previous_agent_id": "a", "reserved_for": "a"}
    entry = waits("c", **kept, reserved_until=NOW + timedelta(seconds=5))
    assert chosen(entry, there("b")) is None
    assert chosen(entry, there("a"), there("b")) == "a"
    assert chosen(waits("c", **kept, reserved_until=NOW), there("b")) == "b"


def test_an_offer_to_a_colleague_is_answered_by_the_colleague():
    offer = waits("c", reserved_for="a", offered_by="b", reserved_until=NOW + timedelta(seconds=5))
    assert chosen(offer, there("a"), there("d")) is None


@pytest.mark.parametrize(("skilled_there", "limit"), [(False, "nobody_on_duty"), (True, "all_busy")])
def test_a_matter_that_waited_for_its_skill_long_enough_goes_to_anybody(skilled_there, limit):
    limit_s = getattr(RULES.widen_after_seconds, limit)
    staff = [there("a", 0, ("app",)), *([there("b", 5, ("lending",))] if skilled_there else [])]
    assert chosen(waits("c", "lending", limit_s - 1), *staff) is None
    assert chosen(waits("c", "lending", limit_s), *staff) == "a"


def test_supervisors_are_given_nothing_by_itself():
    assert chosen(waits("c"), there("boss", role=Role.SUPERVISOR)) is None


@given(
    st.lists(st.sampled_from([None, "app", "lending", "cards"]), max_size=30),
    st.lists(st.tuples(st.integers(0, 6), st.sampled_from([(), ("app",), ("lending", "cards")])), max_size=6),
)
def test_nobody_gets_more_than_they_have_room_for_and_nobody_is_given_twice(skills, staff):
    entries = [waits(f"c{n}", skill) for n, skill in enumerate(skills)]
    people = [there(f"a{n}", load, known) for n, (load, known) in enumerate(staff)]
    found = pairs(entries, people, NOW, RULES)
    assert len({conversation for conversation, _ in found}) == len(found)
    for person in people:
        given_to = sum(agent == person.agent.id for _, agent in found)
        assert given_to <= max(person.agent.capacity - person.load, 0)
    left = [entry for entry in entries if entry.conversation_id not in dict(found)]
    for person in people:
        room = person.load + sum(agent == person.agent.id for _, agent in found) < person.agent.capacity
        assert not (room and any(person.agent.knows(entry.skill) for entry in left))


async def test_whoever_signs_in_gets_who_waits_up_to_their_capacity(bank: Bank):
    assigner = bank.service.desk.assigner
    desk = await bank.agent("a1", capacity=3)
    for n in range(5):
        await bank.say(f"u{n}", "转人工")
    assert await assigner.assign_due() == 3
    assert await assigner.assign_due() == 0
    _, mine = await desk.get("/conversations?view=mine")
    assert len(mine["items"]) == 3
    later = await bank.agent("a2")
    assert await assigner.assign_due() == 2
    assert (await row(later, "mine"))["agent"]["name"] == "坐席a2"
    heard = [text for n in range(5) for text in await bank.heard(f"u{n}")]
    assert sum("坐席a2" in text for text in heard) == 2


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"skill_rules": [{"when": {}, "skill": "cooking"}]}, "cooking"),
        ({"skill_rules": [{"when": {"products": ["bread"]}, "skill": "app"}]}, "skill_rules.0.when.products"),
        ({"skills": {"app": {"name": "x", "department": "kitchen"}}, "skill_rules": []}, "kitchen"),
        ({"head_start_minutes": {"normal": 5, "urgent": 1, "major": 2, "returned": 0}}, "head_start_minutes"),
        ({"ofer_seconds": 5}, "ofer_seconds"),
        ({"offer_seconds": 0}, "offer_seconds"),
    ],
)
def test_a_mistake_in_the_rules_is_told_with_its_place(wrong, told):
    with pytest.raises(ValueError, match=told):
        read_queueing({**load_yaml("queue.yaml"), **wrong})


def test_skills_follow_what_was_understood():
    assert RULES.skill_for({"kind": "urgent_report", "product": "debit_card"}) == "fraud"
    assert RULES.skill_for({"kind": "complaint", "product": "loan"}) == "lending"
    assert RULES.skill_for({"kind": "complaint", "product": "branch_service"}) is None
    assert RULES.skill_for({}) is None
