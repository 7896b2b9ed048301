"""Statements about many rows by key whose keys are one parameter, however many there are."""

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import text

from store.engine import Tx

_SQLITE = "(SELECT value AS id FROM json_each(:ids)) AS c"
_POSTGRES = "unnest(CAST(:ids AS text[])) AS c (id)"


class OfMany:
    """A query in which ``{keys}`` stands for a table ``c`` with one column ``id``. Core would write out each key in the text."""

    def __init__(self, query: str) -> None:
        self._sqlite, self._postgres = text(query.format(keys=_SQLITE)), text(query.format(keys=_POSTGRES))

    def rows(self, tx: Tx, keys: Sequence[str]) -> Sequence[Any]:
        """The rows for *keys*, each of which counts once."""
        ids = list(dict.fromkeys(keys))
        if not ids:
            return ()
        if tx.conn.dialect.name == "sqlite":
            return tx.conn.execute(self._sqlite, {"ids": json.dumps(ids)}).all()
        return tx.conn.execute(self._postgres, {"ids": ids}).all()
