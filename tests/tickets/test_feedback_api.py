"""``POST /api/v1/feedback`` over HTTP with the real store and the real understanding."""

import asyncio
import io
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from prometheus_client import CollectorRegistry
from pydantic import SecretStr
from sqlalchemy import text

from bot.channels.feedback_api import FeedbackApi
from bot.measures import Measures
from bot.middleware import edge
from bot.second_opinion import SecondOpinion
from config.catalogue import Catalogue
from config.clock import SettableClock
from config.labels import Kind, Product
from config.settings import RestChannel, Settings
from handoff.feedback.filing import FeedbackFiling
from handoff.tickets.clocks import Clocks
from intents.redact import redact
from intents.semantic import Opinion, in_doubt
from intents.understander import Understander
from store import tickets
from store.engine import Store, Tx
from store.model import Ticket
from store.numbers import TicketNumbers
from store.tables import metadata

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
URL = "/api/v1/feedback"
KEY = {"Authorization": "Bearer right-key"}
FORM = {
    "channel": "web_form",
    "content": "取款机把我的卡吞了，希望尽快退还",
    "kind": "complaint",
    "product": "atm_selfservice",
    "urgent": False,
}
READBACK = {"confirmed_by": "customer", "at": "2026-11-23T09:58:00+08:00", "text": "客户说取款机吞卡，希望退卡"}

# A body that is refused never reaches the database: one kind of it is enough.
REFUSED_BEFORE_THE_DATABASE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

Api = TestClient[web.Request, web.Application]


@pytest.fixture(scope="session")
def understander(tmp_path_factory: pytest.TempPathFactory) -> Understander:
    return Understander.load(cache_dir=tmp_path_factory.mktemp("segmenter"))


@pytest_asyncio.fixture
async def api(store: Store, understander: Understander) -> AsyncIterator[Api]:
    async with serving(store, SecondOpinion(understander, None, deadline_s=0)) as client:
        yield client


@asynccontextmanager
async def serving(store: Store, understander: SecondOpinion) -> AsyncIterator[Api]:
    settings = Settings(rest=RestChannel(api_keys=(SecretStr("right-key"), SecretStr("other-key"))))
    app = web.Application(
        middlewares=[edge(Catalogue(), Measures(CollectorRegistry()))], client_max_size=settings.server.max_body_bytes
    )
    clock = SettableClock(NOW)
    filing = FeedbackFiling(settings, store, TicketNumbers(store), clock, understander, redact, Catalogue())
    FeedbackApi(settings, store, clock, filing).add_routes(app)
    async with TestClient(TestServer(app)) as client:
        yield client


async def post(api: Api, body: Any, **headers: str) -> tuple[int, dict[str, Any]]:
    response = await api.post(URL, json=body, headers=KEY | {name.replace("_", "-"): value for name, value in headers.items()})
    return response.status, await response.json()


async def stored(store: Store, no: str) -> Ticket:
    ticket = await store.read(lambda tx: tickets.get(tx, no))
    assert ticket is not None
    return ticket


async def count(store: Store) -> int:
    return len(await store.read(lambda tx: tickets.search(tx, limit=1000)))


async def everything_stored(store: Store) -> str:
    """All rows of all tables as they lie there, nothing opened."""

    def dump(tx: Tx) -> str:
        return "\n".join(str(row) for table in metadata.tables for row in tx.conn.execute(text(f"SELECT * FROM {table}")))

    return await store.read(dump)


class PraiseOfABranch:
    """Stands in for the embeddings."""

    def __init__(self, understander: Understander) -> None:
        model = understander._model
        self._said = Opinion(
            [float(label == Kind.PRAISE) for label in model.kind.labels],
            [float(label == Product.BRANCH_SERVICE) for label in model.product.labels],
        )

    def opinion(self, _text: str) -> Opinion:
        return self._said


@REFUSED_BEFORE_THE_DATABASE
async def test_a_doubtful_form_gets_the_second_opinion_that_a_message_gets(store: Store, understander: Understander) -> None:
    # Which of them the model is unsure of changes with every training; that it is sure of all of them would be news.
    unclear = (
        "弄了半天还是那样",
        "上次跟你们讲过的那个，现在又来了",
        "这个和那个有什么关系呢，给我看看那边的",
        "那个东西上回弄了以后好像又变了",
    )
    doubtful = next(text for text in unclear if in_doubt(understander.understand(redact(text), NOW)))
    alone = understander.understand(redact(doubtful), NOW)
    second = SecondOpinion(understander, PraiseOfABranch(understander), deadline_s=10)
    async with serving(store, second) as api:
        _, answer = await post(
            api, {name: value for name, value in FORM.items() if name not in ("kind", "product")} | {"content": doubtful}
        )
    suggested = (await stored(store, answer["ticket_no"])).record["suggested"]
    both = await second.understand(redact(doubtful), NOW)
    assert (suggested["kind"], suggested["product"]) == (both.kind, both.product)
    assert (both.kind_confidence, both.product_confidence) != (alone.kind_confidence, alone.product_confidence)
    assert suggested["kind_confidence"] == round(both.kind_confidence, 3)
    await second.close()


async def test_a_filed_form_is_confirmed_with_number_state_and_promise(api: Api, store: Store) -> None:
    status, answer = await post(api, FORM)
    assert status == 201
    assert (answer["state"], answer["status"], answer["kind"]) == ("pending", "待处理", "complaint")
    assert answer["received_at"] == "2026-11-23T10:00:00+08:00"
    assert answer["reply_due"] == "2026-12-02T18:00:00+08:00"
    assert answer["ticket_no"] in answer["message"]
    assert "2026年12月2日" in answer["message"]
    ticket = await stored(store, answer["ticket_no"])
    assert (ticket.content, ticket.department, ticket.channel) == (FORM["content"], "operations", "web_form")
    assert ticket.due_at == datetime.fromisoformat(answer["reply_due"])


@pytest.mark.parametrize(
    "channel", ["web_form", "in_app", "paper_form", "suggestion_box", "branch_qr", "email", "regulator", "api"]
)
async def test_every_written_channel_ends_in_the_same_kind_of_ticket(api: Api, store: Store, channel: str) -> None:
    status, answer = await post(api, FORM | {"channel": channel})
    assert status == 201
    assert (await stored(store, answer["ticket_no"])).channel == channel


@pytest.mark.parametrize("channel", ["hotline", "hotline_voice", "counter"])
async def test_what_was_said_aloud_is_refused_without_the_customers_confirmation_and_filed_with_it(
    api: Api, store: Store, channel: str
) -> None:
    status, refusal = await post(api, FORM | {"channel": channel})
    assert status == 422
    assert [error["code"] for error in refusal["errors"]] == ["readback_required"]
    assert await count(store) == 0
    status, answer = await post(api, FORM | {"channel": channel, "readback": READBACK, "registered_by": "T0042"})
    assert status == 201
    assert "readback" not in answer["missing"]
    ticket = await stored(store, answer["ticket_no"])
    assert ticket.record["readback"] == {"confirmed_by": "customer", "at": "2026-11-23T09:58:00+08:00"}
    (filed,) = await store.read(lambda tx: tickets.history(tx, ticket.no))
    assert filed.actor == "staff:T0042"


async def test_what_the_form_does_not_say_is_found_from_the_words(api: Api, store: Store) -> None:
    status, answer = await post(
        api, {"channel": "web_form", "content": "我的银行卡刚刚被盗刷了五千元，钱不是我花的，快帮我冻结！"}
    )
    assert status == 201
    assert (answer["kind"], answer["priority"]) == ("complaint", "urgent")
    ticket = await stored(store, answer["ticket_no"])
    assert (ticket.nature, ticket.department) == ("fraud_safety", "operations")
    assert ticket.record["suggested"]["kind"] == "urgent_report"
    assert answer["reply_due"] == "2026-11-26T18:00:00+08:00"


async def test_what_the_form_says_leads_and_the_suggestion_is_kept_beside_it(api: Api, store: Store) -> None:
    form = {
        "channel": "counter",
        "content": "建议手机银行增加夜间模式",
        "kind": "enquiry",
        "product": "loan",
        "urgent": True,
        "readback": READBACK,
    }
    status, answer = await post(api, form)
    assert status == 201
    assert (answer["kind"], answer["product"], answer["priority"]) == ("enquiry", "loan", "urgent")
    assert (await stored(store, answer["ticket_no"])).record["suggested"]["kind"] == "suggestion"


async def test_card_phone_and_secret_never_lie_readable_in_the_database(api: Api, store: Store) -> None:
    form = FORM | {
        "content": "我的卡号6222021234567890128，手机13812345678，密码是845210，卡被吞了",
        "demand": "请打13912345679联系我",
        "contact": {"phone": "13712345670", "email": "zhang.san@example.com"},
        "customer": {"name": "欧阳锋"},
    }
    status, answer = await post(api, form)
    assert status == 201
    assert [warning["code"] for warning in answer["warnings"]] == ["secret_removed"]
    ticket = await stored(store, answer["ticket_no"])
    assert "845210" not in ticket.content
    assert {item["kind"] for item in ticket.record["protected"]} == {"card", "phone"}
    assert (ticket.contact_phone, ticket.customer_name) == ("13712345670", "欧阳锋")
    on_disk = await everything_stored(store)
    for secret in ("6222021234567890128", "13812345678", "845210", "13912345679", "13712345670", "zhang.san", "欧阳锋"):
        assert secret not in on_disk, secret
    assert answer["ticket_no"] in on_disk


async def test_a_sealed_original_opens_only_for_its_own_place_in_its_own_ticket(api: Api, store: Store) -> None:
    _, answer = await post(api, FORM | {"content": "卡号6222021234567890128被吞，请打13812345678"})
    no = answer["ticket_no"]
    protected = (await stored(store, no)).record["protected"]
    opened = [store.crypto.decrypt(item["sealed"], f"tickets.record.{no}.protected.{n}") for n, item in enumerate(protected)]
    assert opened == ["6222021234567890128", "13812345678"]


async def test_fields_left_out_on_purpose_are_not_missing_and_others_are_named(api: Api) -> None:
    form = FORM | {"channel": "suggestion_box", "not_applicable": {"customer_name": "匿名投递", "contact": "匿名投递"}}
    status, answer = await post(api, form)
    assert status == 201
    assert answer["missing"] == ["preferred_channel", "demand", "occurred_at", "occurred_place"]


async def test_a_paper_form_counts_from_the_day_the_bank_got_it(api: Api) -> None:
    status, answer = await post(api, FORM | {"channel": "paper_form", "received_at": "2026-11-19T15:00:00+08:00"})
    assert status == 201
    due = datetime.fromisoformat(answer["reply_due"])
    assert due == Clocks.load("09:00-18:00").reply_due(NOW - timedelta(days=4), "complaint", "normal")  # type: ignore[arg-type]
    assert answer["received_at"].startswith("2026-11-19")


@REFUSED_BEFORE_THE_DATABASE
@pytest.mark.parametrize("received_at", ["2026-11-24T10:00:00+08:00", "1999-12-31T10:00:00+08:00", "9999-12-31T23:59:59-12:00"])
async def test_a_day_of_receipt_in_the_future_or_before_our_time_is_refused(api: Api, store: Store, received_at: str) -> None:
    status, refusal = await post(api, FORM | {"received_at": received_at})
    assert status == 422
    assert refusal["errors"][0]["field"] == "received_at"
    assert await count(store) == 0


async def test_the_same_request_sent_again_gets_the_same_number(api: Api, store: Store) -> None:
    first = await post(api, FORM, Idempotency_Key="abc-1")
    reordered = dict(reversed(FORM.items()))
    second = await post(api, reordered, Idempotency_Key="abc-1")
    assert first == second
    assert first[0] == 201
    assert await count(store) == 1


async def test_the_same_key_with_another_body_is_refused_and_files_nothing(api: Api, store: Store) -> None:
    await post(api, FORM, Idempotency_Key="abc-1")
    status, refusal = await post(api, FORM | {"content": "别的内容"}, Idempotency_Key="abc-1")
    assert (status, refusal["title"]) == (422, "idempotency_key_reused")
    assert await count(store) == 1


async def test_twenty_requests_at_once_with_one_key_make_one_ticket(api: Api, store: Store) -> None:
    answers = await asyncio.gather(*(post(api, FORM, Idempotency_Key="abc-2") for _ in range(20)))
    assert {status for status, _ in answers} == {201}
    assert len({answer["ticket_no"] for _, answer in answers}) == 1
    assert await count(store) == 1


async def test_the_same_key_of_two_callers_does_not_meet(api: Api, store: Store) -> None:
    _, mine = await post(api, FORM, Idempotency_Key="abc-3")
    _, theirs = await post(api, FORM, Idempotency_Key="abc-3", Authorization="Bearer other-key")
    assert mine["ticket_no"] != theirs["ticket_no"]


async def test_without_a_key_every_request_is_a_ticket_of_its_own(api: Api, store: Store) -> None:
    numbers = {(await post(api, FORM))[1]["ticket_no"] for _ in range(3)}
    assert len(numbers) == await count(store) == 3


async def test_a_refused_request_leaves_its_key_free(api: Api) -> None:
    assert (await post(api, {"channel": "web_form"}, Idempotency_Key="abc-4"))[0] == 422
    assert (await post(api, FORM, Idempotency_Key="abc-4"))[0] == 201


@REFUSED_BEFORE_THE_DATABASE
@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        ({"content": ""}, "content", "string_too_short"),
        ({"content": " \n "}, "content", "string_too_short"),
        ({"content": "长" * 8001}, "content", "string_too_long"),
        ({"content": "有\u0000空"}, "content", "control_character"),
        ({"channel": "pigeon"}, "channel", "enum"),
        ({"kind": "urgent_report"}, "kind", "enum"),
        ({"contnet": "x"}, "contnet", "extra_forbidden"),
        ({"occurred_at": "2026-11-23T10:00:00"}, "occurred_at", "timezone_aware"),
        ({"amount_yuan": -1}, "amount_yuan", "greater_than_equal"),
        ({"card_tail": "6222021234567890128"}, "card_tail", "string_pattern_mismatch"),
        ({"contact": {"phone": "call me"}}, "contact.phone", "string_pattern_mismatch"),
        ({"customer": {"id_last4": "310101199001011234"}}, "customer.id_last4", "string_pattern_mismatch"),
        ({"not_applicable": {"content": "没有"}}, "", "not_applicable_unknown_field"),
    ],
)
async def test_each_wrong_field_is_named_with_a_chinese_sentence_and_nothing_is_filed(
    api: Api, store: Store, change: dict[str, Any], field: str, code: str
) -> None:
    status, refusal = await post(api, FORM | change)
    assert status == 422
    assert [(error["field"], error["code"]) for error in refusal["errors"]] == [(field, code)]
    assert all("\u4e00" <= text[0] <= "\u9fff" or text[0] == "“" for text in (refusal["detail"], refusal["errors"][0]["message"]))
    assert await count(store) == 0


@REFUSED_BEFORE_THE_DATABASE
async def test_a_refusal_does_not_repeat_what_was_typed(api: Api) -> None:
    _, refusal = await post(api, FORM | {"contact": {"phone": "6222021234567890128-x"}})
    assert "6222021234567890128" not in json.dumps(refusal)


@REFUSED_BEFORE_THE_DATABASE
@pytest.mark.parametrize("body", [b"", b"{", b"[1", b"\xff\xfe", b'{"channel": NaN', b"[" * 100_000])
async def test_a_body_that_is_not_json_is_a_clear_400(api: Api, body: bytes) -> None:
    response = await api.post(URL, data=body, headers=KEY | {"Content-Type": "application/json"})
    assert response.status == 400
    assert response.content_type == "application/problem+json"


@REFUSED_BEFORE_THE_DATABASE
@pytest.mark.parametrize("body", [b"null", b"[]", b'"text"', b"1", b'{"channel": "web_form", "content": "\\ud800"}'])
async def test_json_that_is_no_form_is_refused_without_an_error_of_ours(api: Api, body: bytes) -> None:
    response = await api.post(URL, data=body, headers=KEY | {"Content-Type": "application/json"})
    assert response.status in (400, 422)


@REFUSED_BEFORE_THE_DATABASE
async def test_another_content_type_is_a_415(api: Api) -> None:
    response = await api.post(URL, data=b"channel=web_form", headers=KEY | {"Content-Type": "application/x-www-form-urlencoded"})
    assert response.status == 415


@REFUSED_BEFORE_THE_DATABASE
async def test_a_body_over_the_limit_is_a_413(api: Api, store: Store) -> None:
    response = await api.post(
        URL, data=io.BytesIO(b" " * (2 * 1024 * 1024 + 1)), headers=KEY | {"Content-Type": "application/json"}
    )
    assert response.status == 413
    assert await count(store) == 0


@REFUSED_BEFORE_THE_DATABASE
@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer wrong"}])
async def test_without_a_right_key_nothing_is_read_or_filed(api: Api, store: Store, headers: dict[str, str]) -> None:
    response = await api.post(URL, json=FORM, headers=headers)
    assert response.status == 401
    assert response.headers["WWW-Authenticate"] == "Bearer"
    assert await count(store) == 0


@REFUSED_BEFORE_THE_DATABASE
async def test_an_idempotency_key_that_is_too_long_is_a_400(api: Api, store: Store) -> None:
    assert (await post(api, FORM, Idempotency_Key="k" * 201))[0] == 400
    assert await count(store) == 0
