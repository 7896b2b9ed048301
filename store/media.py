"""Files that customers sent and that still lie with the platform: fetched after the commit, retried until they are here."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import bindparam, insert, select, update

from config.labels import Speaker
from store.engine import Tx
from store.tables import messages, pending_media

Status = Literal["done", "withheld", "unopened", "failed"]


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


def arrived(tx: Tx, item: MediaRow, attachment: dict[str, Any]) -> None:
    """Attach the fetched file to its message, unless another process did."""
    if _settle(tx, item, "done"):
        _change(tx, item, lambda payload: {"attachments": [*payload.get("attachments", []), attachment]})


def withheld(tx: Tx, item: MediaRow) -> Speaker | None:
    """Let the message say that a file of it was found to be harmful. Who sent it; None if another process was first."""
    if not _settle(tx, item, "withheld"):
        return None
    return _change(tx, item, lambda payload: {"withheld_files": payload.get("withheld_files", 0) + 1})


def unopened(tx: Tx, item: MediaRow) -> Speaker | None:
    """Let the message say that a picture of it could not be opened. Who sent it; None if another process was first."""
    if not _settle(tx, item, "unopened"):
        return None
    return _change(tx, item, lambda payload: {"unopened_files": payload.get("unopened_files", 0) + 1})


def lost(tx: Tx, item: MediaRow) -> Speaker | None:
    """Let the message say that a file of it will not come. Who sent it; None if another process was first."""
    return _change(tx, item, lambda _: {"media_failed": True}) if _settle(tx, item, "failed") else None


def postpone(tx: Tx, item: MediaRow, due_at: datetime, attempts: int) -> None:
    """Try again at *due_at*, as one that was tried *attempts* times."""
    again = {"due_at": due_at, "attempts": attempts}
    tx.conn.execute(update(pending_media).where(*_of(item), pending_media.c.status == "pending").values(**again))


def _settle(tx: Tx, item: MediaRow, status: Status) -> bool:
    """Nobody fetches it any more."""
    mine = update(pending_media).where(*_of(item), pending_media.c.status == "pending")
    return tx.conn.execute(mine.values(status=status, attempts=item.attempts + 1)).rowcount == 1


def _change(tx: Tx, item: MediaRow, change: Callable[[dict[str, Any]], dict[str, Any]]) -> Speaker | None:
    """Change what the message carries; files of one message may come at once. Who sent it; None if it has been forgotten."""
    mine = messages.c.conversation_id == item.conversation_id, messages.c.seq == item.seq
    row = tx.conn.execute(select(messages.c.payload, messages.c.speaker).where(*mine).with_for_update()).one_or_none()
    if row is None:
        return None
    payload = row.payload or {}
    tx.conn.execute(update(messages).where(*mine).values(payload={**payload, **change(payload)}))
    return Speaker(row.speaker)


def _of(item: MediaRow) -> tuple[Any, ...]:
    return (
        pending_media.c.conversation_id == item.conversation_id,
        pending_media.c.seq == item.seq,
        pending_media.c.n == item.n,
    )
