"""Core statements compiled once, for the few that every turn runs.

Core works out anew at each execution how to bind and how to fetch; for a row by key that costs ten times what SQLite takes to
find it. A ``Prepared`` keeps what Core would find out: the text, the order of the parameters, and how each value is converted.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Dialect, String, Table, bindparam, insert, literal_column
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.elements import CompilerElement

from store.engine import Tx

Convert = Callable[[Any], Any]
MOST_AT_ONCE = 8  # rows of one statement: a turn has few, and every number of them is a statement of its own to keep


def constant(value: str) -> ColumnElement[str]:
    """*value* written into the statement, for what a partial index is narrowed to; a plain word of ours.

    SQLite plans a statement anew at every execution when a parameter decides whether such an index helps, and that costs several
    times what running it does.
    """
    if not value.isidentifier():
        raise ValueError(value)
    return literal_column(f"'{value}'", String())


class _Compiled(NamedTuple):
    text: str
    order: tuple[str, ...] | None  # None: the driver takes parameters by name
    constants: dict[str, Any]  # what stands in the statement itself
    binds: tuple[tuple[str, Convert], ...]  # only the parameters that need converting
    row: Callable[..., Any] | None
    columns: tuple[tuple[int, Convert], ...]  # only the columns that need converting


class Prepared:
    """One statement: an insert of all columns of a table, or any statement whose parameters are all ``bindparam``."""

    def __init__(self, statement: CompilerElement) -> None:
        self._statement = statement
        self._by_dialect: dict[str, _Compiled] = {}

    def run(self, tx: Tx, row: Mapping[str, Any]) -> int:
        """Execute it for one row of parameters; returns how many rows it touched."""
        compiled = self._compiled(tx.conn.dialect)
        cursor = tx.cursor()
        cursor.execute(compiled.text, _bound(compiled, row))
        count: int = cursor.rowcount
        return count

    def run_many(self, tx: Tx, rows: Sequence[Mapping[str, Any]]) -> None:
        """Execute it for each of *rows*."""
        if len(rows) == 1:
            self.run(tx, rows[0])
            return
        compiled = self._compiled(tx.conn.dialect)
        tx.cursor().executemany(compiled.text, [_bound(compiled, row) for row in rows])

    def first(self, tx: Tx, parameters: Mapping[str, Any]) -> Any | None:
        """The first row found, with its columns as attributes, or None."""
        compiled = self._compiled(tx.conn.dialect)
        cursor = tx.cursor()
        cursor.execute(compiled.text, _bound(compiled, parameters))
        found = cursor.fetchone()
        return None if found is None else _fetched(compiled, found)

    def all(self, tx: Tx, parameters: Mapping[str, Any]) -> list[Any]:
        """Every row found, with its columns as attributes."""
        compiled = self._compiled(tx.conn.dialect)
        cursor = tx.cursor()
        cursor.execute(compiled.text, _bound(compiled, parameters))
        return [_fetched(compiled, found) for found in cursor.fetchall()]

    def _compiled(self, dialect: Dialect) -> _Compiled:
        found = self._by_dialect.get(dialect.name)
        if found is None:
            found = self._by_dialect[dialect.name] = _compile(self._statement, dialect)
        return found


class PreparedRows:
    """Inserts whole rows into one table, a few of them with one statement.

    Each statement costs SQLite's thread a struggle for the interpreter, and PostgreSQL's a round trip; a row more costs little.
    """

    def __init__(self, table: Table) -> None:
        self._table = table
        self._names = [column.name for column in table.columns]
        self._types = [column.type for column in table.columns]
        self._one = Prepared(insert(table))
        self._several: dict[int, tuple[Prepared, list[list[str]]]] = {}

    def run(self, tx: Tx, rows: Sequence[Mapping[str, Any]]) -> None:
        """Insert *rows*; each names every column."""
        count = len(rows)
        if count == 1 or count > MOST_AT_ONCE:
            self._one.run_many(tx, rows)
            return
        prepared, names = self._several.get(count) or self._make(count)
        values: dict[str, Any] = {}
        for of_row, row in zip(names, rows, strict=True):
            values.update(zip(of_row, map(row.__getitem__, self._names), strict=True))
        prepared.run(tx, values)

    def _make(self, count: int) -> tuple[Prepared, list[list[str]]]:
        names = [[f"{name}_{number}" for name in self._names] for number in range(count)]
        typed = [[bindparam(name, type_=kind) for name, kind in zip(of_row, self._types, strict=True)] for of_row in names]
        rows = [dict(zip(self._names, of_row, strict=True)) for of_row in typed]
        made = self._several[count] = Prepared(insert(self._table).values(rows)), names
        return made


def _compile(statement: CompilerElement, dialect: Dialect) -> _Compiled:
    compiled: Any = statement.compile(dialect=dialect)
    assert isinstance(compiled, SQLCompiler)  # noqa: S101 -- DDL is never prepared
    convert: Any
    constants, binds = {}, []
    for name, bind in compiled.binds.items():
        convert = bind.type.dialect_impl(dialect).bind_processor(dialect)
        if not bind.required:
            constants[name] = convert(bind.value) if convert else bind.value
        elif convert is not None:
            binds.append((name, convert))
    fetched: Any = getattr(statement, "exported_columns", ())  # of a query, or what RETURNING gives
    columns = [
        (number, column.type.dialect_impl(dialect).result_processor(dialect, None)) for number, column in enumerate(fetched)
    ]
    names = [column.name for column in fetched]
    return _Compiled(
        text=str(compiled),
        order=tuple(compiled.positiontup) if compiled.positional and compiled.positiontup is not None else None,
        constants=constants,
        binds=tuple(binds),
        row=NamedTuple("Row", [(name, Any) for name in names])._make if names else None,
        columns=tuple((number, convert) for number, convert in columns if convert is not None),
    )


def _bound(compiled: _Compiled, row: Mapping[str, Any]) -> Any:
    values = {**compiled.constants, **row}
    for name, convert in compiled.binds:
        values[name] = convert(values[name])
    return values if compiled.order is None else [values[name] for name in compiled.order]


def _fetched(compiled: _Compiled, found: Sequence[Any]) -> Any:
    values = list(found)
    for number, convert in compiled.columns:
        values[number] = convert(values[number])
    assert compiled.row is not None  # noqa: S101 -- a statement that fetches has columns
    return compiled.row(values)
