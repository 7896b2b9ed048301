"""The hosted form: its pass files one ticket, as a customer, and can do nothing that only staff may."""

import asyncio
import io
from datetime import timedelta
from typing import Any

import pytest
from aiohttp import ClientSession
from desk.at_the_desk import BASE, Bank
from desk.conftest import bank, dictionary  # noqa: F401 -- fixtures
from PIL import Image

from config.labels import Role
from store import tickets

URL = "/api/v1/feedback"
FORM = {"channel": "web_form", "kind": "complaint", "content": "柜员态度差，让我等了两个小时"}


def picture() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (60, 40), 90).save(out, "JPEG")
    return out.getvalue()


async def ask(bank: Bank, method: str, path: str, form_pass: str = "", **options: Any) -> tuple[int, dict[str, Any]]:  # noqa: F811
    headers = {"Authorization": f"Bearer {form_pass}"} if form_pass else {}
    async with ClientSession(headers=headers) as session, session.request(method, f"{bank.url}{path}", **options) as answer:
        return answer.status, await answer.json()


async def started(bank: Bank) -> dict[str, Any]:  # noqa: F811
    status, start = await ask(bank, "GET", f"{URL}/form")
    assert status == 200
    return start


@pytest.fixture(autouse=True)
def _no_open_house(bank: Bank, monkeypatch):  # noqa: F811
    """The demo lets everybody in; these tests are about those who have a pass."""
    for resource in bank.server.app.router.resources():
        if resource.canonical == URL:
            (route,) = resource
            monkeypatch.setattr(route.handler.__self__._keys, "_open", False)


async def test_the_form_names_kinds_and_products_in_chinese(bank: Bank):  # noqa: F811
    start = await started(bank)
    assert start["kinds"]["complaint"] == "投诉" and start["products"]["credit_card"] == "信用卡"
    assert "other" not in start["kinds"]


async def test_a_pass_files_one_ticket_however_often_the_button_is_pressed(bank: Bank):  # noqa: F811
    form_pass = (await started(bank))["pass"]
    answers = await asyncio.gather(*(ask(bank, "POST", URL, form_pass, json=FORM) for _ in range(5)))
    assert {status for status, _ in answers} == {201}
    assert len({answer["ticket_no"] for _, answer in answers}) == 1
    status, answer = await ask(bank, "POST", URL, form_pass, json={**FORM, "content": "别的事情"})
    assert (status, answer["title"]) == (422, "idempotency_key_reused")


async def test_without_a_pass_and_with_a_forged_or_outlived_one_nothing_is_filed(bank: Bank, clock):  # noqa: F811
    good = (await started(bank))["pass"]
    assert (await ask(bank, "POST", URL, json=FORM))[0] == 401
    for bad in (good[:-1] + ("0" if good[-1] != "0" else "1"), "f:", "f:x.1", good.replace("f:", "f:0")):
        assert (await ask(bank, "POST", URL, bad, json=FORM))[0] == 401
    clock.advance(timedelta(hours=12, seconds=1).total_seconds())
    status, answer = await ask(bank, "POST", URL, good, json=FORM)
    assert (status, answer["title"]) == (401, "form_over")
    assert await bank.service.store.read(tickets.search) == ()


@pytest.mark.parametrize(
    ("claim", "field"),
    [
        ({"customer": {"reference": "c-1"}}, "customer.reference"),
        ({"registered_by": "T0042"}, "registered_by"),
        ({"received_at": "2026-01-01T00:00:00+08:00"}, "received_at"),
        ({"escalation_signs": ["media"]}, "escalation_signs"),
        ({"urgent": True}, "urgent"),
        ({"channel": "regulator"}, "channel"),
        ({"channel": "wechat_official"}, "channel"),
    ],
)
async def test_what_only_staff_may_say_is_refused_by_name(bank: Bank, claim, field):  # noqa: F811
    status, answer = await ask(bank, "POST", URL, (await started(bank))["pass"], json={**FORM, **claim})
    assert status == 422
    assert [error["field"] for error in answer["errors"]] == [field]
    assert await bank.service.store.read(tickets.search) == ()


async def test_a_picture_sent_with_the_form_is_seen_at_the_desk_and_by_nobody_else(bank: Bank):  # noqa: F811
    form_pass = (await started(bank))["pass"]
    status, sent = await ask(bank, "POST", f"{URL}/uploads", form_pass, data=picture())
    assert status == 201
    status, filed = await ask(bank, "POST", URL, form_pass, json={**FORM, "uploads": [sent["upload"]]})
    assert status == 201
    boss = await bank.agent("boss", Role.SUPERVISOR)
    path = f"{bank.url}{BASE}/tickets/{filed['ticket_no']}/files/0"
    async with boss.session.get(path) as answer:
        assert (answer.status, answer.content_type) == (200, "image/jpeg")
        assert len(await answer.read()) == sent["size"]
    async with ClientSession() as stranger, stranger.get(path) as answer:
        assert answer.status == 401
    async with boss.session.get(path[:-1] + "1") as answer:
        assert answer.status == 404


async def test_a_file_of_another_form_is_not_taken_along(bank: Bank):  # noqa: F811
    one, other = (await started(bank))["pass"], (await started(bank))["pass"]
    _, sent = await ask(bank, "POST", f"{URL}/uploads", one, data=picture())
    status, answer = await ask(bank, "POST", URL, other, json={**FORM, "uploads": [sent["upload"]]})
    assert (status, answer["errors"][0]["code"]) == (422, "upload_unknown")


async def test_one_address_sends_only_so_much_an_hour(bank: Bank, clock):  # noqa: F811
    limit = bank.service.settings.web_form.per_address_per_h
    passes = [(await started(bank))["pass"] for _ in range(limit + 1)]
    for form_pass in passes[:-1]:
        assert (await ask(bank, "POST", URL, form_pass, json=FORM))[0] == 201
    status, answer = await ask(bank, "POST", URL, passes[-1], json=FORM)
    assert (status, answer["title"]) == (429, "too_many_forms")
    clock.advance(3601)
    assert (await ask(bank, "POST", URL, passes[-1], json=FORM))[0] == 201


async def test_a_branchs_code_files_under_that_branch(bank: Bank):  # noqa: F811
    body = {**FORM, "channel": "branch_qr", "branch": "朝阳支行"}
    _, filed = await ask(bank, "POST", URL, (await started(bank))["pass"], json=body)
    ticket = await bank.service.store.read(lambda tx: tickets.get(tx, filed["ticket_no"]))
    assert (ticket.channel, ticket.record["branch"]) == ("branch_qr", "朝阳支行")
