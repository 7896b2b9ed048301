"""Which moves a ticket may make, who may make them, and what must hold first. Data and one question; no I/O.

Every move that is not listed is refused and changes nothing. The store checks state, version and actor; the *guards* are names of
conditions that the service making the move answers for, because only it knows the investigation, the reply and the calendar.
"""

from dataclasses import dataclass
from enum import StrEnum

from config.labels import OPEN_TICKET_STATES, TicketState


class Actor(StrEnum):
    """In what capacity somebody moves a ticket. Owner and dispatcher are duties in a case; the desk's roles imply them."""

    CUSTOMER = "customer"
    OWNER = "owner"
    DISPATCHER = "dispatcher"
    SUPERVISOR = "supervisor"
    RULE = "rule"
    TIMER = "timer"


@dataclass(frozen=True, slots=True)
class Move:
    """One permitted change of state."""

    from_state: TicketState
    to_state: TicketState
    actors: frozenset[Actor]
    guards: tuple[str, ...]


S = TicketState
A = Actor


def _move(from_state: TicketState, to_state: TicketState, actors: set[Actor], *guards: str) -> Move:
    return Move(from_state, to_state, frozenset(actors), guards)


MOVES: tuple[Move, ...] = (
    _move(
        S.PENDING,
        S.IN_PROGRESS,
        {A.DISPATCHER, A.RULE},
        "group_a_complete",
        "department_set",
    ),
    _move(S.PENDING, S.NOT_ACCEPTED, {A.SUPERVISOR}, "reason", "customer_notice"),
    # To another department, or back to the one that returned it: the state stays, department and owner change.
    _move(S.IN_PROGRESS, S.IN_PROGRESS, {A.OWNER, A.DISPATCHER}, "reason", "handover_note"),
    _move(S.IN_PROGRESS, S.AWAITING_CUSTOMER, {A.OWNER}, "question_sent"),
    _move(S.AWAITING_CUSTOMER, S.IN_PROGRESS, {A.OWNER}, "answer_received_or_wait_over"),
    _move(
        S.IN_PROGRESS,
        S.REPLIED,
        {A.OWNER},
        "investigation_conclusion",
        "resolution_kind",
        "reply_checklist_complete",
        "approved_where_required",
        "no_open_co_handling",
        "no_recused_person",
    ),
    _move(S.REPLIED, S.RESOLVED, {A.CUSTOMER, A.TIMER}, "satisfaction_asked_once"),
    _move(S.REPLIED, S.IN_PROGRESS, {A.CUSTOMER, A.SUPERVISOR}, "reason", "reopen_counted"),
    _move(
        S.RESOLVED,
        S.IN_PROGRESS,
        {A.CUSTOMER, A.SUPERVISOR},
        "reason",
        "reopen_counted",
    ),
    _move(S.RESOLVED, S.CLOSED, {A.TIMER}, "reopen_window_over"),
    *(
        _move(state, S.WITHDRAWN, {A.CUSTOMER}, "recorded_statement")
        for state in (S.PENDING, S.IN_PROGRESS, S.AWAITING_CUSTOMER, S.REPLIED)
    ),
    *(
        _move(
            state,
            S.MERGED,
            {A.SUPERVISOR},
            "same_customer_and_subject",
            "surviving_ticket",
        )
        for state in TicketState
        if state in OPEN_TICKET_STATES
    ),
    # A merge can be undone: the ticket goes back to the state that it was merged from.
    *(
        _move(S.MERGED, state, {A.SUPERVISOR}, "reason", "state_before_merge")
        for state in TicketState
        if state in OPEN_TICKET_STATES
    ),
)

# What a role at the desk, or a program, may act as. An administrator runs the system and decides no case.
CAPACITIES: dict[str, frozenset[Actor]] = {
    "agent": frozenset({A.OWNER}),
    "supervisor": frozenset({A.OWNER, A.DISPATCHER, A.SUPERVISOR}),
    "administrator": frozenset(),
    "system": frozenset({A.RULE, A.TIMER}),
    "bot": frozenset({A.RULE}),
    "customer": frozenset({A.CUSTOMER}),
    "owner": frozenset({A.OWNER}),
    "dispatcher": frozenset({A.DISPATCHER}),
    "rule": frozenset({A.RULE}),
    "timer": frozenset({A.TIMER}),
}

_BY_STATES = {(move.from_state, move.to_state): move for move in MOVES}


def find(from_state: TicketState, to_state: TicketState) -> Move | None:
    """The move between two states, if there is one."""
    return _BY_STATES.get((from_state, to_state))


def allowed(from_state: TicketState, to_state: TicketState, actor_role: str) -> bool:
    """Whether *actor_role* (a desk role, or a capacity such as ``customer`` or ``timer``) may move a ticket so."""
    move = find(from_state, to_state)
    return move is not None and not move.actors.isdisjoint(CAPACITIES.get(actor_role, frozenset()))
