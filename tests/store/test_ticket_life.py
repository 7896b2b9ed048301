"""Any sequence of moves by anybody, against a model: what the table allows happens once, everything else changes nothing."""

import asyncio
import itertools
from collections.abc import Callable, Coroutine
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import text

from config.labels import FeedbackChannel, Priority, TicketKind, TicketState
from store import tickets
from store.engine import Store, Tx
from store.errors import StoreError
from store.model import Ticket, TicketEvent
from store.ticket_moves import CAPACITIES, allowed
from store.ticket_number import format_number
from store.tickets import TicketDraft

START = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
SEQUENCE = itertools.count(1)

STATES = st.sampled_from(list(TicketState))
ROLES = st.sampled_from(sorted(CAPACITIES))
Call = Callable[[Coroutine[Any, Any, Any]], Any]


def draft(no: str, **changes: Any) -> TicketDraft:
    values: dict[str, Any] = {
        "no": no,
        "kind": TicketKind.COMPLAINT,
        "priority": Priority.NORMAL,
        "channel": FeedbackChannel.COUNTER,
        "product": "loan",
        "nature": "credit_collection",
        "department": "retail_credit",
        "content": "催收电话太多",
        "received_at": START,
        "due_at": START + timedelta(days=7),
        "record": {"demand": "停止来电", "occurred_place": {"na": "not_applicable"}},
        "contact_phone": "13812345678",
        "customer_name": "张三",
    }
    return TicketDraft(**values | changes)


def fresh_no() -> str:
    return format_number(date(2026, 11, 23), next(SEQUENCE))


def mover(
    no: str, to: TicketState, role: str, version: int, detail: dict[str, Any] | None = None
) -> Callable[[Tx], Ticket | str]:
    def move(tx: Tx) -> Ticket | str:
        return tickets.move(tx, no, to, expected_version=version, actor="somebody", role=role, now=START, detail=detail or {})

    return move


class TicketLife(RuleBasedStateMachine):
    """Moves tickets about and remembers what each must be."""

    numbers = Bundle("numbers")

    def __init__(self, store: Store, call: Call) -> None:
        super().__init__()
        self.store = store
        self.call = call
        self.state: dict[str, TicketState] = {}
        self.version: dict[str, int] = {}
        self.department: dict[str, str] = {}
        self.told: dict[str, tuple[TicketEvent, ...]] = {}
        self.events: dict[str, int] = {}

    def write(self, fn: Callable[[Tx], Any]) -> Any:
        return self.call(self.store.write(fn))

    @rule(target=numbers)
    def file(self) -> str:
        no = fresh_no()
        assert self.write(lambda tx: tickets.file(tx, draft(no), START)) is True
        self.state[no], self.version[no], self.events[no] = TicketState.PENDING, 1, 1
        self.department[no] = "retail_credit"
        return no

    @rule(no=numbers)
    def file_the_same_number_again(self, no: str) -> None:
        assert self.write(lambda tx: tickets.file(tx, draft(no, content="other words"), START)) is False

    @rule(no=numbers, to=STATES, role=ROLES, drift=st.sampled_from([0, 0, 0, -1, 1]))
    def move(self, no: str, to: TicketState, role: str, drift: int) -> None:
        outcome = self.write(mover(no, to, role, self.version[no] + drift))
        if drift:
            assert outcome == "stale"
        elif not allowed(self.state[no], to, role):
            assert outcome == "illegal"
        else:
            self._moved(no, to, outcome)

    @rule(no=numbers, data=st.data())
    def move_where_the_table_leads(self, no: str, data: st.DataObject) -> None:
        ways = [(to, role) for to in TicketState for role in sorted(CAPACITIES) if allowed(self.state[no], to, role)]
        if not ways:
            return
        to, role = data.draw(st.sampled_from(ways))
        self._moved(no, to, self.write(mover(no, to, role, self.version[no])))

    @rule(no=numbers, one=st.tuples(STATES, ROLES), other=st.tuples(STATES, ROLES))
    def two_movers_at_once(self, no: str, one: tuple[TicketState, str], other: tuple[TicketState, str]) -> None:
        version = self.version[no]

        async def race() -> list[Ticket | str]:
            # Different keys: on PostgreSQL they run on different writer threads, really at once.
            return await asyncio.gather(
                *(self.store.write(mover(no, to, role, version), key=str(n)) for n, (to, role) in enumerate((one, other)))
            )

        outcomes = self.call(race())
        winners = [outcome for outcome in outcomes if isinstance(outcome, Ticket)]
        possible = any(allowed(self.state[no], to, role) for to, role in (one, other))
        assert len(winners) == int(possible)
        assert all(outcome in ("stale", "illegal") for outcome in outcomes if not isinstance(outcome, Ticket))
        if winners:
            self._moved(no, winners[0].state, winners[0])

    @rule(no=numbers, department=st.sampled_from(["compliance", "operations"]))
    def transfer(self, no: str, department: str) -> None:
        if self.state[no] is not TicketState.IN_PROGRESS:
            return
        detail = {"department": department, "reason": "not ours"}
        outcome = self.write(mover(no, TicketState.IN_PROGRESS, "dispatcher", self.version[no], detail))
        self.department[no] = department
        self._moved(no, TicketState.IN_PROGRESS, outcome)

    @rule(no=numbers, words=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40))
    def note(self, no: str, words: str) -> None:
        assert self.write(lambda tx: tickets.note(tx, no, "agent-1", "noted", {"text": words}, START)) is True
        self.events[no] += 1

    def _moved(self, no: str, to: TicketState, outcome: Ticket | str) -> None:
        assert isinstance(outcome, Ticket), outcome
        self.state[no], self.version[no], self.events[no] = to, self.version[no] + 1, self.events[no] + 1

    @invariant()
    def every_ticket_is_as_remembered_and_its_history_only_grew(self) -> None:
        for no, state in self.state.items():
            ticket, history = self.call(self.store.read(lambda tx, no=no: (tickets.get(tx, no), tickets.history(tx, no))))
            assert (ticket.state, ticket.version, ticket.department) == (state, self.version[no], self.department[no])
            assert ticket.content == "催收电话太多"
            assert [event.n for event in history] == list(range(1, self.events[no] + 1))
            before = self.told.get(no, ())
            assert history[: len(before)] == before
            self.told[no] = history
            chain = [event for event in history if event.to_state is not None]
            assert chain[0].action == "filed"
            assert all(later.from_state is earlier.to_state for earlier, later in itertools.pairwise(chain))
            assert chain[-1].to_state is state


async def test_any_sequence_of_moves_keeps_table_version_and_history(store: Store) -> None:
    loop = asyncio.get_running_loop()

    def call(coroutine: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(coroutine, loop).result(timeout=30)

    # The machine is synchronous: it runs on a thread of its own and hands its coroutines to the loop that the store lives on.
    await asyncio.to_thread(
        run_state_machine_as_test,
        lambda: TicketLife(store, call),
        settings=settings(
            max_examples=15, stateful_step_count=25, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
        ),
    )


async def test_of_ten_movers_with_the_same_version_one_succeeds_and_nine_are_stale(store: Store) -> None:
    no = fresh_no()
    await store.write(lambda tx: tickets.file(tx, draft(no), START))
    outcomes = await asyncio.gather(
        *(store.write(mover(no, TicketState.IN_PROGRESS, "dispatcher", 1), key=str(n)) for n in range(10))
    )
    assert sum(isinstance(outcome, Ticket) for outcome in outcomes) == 1
    assert outcomes.count("stale") == 9
    history = await store.read(lambda tx: tickets.history(tx, no))
    assert [event.action for event in history] == ["filed", "moved"]


async def test_an_unknown_ticket_is_missing_whoever_asks(store: Store) -> None:
    assert await store.write(mover("FB20261123999999X", TicketState.WITHDRAWN, "customer", 1)) == "missing"
    assert await store.write(lambda tx: tickets.note(tx, "FB20261123999999X", "agent-1", "noted", {}, START)) is False
    assert await store.read(lambda tx: tickets.get(tx, "FB20261123999999X")) is None


@pytest.mark.parametrize(
    "statement",
    ["UPDATE ticket_events SET actor = 'nobody' WHERE ticket_no = :no", "DELETE FROM ticket_events WHERE ticket_no = :no"],
)
async def test_the_database_itself_refuses_to_rewrite_a_history(store: Store, statement: str) -> None:
    no = fresh_no()
    await store.write(lambda tx: tickets.file(tx, draft(no), START))
    with pytest.raises(StoreError):
        await store.write(lambda tx: tx.conn.execute(text(statement), {"no": no}))
    (event,) = await store.read(lambda tx: tickets.history(tx, no))
    assert (event.action, event.actor) == ("filed", "bot")


async def test_a_ticket_comes_back_as_it_was_filed(store: Store) -> None:
    filed = draft(fresh_no(), record={"amount_yuan": 12.5, "demand": "退款", "nested": {"a": [1, None, "二"]}}, due_at=None)
    await store.write(lambda tx: tickets.file(tx, filed, START))
    ticket = await store.read(lambda tx: tickets.get(tx, filed.no))
    assert ticket is not None
    for name in (
        "no",
        "kind",
        "priority",
        "channel",
        "content",
        "record",
        "received_at",
        "due_at",
        "contact_phone",
        "customer_name",
    ):
        assert getattr(ticket, name) == getattr(filed, name), name
    assert (ticket.state, ticket.version) == (TicketState.PENDING, 1)


async def test_name_and_phone_of_a_ticket_lie_sealed_in_the_database(store: Store) -> None:
    filed = draft(fresh_no())
    await store.write(lambda tx: tickets.file(tx, filed, START))
    row = await store.read(lambda tx: tx.conn.execute(text("SELECT * FROM tickets WHERE no = :no"), {"no": filed.no}).one())
    assert "13812345678" not in str(row)
    assert "张三" not in str(row)
    assert "5678" not in str(row.phone_ending_hmac)


async def test_a_ticket_is_told_to_whoever_knows_number_and_phone_ending_together(store: Store) -> None:
    mine, other = draft(fresh_no()), draft(fresh_no(), contact_phone="13900004321")
    for filed in (mine, other):
        await store.write(lambda tx, filed=filed: tickets.file(tx, filed, START))

    async def look_up(no: str, ending: str) -> Ticket | None:
        return await store.read(lambda tx: tickets.look_up(tx, no, ending))

    found = await look_up(mine.no, "5678")
    assert found is not None
    assert found.no == mine.no
    assert await look_up(mine.no, "4321") is None
    assert await look_up(other.no, "5678") is None
    assert await look_up("FB20261123999999X", "5678") is None
    assert await look_up(mine.no, "") is None
