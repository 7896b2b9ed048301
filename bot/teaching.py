"""Lets people look through what the bot hardly understood."""

import sys
from datetime import timedelta
from typing import TextIO

from bot.serving import opened
from config.clock import SystemClock
from config.settings import Settings
from intents.teaching import to_label
from store.doubtful import doubtful

DOUBT = 0.5


async def export_doubtful(settings: Settings, sink: TextIO, *, days: int, limit: int) -> int:
    """Write the doubtful messages of the last *days* to *sink*, each with the guess and empty labels.

    The words are those that are stored: passwords are gone, card, ID and phone numbers are tokens. Names that customers
    write are not taken out, so the file is to be kept like the conversations themselves.
    """
    since = SystemClock().now() - timedelta(days=days)
    async with opened(settings) as store:
        found = await store.read(lambda tx: doubtful(tx, since, below=DOUBT, limit=limit))
    sink.writelines(to_label(item.text, item.understanding) + "\n" for item in found)
    sys.stderr.write(f"huiyin: {len(found)} messages to label\n")
    return 0
