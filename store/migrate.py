"""Brings a database to the schema of this version: at start and by ``huiyin migrate``, one process at a time."""

from importlib.resources import files
from pathlib import Path

from sqlalchemy import Connection, create_engine, event, inspect, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import NullPool

from store.crypto import Crypto, Undecipherable
from store.errors import StoreUnavailable, WrongKeys
from store.tables import facts

HEAD = "0018"
LOCK_ID = 7_240_617  # any number that nothing else on the server uses
CANARY = "canary"


def migrate(url: str) -> str:
    """Upgrade the database at *url* and return its revision. Raises ``StoreUnavailable`` when it cannot be reached.

    Holds a lock meanwhile, so that processes started together do not upgrade together.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite" and parsed.database:
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(url, poolclass=NullPool)
    if engine.dialect.name == "sqlite":

        @event.listens_for(engine, "connect")
        def _say_begin_ourselves(connection: object, _record: object) -> None:
            connection.isolation_level = None  # type: ignore[attr-defined]  # the driver's connection

        @event.listens_for(engine, "begin")
        def _lock(connection: Connection) -> None:
            connection.exec_driver_sql("BEGIN EXCLUSIVE")

    try:
        with engine.connect() as connection, connection.begin():
            if engine.dialect.name == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(:id)"), {"id": LOCK_ID})
            if _revision(connection) != HEAD:
                _upgrade(connection)
    except OperationalError as error:
        raise StoreUnavailable(type(error.orig).__name__) from None
    finally:
        engine.dispose()
    return HEAD


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def _upgrade(connection: Connection) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    # Doubled: a percent sign in a path would be read as an interpolation.
    config.set_main_option("script_location", str(files("store") / "migrations").replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def check_keys(url: str, crypto: Crypto) -> None:
    """Make sure that *crypto* opens what lies in the database. Raises ``WrongKeys`` before anything is written with others."""
    engine = create_engine(url, poolclass=NullPool)
    try:
        with engine.begin() as connection:
            sealed = connection.execute(facts.select().where(facts.c.name == CANARY)).one_or_none()
            if sealed is None:
                value = f"{crypto.hmac(CANARY, CANARY)} {crypto.encrypt(CANARY, CANARY)}"
                connection.execute(facts.insert().values(name=CANARY, value=value))
                return
        lookup, _, body = sealed.value.partition(" ")
        try:
            opened = crypto.decrypt(body, CANARY)
        except Undecipherable:
            opened = ""
        if opened != CANARY or lookup != crypto.hmac(CANARY, CANARY):
            raise WrongKeys("the key ring does not belong to this database")
    finally:
        engine.dispose()
