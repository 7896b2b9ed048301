"""Lists that programs read to the end: page by page, nothing twice and nothing left out, also of one moment."""

from datetime import datetime
from typing import Any

import pytest
from desk.at_the_desk import Bank, Desk
from making_rows import commit, conversation, customer, plan, said, ticket

from config.labels import Role, Topic
from store import tickets, webhooks
from store.engine import Store, Tx
from store.ticket_number import format_number

MANY = 250  # two full pages and some


@pytest.fixture
def store(bank: Bank) -> Store:
    return bank.service.store


async def pages(desk: Desk, path: str) -> list[list[dict[str, Any]]]:
    """Every page of *path*, as a program reads them."""
    read, following = [], ""
    while following is not None:
        status, page = await desk.get(f"{path}{following}")
        assert status == 200
        read.append(page["items"])
        following = f"{'&' if '?' in path else '?'}before={page['next']}" if page["next"] else None
    return read


async def test_every_ticket_is_read_once_newest_first(bank: Bank, store: Store, clock):
    boss, moments = await bank.agent("boss", Role.SUPERVISOR), dict[str, datetime]()
    whose = customer("u")
    assert await commit(store, plan(conversation(whose), said("柜员态度不好"), new=whose)) == "ok"
    for n in range(MANY):
        moments[format_number(clock.now().date(), n)] = clock.now()
        clock.advance(n % 3)  # some of them came in the same moment

    def file_all(tx: Tx) -> None:
        for number, received in moments.items():
            assert tickets.file(tx, ticket(number, whose.id), received)

    await store.write(file_all)
    read = await pages(boss, "/tickets")
    assert list(map(len, read)) == [100, 100, 50]
    assert [item["no"] for page in read for item in page] == sorted(moments, reverse=True)
    assert len(await pages(boss, "/tickets?state=pending")) == 3
    assert await pages(boss, "/tickets?state=resolved") == [[]]


async def test_the_log_of_a_webhook_is_read_to_its_end_and_by_how_it_went(bank: Bank, store: Store, clock):
    admin = await bank.agent("admin", Role.ADMINISTRATOR)
    wanted = {"url": "https://crm.bank.example/hook", "topics": [Topic.TICKET_MOVED]}
    (_, one), (_, other) = [await admin.post("/webhooks", wanted) for _ in range(2)]

    def happens(tx: Tx) -> None:
        for n in range(MANY):
            webhooks.emit(tx, Topic.TICKET_MOVED, {"n": n}, clock.now())
            clock.advance(n % 3)

    await store.write(happens)
    log = f"/webhooks/{one['id']}/deliveries"
    read = await pages(admin, log)
    events = [item["event"] for page in read for item in page]
    assert list(map(len, read)) == [100, 100, 50] and len(set(events)) == MANY
    moments = [item["at"] for page in read for item in page]
    assert moments == sorted(moments, reverse=True)
    taken = await store.write(lambda tx: webhooks.claim_due(tx, one["id"], clock.now(), limit=3))
    for item in taken:
        await store.write(lambda tx, item=item: webhooks.settle(tx, item, "500", status="failed", due_at=clock.now()))
    assert list(map(len, await pages(admin, f"{log}?status=failed"))) == [3]
    assert await pages(admin, f"/webhooks/{other['id']}/deliveries?status=failed") == [[]]


@pytest.mark.parametrize("query", ["status=lost", "before=x", "before=" + "0" * 31])
async def test_a_log_asked_for_in_an_odd_way_is_refused(bank: Bank, query: str):
    admin = await bank.agent("admin", Role.ADMINISTRATOR)
    assert (await admin.get(f"/webhooks/{'0' * 32}/deliveries?{query}"))[0] == 400


async def test_a_page_that_follows_nothing_is_not_found_or_empty(bank: Bank):
    admin = await bank.agent("admin", Role.ADMINISTRATOR)
    _, hook = await admin.post("/webhooks", {"url": "https://crm.bank.example/", "topics": [Topic.TICKET_MOVED]})
    assert (await admin.get(f"/webhooks/{hook['id']}/deliveries?before={'0' * 32}"))[0] == 404
    boss = await bank.agent("boss", Role.SUPERVISOR)
    assert (await boss.get("/tickets?before=x"))[0] == 400
    status, page = await boss.get("/tickets?before=FB202611230000010")
    assert (status, page) == (200, {"items": [], "next": None})
