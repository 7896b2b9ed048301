"""API keys of programs: what each may do, and in whose name. A key itself is stored nowhere, only its hash."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, insert, or_, select, update

from config.labels import Scope
from store import agents
from store.engine import Tx
from store.model import Agent
from store.tables import Instant, api_keys


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key as it is known: never the key itself."""

    id: str
    name: str
    scopes: frozenset[Scope]
    agent: Agent | None  # in whose name it acts at the desk; None: not at the desk at all
    created_at: datetime
    expires_at: datetime | None = None  # None: it lasts until it is revoked
    last_used_at: datetime | None = None
    revoked_at: datetime | None = None


_BY_HASH = select(api_keys).where(
    api_keys.c.token_hash == bindparam("token_hash"),
    api_keys.c.revoked_at.is_(None),
    or_(api_keys.c.expires_at.is_(None), api_keys.c.expires_at > bindparam("now", type_=Instant())),
)


def _from_row(tx: Tx, row: Any) -> ApiKey:
    return ApiKey(
        id=row.id,
        name=row.name,
        scopes=frozenset(Scope(scope) for scope in row.scopes),
        agent=agents.get(tx, row.agent_id) if row.agent_id else None,
        created_at=row.created_at,
        expires_at=row.expires_at,
        last_used_at=row.last_used_at,
        revoked_at=row.revoked_at,
    )


def add(tx: Tx, key: ApiKey, token_hash: str) -> None:
    """Let whoever holds the key with that hash in."""
    tx.conn.execute(
        insert(api_keys).values(
            id=key.id,
            name=key.name,
            token_hash=token_hash,
            scopes=sorted(key.scopes),
            agent_id=key.agent.id if key.agent else None,
            created_at=key.created_at,
            expires_at=key.expires_at,
        )
    )


def by_hash(tx: Tx, token_hash: str, now: datetime) -> ApiKey | None:
    """The key with that hash, unless it was revoked, has ended, or its member of staff has left."""
    row = tx.conn.execute(_BY_HASH, {"token_hash": token_hash, "now": now}).one_or_none()
    found = _from_row(tx, row) if row else None
    return found if found and (found.agent is None or found.agent.active) else None


def used(tx: Tx, key_id: str, now: datetime) -> None:
    """Remember that it was used."""
    tx.conn.execute(update(api_keys).where(api_keys.c.id == key_id).values(last_used_at=now))


def revoke(tx: Tx, key_id: str, now: datetime) -> bool:
    """Let it in no more. False if there is no such key, or it was revoked before."""
    changed = tx.conn.execute(
        update(api_keys).where(api_keys.c.id == key_id, api_keys.c.revoked_at.is_(None)).values(revoked_at=now)
    )
    return changed.rowcount > 0


def all(tx: Tx) -> tuple[ApiKey, ...]:  # noqa: A001 -- read as api_keys.all(tx)
    """Every key, oldest first, those that let nobody in any more too."""
    return tuple(_from_row(tx, row) for row in tx.conn.execute(select(api_keys).order_by(api_keys.c.created_at, api_keys.c.id)))
