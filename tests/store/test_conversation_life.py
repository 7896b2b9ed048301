"""``bot -> queued -> human -> ended`` under customers, bot and agents who act at once: no state is skipped, nothing is said out of turn.

Every rule lets a few of them race for one conversation in the real database; a model says which outcomes are possible, and the
invariants what must hold whoever won.
"""

import asyncio
import itertools
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from making_rows import NOW, answer, commit, hired, opened, plan, said, waiting

from config.labels import Holder, Speaker
from store import agents, conversations, queue
from store.conversations import Appended, MessageDraft
from store.engine import Store, Tx
from store.errors import Conflict, Stale
from store.queue import Claimed, Return

AGENTS = ("agent-1", "agent-2", "agent-3")
CAPACITY = 2
NUMBERS = itertools.count(1)
Call = Callable[[Coroutine[Any, Any, Any]], Any]


@dataclass
class Told:
    """What was acknowledged to somebody, and so must be there exactly once."""

    words: list[str] = field(default_factory=list)


class ConversationLife(RuleBasedStateMachine):
    """Conversations that everybody works on at once."""

    begun = Bundle("begun")

    def __init__(self, store: Store, call: Call) -> None:
        super().__init__()
        self.store, self.call = store, call
        self.told: dict[str, Told] = {}
        self.time = NOW

    # --- what each of them does; the outcome is what they were told -----------------------------------------------------

    async def turn(self, found: str, *, hand_over: bool = False) -> str:
        """The customer says something; while the bot holds the conversation it answers, computed before it is known who wins."""
        before = await self.store.read(lambda tx: conversations.get(tx, found))
        n = next(NUMBERS)
        words = f"customer-{n}"
        if before.holder is Holder.ENDED:
            return "ended"
        drafts, more = [said(words, f"m{n}")], {}
        if before.holder is Holder.BOT:
            drafts.append(answer(f"bot-{n}", before.last_seq + 1))
            if hand_over:
                more = {"holder": Holder.QUEUED, "enter_queue": waiting(before, at=self.time)}
        outcome = await commit(self.store, plan(before, *drafts, **more))
        if outcome == "ok":
            self.told[found].words += [draft.text for draft in drafts]
        return outcome

    async def give_up(self, found: str) -> str:
        """The customer waits no longer: the bot has them again."""
        before = await self.store.read(lambda tx: conversations.get(tx, found))
        if before.holder is not Holder.QUEUED:
            return "not_waiting"
        words = f"customer-{next(NUMBERS)}"
        outcome = await commit(self.store, plan(before, said(words), holder=Holder.BOT, leave_queue=True))
        if outcome == "ok":
            self.told[found].words.append(words)
        return outcome

    async def claim(self, found: str, agent: str) -> object:
        return await self.store.write(lambda tx: queue.claim(tx, found, agent, self.time), key=found)

    async def reply(self, found: str, agent: str) -> object:
        draft = MessageDraft(Speaker.AGENT, f"agent-{next(NUMBERS)}", agent_id=agent)
        done = await self.store.write(
            lambda tx: conversations.append(tx, found, draft, now=self.time, holder=Holder.HUMAN, agent_id=agent), key=found
        )
        if isinstance(done, Appended):
            self.told[found].words.append(draft.text)
        return done

    async def give_back(self, found: str, agent: str) -> object:
        def back(tx: Tx) -> bool:
            held = conversations.get(tx, found)
            return held.agent_id == agent and queue.requeue(tx, found, Return("requeued"), self.time)

        return await self.store.write(back, key=found)

    async def end(self, found: str, agent: str) -> object:
        notice = MessageDraft(Speaker.SYSTEM, f"end-{next(NUMBERS)}", type="notice")
        done = await self.store.write(
            lambda tx: conversations.append(
                tx, found, notice, now=self.time, holder=Holder.HUMAN, agent_id=agent, new_holder=Holder.ENDED
            ),
            key=found,
        )
        if isinstance(done, Appended):
            self.told[found].words.append(notice.text)
        return done

    async def go(self, agent: str) -> object:
        """The agent's line is lost: whoever they serve waits again."""

        def leave(tx: Tx) -> tuple[str, ...]:
            held = agents.leave(tx, agent, self.time) or ()
            for one in held:
                queue.requeue(tx, one, Return("lost"), self.time)
            return held

        return await self.store.write(leave, key=agent)

    async def _at_once(self, *steps: Coroutine[Any, Any, Any]) -> list[Any]:
        results = await asyncio.gather(*steps, return_exceptions=True)
        unexpected = [item for item in results if isinstance(item, BaseException) and not isinstance(item, Conflict | Stale)]
        assert unexpected == []
        return results

    # --- races -----------------------------------------------------------------------------------------------------------

    @rule(target=begun)
    def begin(self) -> str:
        found = self.call(opened(self.store, external_id=f"life-{next(NUMBERS)}"))
        self.told[found.id] = Told(["你好", "您好"])
        return found.id

    @rule(target=begun)
    def begin_and_wait(self) -> str:
        found = self.begin()
        assert self.call(self.turn(found, hand_over=True)) == "ok"
        return found

    @rule(agent=st.sampled_from(AGENTS))
    def one_agent_claims_whatever_waits(self, agent: str) -> None:
        self._later()
        held = self.call(self.store.read(lambda tx: queue.load(tx, agent)))
        results = self.call(self._at_once(*(self.claim(found, agent) for found in self.told)))
        assert sum(isinstance(item, Claimed) for item in results) <= CAPACITY - held

    @rule(found=begun, hands=st.lists(st.booleans(), min_size=1, max_size=3))
    def customers_write(self, found: str, hands: list[bool]) -> None:
        self._later()
        self.call(self._at_once(*(self.turn(found, hand_over=hand) for hand in hands)))

    @rule(found=begun)
    def everybody_claims_while_the_customer_writes_and_gives_up(self, found: str) -> None:
        self._later()
        results = self.call(self._at_once(*(self.claim(found, agent) for agent in AGENTS), self.turn(found), self.give_up(found)))
        assert sum(isinstance(item, Claimed) for item in results) <= 1

    @rule(found=begun, agent=st.sampled_from(AGENTS))
    def everybody_speaks_while_one_ends_it(self, found: str, agent: str) -> None:
        self._later()
        self.call(self._at_once(*(self.reply(found, one) for one in AGENTS), self.turn(found), self.end(found, agent)))

    @rule(found=begun, agent=st.sampled_from(AGENTS))
    def it_is_given_back_while_its_agent_speaks(self, found: str, agent: str) -> None:
        self._later()
        self.call(self._at_once(self.give_back(found, agent), self.reply(found, agent), self.turn(found, hand_over=True)))

    @rule(agent=st.sampled_from(AGENTS), found=begun)
    def an_agent_is_lost_while_they_speak_and_claim(self, agent: str, found: str) -> None:
        self._later()
        self.call(self._at_once(self.go(agent), self.reply(found, agent), self.claim(found, agent)))

    def _later(self) -> None:
        self.time += timedelta(seconds=1)

    # --- what must hold whoever won ---------------------------------------------------------------------------------------

    @invariant()
    def everything_acknowledged_is_there_once_in_an_unbroken_order(self) -> None:
        for found, told in self.told.items():
            stored = self.call(self.store.read(lambda tx, found=found: conversations.messages(tx, found)))
            assert [message.seq for message in stored] == list(range(1, len(stored) + 1))
            assert sorted(message.text for message in stored) == sorted(told.words)

    @invariant()
    def who_speaks_is_who_holds_it(self) -> None:
        def look(tx: Tx) -> list[tuple[Any, Any]]:
            return [(conversations.get(tx, found), queue.entry(tx, found)) for found in self.told]

        for conversation, entry in self.call(self.store.read(look)):
            waits = entry is not None and entry.waits
            assert waits == (conversation.holder is Holder.QUEUED)
            assert (conversation.agent_id is not None) == (conversation.holder in (Holder.HUMAN, Holder.ENDED))

    @invariant()
    def the_bot_speaks_only_in_answer_and_nobody_after_the_end(self) -> None:
        for found in self.told:
            texts = [
                message.text for message in self.call(self.store.read(lambda tx, found=found: conversations.messages(tx, found)))
            ]
            for before, text in itertools.pairwise(texts):
                assert not before.startswith("end-")
                assert not text.startswith("bot-") or before == text.replace("bot", "customer")

    @invariant()
    def nobody_holds_more_than_they_have_room_for(self) -> None:
        for agent in AGENTS:
            assert self.call(self.store.read(lambda tx, agent=agent: queue.load(tx, agent))) <= CAPACITY


async def test_no_race_of_customers_bot_and_agents_loses_doubles_or_confuses_anything(store: Store) -> None:
    loop = asyncio.get_running_loop()
    for agent in AGENTS:
        await hired(store, agent, capacity=CAPACITY)

    def call(coroutine: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(coroutine, loop).result(timeout=60)

    def machine() -> ConversationLife:
        # Examples share the database: what the last one left with an agent goes first.
        made = ConversationLife(store, call)
        call(_send_home(store))
        return made

    # The machine is synchronous: it runs on a thread of its own and hands its coroutines to the loop that the store lives on.
    await asyncio.to_thread(
        run_state_machine_as_test,
        machine,
        settings=settings(
            max_examples=10, stateful_step_count=20, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
        ),
    )


async def _send_home(store: Store) -> None:
    def leave(tx: Tx) -> None:
        for agent in AGENTS:
            for found in agents.leave(tx, agent, NOW) or ():
                queue.requeue(tx, found, Return("lost"), NOW)

    await store.write(leave)
