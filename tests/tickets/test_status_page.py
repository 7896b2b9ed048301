"""The customer's page of a ticket over HTTP: who holds the link may look, add and withdraw, and nobody else may anything."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from prometheus_client import CollectorRegistry
from sqlalchemy import text

from bot.channels.status_page import StatusPage
from bot.measures import Measures
from bot.middleware import edge
from config.catalogue import Catalogue
from config.clock import SettableClock
from config.labels import FeedbackChannel, Priority, TicketKind, TicketState
from config.settings import Settings
from config.settings import StatusPage as Limits
from handoff.tickets.clocks import Clocks
from store import tickets
from store.engine import Store, Tx
from store.model import Ticket, TicketEvent
from store.tables import metadata
from store.ticket_number import format_number
from store.tickets import TicketDraft

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
NO = format_number(NOW.date(), 7)
DAY_S = 86_400
Page = TestClient[web.Request, web.Application]


@pytest.fixture
def clock() -> SettableClock:
    return SettableClock(NOW)


@pytest_asyncio.fixture
async def page(store: Store, clock: SettableClock) -> AsyncIterator[Page]:
    app = web.Application(middlewares=[edge(Catalogue(), Measures(CollectorRegistry()))])
    StatusPage(Settings(status_page=Limits(additions_per_h=3)), store, clock, Clocks.load("09:00-18:00"), Catalogue()).add_routes(
        app
    )
    draft = TicketDraft(
        no=NO,
        kind=TicketKind.COMPLAINT,
        priority=Priority.NORMAL,
        channel=FeedbackChannel.IN_APP,
        product="atm_selfservice",
        nature="transaction",
        department="operations",
        content="取款机把我的卡吞了",
        received_at=NOW,
        due_at=NOW + timedelta(days=9),
        contact_phone="13812345678",
        customer_name="张三丰",
    )
    await store.write(lambda tx: tickets.file(tx, draft, NOW))
    async with TestClient(TestServer(app)) as client:
        yield client


def url(store: Store, no: str = NO) -> str:
    return f"/api/v1/status/{tickets.link_token(store.crypto, no)}"


async def ask(page: Page, path: str, body: Any = None) -> tuple[int, dict[str, Any]]:
    response = await (page.get(path) if body is None else page.post(path, json=body))
    return response.status, await response.json()


async def history(store: Store) -> tuple[TicketEvent, ...]:
    return await store.read(lambda tx: tickets.history(tx, NO))


async def ticket(store: Store) -> Ticket:
    found = await store.read(lambda tx: tickets.get(tx, NO))
    assert found is not None
    return found


async def move(store: Store, to: TicketState, role: str, at: datetime = NOW, **detail: str) -> None:
    version = (await ticket(store)).version
    moved = await store.write(
        lambda tx: tickets.move(tx, NO, to, expected_version=version, actor=role, role=role, now=at, detail=detail)
    )
    assert isinstance(moved, Ticket), moved


async def test_whoever_holds_the_link_sees_state_dates_and_their_own_words_but_no_whole_name_or_number(page, store):
    status, shown = await ask(page, url(store))
    assert status == 200
    assert (shown["ticket_no"], shown["status"], shown["kind"]) == (NO, "待处理", "投诉")
    assert (shown["name"], shown["contact"], shown["about"]["words"]) == ("张*", "138****5678", "取款机把我的卡吞了")
    assert shown["answer_by"] == "2026年12月2日"
    assert [step["text"] for step in shown["steps"]] == ["已登记，等待受理"]


async def test_a_move_between_departments_is_no_step_for_the_customer(page, store):
    await move(store, TicketState.IN_PROGRESS, "dispatcher")
    await move(store, TicketState.IN_PROGRESS, "dispatcher", department="risk", reason="转风险部")
    _, shown = await ask(page, url(store))
    assert [step["text"] for step in shown["steps"]] == ["已登记，等待受理", "处理中"]
    assert "risk" not in str(shown) and "转风险部" not in str(shown)


@pytest.mark.parametrize("token", ["0" * 32, "f" * 32])
async def test_a_guessed_link_shows_nothing(page, token):
    status, answer = await ask(page, f"/api/v1/status/{token}")
    assert (status, answer["title"]) == (404, "unknown_link")


async def test_a_link_dies_some_time_after_the_tickets_last_change_and_says_the_same_as_an_unknown_one(page, store, clock):
    _, unknown = await ask(page, "/api/v1/status/" + "0" * 32)
    clock.advance(179 * DAY_S)
    assert (await ask(page, url(store)))[0] == 200
    clock.advance(2 * DAY_S)
    assert await ask(page, url(store)) == (404, unknown)
    for path, body in (("/additions", {"text": "还在吗", "client_id": "a1"}), ("/withdrawal", {"version": 1})):
        assert (await ask(page, url(store) + path, body))[0] == 404


async def test_the_link_itself_is_stored_nowhere(page, store):
    def dump(tx: Tx) -> str:
        return "\n".join(str(row) for table in metadata.tables for row in tx.conn.execute(text(f"SELECT * FROM {table}")))

    assert tickets.link_token(store.crypto, NO) not in await store.read(dump)


async def test_what_the_customer_adds_stands_in_the_history_without_their_card_number_or_password(page, store):
    words = "补充一下，卡号6222021234567890128，密码是778899，卡里还有三千块"
    status, shown = await ask(page, url(store) + "/additions", {"text": words, "client_id": "a1"})
    assert (status, shown["has_secret"]) == (201, True)
    event = (await history(store))[-1]
    assert (event.actor, event.action) == ("customer", "supplemented")
    assert "三千块" in event.detail["text"]
    assert "778899" not in str(event.detail) and "6222021234567890128" not in str(event.detail)
    assert shown["steps"][-1]["said"] == "补充一下，卡号****，密码是[已屏蔽]，卡里还有三千块"


async def test_an_addition_sent_again_is_written_once(page, store):
    body = {"text": "还有一张小票", "client_id": "a1"}
    answers = await asyncio.gather(*(ask(page, url(store) + "/additions", body) for _ in range(5)))
    assert {status for status, _ in answers} == {201}
    assert [event.action for event in await history(store)] == ["filed", "supplemented"]


async def test_more_additions_than_an_hour_allows_are_refused_and_taken_later(page, store, clock):
    for n in range(3):
        assert (await ask(page, url(store) + "/additions", {"text": f"第{n}条", "client_id": f"a{n}"}))[0] == 201
    status, answer = await ask(page, url(store) + "/additions", {"text": "再来", "client_id": "b"})
    assert (status, answer["title"]) == (429, "too_many")
    clock.advance(3601)
    assert (await ask(page, url(store) + "/additions", {"text": "再来", "client_id": "b"}))[0] == 201


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"text": "  ", "client_id": "a"}, "empty"),
        ({"text": 3, "client_id": "a"}, "bad_request"),
        ({"client_id": "a"}, "bad_request"),
        ({"text": "字" * 8001, "client_id": "a"}, "too_long"),
        ({"text": "好"}, "bad_request"),
        ({"text": "好", "client_id": "不是"}, "bad_request"),
    ],
)
async def test_a_bad_addition_is_refused_with_a_reason_and_writes_nothing(page, store, body, code):
    status, answer = await ask(page, url(store) + "/additions", body)
    assert (status, answer["title"]) == (422, code)
    assert len(await history(store)) == 1


async def test_the_customer_withdraws_once_and_the_page_says_so(page, store):
    body = {"version": 1, "statement": "问题自己好了"}
    first = await ask(page, url(store) + "/withdrawal", body)
    again = await ask(page, url(store) + "/withdrawal", body)
    assert first == again
    assert (first[0], first[1]["status"], first[1]["may_withdraw"], first[1]["may_add"]) == (200, "已撤回", False, False)
    assert [(event.action, event.detail.get("statement")) for event in await history(store)][1:] == [("moved", "问题自己好了")]


async def test_a_ticket_that_moved_on_is_not_withdrawn_on_an_old_view(page, store):
    await move(store, TicketState.IN_PROGRESS, "dispatcher")
    status, answer = await ask(page, url(store) + "/withdrawal", {"version": 1})
    assert (status, answer["title"]) == (409, "moved_on")
    assert (await ticket(store)).state is TicketState.IN_PROGRESS


async def test_a_withdrawn_ticket_takes_no_additions(page, store):
    await ask(page, url(store) + "/withdrawal", {"version": 1})
    status, answer = await ask(page, url(store) + "/additions", {"text": "等等", "client_id": "a"})
    assert (status, answer["title"]) == (409, "cannot_add")


async def test_the_page_itself_is_the_same_for_every_link_and_kept_by_no_cache(page, store):
    known = await page.get(f"/s/{tickets.link_token(store.crypto, NO)}")
    unknown = await page.get("/s/whatever")
    assert await known.text() == await unknown.text()
    assert known.headers["Cache-Control"] == "no-store" and known.headers["Referrer-Policy"] == "no-referrer"
