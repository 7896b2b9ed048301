"""Identifiers, made before the write so that a write may run twice."""

import secrets
from datetime import datetime


def new_id(now: datetime) -> str:
    """32 hex digits, unguessable, that sort by time: neighbours in time are neighbours in the index."""
    return f"{int(now.timestamp() * 1000):012x}{secrets.token_hex(10)}"
