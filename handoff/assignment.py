"""Who gets whom: by skill, the agent of before first, the least loaded otherwise. Pure; the rules are ``config/queue.yaml``."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from config.labels import Role
from config.queueing import Queueing
from handoff import policy
from store.model import Agent, QueueEntry


@dataclass(frozen=True, slots=True)
class OnDuty:
    """An agent who is there, and how many conversations they hold."""

    agent: Agent
    load: int

    @property
    def has_room(self) -> bool:
        """Whether they may hold one more."""
        return self.load < self.agent.capacity


def may_take(entry: QueueEntry, agent: Agent, there: Sequence[OnDuty], now: datetime, rules: Queueing) -> bool:
    """Whether *agent* may fetch *entry* as far as department and skill go.

    They know it, served it before, or it has waited long enough; a department's staff serve what their skills are for.
    """
    if agent.id == entry.previous_agent_id:
        return True
    department, skill = policy.department_seen(agent), rules.skills.get(entry.skill or "")
    if department is not None and (skill is None or skill.department != department):
        return False
    return agent.knows(entry.skill) or _is_wide(entry, there, now, rules)


def pairs(entries: Sequence[QueueEntry], there: Sequence[OnDuty], now: datetime, rules: Queueing) -> tuple[tuple[str, str], ...]:
    """Conversation and agent for everybody who can be served at *now*. *entries* are in serving order."""
    staff = {item.agent.id: item for item in there if item.agent.role is Role.AGENT}
    found = []
    for entry in entries:
        chosen = _best(entry, list(staff.values()), now, rules)
        if chosen is not None:
            found.append((entry.conversation_id, chosen.agent.id))
            staff[chosen.agent.id] = replace(chosen, load=chosen.load + 1)
    return tuple(found)


def _best(entry: QueueEntry, there: Sequence[OnDuty], now: datetime, rules: Queueing) -> OnDuty | None:
    kept_for = entry.reserved_at(now)
    if kept_for is not None and entry.offered_by is not None:
        return None  # a colleague was asked, and answers for themselves
    free = [item for item in there if item.has_room and may_take(entry, item.agent, there, now, rules)]
    if kept_for is not None:
        free = [item for item in free if item.agent.id == kept_for]
    return min(free, key=lambda item: _preference(entry, item), default=None)


def _preference(entry: QueueEntry, item: OnDuty) -> tuple[bool, bool, int, int, str]:
    is_specialist = entry.skill is None or entry.skill in item.agent.skills
    return item.agent.id != entry.previous_agent_id, not is_specialist, item.load, -item.agent.capacity, item.agent.id


def _is_wide(entry: QueueEntry, there: Sequence[OnDuty], now: datetime, rules: Queueing) -> bool:
    """Whether everybody may take it: it needs no skill, or has waited for one long enough."""
    if entry.skill is None:
        return True
    limits = rules.widen_after_seconds
    is_there = any(item.agent.knows(entry.skill) for item in there)
    return now - entry.queued_at >= timedelta(seconds=limits.all_busy if is_there else limits.nobody_on_duty)
