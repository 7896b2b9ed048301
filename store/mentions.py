"""Which files messages and tickets mention. The database notes it itself, with every row that is written (migration 0018)."""

from collections.abc import Collection

from sqlalchemy import bindparam, select

from store.engine import Tx
from store.tables import file_mentions

MOST = 500  # asked about at once
_AMONG = select(file_mentions.c.blob_id).where(file_mentions.c.blob_id.in_(bindparam("ids", expanding=True))).distinct()


def among(tx: Tx, blob_ids: Collection[str]) -> set[str]:
    """Those of *blob_ids*, up to ``MOST``, that something mentions."""
    return set(tx.conn.execute(_AMONG, {"ids": list(blob_ids)}).scalars())
