"""Small values under a name, such as how far a loop has come."""

from datetime import datetime

from sqlalchemy import bindparam, delete, insert, select, update

from store.engine import Tx
from store.tables import EPOCH, MICROSECOND, facts

_VALUE = select(facts.c.value).where(facts.c.name == bindparam("name"))


def get(tx: Tx, name: str) -> str | None:
    """The value under *name*."""
    found: str | None = tx.conn.execute(_VALUE, {"name": name}).scalar()
    return found


def put(tx: Tx, name: str, value: str) -> None:
    """Keep *value* under *name*."""
    if not tx.conn.execute(update(facts).where(facts.c.name == name).values(value=value)).rowcount:
        tx.conn.execute(insert(facts).values(name=name, value=value))


def drop(tx: Tx, name: str) -> None:
    """Know nothing under *name* any more."""
    tx.conn.execute(delete(facts).where(facts.c.name == name))


def get_moment(tx: Tx, name: str) -> datetime:
    """The moment under *name*; long ago when there is none."""
    return EPOCH + MICROSECOND * int(get(tx, name) or 0)


def put_moment(tx: Tx, name: str, moment: datetime) -> None:
    """Keep a moment under *name*."""
    put(tx, name, str((moment - EPOCH) // MICROSECOND))


def lease(tx: Tx, name: str, holder: str, now: datetime, until: datetime) -> bool:
    """Let *holder* alone do what *name* stands for until that moment. False while another one does."""
    row = tx.conn.execute(_VALUE.with_for_update(), {"name": name}).scalar()
    if row is not None:
        other, _, held_until = row.partition(" ")
        if other != holder and EPOCH + MICROSECOND * int(held_until) > now:
            return False
    put(tx, name, f"{holder} {(until - EPOCH) // MICROSECOND}")
    return True
