"""Who at the desk may do and see what. Pure: values in, an answer out."""

from config.labels import Priority, Role
from store.model import Agent, Ticket

CONSUMER_PROTECTION = "consumer_protection"  # answers for every complaint of the bank, whoever works it


def takes_conversations(agent: Agent) -> bool:
    """Whether *agent* serves customers, and so counts as on duty. An administrator runs the system and decides no case."""
    return agent.role is not Role.ADMINISTRATOR


def edits_shared(agent: Agent) -> bool:
    """Whether *agent* may change what all colleagues use, such as shared canned replies."""
    return agent.role is not Role.AGENT


def supervises(agent: Agent) -> bool:
    """Whether *agent* may step into colleagues' conversations."""
    return agent.role is Role.SUPERVISOR


def may_give(agent: Agent, priority: Priority) -> bool:
    """Whether *agent* may file with that priority: a major matter takes a supervisor's word."""
    return priority is not Priority.MAJOR or agent.role is Role.SUPERVISOR


def department_seen(agent: Agent) -> str | None:
    """The one department whose tickets *agent* sees; None for those who see all.

    The desk itself has no department: its agents tell any customer how a ticket stands.
    """
    return None if agent.department in (None, CONSUMER_PROTECTION) else agent.department


def sees_ticket(agent: Agent, ticket: Ticket) -> bool:
    """Whether *agent* may open the file of *ticket*: their department works it, alone or with others."""
    department = department_seen(agent)
    return department is None or department in (ticket.department, *ticket.record.get("co_departments", ()))
