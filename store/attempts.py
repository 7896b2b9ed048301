"""Counts tries within a window: ticket look-ups by strangers, failed sign-ins. Buckets are fingerprints, not names."""

from datetime import datetime, timedelta

from sqlalchemy import delete, func, insert, select

from store.engine import Tx
from store.tables import attempts


def count(tx: Tx, bucket: str, now: datetime, window: timedelta) -> int:
    """How many tries the bucket saw within *window* before *now*."""
    found = select(func.count()).where(attempts.c.bucket == bucket, attempts.c.at > now - window)
    return tx.conn.execute(found).scalar() or 0


def add(tx: Tx, bucket: str, now: datetime, window: timedelta, limit: int) -> bool:
    """Count a try. False, and nothing counted, when the bucket had *limit* tries within the window already."""
    tx.conn.execute(delete(attempts).where(attempts.c.bucket == bucket, attempts.c.at <= now - window))
    if count(tx, bucket, now, window) >= limit:
        return False
    tx.conn.execute(insert(attempts).values(bucket=bucket, at=now))
    return True


def take_back(tx: Tx, bucket: str, at: datetime) -> None:
    """Uncount one try of that moment: it was counted before its outcome was known, and went well."""
    one = select(func.max(attempts.c.id)).where(attempts.c.bucket == bucket, attempts.c.at == at).scalar_subquery()
    tx.conn.execute(delete(attempts).where(attempts.c.id == one))


def clear(tx: Tx, bucket: str) -> None:
    """Forget the tries of a bucket, after a success."""
    tx.conn.execute(delete(attempts).where(attempts.c.bucket == bucket))
