"""API keys from the command line."""

import sys
from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.serving import opened
from config.clock import SystemClock, in_shanghai
from config.labels import Scope
from config.settings import Settings
from handoff.api_keys import hash_of, new_key
from store import agents, api_keys
from store.api_keys import ApiKey
from store.ids import new_id


async def add_key(settings: Settings, *, name: str, scopes: Sequence[str], login: str | None, days: int | None) -> int:
    """Make a key, good for so many *days* or for ever, and print it, this once; 1 with a message when nobody has that login."""
    key, now = new_key(), SystemClock().now()
    until = now + timedelta(days=days) if days else None
    async with opened(settings) as store:
        found = await store.read(lambda tx: agents.by_login(tx, login)) if login else None
        if login and found is None:
            print(f"huiyin: nobody signs in as {login}", file=sys.stderr)
            return 1
        made = ApiKey(new_id(now), name, frozenset(map(Scope, scopes)), found[0] if found else None, now, until)
        await store.write(lambda tx: api_keys.add(tx, made, hash_of(key)))
    print(f"huiyin: the key {made.id} ({name}), shown only now:", file=sys.stderr)
    print(key)
    return 0


async def list_keys(settings: Settings) -> int:
    """One key a line: id, name, scopes, in whose name, last use, and whether and when it ends."""
    now = SystemClock().now()
    async with opened(settings) as store:
        for key in await store.read(api_keys.all):
            used = f"used {_moment(key.last_used_at)}" if key.last_used_at else "never used"
            acting = f"as {key.agent.login}" if key.agent else "as nobody"
            print(key.id, key.name, ",".join(sorted(key.scopes)), acting, used, _end(key, now), sep="  ")
    return 0


async def revoke_key(settings: Settings, key_id: str) -> int:
    """Let a key in no more; 1 with a message when there is none of that id."""
    now = SystemClock().now()
    async with opened(settings) as store:
        done = await store.write(lambda tx: api_keys.revoke(tx, key_id, now))
    print(f"huiyin: revoked {key_id}" if done else f"huiyin: no such key: {key_id}", file=sys.stdout if done else sys.stderr)
    return 0 if done else 1


def _end(key: ApiKey, now: datetime) -> str:
    """Whether the key still lets somebody in."""
    if key.revoked_at:
        return f"revoked {_moment(key.revoked_at)}"
    if key.expires_at is None:
        return "for ever"
    return f"{'ended' if key.expires_at <= now else 'until'} {_moment(key.expires_at)}"


def _moment(moment: datetime) -> str:
    return f"{in_shanghai(moment):%Y-%m-%d %H:%M}"
