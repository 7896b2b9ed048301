"""How long somebody who waits will wait, as far as that can be told honestly. Pure."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from store.servings import Pickup

WINDOW = timedelta(minutes=30)
LEAST = 3  # fewer pick-ups say nothing
LONG_MINUTES = 30  # more than this is not counted any more


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast people were fetched out of the queue lately: the usual wait, and how many a minute with who is there now."""

    usual_s: float
    per_minute: float

    def minutes(self, ahead: int) -> int:
        """Whole minutes that somebody waits behind *ahead* others, at least one."""
        by_turns = (ahead + 1) * self.usual_s / 60
        by_flow = (ahead + 1) / self.per_minute
        return max(math.ceil(min(by_turns, by_flow) if ahead else by_turns), 1)


def pace(pickups: Sequence[Pickup], on_duty: int, now: datetime) -> Pace | None:
    """The pace of the last half hour. None when nobody is there, or too little happened to say."""
    recent = [item for item in pickups if now - item.began_at <= WINDOW]
    if on_duty == 0 or len(recent) < LEAST:
        return None
    usual = median((item.began_at - item.queued_at).total_seconds() for item in recent)
    fetched_by = len({item.agent_id for item in recent})
    observed = max((now - min(item.began_at for item in recent)).total_seconds() / 60, 1.0)
    return Pace(usual, len(recent) / observed / fetched_by * on_duty)
