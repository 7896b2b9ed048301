"""Any sequence of handing over, claiming and putting back: nobody is lost, nobody is served twice, the order is right."""

import asyncio
import itertools
from collections.abc import Callable, Coroutine
from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from making_rows import NOW, commit, hired, opened, plan, queued, said, waiting

from config.labels import Holder, Priority
from config.queueing import queueing
from store import conversations, queue, servings
from store.engine import Store, Tx
from store.queue import Claimed, Return

CUSTOMERS = itertools.count(1)
PRIORITIES = st.sampled_from(list(Priority))
AGENTS = st.sampled_from(["agent-1", "agent-2", "agent-3"])
Call = Callable[[Coroutine[Any, Any, Any]], Any]


class QueueLife(RuleBasedStateMachine):
    """A few conversations between bot, queue and agents, and what each must be."""

    begun = Bundle("begun")

    def __init__(self, store: Store, call: Call) -> None:
        super().__init__()
        self.store = store
        self.call = call
        self.holder: dict[str, Holder] = {}
        self.agent: dict[str, str] = {}
        self.waits: dict[str, tuple[Any, Any]] = {}  # when to be served, and since when, of those in the queue
        self.time = NOW

    def later(self) -> Any:
        self.time += timedelta(seconds=1)
        return self.time

    @rule(target=begun)
    def begin(self) -> str:
        found = self.call(opened(self.store, external_id=f"customer-{next(CUSTOMERS)}"))
        self.holder[found.id] = Holder.BOT
        return found.id

    @rule(found=begun, priority=PRIORITIES)
    def hand_over(self, found: str, priority: Priority) -> None:
        if self.holder[found] is not Holder.BOT:
            return
        before = self.call(self.store.read(lambda tx: conversations.get(tx, found)))
        at = self.later()
        todo = plan(before, said("转人工"), holder=Holder.QUEUED, enter_queue=waiting(before, priority, at))
        assert self.call(commit(self.store, todo)) == "ok"
        self.holder[found] = Holder.QUEUED
        self.waits[found] = (at - queueing().head_start(priority), at)

    @rule(found=begun, priority=PRIORITIES)
    def hand_over_once_more(self, found: str, priority: Priority) -> None:
        if self.holder[found] is not Holder.QUEUED:
            return
        before = self.call(self.store.read(lambda tx: conversations.get(tx, found)))
        entered = self.call(self.store.write(lambda tx: queue.enter(tx, waiting(before, priority, self.later()))))
        assert entered is False
        serve_at, at = self.waits[found]
        self.waits[found] = (min(serve_at, at - queueing().head_start(priority)), at)

    @rule(found=begun, agent=AGENTS)
    def claim(self, found: str, agent: str) -> None:
        outcome = self.call(self.store.write(lambda tx: queue.claim(tx, found, agent, self.time)))
        match self.holder[found]:
            case Holder.QUEUED:
                assert isinstance(outcome, Claimed)
                self._claimed(found, agent)
            case Holder.HUMAN:
                assert outcome == "taken"
            case _:
                assert outcome == "not_waiting"

    @rule(found=begun)
    def three_agents_claim_at_once(self, found: str) -> None:
        agents = ("agent-1", "agent-2", "agent-3")

        async def race() -> list[Any]:
            return await asyncio.gather(
                *(self.store.write(lambda tx, a=a: queue.claim(tx, found, a, self.time), key=a) for a in agents)
            )

        outcomes = dict(zip(agents, self.call(race()), strict=True))
        winners = [agent for agent, outcome in outcomes.items() if isinstance(outcome, Claimed)]
        assert len(winners) == (self.holder[found] is Holder.QUEUED)
        for agent in winners:
            assert list(outcomes.values()).count("taken") == 2
            self._claimed(found, agent)

    @rule(found=begun)
    def put_back(self, found: str) -> None:
        at = self.later()
        done = self.call(self.store.write(lambda tx: queue.requeue(tx, found, Return("transferred"), at)))
        assert done is (self.holder[found] is Holder.HUMAN)
        if done:
            entry = self.call(self.store.read(lambda tx: queue.entry(tx, found)))
            self.holder[found] = Holder.QUEUED
            head_start = max(queueing().head_start(entry.priority), queueing().head_start("returned"))
            self.waits[found] = (at - head_start, at)
            del self.agent[found]

    def _claimed(self, found: str, agent: str) -> None:
        self.holder[found] = Holder.HUMAN
        self.agent[found] = agent
        del self.waits[found]

    @invariant()
    def the_queue_holds_exactly_who_waits_in_serving_order(self) -> None:
        mine = set(self.holder)
        entries = self.call(self.store.read(queue.entries))
        expected = sorted(self.waits, key=self.waits.__getitem__)
        assert [entry.conversation_id for entry in entries if entry.conversation_id in mine] == expected

    @invariant()
    def every_conversation_is_held_by_whom_it_should(self) -> None:
        def look(tx: Tx) -> list[tuple[Any, Any, bool]]:
            stored = [(conversations.get(tx, found), queue.position(tx, found)) for found in self.holder]
            return [(one.holder, one.agent_id, place > 0) for one, place in stored if one is not None]

        expected = [(holder, self.agent.get(found), holder is Holder.QUEUED) for found, holder in self.holder.items()]
        assert self.call(self.store.read(look)) == expected


async def test_any_sequence_of_handing_over_and_claiming_loses_and_doubles_nobody(store: Store) -> None:
    loop = asyncio.get_running_loop()
    for agent_id in ("agent-1", "agent-2", "agent-3"):
        await hired(store, agent_id, capacity=10_000)

    def call(coroutine: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(coroutine, loop).result(timeout=30)

    # The machine is synchronous: it runs on a thread of its own and hands its coroutines to the loop that the store lives on.
    await asyncio.to_thread(
        run_state_machine_as_test,
        lambda: QueueLife(store, call),
        settings=settings(
            max_examples=12, stateful_step_count=25, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
        ),
    )


async def test_places_in_the_queue_count_from_one_in_serving_order(store: Store) -> None:
    found = []
    for n, priority in enumerate((Priority.NORMAL, Priority.URGENT, Priority.NORMAL, Priority.MAJOR)):
        begun = await opened(store, external_id=f"place-{n}")
        todo = plan(begun, said("转人工"), holder=Holder.QUEUED, enter_queue=waiting(begun, priority, NOW + timedelta(seconds=n)))
        assert await commit(store, todo) == "ok"
        found.append(begun.id)
    places = await store.read(lambda tx: [queue.position(tx, conversation_id) for conversation_id in found])
    assert places == [3, 2, 4, 1]


async def test_a_hundred_claims_at_once_against_room_for_five_give_five(store: Store) -> None:
    await hired(store, "busy", capacity=5)
    waits = [(await queued(store, f"crowd-{n}")).id for n in range(100)]
    outcomes = await asyncio.gather(*(store.write(lambda tx, c=c: queue.claim(tx, c, "busy", NOW), key=c) for c in waits))
    assert sum(isinstance(outcome, Claimed) for outcome in outcomes) == 5
    assert outcomes.count("full") == 95
    assert await store.read(lambda tx: queue.load(tx, "busy")) == 5


async def test_a_normal_customer_who_has_waited_past_the_head_start_goes_before_a_new_urgent_one(store: Store) -> None:
    head_start = queueing().head_start(Priority.URGENT)
    places = {}
    for name, priority, at in (
        ("patient", Priority.NORMAL, NOW),
        ("urgent-early", Priority.URGENT, NOW + head_start - timedelta(seconds=1)),
        ("urgent-late", Priority.URGENT, NOW + head_start + timedelta(seconds=1)),
        ("fresh", Priority.NORMAL, NOW + head_start + timedelta(seconds=2)),
    ):
        begun = await opened(store, external_id=name)
        todo = plan(begun, said("转人工"), holder=Holder.QUEUED, enter_queue=waiting(begun, priority, at))
        assert await commit(store, todo) == "ok"
        places[begun.id] = name
    order = [places[entry.conversation_id] for entry in await store.read(queue.entries)]
    assert order == ["urgent-early", "patient", "urgent-late", "fresh"]


async def test_while_it_is_kept_for_one_agent_others_are_refused_and_after_that_not(store: Store) -> None:
    for agent_id in ("a1", "a2"):
        await hired(store, agent_id)
    found = await queued(store)
    await store.write(lambda tx: queue.claim(tx, found.id, "a1", NOW))
    back = Return("lost", reserved_for="a1", reserved_until=NOW + timedelta(seconds=30))
    assert await store.write(lambda tx: queue.requeue(tx, found.id, back, NOW))
    early, late = NOW + timedelta(seconds=29), NOW + timedelta(seconds=31)
    assert await store.write(lambda tx: queue.claim(tx, found.id, "a2", early)) == "reserved"
    assert isinstance(await store.write(lambda tx: queue.claim(tx, found.id, "a2", late)), Claimed)
    served = await store.read(lambda tx: servings.pickups_since(tx, NOW - timedelta(days=1)))
    assert [item.agent_id for item in served] == ["a2", "a1"]
