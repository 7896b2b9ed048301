"""Staff who sign in at the desk: accounts, sessions, presence."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, bindparam, delete, func, insert, or_, select, update

from config.labels import Holder, Role
from store.engine import Tx
from store.model import Agent
from store.prepared import Prepared
from store.tables import agent_sessions, agents, conversations

_BY_LOGIN = select(agents).where(agents.c.login == bindparam("login"))
_ONE = select(agents).where(agents.c.id == bindparam("id"))
_NAMES = Prepared(select(agents.c.id, agents.c.name))
_BY_ID = Prepared(_ONE)
_LOCKED = _ONE.with_for_update(key_share=True)
_BY_SESSION = Prepared(
    select(agents)
    .join(agent_sessions, agent_sessions.c.agent_id == agents.c.id)
    .where(
        agent_sessions.c.token_hash == bindparam("token_hash"),
        agent_sessions.c.expires_at > bindparam("now"),
        agents.c.active.is_(True),
    )
)
_ON_DUTY = select(agents).where(
    agents.c.active.is_(True),
    agents.c.presence == "online",
    agents.c.seen_at > bindparam("since"),
)
_HOLDS = select(conversations.c.id).where(conversations.c.agent_id == agents.c.id, conversations.c.holder == Holder.HUMAN)
_GONE = select(agents).where(
    or_(
        and_(agents.c.presence != "offline", agents.c.seen_at < bindparam("since")),
        and_(agents.c.presence == "offline", _HOLDS.exists()),
    )
)
_HELD = (
    select(conversations.c.id)
    .where(conversations.c.agent_id == bindparam("id"), conversations.c.holder == Holder.HUMAN)
    .order_by(conversations.c.id)
)
_LOADS = (
    select(conversations.c.agent_id, func.count().label("load"))
    .where(conversations.c.holder == Holder.HUMAN)
    .group_by(conversations.c.agent_id)
)


def _from_row(row: Any) -> Agent:
    return Agent(
        id=row.id,
        login=row.login,
        name=row.name,
        role=Role(row.role),
        department=row.department,
        active=row.active,
        capacity=row.capacity,
        presence=row.presence,
        skills=tuple(row.skills),
    )


def create(tx: Tx, agent: Agent, password_hash: str, now: datetime) -> bool:
    """Add a member of staff. False if the login is taken."""
    if tx.conn.execute(_BY_LOGIN, {"login": agent.login}).one_or_none() is not None:
        return False
    tx.conn.execute(
        insert(agents).values(
            id=agent.id,
            login=agent.login,
            name=agent.name,
            role=agent.role.value,
            department=agent.department,
            password_hash=password_hash,
            active=agent.active,
            capacity=agent.capacity,
            skills=list(agent.skills),
            presence="offline",
            created_at=now,
        )
    )
    return True


def set_password(tx: Tx, login: str, password_hash: str) -> bool:
    """Replace a password and end all sessions of its owner. False for an unknown login."""
    row = tx.conn.execute(_BY_LOGIN, {"login": login}).one_or_none()
    if row is None:
        return False
    tx.conn.execute(update(agents).where(agents.c.login == login).values(password_hash=password_hash))
    tx.conn.execute(delete(agent_sessions).where(agent_sessions.c.agent_id == row.id))
    return True


def change(tx: Tx, agent: Agent) -> None:
    """Make the account what *agent* says, but for login and presence. Switched off it is signed out everywhere at once."""
    values = {
        "name": agent.name,
        "role": agent.role.value,
        "department": agent.department,
        "capacity": agent.capacity,
        "skills": list(agent.skills),
        "active": agent.active,
    }
    if not agent.active:
        values["presence"] = "offline"
        tx.conn.execute(delete(agent_sessions).where(agent_sessions.c.agent_id == agent.id))
    tx.conn.execute(update(agents).where(agents.c.id == agent.id).values(**values))


def by_login(tx: Tx, login: str) -> tuple[Agent, str] | None:
    """The member of staff with that login and the hash of the password."""
    row = tx.conn.execute(_BY_LOGIN, {"login": login}).one_or_none()
    return (_from_row(row), row.password_hash) if row else None


def get(tx: Tx, agent_id: str) -> Agent | None:
    """The member of staff with that id."""
    row = _BY_ID.first(tx, {"id": agent_id})
    return _from_row(row) if row else None


def all(tx: Tx) -> tuple[Agent, ...]:  # noqa: A001 -- read as agents.all(tx)
    """Everybody, by name."""
    return tuple(_from_row(row) for row in tx.conn.execute(select(agents).order_by(agents.c.name)))


def names(tx: Tx) -> dict[str, str]:
    """Everybody's name by their id."""
    return {row.id: row.name for row in _NAMES.all(tx, {})}


def names_of(tx: Tx, agent_ids: Iterable[str | None]) -> dict[str, str]:
    """The names of some, by their id; None is nobody."""
    found = (get(tx, agent_id) for agent_id in {*agent_ids} if agent_id)
    return {agent.id: agent.name for agent in found if agent}


def has_administrator(tx: Tx) -> bool:
    """Whether somebody can administer: ``serve`` refuses to start otherwise."""
    found = select(agents.c.id).where(agents.c.role == Role.ADMINISTRATOR, agents.c.active.is_(True)).limit(1)
    return tx.conn.execute(found).first() is not None


def new_session(tx: Tx, agent_id: str, token_hash: str, now: datetime, expires_at: datetime) -> None:
    """Let the bearer of the token be this agent until *expires_at*; sessions that have run out are swept."""
    tx.conn.execute(delete(agent_sessions).where(agent_sessions.c.expires_at <= now))
    tx.conn.execute(
        insert(agent_sessions).values(
            token_hash=token_hash,
            agent_id=agent_id,
            created_at=now,
            expires_at=expires_at,
        )
    )


def by_session(tx: Tx, token_hash: str, now: datetime) -> Agent | None:
    """Who the bearer of the token is."""
    row = _BY_SESSION.first(tx, {"token_hash": token_hash, "now": now})
    return _from_row(row) if row else None


def end_session(tx: Tx, token_hash: str) -> None:
    """The token is worth nothing any more."""
    tx.conn.execute(delete(agent_sessions).where(agent_sessions.c.token_hash == token_hash))


def set_presence(tx: Tx, agent_id: str, presence: str, now: datetime) -> None:
    """online, busy, away or offline, as the agent chose."""
    tx.conn.execute(update(agents).where(agents.c.id == agent_id).values(presence=presence, seen_at=now))


def touch_all(tx: Tx, agent_ids: Sequence[str], now: datetime) -> None:
    """The desks of these agents are still connected."""
    tx.conn.execute(update(agents).where(agents.c.id.in_(agent_ids)).values(seen_at=now))


def on_duty(tx: Tx, now: datetime, timeout_s: float) -> tuple[Agent, ...]:
    """Who is online and was seen within *timeout_s*."""
    rows = tx.conn.execute(_ON_DUTY, {"since": now - timedelta(seconds=timeout_s)})
    return tuple(_from_row(row) for row in rows)


def gone(tx: Tx, since: datetime) -> tuple[Agent, ...]:
    """Who was last seen before *since* and has not signed out, and who has signed out and holds conversations still."""
    return tuple(_from_row(row) for row in tx.conn.execute(_GONE, {"since": since}))


def leave(tx: Tx, agent_id: str, now: datetime, *, unless_seen_since: datetime | None = None) -> tuple[str, ...] | None:
    """The agent is not there any more; returns the conversations that they hold.

    None, and nothing changed, when they were seen since *unless_seen_since*.
    """
    row = tx.conn.execute(_LOCKED, {"id": agent_id}).one_or_none()
    if row is None:
        return None
    if unless_seen_since is not None and row.presence != "offline" and row.seen_at >= unless_seen_since:
        return None
    tx.conn.execute(update(agents).where(agents.c.id == agent_id).values(presence="offline", seen_at=now))
    return tuple(held.id for held in tx.conn.execute(_HELD, {"id": agent_id}))


def loads(tx: Tx) -> dict[str, int]:
    """How many conversations each agent holds; who holds none is not named."""
    return {row.agent_id: row.load for row in tx.conn.execute(_LOADS)}


def set_work(tx: Tx, agent_id: str, *, capacity: int, skills: Sequence[str]) -> bool:
    """How many conversations the agent may hold, and what they know. False for an unknown agent."""
    changed = tx.conn.execute(update(agents).where(agents.c.id == agent_id).values(capacity=capacity, skills=list(skills)))
    return changed.rowcount > 0
