"""In what state a session should stand, given who serves the customer. Pure.

We keep a session with ourselves (1) while bot, queue or desk serve the customer, hand it to WeCom's queue (2) or to one of its
people (3) where staff answer there, and end it (4) when the conversation ends. What WeCom's people hold is theirs.
"""

from dataclasses import dataclass
from enum import IntEnum

from config.labels import Holder


class State(IntEnum):
    """The platform's states of a session."""

    NEW = 0
    BOT = 1
    POOL = 2
    SERVICER = 3
    OVER = 4


OURS = frozenset({State.NEW, State.BOT})  # in these we may send
THEIRS = frozenset({State.POOL, State.SERVICER})


@dataclass(frozen=True, slots=True)
class Move:
    """Put the session into ``state``, for state 3 with ``servicer``."""

    state: State
    servicer: str = ""


@dataclass(frozen=True, slots=True)
class Forget:
    """Nothing is left to do with this session."""


def next_move(state: State, holder: Holder, *, staffed: bool, servicer: str = "", goes_on: bool = False) -> Move | Forget | None:
    """What to do about a session in *state* whose conversation is held by *holder*; None: nothing now.

    *staffed*: people answer in WeCom, *servicer* or whoever is free there. *goes_on*: the customer has a newer conversation,
    which the session serves now.
    """
    if holder is Holder.ENDED:
        return Forget() if goes_on or state is State.OVER else Move(State.OVER)
    if holder is Holder.QUEUED and staffed and state in OURS:
        return Move(State.SERVICER, servicer) if servicer else Move(State.POOL)
    if state is State.NEW:
        return Move(State.BOT)
    return None
