"""Lets people look through what the bot hardly understood."""

import sys
from datetime import timedelta
from typing import TextIO

from config.clock import SystemClock
from config.settings import Settings
from intents.teaching import to_label
from store.doubtful import doubtful
from store.engine import Store
from store.migrate import check_keys, migrate

DOUBT = 0.5


async def export_doubtful(settings: Settings, sink: TextIO, *, days: int, limit: int) -> int:
    """Write the doubtful messages of the last *days* to *sink*, each with the guess and empty labels.

    The words are those that are stored: passwords are gone, card, ID and phone numbers are tokens. Names that customers
    write are not taken out, so the file is to be kept like the conversations themselves.
    """
    from bot.app import read_keys

    crypto = read_keys(settings)
    migrate(settings.database_url)
    check_keys(settings.database_url, crypto)
    store = await Store.open(settings.database_url, crypto)
    try:
        since = SystemClock().now() - timedelta(days=days)
        found = await store.read(lambda tx: doubtful(tx, since, below=DOUBT, limit=limit))
    finally:
        await store.close()
    sink.writelines(to_label(item.text, item.understanding) + "\n" for item in found)
    sys.stderr.write(f"huiyin: {len(found)} messages to label\n")
    return 0
