"""Our actions behind Rasa's action-server protocol: facts loaded, effects committed, once."""

import copy
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer
from making_services import settings_for
from pydantic import SecretStr

from bot.app import SERVICE, make_app
from config.settings import RestChannel
from store import queue, tickets

DRAFT = {
    "kind": "complaint",
    "product": "branch_service",
    "urgent": False,
    "record": {"problem": "柜员态度太差", "demand": "道歉"},
    "asked": {},
    "contact_phone": None,
}


def call(action: str, message_id: str = "m1", **slots: Any) -> dict[str, Any]:
    """What a Rasa server posts."""
    return {
        "next_action": action,
        "sender_id": "u1",
        "tracker": {
            "sender_id": "u1",
            "slots": slots,
            "latest_message": {
                "text": "确认", "message_id": message_id, "intent": {"name": "affirm", "confidence": 1.0}, "entities": [], "metadata": {},
            },
            "events": [],
            "latest_event_time": 1.0,
            "followup_action": None,
            "paused": False,
            "latest_input_channel": "rest",
            "active_loop": {},
            "latest_action_name": "action_listen",
        },
        "domain": {},
    }  # fmt: skip


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[TestClient]:
    app = await make_app(settings_for(tmp_path / "data", rest=RestChannel(api_keys=(SecretStr("k" * 32),))), background=False)
    async with TestClient(TestServer(app), headers={"Authorization": f"Bearer {'k' * 32}"}) as running:
        yield running


async def test_an_action_asked_for_twice_files_one_ticket_and_says_its_number(client: TestClient):
    for _ in range(2):
        answer = await client.post("/actions/webhook", json=call("action_file_ticket", draft=DRAFT))
        assert answer.status == 200
        said = await answer.json()
    assert any(item.get("response") == "utter_filed_complaint" and item["ticket_no"] for item in said["responses"])
    filed = await client.app[SERVICE].store.read(tickets.search)
    assert [ticket.content for ticket in filed] == ["柜员态度太差"]


async def test_a_handoff_asked_for_by_rasa_stands_in_our_queue(client: TestClient):
    answer = await client.post("/actions/webhook", json=call("action_hand_off", handoff_reason="asked"))
    assert answer.status == 200
    assert len(await client.app[SERVICE].store.read(queue.entries)) == 1


async def test_an_unknown_action_is_named_as_rasa_expects(client: TestClient):
    answer = await client.post("/actions/webhook", json=call("action_x"))
    assert (answer.status, (await answer.json())["action_name"]) == (404, "action_x")


async def test_without_a_key_nothing_runs(client: TestClient):
    answer = await client.post("/actions/webhook", json=call("action_file_ticket", draft=DRAFT), headers={"Authorization": ""})
    assert answer.status == 401


def changed(body: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    """*body* with *value* at *path*; without it for an ellipsis."""
    changing = copy.deepcopy(body)
    *way, last = path.split(".")
    at = changing
    for part in way:
        at = at[part]
    if value is ...:
        at.pop(last)
    else:
        at[last] = value
    return changing


@pytest.mark.parametrize(
    "path",
    [
        *("next_action", "sender_id", "tracker", "tracker.sender_id", "tracker.slots", "tracker.slots.draft"),
        *("tracker.latest_message", "tracker.latest_message.entities", "tracker.latest_message.metadata", "tracker.events"),
        *("tracker.latest_message.text", "tracker.latest_message.message_id", "tracker.active_loop"),
        *(f"tracker.slots.draft.{name}" for name in ("kind", "product", "urgent", "record", "asked", "contact_phone")),
        *("tracker.slots.draft.record.problem", "tracker.latest_message.intent"),
    ],
)
async def test_whatever_a_call_holds_it_is_done_or_refused_and_never_fails(client: TestClient, path: str):
    for value in (None, 0, True, "x", [], {}, [None], {"kind": "complaint"}, ...):
        answer = await client.post("/actions/webhook", json=changed(call("action_file_ticket", draft=DRAFT), path, value))
        assert answer.status in (200, 400, 404), (value, await answer.text())


@pytest.mark.parametrize("slots", [{}, {"draft": None}], ids=["none", "empty"])
async def test_a_ticket_without_a_draft_is_refused_by_the_name_of_what_is_missing(client: TestClient, slots: dict[str, Any]):
    answer = await client.post("/actions/webhook", json=call("action_file_ticket", **slots))
    assert answer.status == 400 and "needs the slot draft" in (await answer.json())["detail"]


@pytest.mark.parametrize(
    "slots",
    [
        {"handoff_reason": "x"},
        {"understood": {"escalation_signs": 5}},
        {"understood": "x"},
        {"draft": {"record": []}},
        {"matters": ["x"]},
    ],
    ids=repr,
)
async def test_a_handoff_with_slots_of_another_shape_is_refused(client: TestClient, slots: dict[str, Any]):
    answer = await client.post("/actions/webhook", json=call("action_hand_off", **slots))
    assert answer.status == 400
    assert await client.app[SERVICE].store.read(queue.entries) == ()
