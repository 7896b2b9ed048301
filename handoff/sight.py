"""Who may see which conversations: by role and department."""

from config.labels import Role
from handoff import policy
from store import desk_views, sight
from store.desk_views import Glance
from store.engine import Tx
from store.model import Agent, Customer
from store.sight import Sight


def sight_of(agent: Agent) -> Sight:
    """What *agent* sees of all conversations.

    The desk's own staff and consumer protection see all; a department sees what it works on; an administrator, who runs the
    system and decides no case, sees none.
    """
    return Sight(agent.id, policy.department_seen(agent), nothing=agent.role is Role.ADMINISTRATOR)


def others_of(tx: Tx, agent: Agent, customer: Customer, conversation_id: str) -> tuple[Glance, ...]:
    """The customer's other conversations that *agent* may open."""
    others = desk_views.others_of(tx, customer, conversation_id)
    ids = sight.seen(tx, sight_of(agent), [item.id for item in others])
    return tuple(item for item in others if item.id in ids)


def sees(tx: Tx, agent: Agent, conversation_id: str) -> bool:
    """Whether *agent* may open that conversation."""
    return sight.sees(tx, sight_of(agent), conversation_id)
