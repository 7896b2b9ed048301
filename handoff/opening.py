"""The first view of a conversation: everything that is known, so that the customer repeats nothing."""

from datetime import datetime

from config.catalogue import Catalogue
from handoff import frames, policy, sight
from handoff.brief import brief, draft_for_desk
from handoff.shapes import OpenedConversation, ShownMessage
from store import agents, conversations, desk_lists, queue, ratings, tags, windows
from store.engine import Tx
from store.model import Agent


def read_on(tx: Tx, conversation_id: str, after: int, limit: int) -> list[ShownMessage]:
    """Messages after a number, for whoever may see the conversation: what pages ask for, and what comes with their news."""
    found = conversations.messages(tx, conversation_id, after, limit)
    names = agents.names_of(tx, {message.agent_id for message in found})
    # The desk sees every number, so the one before is always one less.
    return [frames.message_frame(message, message.seq - 1, names) for message in found]


def opened(
    tx: Tx, agent: Agent, conversation_id: str, now: datetime, catalogue: Catalogue, after: int = 0
) -> OpenedConversation | None:
    """What *agent* is shown; None for a conversation that does not exist or that they may not see.

    With *after*, for a page that has been told all up to there: ``files`` and ``brief.heard`` are those of later messages, and
    the summary is left out. The messages before are then not read at all, however many they are.
    """
    found = conversations.get(tx, conversation_id)
    if found is None or not sight.sees(tx, agent, conversation_id):
        return None
    customer = conversations.customer_of(tx, conversation_id)
    said = conversations.messages(tx, conversation_id, after)
    holder = agents.get(tx, found.agent_id) if found.agent_id else None
    content = ratings.get(tx, ratings.of_conversation(found.id))
    names = agents.names(tx)
    entry = queue.entry(tx, conversation_id)
    return {
        "id": found.id,
        "holder": found.holder,
        "agent": {"id": holder.id, "name": holder.name} if holder else None,
        "channel": found.channel,
        "customer": frames.customer_frame(customer),
        "urgent": found.urgent,
        "branch": found.state.get("branch"),
        "brand": found.state.get("brand"),
        "window": frames.window_frame(windows.of_conversation(tx, found.id, now), now),
        "last_seq": found.last_seq,
        "erased_at": frames.instant(found.erased_at),
        "read_seq": desk_lists.read_up_to(tx, conversation_id, agent.id),
        "after": after,
        "brief": brief(found, said, entry, is_whole=after == 0),
        "reserved": frames.reserved_frame(entry, names) if entry and entry.waits else None,
        "draft": draft_for_desk(found),
        "files": frames.file_frames(said),
        "tags": list(tags.of_one(tx, found.id)),
        "rating": {"score": content.score, "comment": content.comment} if content else None,
        "tickets": [
            frames.ticket_frame(ticket, catalogue)
            for ticket in conversations.tickets_of(tx, customer)
            if ticket.conversation_id == found.id or policy.sees_ticket(agent, ticket)
        ],
        "earlier": [frames.earlier_frame(item) for item in sight.others_of(tx, agent, customer, conversation_id)],
    }
