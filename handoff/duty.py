"""Who is there, read in one go."""

from datetime import datetime

from handoff import policy
from handoff.assignment import OnDuty
from store import agents
from store.engine import Tx


def on_duty(tx: Tx, now: datetime, timeout_s: float) -> tuple[OnDuty, ...]:
    """Everybody who takes conversations at *now*, with what they hold."""
    loads = agents.loads(tx)
    there = agents.on_duty(tx, now, timeout_s)
    return tuple(OnDuty(agent, loads.get(agent.id, 0)) for agent in there if policy.takes_conversations(agent))
