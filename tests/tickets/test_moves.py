"""The move table, pair by pair, against a second list written by hand."""

from itertools import product

import pytest

from config.labels import Role, TicketState
from store.ticket_moves import CAPACITIES, MOVES, Actor, allowed, find

S = TicketState

EXPECTED = {
    (S.PENDING, S.IN_PROGRESS): {"dispatcher", "rule"},
    (S.PENDING, S.NOT_ACCEPTED): {"supervisor"},
    (S.PENDING, S.WITHDRAWN): {"customer"},
    (S.PENDING, S.MERGED): {"supervisor"},
    (S.IN_PROGRESS, S.IN_PROGRESS): {"owner", "dispatcher"},
    (S.IN_PROGRESS, S.AWAITING_CUSTOMER): {"owner"},
    (S.IN_PROGRESS, S.REPLIED): {"owner"},
    (S.IN_PROGRESS, S.WITHDRAWN): {"customer"},
    (S.IN_PROGRESS, S.MERGED): {"supervisor"},
    (S.AWAITING_CUSTOMER, S.IN_PROGRESS): {"owner"},
    (S.AWAITING_CUSTOMER, S.WITHDRAWN): {"customer"},
    (S.AWAITING_CUSTOMER, S.MERGED): {"supervisor"},
    (S.REPLIED, S.RESOLVED): {"customer", "timer"},
    (S.REPLIED, S.IN_PROGRESS): {"customer", "supervisor"},
    (S.REPLIED, S.WITHDRAWN): {"customer"},
    (S.REPLIED, S.MERGED): {"supervisor"},
    (S.RESOLVED, S.IN_PROGRESS): {"customer", "supervisor"},
    (S.RESOLVED, S.CLOSED): {"timer"},
    # A merge is reversible.
    (S.MERGED, S.PENDING): {"supervisor"},
    (S.MERGED, S.IN_PROGRESS): {"supervisor"},
    (S.MERGED, S.AWAITING_CUSTOMER): {"supervisor"},
    (S.MERGED, S.REPLIED): {"supervisor"},
}


@pytest.mark.parametrize(("start", "end"), list(product(S, S)))
def test_each_pair_of_states_is_open_to_exactly_the_actors_of_the_table(start: TicketState, end: TicketState) -> None:
    move = find(start, end)
    assert {actor.value for actor in move.actors} == EXPECTED[start, end] if move else (start, end) not in EXPECTED


@pytest.mark.parametrize(("start", "end"), list(product(S, S)))
def test_a_role_may_move_a_ticket_just_when_one_of_its_capacities_may(start: TicketState, end: TicketState) -> None:
    for role, capacities in CAPACITIES.items():
        assert allowed(start, end, role) == bool({actor.value for actor in capacities} & EXPECTED.get((start, end), set()))


@pytest.mark.parametrize(("start", "end"), [pair for pair in product(S, S) if pair not in EXPECTED])
def test_a_pair_outside_the_table_is_refused_to_every_role(start: TicketState, end: TicketState) -> None:
    assert find(start, end) is None
    assert not any(allowed(start, end, role) for role in CAPACITIES)


def test_no_pair_of_states_stands_twice() -> None:
    assert len({(move.from_state, move.to_state) for move in MOVES}) == len(MOVES) == len(EXPECTED)


def test_every_move_names_what_must_hold_first() -> None:
    assert all(move.guards for move in MOVES)


@pytest.mark.parametrize("state", [S.CLOSED, S.WITHDRAWN, S.NOT_ACCEPTED])
def test_an_ended_ticket_never_moves_again(state: TicketState) -> None:
    assert not any(move.from_state is state for move in MOVES)


def test_every_role_of_the_desk_is_known_to_the_table() -> None:
    assert {role.value for role in Role} <= set(CAPACITIES)


def test_an_agent_replies_but_neither_dispatches_nor_merges() -> None:
    assert allowed(S.IN_PROGRESS, S.REPLIED, "agent")
    assert not allowed(S.PENDING, S.IN_PROGRESS, "agent")
    assert not allowed(S.IN_PROGRESS, S.MERGED, "agent")


def test_an_administrator_and_an_unknown_role_decide_no_case() -> None:
    assert not any(allowed(move.from_state, move.to_state, role) for move in MOVES for role in ("administrator", "nobody", ""))


def test_every_capacity_can_be_named_itself() -> None:
    assert {actor.value for actor in Actor} <= set(CAPACITIES)
    assert all(Actor(name) in CAPACITIES[name] for name in {actor.value for actor in Actor})


def test_nobody_but_the_customer_withdraws() -> None:
    others = set(CAPACITIES) - {"customer"}
    withdrawals = [move for move in MOVES if move.to_state is S.WITHDRAWN]
    assert len(withdrawals) == 4
    assert not any(allowed(move.from_state, move.to_state, role) for move in withdrawals for role in others)
