"""Files that customers sent and that still lie with the platform: fetched after the commit, retried until they are here."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import bindparam, insert, select, update

from store.engine import Tx
from store.tables import messages, pending_media

Status = Literal["pending", "failed"]


@dataclass(frozen=True, slots=True)
class MediaRow:
    """A file to fetch."""

    conversation_id: str
    seq: int
    n: int
    account: str
    media_id: str
    media_type: str
    attempts: int


_DUE = (
    select(pending_media)
    .where(pending_media.c.status == "pending", pending_media.c.due_at <= bindparam("now"))
    .order_by(pending_media.c.due_at)
    .limit(20)
)


def due(tx: Tx, now: datetime) -> tuple[MediaRow, ...]:
    """Files whose time to be fetched has come."""
    return tuple(
        MediaRow(
            row.conversation_id,
            row.seq,
            row.n,
            row.account,
            row.media_id,
            row.media_type,
            row.attempts,
        )
        for row in tx.conn.execute(_DUE, {"now": now})
    )


def expect(tx: Tx, conversation_id: str, seq: int, account: str, files: Sequence[tuple[str, str]], now: datetime) -> None:
    """Let *files*, each a media id and a type, be fetched for that message."""
    for n, (media_id, media_type) in enumerate(files):
        row = {"conversation_id": conversation_id, "seq": seq, "n": n, "account": account}
        more = {"media_id": media_id, "media_type": media_type, "status": "pending", "attempts": 0, "due_at": now}
        tx.conn.execute(insert(pending_media).values({**row, **more}))


def _of(item: MediaRow) -> tuple[Any, ...]:
    return (
        pending_media.c.conversation_id == item.conversation_id,
        pending_media.c.seq == item.seq,
        pending_media.c.n == item.n,
    )


def arrived(tx: Tx, item: MediaRow, attachment: dict[str, Any]) -> None:
    """Attach the fetched file to its message."""
    mine = (
        messages.c.conversation_id == item.conversation_id,
        messages.c.seq == item.seq,
    )
    payload = dict(tx.conn.execute(select(messages.c.payload).where(*mine)).scalar() or {})
    payload["attachments"] = [*payload.get("attachments", []), attachment]
    tx.conn.execute(update(messages).where(*mine).values(payload=payload))
    tx.conn.execute(update(pending_media).where(*_of(item)).values(status="done"))


def postpone(
    tx: Tx,
    item: MediaRow,
    due_at: datetime,
    status: Status = "pending",
) -> None:
    """Try again at *due_at*, or give the file up."""
    tx.conn.execute(update(pending_media).where(*_of(item)).values(status=status, due_at=due_at, attempts=item.attempts + 1))
