"""Queries that are compiled once are also planned once: SQLite goes to work on them at the second execution without a thought."""

import importlib
import pkgutil
import sqlite3
from pathlib import Path

import pytest
from making_rows import NOW
from sqlalchemy import JSON, Boolean, Integer, Select
from sqlalchemy.dialects import sqlite

import store
from store.migrate import migrate
from store.prepared import Prepared, _bound, _compile, constant
from store.tables.columns import Instant

MODULES = [importlib.import_module(f"store.{found.name}") for found in pkgutil.iter_modules(store.__path__)]
QUERIES = {
    f"{module.__name__}.{name}": value
    for module in MODULES
    for name, value in vars(module).items()
    if isinstance(value, Prepared) and isinstance(value._statement, Select)
}
SOME = ((Instant, NOW), (Boolean, False), (Integer, 1), (JSON, {}))


def value_for(name: str, kind: object) -> object:
    return 1 if name in ("limit", "most") else next((value for of, value in SOME if isinstance(kind, of)), "x")


@pytest.fixture(scope="module")
def migrated(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("prepared") / "huiyin.db"
    migrate(f"sqlite:///{path}")
    return path


@pytest.mark.parametrize("name", QUERIES)
def test_query_is_planned_once(migrated, name):
    statement, planned = QUERIES[name]._statement, []
    binds = statement.compile(dialect=sqlite.dialect()).binds.items()
    values = {key: value_for(key, bind.type) for key, bind in binds if bind.required}
    compiled = _compile(statement, sqlite.dialect())
    connection = sqlite3.connect(migrated, isolation_level=None)
    # SQLite asks who may read what whenever it plans.
    connection.set_authorizer(lambda *_: planned.append(name) or sqlite3.SQLITE_OK)
    for value in ("x", "y"):
        planned.clear()
        of_this_time = {key: value if old == "x" else old for key, old in values.items()}
        connection.execute(compiled.text, _bound(compiled, of_this_time)).fetchall()
    connection.close()
    assert planned == []


@pytest.mark.parametrize("word", ["", "x'; --", "two words", "1"])
def test_only_plain_words_are_written_into_statements(word):
    with pytest.raises(ValueError, match=r".*"):
        constant(word)
