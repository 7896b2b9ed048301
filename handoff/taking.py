"""How a conversation becomes an agent's: one transaction, whoever asked for it."""

from datetime import datetime

from config.catalogue import Catalogue
from config.labels import Holder
from handoff.spoken import Spoken, notice
from store import agents, conversations, queue
from store.engine import Tx
from store.model import Agent
from store.queue import Claimed, Refusal
from store.servings import How


def welcome(catalogue: Catalogue, agent: Agent) -> Spoken:
    """What the customer is told when *agent* is there for them."""
    return notice(catalogue, "desk.joined", name=agent.name)


def take(
    tx: Tx, conversation_id: str, agent: Agent, greeting: Spoken, now: datetime, *, how: How, reserved_too: bool = False
) -> Claimed | Refusal | Agent:
    """Give the waiting conversation to *agent* and say so to the customer. The colleague who has it already, if one has."""
    claimed = queue.claim(tx, conversation_id, agent.id, now, how=how, reserved_too=reserved_too)
    if isinstance(claimed, Claimed):
        conversations.append(
            tx, conversation_id, greeting.to(tx, conversation_id), now=now, holder=Holder.HUMAN, agent_id=agent.id
        )
    if claimed != "taken":
        return claimed
    found = conversations.get(tx, conversation_id)
    return (agents.get(tx, found.agent_id) if found and found.agent_id else None) or claimed
