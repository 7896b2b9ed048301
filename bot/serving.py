"""Runs the service: checks first, then listens until asked to stop."""

import fcntl
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from aiohttp import web

from bot.app import make_app, read_keys
from config import logging
from config.settings import Settings
from handoff.rules import faults_in_rules
from store import agents
from store.engine import Store
from store.errors import StoreError
from store.migrate import check_keys, migrate


class AlreadyServing(RuntimeError):
    """Another process serves from the same data directory."""


def hold_data_dir(data_dir: Path) -> int:
    """Keep other processes from serving the same files; held until this process ends. Raises ``AlreadyServing``."""
    data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(data_dir / "serving.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        raise AlreadyServing(f"another huiyin serves from {data_dir}") from None
    return descriptor


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Store]:
    """The deployment's own store, migrated, for one command. Raises ``OSError`` or ``ValueError`` without its keys."""
    crypto = read_keys(settings)
    migrate(settings.database_url)
    check_keys(settings.database_url, crypto)
    store = await Store.open(settings.database_url, crypto, writers=1, readers=1)
    try:
        yield store
    finally:
        await store.close()


async def reasons_not_to_start(settings: Settings) -> list[str]:
    """What is missing before customers may come; empty when nothing is."""
    try:
        read_keys(settings)
    except (OSError, ValueError) as error:
        return [f"no usable key ring: {error} (make one with: huiyin keys new)"]
    if faults := faults_in_rules(settings):
        return faults
    try:
        async with opened(settings) as store:
            if not await store.read(agents.has_administrator):
                return ["no administrator yet (make one with: huiyin user add LOGIN --name NAME --role administrator)"]
    except StoreError as error:
        return [f"the database: {error}"]
    return []


def serve(settings: Settings, *, banner: str = "") -> int:
    """Serve until SIGTERM or SIGINT; 1 when something that is needed is missing."""
    import asyncio

    logging.configure(settings.logging)
    lock = hold_data_dir(settings.data_dir) if settings.database.url is None else None
    reasons = asyncio.run(reasons_not_to_start(settings))
    for reason in reasons:
        print(f"huiyin: {reason}", file=sys.stderr)
    if reasons:
        return 1
    try:
        web.run_app(
            make_app(settings),
            host=settings.server.host,
            port=settings.server.port,
            access_log=None,  # our own middleware logs route templates; the library's line would quote paths and queries
            shutdown_timeout=settings.server.shutdown_grace_s,
            print=lambda *_: print(banner or f"huiyin: http://{settings.server.host}:{settings.server.port}", flush=True),
        )
    finally:
        if lock is not None:
            with suppress(OSError):
                os.close(lock)
    return 0
