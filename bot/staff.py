"""Staff accounts from the command line."""

import getpass
import sys

from bot.serving import opened
from config.clock import SystemClock
from config.labels import Role
from config.queueing import queueing
from config.settings import Settings
from handoff.auth import hash_password
from store import agents
from store.ids import new_id
from store.model import Agent

MIN_PASSWORD_CHARS = 10


def read_password() -> str:
    """A password from the terminal (asked twice) or from standard input. Raises ``ValueError`` when it is too short."""
    if sys.stdin.isatty():
        password = getpass.getpass("Password: ")
        if getpass.getpass("Once more: ") != password:
            raise ValueError("the two passwords differ")
    else:
        password = sys.stdin.readline().rstrip("\n")
    if len(password) < MIN_PASSWORD_CHARS:
        raise ValueError(f"a password needs {MIN_PASSWORD_CHARS} characters or more")
    return password


async def add_user(
    settings: Settings,
    *,
    login: str,
    name: str,
    role: str,
    department: str | None,
    capacity: int,
    password: str,
    skills: tuple[str, ...] = (),
) -> int:
    """Add a member of staff; 1 with a message when the login is taken or a skill is not known."""
    if unknown := queueing().unknown_skills(skills):
        print(f"huiyin: no such skill: {', '.join(unknown)} (known: {', '.join(queueing().skills)})", file=sys.stderr)
        return 1
    now = SystemClock().now()
    agent = Agent(
        new_id(now), login, name, Role(role), department, active=True, capacity=capacity, presence="offline", skills=skills
    )
    password_hash = hash_password(password)
    async with opened(settings) as store:
        added = await store.write(lambda tx: agents.create(tx, agent, password_hash, now))
    print(f"huiyin: added {login}" if added else f"huiyin: the login {login} is taken", file=sys.stdout if added else sys.stderr)
    return 0 if added else 1
