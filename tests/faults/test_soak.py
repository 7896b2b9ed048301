"""A short seed of ``make soak``: lines of both sides break under traffic, and nothing is lost, doubled or out of order."""

from pathlib import Path

from aiohttp.test_utils import TestServer
from desk.at_the_desk import HASH, PASSWORD
from faults.soaking import NOT_SHOWN, NOT_STORED, REPLY_NOT_STORED, SHOWN_UNSTORED, UNACKNOWLEDGED, Ledger, soak
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
    assert faults == {"lost": 0, "doubled": 0, "misordered": 0}, [*map(str, ledger.missing), *ledger.doubles]
    assert ledger.claims


def test_what_got_lost_is_named_with_the_hop_at_which_it_was():
    ledger = Ledger(
        sent={"c0": ["一", "二", "三"]},
        acknowledged={"一", "二"},
        replied={"答一": "k1", "答二": "k1"},
        shown={"c0": [("k1", 1, "一"), ("k1", 4, "幻影")]},
        been_in={"c0": ["k1"]},
    )
    stored = {"c0": [("k1", 1, "一"), ("k1", 2, "答一"), ("k1", 3, "一")]}
    found = ledger.faults(stored)
    assert [(item.hop, item.text) for item in ledger.missing] == [
        (NOT_STORED, "二"),
        (UNACKNOWLEDGED, "三"),
        (REPLY_NOT_STORED, "答二"),
        (NOT_SHOWN, "答一"),
        (NOT_SHOWN, "一"),
        (SHOWN_UNSTORED, "幻影"),
    ]
    assert (found["lost"], found["doubled"], ledger.doubles) == (6, 1, ["一"])
    assert str(ledger.missing[3]) == "stored, never shown to the customer: c0: '答一' at 2 of k1"


def test_a_page_that_came_back_to_a_later_conversation_need_not_show_the_earlier_one():
    lines = [("k1", 1, "一"), ("k2", 1, "二"), ("k2", 2, "三")]
    ledger = Ledger(
        sent={"c0": ["一", "二", "三"]}, shown={"c0": lines[2:]}, been_in={"c0": ["k1", "k2"]}, began={"c0": ("k2", 1)}
    )
    ledger.acknowledged = {"一", "二", "三"}
    assert ledger.faults({"c0": lines}) == {"lost": 0, "doubled": 0, "misordered": 0}
    ledger.began = {"c0": ("k2", 0)}
    assert ledger.faults({"c0": lines})["lost"] == 1
