"""``await store.write(fn)`` and ``await store.read(fn)``: the only two ways to the database.

``fn(tx)`` runs on a thread of ours and contains statements only; ids, times and sealed values are made before, and it may
run twice. Expected outcomes (duplicate, stale, illegal) are returned, not raised.

SQLite has one writer thread; functions that wait together share a commit, because a commit costs a disk flush and a flush
serves many rows as well as one. PostgreSQL has several writer threads; a function runs in a transaction of its own on the
thread that its key names, because batches of many conversations would wait for each other's locks.
"""

import asyncio
import json
import queue
import threading
import time
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from typing import Any, TypeVar

import structlog
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from store.crypto import Crypto
from store.errors import Conflict, StoreBusy, StoreError, StoreUnavailable

log = structlog.get_logger(__name__)
T = TypeVar("T")

MAX_BATCH = 256
SLOW_FUNCTION_S = 0.020
SERIALIZATION_FAILURES = frozenset({"40001", "40P01"})
MAX_SERIALIZATION_RETRIES = 5
NO_TRANSACTION = "none"


@dataclass(frozen=True, slots=True)
class Tx:
    """What a function is given: a connection inside a transaction, and the crypto that opens sealed columns."""

    conn: Connection
    crypto: Crypto

    def cursor(self) -> Any:
        """The driver's own cursor in this transaction, for prepared statements."""
        return self.conn.connection.cursor()

    def at_once(self) -> AbstractContextManager[Any]:
        """Statements run inside reach PostgreSQL together, for one round trip; how many rows each touched is not told.

        What goes wrong is raised at the end at the latest.
        """
        driver: Any = self.conn.connection.driver_connection
        return driver.pipeline() if self.conn.dialect.name == "postgresql" else nullcontext()


Function = Callable[[Tx], T]


@dataclass(slots=True)
class _Job:
    fn: Function[Any]
    future: asyncio.Future[Any] | None = None
    outcome: Any = None
    error: BaseException | None = None


class Store:
    """Reads and writes through threads of its own. Make it with ``Store.open`` and close it with ``close``."""

    def __init__(
        self,
        url: str,
        crypto: Crypto,
        *,
        writers: int,
        readers: int,
        max_pending_writes: int,
    ) -> None:
        self.crypto = crypto
        self.is_sqlite = make_url(url).get_backend_name() == "sqlite"
        self._loop = asyncio.get_running_loop()
        self._max_pending = max_pending_writes
        self._pending = 0
        self._writers = [
            _Worker(
                _engine(url, writing=True),
                crypto,
                self._resolve,
                batch=MAX_BATCH if self.is_sqlite else 1,
                name=f"writer-{n}",
                begin="BEGIN IMMEDIATE" if self.is_sqlite else "",
            )
            for n in range(1 if self.is_sqlite else writers)
        ]
        # PostgreSQL's READ COMMITTED gives each statement its own snapshot anyway: a transaction would only add two round trips.
        begin = "BEGIN" if self.is_sqlite else NO_TRANSACTION
        here = _Worker(_engine(url, writing=False), crypto, self._resolve, batch=1, name="here", begin=NO_TRANSACTION)
        self._here = here if self.is_sqlite else None
        reads: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._readers = [
            _Worker(
                _engine(url, writing=False),
                crypto,
                self._resolve,
                batch=32,
                name=f"reader-{n}",
                begin=begin,
                jobs=reads,
            )
            for n in range(readers)
        ]

    @classmethod
    async def open(
        cls,
        url: str,
        crypto: Crypto,
        *,
        writers: int = 4,
        readers: int = 2,
        max_pending_writes: int = 2000,
    ) -> "Store":
        """A store on the migrated database at *url*. Raises ``StoreUnavailable`` when it cannot be reached."""
        store = cls(
            url,
            crypto,
            writers=writers,
            readers=readers,
            max_pending_writes=max_pending_writes,
        )
        for worker in (*store._writers, *store._readers):
            worker.start()
        return store

    async def peek(self, fn: Function[T]) -> T:
        """Like ``read``, for a few rows by key, but each statement sees what is committed when it runs.

        On SQLite it runs at once, here: handing it to a thread and back costs three times as much as the query itself.
        """
        return await self.read(fn) if self._here is None else self._here.run(fn)

    async def read(self, fn: Function[T]) -> T:
        """The result of *fn* on a snapshot taken after this call: one reads one's own writes."""
        future = self._loop.create_future()
        self._readers[0].put(_Job(fn, future))
        result: T = await future
        return result

    async def write(self, fn: Function[T], *, key: str = "") -> T:
        """The result of *fn*, after its commit. Functions of one *key* run in the order of their calls.

        Raises ``StoreBusy`` (nothing done), ``StoreUnavailable`` (outcome not known) or ``Conflict`` (a unique key is taken).
        """
        if self._pending >= self._max_pending:
            raise StoreBusy(f"{self._pending} writes are waiting")
        self._pending += 1
        future = self._loop.create_future()
        self._writers[zlib.crc32(key.encode()) % len(self._writers)].put(_Job(fn, future))
        try:
            # Shielded: a caller that gives up does not undo what is being committed, and the count stays right.
            result: T = await asyncio.shield(future)
            return result
        finally:
            if future.done():
                self._pending -= 1
            else:
                future.add_done_callback(self._forget)

    def _forget(self, future: asyncio.Future[Any]) -> None:
        self._pending -= 1
        if not future.cancelled():
            future.exception()

    def _resolve(self, jobs: list[_Job]) -> None:
        with suppress(RuntimeError):  # the loop is closed: nobody waits any more
            self._loop.call_soon_threadsafe(_settle, jobs)

    async def close(self) -> None:
        """Finish what is queued, then close every connection."""
        workers = (*self._writers, *self._readers)
        for worker in workers:
            worker.stop()
        for worker in workers:
            await asyncio.to_thread(worker.join)
        if self._here is not None:
            self._here.leave()


def _settle(jobs: Iterable[_Job]) -> None:
    for job in jobs:
        if job.future is None or job.future.done():
            continue
        if job.error is not None:
            job.future.set_exception(job.error)
        else:
            job.future.set_result(job.outcome)


class _Worker:
    """One thread with one connection, working off a queue."""

    def __init__(
        self,
        engine: Engine,
        crypto: Crypto,
        resolve: Callable[[list[_Job]], None],
        *,
        batch: int,
        name: str,
        begin: str = "",
        jobs: queue.SimpleQueue[_Job | None] | None = None,
    ) -> None:
        """*begin* opens a transaction on SQLite; ``NO_TRANSACTION`` runs without one; empty leaves it to the driver."""
        self._engine = engine
        self._crypto = crypto
        self._resolve = resolve
        self._batch = batch
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue() if jobs is None else jobs
        self._connection: Connection | None = None
        self._has_run: set[str] = set()
        self._begin = begin
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def put(self, job: _Job) -> None:
        self._jobs.put(job)

    def stop(self) -> None:
        self._jobs.put(None)

    def join(self) -> None:
        self._thread.join()
        self._engine.dispose()

    def run(self, fn: Function[T]) -> T:
        """Run *fn* in this very thread."""
        job = _Job(fn)
        self._alone(job)
        if job.error is not None:
            raise job.error
        result: T = job.outcome
        return result

    def leave(self) -> None:
        """Close the connection of a worker that had no thread."""
        self._drop_connection()
        self._engine.dispose()

    def _run(self) -> None:
        stopping = False
        while not stopping:
            jobs: list[_Job] = []
            job = self._jobs.get()
            while job is not None:
                jobs.append(job)
                if len(jobs) >= self._batch:
                    break
                try:
                    job = self._jobs.get_nowait()
                except queue.Empty:
                    break
            stopping = job is None
            if jobs:
                self._work(jobs)
        self._drop_connection()

    def _work(self, jobs: list[_Job]) -> None:
        if len(jobs) > 1 and self._together(jobs):
            self._resolve(jobs)
            return
        for job in jobs:
            self._alone(job)
        self._resolve(jobs)

    def _together(self, jobs: list[_Job]) -> bool:
        """Run all in one transaction. False when one of them raised: all is rolled back and each runs alone."""
        try:
            connection = self._connect()
            with self._transaction(connection):
                for job in jobs:
                    job.outcome = self._timed(job, connection)
        except Exception:  # noqa: BLE001 -- whatever it was, it comes again and is reported when the job runs alone
            self._drop_connection()
            return False
        return True

    def _alone(self, job: _Job) -> None:
        for attempt in range(MAX_SERIALIZATION_RETRIES):
            job.error = None
            was_idle, is_done = self._connection is not None, False
            try:
                connection = self._connect()
                with self._transaction(connection):
                    job.outcome = self._timed(job, connection)
                    is_done = True
            except Exception as error:  # noqa: BLE001 -- it belongs to the caller, not to this thread
                if attempt < MAX_SERIALIZATION_RETRIES - 1 and _is_serialization_failure(error):
                    continue
                job.error = self._told(error)
                if isinstance(job.error, StoreUnavailable) and was_idle and not is_done:
                    continue  # the connection had died since it was last used: nothing of this was done, a new one may do it
            return

    def _transaction(self, connection: Connection) -> AbstractContextManager[Any]:
        if self._begin == NO_TRANSACTION:
            return nullcontext()
        return _sqlite_transaction(connection, self._begin) if self._begin else connection.begin()

    def _told(self, error: Exception) -> Exception:
        """*error* as callers know it. The text of a database error may quote the row: its class is enough."""
        original = error.orig if isinstance(error, DBAPIError) else error
        driver: Any = self._engine.dialect.dbapi
        if isinstance(original, driver.IntegrityError):
            return Conflict(type(original).__name__)
        if not isinstance(original, driver.Error):
            return error
        log.warning("database_error", kind=type(original).__name__)
        self._drop_connection()
        if isinstance(original, driver.OperationalError | driver.InterfaceError):
            return StoreUnavailable("the database did not answer")
        return StoreError(type(original).__name__)

    def _timed(self, job: _Job, connection: Connection) -> Any:
        started = time.perf_counter()
        outcome = job.fn(Tx(connection, self._crypto))
        took, name = time.perf_counter() - started, getattr(job.fn, "__qualname__", "?")
        # Whose statements are compiled for the first time is slow once, and nobody need look into it.
        if took > SLOW_FUNCTION_S and name in self._has_run:
            log.warning("slow_store_function", name=name, ms=round(took * 1000))
        self._has_run.add(name)
        return outcome

    def _connect(self) -> Connection:
        if self._connection is None or self._connection.closed or self._connection.invalidated:
            self._drop_connection()
            self._connection = self._engine.connect()
        return self._connection

    def _drop_connection(self) -> None:
        if self._connection is not None:
            with suppress(Exception):
                self._connection.close()
            self._connection = None


_dumps = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def _engine(url: str, *, writing: bool) -> Engine:
    """One engine a thread. NullPool: the worker itself keeps its one connection and drops it after a fault."""
    engine = create_engine(
        url,
        poolclass=NullPool,
        json_serializer=_dumps,
        json_deserializer=json.loads,
        insertmanyvalues_page_size=500,
        # Readers and SQLite say their transactions themselves.
        **({"isolation_level": "AUTOCOMMIT"} if not writing or make_url(url).get_backend_name() == "sqlite" else {}),
    )
    if engine.dialect.name == "sqlite":
        _tune_sqlite(engine, writing=writing)
    return engine


def _tune_sqlite(engine: Engine, *, writing: bool) -> None:
    @event.listens_for(engine, "connect")
    def _on_connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves; the driver's own would start too late
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode=WAL")
        # FULL: the log is flushed at every commit, so what was acknowledged survives a power cut, not only a kill.
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.execute("PRAGMA busy_timeout=5000")
        cursor.execute("PRAGMA cache_size=-32768" if writing else "PRAGMA cache_size=-8192")
        cursor.execute("PRAGMA temp_store=MEMORY")
        cursor.close()


@contextmanager
def _sqlite_transaction(connection: Connection, begin: str) -> Iterator[None]:
    """A transaction said in SQLite's own words: Core's way of saying them costs more than a small transaction."""
    driver: Any = connection.connection.dbapi_connection
    driver.execute(begin)
    try:
        yield
        driver.commit()
    except BaseException:
        driver.rollback()
        raise


def _is_serialization_failure(error: Exception) -> bool:
    original = error.orig if isinstance(error, DBAPIError) else error
    return getattr(original, "sqlstate", None) in SERIALIZATION_FAILURES


def pragma(tx: Tx, name: str) -> Any:
    """The value of an SQLite pragma on this connection: lets a test see what the writer really runs with."""
    return tx.conn.exec_driver_sql(f"PRAGMA {name}").scalar()
