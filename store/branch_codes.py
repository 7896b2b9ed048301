"""Codes that branches put up: what is in them, and who had them made."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select

from store.engine import Tx
from store.tables import branch_codes


@dataclass(frozen=True, slots=True)
class BranchCode:
    """A code of ``branch``: ``content`` is what to encode, ``picture`` where the platform shows it."""

    id: str
    account: str
    branch: str
    content: str
    picture: str
    made_by: str  # an agent's id
    made_at: datetime
    lasts_until: datetime | None  # None: for ever


def keep(tx: Tx, code: BranchCode) -> None:
    """List *code* from now on."""
    tx.conn.execute(
        insert(branch_codes).values(
            id=code.id,
            account=code.account,
            branch=code.branch,
            content=code.content,
            picture=code.picture,
            made_by=code.made_by,
            made_at=code.made_at,
            lasts_until=code.lasts_until,
        )
    )


def newest(tx: Tx, most: int) -> tuple[BranchCode, ...]:
    """Up to *most* of them, the last made first."""
    found = select(branch_codes).order_by(branch_codes.c.made_at.desc(), branch_codes.c.id.desc()).limit(most)
    return tuple(BranchCode(**row) for row in tx.conn.execute(found).mappings())


def get(tx: Tx, code_id: str) -> BranchCode | None:
    """The code with that id."""
    row = tx.conn.execute(select(branch_codes).where(branch_codes.c.id == code_id)).mappings().first()
    return BranchCode(**row) if row else None
