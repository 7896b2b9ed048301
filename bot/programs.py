"""API keys from the command line."""

import sys
from collections.abc import Sequence

from bot.serving import opened
from config.clock import SystemClock, in_shanghai
from config.labels import Scope
from config.settings import Settings
from handoff.api_keys import hash_of, new_key
from store import agents, api_keys
from store.api_keys import ApiKey
from store.ids import new_id


async def add_key(settings: Settings, *, name: str, scopes: Sequence[str], login: str | None) -> int:
    """Make a key and print it, this once; 1 with a message when nobody has that login."""
    key, now = new_key(), SystemClock().now()
    async with opened(settings) as store:
        found = await store.read(lambda tx: agents.by_login(tx, login)) if login else None
        if login and found is None:
            print(f"huiyin: nobody signs in as {login}", file=sys.stderr)
            return 1
        made = ApiKey(new_id(now), name, frozenset(map(Scope, scopes)), found[0] if found else None, now)
        await store.write(lambda tx: api_keys.add(tx, made, hash_of(key)))
    print(f"huiyin: the key {made.id} ({name}), shown only now:", file=sys.stderr)
    print(key)
    return 0


async def list_keys(settings: Settings) -> int:
    """One key a line: id, name, scopes, in whose name, last use, and whether it was revoked."""
    async with opened(settings) as store:
        for key in await store.read(api_keys.all):
            used = f"used {in_shanghai(key.last_used_at):%Y-%m-%d %H:%M}" if key.last_used_at else "never used"
            acting = f"as {key.agent.login}" if key.agent else "as nobody"
            state = "revoked" if key.revoked_at else used
            print(key.id, key.name, ",".join(sorted(key.scopes)), acting, state, sep="  ")
    return 0


async def revoke_key(settings: Settings, key_id: str) -> int:
    """Let a key in no more; 1 with a message when there is none of that id."""
    now = SystemClock().now()
    async with opened(settings) as store:
        done = await store.write(lambda tx: api_keys.revoke(tx, key_id, now))
    print(f"huiyin: revoked {key_id}" if done else f"huiyin: no such key: {key_id}", file=sys.stdout if done else sys.stderr)
    return 0 if done else 1
