"""Identifiers, made before the write so that a write may run twice."""

import os
import threading
from datetime import datetime

_POOL_BYTES = 8192
_pool = threading.local()


def random_bytes(count: int) -> bytes:
    """*count* unguessable bytes, each handed out once. Asking the system for a few at a time costs more than using them."""
    start = getattr(_pool, "used", _POOL_BYTES)
    if start + count > _POOL_BYTES:
        _pool.bytes, start = os.urandom(_POOL_BYTES), 0
    _pool.used = start + count
    return bytes(_pool.bytes[start : start + count])


def _forget() -> None:
    _pool.__dict__.clear()


os.register_at_fork(after_in_child=_forget)  # parent and child never hand out the same bytes


def new_id(now: datetime) -> str:
    """32 hex digits, unguessable, that sort by time: neighbours in time are neighbours in the index."""
    return f"{int(now.timestamp() * 1000):012x}{random_bytes(10).hex()}"
