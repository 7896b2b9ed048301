"""A short seed of ``make soak``: lines of both sides break under traffic, and nothing is lost, doubled or out of order."""

from pathlib import Path

from aiohttp.test_utils import TestServer
from desk.at_the_desk import HASH, PASSWORD
from faults.soaking import soak
from making_services import settings_for

from bot.app import SERVICE, make_app
from config.labels import Role
from store import agents
from store.ids import new_id
from store.model import Agent


async def test_over_lines_that_keep_breaking_everything_arrives_once_and_in_order(tmp_path: Path):
    app = await make_app(settings_for(tmp_path))
    service = app[SERVICE]
    for login in ("a1", "a2"):
        now = service.clock.now()
        member = Agent(new_id(now), login, login, Role.AGENT, None, active=True, capacity=10, presence="offline")
        await service.store.write(lambda tx, member=member: agents.create(tx, member, HASH, member and now))
    server = TestServer(app)
    await server.start_server()
    try:
        ledger, faults = await soak(
            server.port,
            [("a1", PASSWORD), ("a2", PASSWORD)],
            customers=4,
            enough=lambda found: len(found.acknowledged) >= 60 and len(found.replied) >= 40 and found.cuts >= 8,
        )
    finally:
        await server.close()
    assert faults == {"lost": 0, "doubled": 0, "misordered": 0}, ledger.found
    assert ledger.claims
