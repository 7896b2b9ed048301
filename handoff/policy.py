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


def _answers_for_all(agent: Agent) -> bool:
    return supervises(agent) or (agent.department == CONSUMER_PROTECTION and agent.role is not Role.ADMINISTRATOR)


def may_export(agent: Agent, holder_id: str | None) -> bool:
    """Whether *agent* may take a conversation away: whoever serves or served it last, supervisors, consumer protection."""
    return agent.id == holder_id or _answers_for_all(agent)


def may_unmask(agent: Agent, holder_id: str | None) -> bool:
    """Whether *agent* may see in full what is masked in a conversation; who may not take it away may not either."""
    return may_export(agent, holder_id)


def may_unmask_ticket(agent: Agent, ticket: Ticket) -> bool:
    """Whether *agent* may see in full what is masked in a ticket: the department that works it, and who answers for all."""
    return _answers_for_all(agent) or (agent.role is not Role.ADMINISTRATOR and agent.department == ticket.department)


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
    if not takes_conversations(agent):
        return False  # what customers said is no business of whoever runs the system
    return department is None or department in (ticket.department, *ticket.record.get("co_departments", ()))
