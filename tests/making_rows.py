"""Makes rows for store tests without a bot."""

from dataclasses import replace
from datetime import UTC, datetime

from config.labels import FeedbackChannel, Holder, Priority, Role, Speaker, TicketKind
from store import agents, turns
from store.conversations import MessageDraft
from store.engine import Store, Tx
from store.ids import new_id
from store.model import Agent, Conversation, Customer, QueueEntry
from store.tickets import TicketDraft
from store.turns import TurnPlan

NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
OFFICIAL = "official:main"


def customer(external_id: str = "u1", account: str = "in_app:main") -> Customer:
    return Customer(new_id(NOW), account, external_id)


def conversation(owner: Customer, channel: FeedbackChannel = FeedbackChannel.IN_APP) -> Conversation:
    return Conversation(
        id=new_id(NOW),
        account=owner.account,
        channel=channel,
        customer_id=owner.id,
        holder=Holder.BOT,
        version=0,
        last_seq=0,
        state={},
        agent_id=None,
        ticket_no=None,
        urgent=False,
        preview="",
        created_at=NOW,
        updated_at=NOW,
        last_customer_at=None,
        ended_at=None,
    )


def said(text: str, external_id: str | None = None) -> MessageDraft:
    return MessageDraft(Speaker.CUSTOMER, text, external_id=external_id)


def answer(text: str, cause_seq: int | None = None) -> MessageDraft:
    return MessageDraft(Speaker.BOT, text, cause_seq=cause_seq)


def plan(before: Conversation, *drafts: MessageDraft, new: Customer | None = None, **changes) -> TurnPlan:
    """The turn after *before* that adds *drafts*; ``holder`` and ``state`` go to the conversation, the rest to the plan."""
    of_conversation = {name: changes.pop(name) for name in ("holder", "state", "ticket_no") if name in changes}
    after = replace(before, version=before.version + 1, last_seq=before.last_seq + len(drafts), **of_conversation)
    return TurnPlan(after, None if new else before.version, drafts, NOW, new_customer=new, **changes)


async def commit(store: Store, todo: TurnPlan) -> str:
    prepared = turns.prepare(store.crypto, todo)
    return await store.write(lambda tx: turns.commit(tx, prepared), key=todo.conversation.id)


async def opened(
    store: Store, account: str = "in_app:main", channel=FeedbackChannel.IN_APP, external_id="u1", **changes
) -> Conversation:
    """A conversation in the store with one message and one answer."""
    owner = customer(external_id, account)
    todo = plan(conversation(owner, channel), said("你好"), answer("您好", 1), new=owner, **changes)
    assert await commit(store, todo) == "ok"
    return todo.conversation


def waiting(found: Conversation, priority: Priority = Priority.NORMAL, at: datetime = NOW) -> QueueEntry:
    return QueueEntry(found.id, "asked", priority, at, None, {})


async def queued(store: Store, external_id: str = "u1", priority: Priority = Priority.NORMAL, **where) -> Conversation:
    found = await opened(store, external_id=external_id, **where)
    todo = plan(found, said("转人工"), holder=Holder.QUEUED, enter_queue=waiting(found, priority))
    assert await commit(store, todo) == "ok"
    return todo.conversation


def ticket(no: str, owner_id: str | None = None, phone: str | None = None) -> TicketDraft:
    return TicketDraft(
        no=no,
        kind=TicketKind.COMPLAINT,
        priority=Priority.NORMAL,
        channel=FeedbackChannel.IN_APP,
        product="atm_selfservice",
        nature="transaction",
        department="operations",
        content="机器吞卡",
        received_at=NOW,
        due_at=None,
        customer_id=owner_id,
        contact_phone=phone,
    )


async def hired(store: Store, agent_id: str = "a1", capacity: int = 100, skills: tuple[str, ...] = (), role=Role.AGENT) -> Agent:
    """A member of staff with that id and login, online."""
    member = Agent(agent_id, agent_id, agent_id, role, None, active=True, capacity=capacity, presence="online", skills=skills)

    def add(tx: Tx) -> None:
        agents.create(tx, member, "-", NOW)
        agents.set_presence(tx, agent_id, "online", NOW)

    await store.write(add)
    return member
