"""Who looked at or changed what, for those who check it later."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import insert

from store.engine import Tx
from store.tables import audit


def record(
    tx: Tx,
    actor: str,
    action: str,
    subject: str,
    detail: Mapping[str, Any],
    now: datetime,
) -> None:
    """Add a line; *detail* holds no personal data."""
    tx.conn.execute(insert(audit).values(actor=actor, action=action, subject=subject, detail=dict(detail), at=now))
