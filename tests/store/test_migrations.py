"""The migrations build exactly what the code believes in, on both databases, and lead back."""

from importlib.resources import files

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, inspect

from store.migrate import HEAD, migrate
from store.tables import metadata


def _in_both(_object: object, name: str | None, kind: str, _reflected: bool, _compared: object) -> bool:
    # The word index is SQLite's own kind of table there and an index of PostgreSQL's own kind here.
    return not (kind in ("table", "index") and name and ("search_grams" in name or name == "ix_search_documents_grams"))


def differences(url: str) -> list[object]:
    engine = create_engine(url)
    with engine.connect() as connection:
        found = compare_metadata(
            MigrationContext.configure(connection, opts={"compare_type": True, "include_object": _in_both}), metadata
        )
    engine.dispose()
    return found


def test_a_migrated_database_has_the_tables_columns_and_indexes_of_the_code_and_no_others(database_url):
    assert differences(database_url) == []


def test_migrating_twice_changes_nothing(database_url):
    assert migrate(database_url) == HEAD
    assert differences(database_url) == []


def test_the_newest_migration_is_the_one_that_a_database_is_brought_to():
    config = Config()
    config.set_main_option("script_location", str(files("store") / "migrations"))
    assert ScriptDirectory.from_config(config).get_current_head() == HEAD


@pytest.mark.parametrize("steps", ["-1", "base"])
def test_a_migration_leads_back_and_forth_again(database_url, steps):
    engine = create_engine(database_url)
    with engine.connect() as connection, connection.begin():
        config = Config()
        config.set_main_option("script_location", str(files("store") / "migrations"))
        config.attributes["connection"] = connection
        command.downgrade(config, steps)
        if steps == "base":
            assert set(inspect(connection).get_table_names()) <= {"alembic_version"}
        command.upgrade(config, "head")
    engine.dispose()
    assert differences(database_url) == []
