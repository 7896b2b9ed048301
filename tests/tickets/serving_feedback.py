"""A process that serves the feedback API on the database in a folder, for tests that kill it. Prints its port when it serves."""

import asyncio
import sys
from pathlib import Path

from aiohttp import web
from prometheus_client import CollectorRegistry

from bot.channels.feedback_api import FeedbackApi
from bot.measures import Measures
from bot.middleware import edge
from bot.second_opinion import SecondOpinion
from config.catalogue import Catalogue
from config.clock import SystemClock
from config.settings import RestChannel, Settings
from handoff.feedback.filing import FeedbackFiling
from intents.redact import redact
from intents.understander import Understander
from store.crypto import Crypto
from store.engine import Store
from store.numbers import TicketNumbers


async def serve(folder: Path) -> None:
    store = await Store.open(f"sqlite:///{folder / 'huiyin.db'}", Crypto((folder / "keys.json").read_text("utf-8")))
    app = web.Application(middlewares=[edge(Catalogue(), Measures(CollectorRegistry()))])
    understander = SecondOpinion(Understander.load(cache_dir=folder), None, deadline_s=0)
    settings, clock = Settings(rest=RestChannel(open=True)), SystemClock()
    filing = FeedbackFiling(settings, store, TicketNumbers(store), clock, understander, redact, Catalogue())
    FeedbackApi(settings, store, clock, filing).add_routes(app)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    print(runner.addresses[0][1], flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1])))
