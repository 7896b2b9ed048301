"""What other systems are told: signed, once the thing has happened, again after a failure, and never what customers said."""

import asyncio
import hashlib
import hmac
import json
import socket
from collections.abc import Awaitable, Callable
from datetime import timedelta
from ipaddress import IPv4Network, ip_network
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from desk.at_the_desk import Bank, Desk, held
from desk.test_desk_by_key import ask, key_for
from sqlalchemy import select

from bot.reach import Reach, ReachableOnly
from bot.webhooks import AT_ONCE, WAITS, WebhookSender
from config.labels import Role, Scope, Topic
from store import webhooks
from store.engine import Tx
from store.tables import audit as audit_rows
from store.tables import webhooks as webhook_rows

LOOPBACK = IPv4Network("127.0.0.0/8")


class Receiver:
    """Somebody else's system: keeps what it is told and answers as a test says."""

    def __init__(self) -> None:
        self.told: list[tuple[dict[str, str], bytes]] = []
        self.answers: list[int] = []
        self.meanwhile: Callable[[], Awaitable[None]] | None = None  # what happens before it answers

    async def take(self, request: web.Request) -> web.Response:
        self.told.append((dict(request.headers), await request.read()))
        if self.meanwhile is not None:
            await self.meanwhile()
        status = self.answers.pop(0) if self.answers else 204
        return web.Response(status=status, headers={"Location": "/elsewhere"} if status == 302 else {})

    def events(self) -> list[dict[str, Any]]:
        return [json.loads(body) for _, body in self.told]


@pytest.fixture
async def receiver():
    made = Receiver()
    app = web.Application()
    app.router.add_post("/hook", made.take)
    async with TestServer(app) as server:
        made.url = str(server.make_url("/hook"))
        yield made


@pytest.fixture
async def sender(bank: Bank):
    made = WebhookSender(bank.service.store, bank.service.clock, Reach([LOOPBACK]))
    yield made
    await made.close()


async def set_up(bank: Bank, url: str, *topics: Topic) -> tuple[Desk, dict[str, Any]]:
    admin = await bank.agent("admin", Role.ADMINISTRATOR)
    status, made = await admin.post("/webhooks", {"url": url, "topics": list(topics)})
    assert status == 201
    return admin, made


async def test_a_conversations_way_is_told_once_each_and_signed(bank: Bank, receiver: Receiver, sender: WebhookSender):
    _, hook = await set_up(bank, receiver.url, *Topic)
    agent = await bank.agent("xiaowang")
    conversation_id = await held(bank, agent)
    body = {"kind": "complaint", "product": "branch_service", "content": "柜员态度差"}
    _, filed = await agent.post(f"/conversations/{conversation_id}/ticket", body)
    await agent.post(f"/conversations/{conversation_id}/end")
    assert await sender.deliver_due() == 4
    events = {event["topic"]: event["data"] for event in receiver.events()}
    assert set(events) == {"conversation.queued", "conversation.claimed", "ticket.filed", "conversation.ended"}
    for event in receiver.events():
        sent = bank.promises.document["webhooks"][event["topic"]]["post"]["requestBody"]["content"]["application/json"]
        assert bank.promises.faults(sent["schema"], event) == []
    assert events["ticket.filed"]["ticket_no"] == filed["ticket_no"]
    assert events["conversation.ended"]["conversation_id"] == conversation_id
    for headers, sent in receiver.told:
        assert fits(hook["secret"], (headers, sent))
        described = bank.promises.document["webhooks"][headers["X-Huiyin-Topic"]]["post"]["parameters"]
        assert {header["name"] for header in described} == {name for name in headers if name.startswith("X-")}
        assert headers["X-Huiyin-Event"] == json.loads(sent)["id"]


async def test_who_gives_up_waiting_is_told_of_once_and_who_was_taken_is_not(
    bank: Bank, receiver: Receiver, sender: WebhookSender
):
    await set_up(bank, receiver.url, Topic.CONVERSATION_LEFT)
    agent = await bank.agent("xiaowang")
    taken = await held(bank, agent, "u1")
    await bank.say("u2", "柜员态度太差了，让我等了两个小时")
    await bank.say("u2", "转人工")
    waits = await agent.waiting()
    await bank.say("u2", "取消排队")
    await agent.post(f"/conversations/{taken}/decline", {"reason": "只是问问"})
    assert (await agent.post(f"/conversations/{taken}/end"))[0] == 200
    await sender.deliver_due()
    assert [event["data"] for event in receiver.events()] == [{"conversation_id": waits}]


async def test_nothing_that_a_customer_said_is_told(bank: Bank, receiver: Receiver, sender: WebhookSender):
    await set_up(bank, receiver.url, *Topic)
    conversation_id = await held(bank, agent := await bank.agent("xiaowang"))
    await agent.post(
        f"/conversations/{conversation_id}/ticket",
        {"kind": "complaint", "product": "branch_service", "content": "柜员态度差", "phone": "13812345678"},
    )
    await sender.deliver_due()
    everything = b"".join(body for _, body in receiver.told).decode()
    assert "柜员" not in everything and "13812345678" not in everything


async def test_a_webhook_hears_of_its_topics_alone(bank: Bank, receiver: Receiver, sender: WebhookSender):
    await set_up(bank, receiver.url, Topic.CONVERSATION_CLAIMED)
    await held(bank, await bank.agent("xiaowang"))
    await sender.deliver_due()
    assert [event["topic"] for event in receiver.events()] == ["conversation.claimed"]


@pytest.mark.parametrize("refusal", [500, 404, 302])
async def test_what_was_not_taken_is_told_again_later_under_the_same_id(
    bank: Bank, receiver: Receiver, sender: WebhookSender, clock, refusal: int
):
    await set_up(bank, receiver.url, Topic.CONVERSATION_CLAIMED)
    receiver.answers = [refusal]
    await held(bank, await bank.agent("xiaowang"))
    await sender.deliver_due()
    assert await sender.deliver_due() == 0  # not before its time
    clock.advance(WAITS[0].total_seconds() + 1)
    assert await sender.deliver_due() == 1
    first, second = receiver.events()
    assert first == second


async def test_who_never_takes_it_is_given_up_and_told_once_more_on_request(
    bank: Bank, receiver: Receiver, sender: WebhookSender, clock
):
    admin, hook = await set_up(bank, receiver.url, Topic.CONVERSATION_CLAIMED)
    receiver.answers = [503] * 20
    await held(bank, await bank.agent("xiaowang"))
    for _ in range(20):
        await sender.deliver_due()
        clock.advance(timedelta(days=1).total_seconds())
    assert len(receiver.told) == len(WAITS) + 1
    admin = await signed_in_again(bank, "admin")
    _, log = await admin.get(f"/webhooks/{hook['id']}/deliveries")
    assert [(item["status"], item["answer"], item["attempts"]) for item in log["items"]] == [("failed", "503", len(WAITS) + 1)]
    receiver.answers = []
    status, _ = await admin.post(f"/webhooks/{hook['id']}/deliveries/{log['items'][0]['event']}/replay")
    assert status == 200 and await sender.deliver_due() == 1
    _, log = await admin.get(f"/webhooks/{hook['id']}/deliveries")
    assert log["items"][0]["status"] == "delivered"


async def signed_in_again(bank: Bank, login: str) -> Desk:
    desk = bank.desk()
    assert (await desk.post("/session", {"login": login, "password": "correct-horse"}))[0] == 200
    return desk


def signatures(headers: dict[str, str]) -> tuple[bytes, list[str]]:
    """The seconds that were signed, and every signature."""
    seconds, *made = headers["X-Huiyin-Signature"].split(",")
    return seconds.removeprefix("t=").encode(), [item.removeprefix("v1=") for item in made]


def fits(secret: str, told: tuple[dict[str, str], bytes]) -> bool:
    seconds, made = signatures(told[0])
    return hmac.new(secret.encode(), seconds + b"." + told[1], hashlib.sha256).hexdigest() in made


async def test_for_a_day_after_its_change_both_secrets_fit_and_then_the_new_one_alone(
    bank: Bank, receiver: Receiver, sender: WebhookSender, clock
):
    admin, hook = await set_up(bank, receiver.url, Topic.CONVERSATION_QUEUED)
    status, changed = await admin.post(f"/webhooks/{hook['id']}/secret")
    assert status == 200 and changed["secret"] != hook["secret"]
    await held(bank, await bank.agent("xiaowang"))
    await sender.deliver_due()
    assert [fits(secret, receiver.told[0]) for secret in (hook["secret"], changed["secret"])] == [True, True]
    clock.advance(timedelta(days=1).total_seconds())
    await held(bank, await bank.agent("xiaoli"), "u2")
    await sender.deliver_due()
    assert [fits(secret, receiver.told[-1]) for secret in (hook["secret"], changed["secret"])] == [False, True]
    assert len(signatures(receiver.told[-1][0])[1]) == 1


async def test_no_list_shows_a_secret_and_the_database_holds_none(bank: Bank, receiver: Receiver):
    admin, hook = await set_up(bank, receiver.url, Topic.CONVERSATION_QUEUED)
    _, changed = await admin.post(f"/webhooks/{hook['id']}/secret")
    _, listed = await admin.get("/webhooks")
    rows = await bank.service.store.read(lambda tx: str(tx.conn.execute(select(webhook_rows)).all()))
    for secret in (hook["secret"], changed["secret"]):
        assert secret not in str(listed) and secret not in rows


async def test_what_is_under_way_when_a_webhook_is_switched_off_is_not_tried_again(
    bank: Bank, receiver: Receiver, sender: WebhookSender, clock
):
    admin, hook = await set_up(bank, receiver.url, Topic.CONVERSATION_CLAIMED)
    await held(bank, await bank.agent("xiaowang"))

    async def switch_off() -> None:
        async with admin.session.delete(f"{bank.url}/api/v1/desk/webhooks/{hook['id']}") as answer:
            assert answer.status == 200

    receiver.meanwhile, receiver.answers = switch_off, [503]
    await sender.deliver_due()
    clock.advance(timedelta(days=1).total_seconds())
    assert await sender.deliver_due() == 0 and len(receiver.told) == 1


async def test_a_replay_asked_for_while_an_attempt_is_under_way_is_told_whatever_becomes_of_that(
    bank: Bank, receiver: Receiver, sender: WebhookSender
):
    admin, hook = await set_up(bank, receiver.url, Topic.CONVERSATION_CLAIMED)
    await held(bank, await bank.agent("xiaowang"))
    path = f"/webhooks/{hook['id']}/deliveries"
    event = (await admin.get(path))[1]["items"][0]["event"]

    async def replay() -> None:
        receiver.meanwhile = None
        assert (await admin.post(f"{path}/{event}/replay"))[0] == 200

    receiver.meanwhile = replay
    await sender.deliver_due()
    assert [item["id"] for item in receiver.events()] == [event, event]
    assert (await admin.get(path))[1]["items"][0]["status"] == "delivered"


async def test_a_receiver_that_hangs_delays_none_of_the_others(bank: Bank, receiver: Receiver, sender: WebhookSender):
    hanging, let_go, both_there = Receiver(), asyncio.Event(), asyncio.Semaphore(0)

    async def hang() -> None:
        both_there.release()
        await let_go.wait()

    async def noted() -> None:
        both_there.release()

    hanging.meanwhile, receiver.meanwhile = hang, noted
    app = web.Application()
    app.router.add_post("/hook", hanging.take)
    async with TestServer(app) as server:
        admin, _ = await set_up(bank, str(server.make_url("/hook")), Topic.CONVERSATION_CLAIMED)
        body = {"url": receiver.url, "topics": [Topic.CONVERSATION_CLAIMED]}
        assert (await admin.post("/webhooks", body))[0] == 201
        xiaowang = await bank.agent("xiaowang")
        await held(bank, xiaowang, "u1")
        await sender.begin_due()
        await both_there.acquire()
        await both_there.acquire()
        await held(bank, xiaowang, "u2")  # while one of them hangs
        while len(receiver.told) < 2:
            await sender.begin_due()
        assert len(hanging.told) == 1
        let_go.set()
        await sender.deliver_due()
    assert len(receiver.told) == 2 and len(hanging.told) == 2


async def test_a_receiver_that_takes_nothing_is_asked_a_few_times_a_round_and_not_for_all_that_waits(
    bank: Bank, receiver: Receiver, sender: WebhookSender, clock
):
    await set_up(bank, receiver.url, Topic.TICKET_MOVED)

    def happens(tx: Tx) -> None:
        for n in range(50):
            webhooks.emit(tx, Topic.TICKET_MOVED, {"n": n}, clock.now())

    await bank.service.store.write(happens)
    receiver.answers = [503] * AT_ONCE
    assert await sender.deliver_due() == AT_ONCE
    assert await sender.deliver_due() == 50 - AT_ONCE
    clock.advance(WAITS[0].total_seconds())
    assert await sender.deliver_due() == AT_ONCE
    assert {event["data"]["n"] for event in receiver.events()} == set(range(50))


async def test_a_webhook_set_up_while_others_are_told_is_told_too(bank: Bank, receiver: Receiver, sender: WebhookSender):
    admin, _ = await set_up(bank, receiver.url, Topic.CONVERSATION_QUEUED)
    xiaowang = await bank.agent("xiaowang")
    await held(bank, xiaowang, "u1")

    async def another() -> None:
        receiver.meanwhile = None
        body = {"url": receiver.url, "topics": ["conversation.queued"]}
        assert (await admin.post("/webhooks", body))[0] == 201
        await held(bank, xiaowang, "u2")

    receiver.meanwhile = another
    assert await sender.deliver_due() + await sender.deliver_due() == 3
    assert len(receiver.told) == 3


@pytest.mark.parametrize("path", ["/deliveries", "/secret", "/deliveries/" + "0" * 32 + "/replay", ""])
async def test_a_webhook_that_there_is_not_is_not_found_and_nothing_is_written_down(bank: Bank, path: str):
    admin = await bank.agent("admin", Role.ADMINISTRATOR)
    method = "GET" if path == "/deliveries" else "POST" if path else "DELETE"
    async with admin.session.request(method, f"{bank.url}/api/v1/desk/webhooks/{'0' * 32}{path}") as answer:
        assert answer.status == 404
    rows = select(audit_rows.c.action).where(audit_rows.c.action.like("%webhook%"))
    assert (await bank.service.store.read(lambda tx: tx.conn.execute(rows).all())) == []


async def test_a_receiver_that_is_not_there_delays_nobody_else(bank: Bank, receiver: Receiver, sender: WebhookSender):
    admin, _ = await set_up(bank, receiver.url, Topic.CONVERSATION_CLAIMED)
    assert (await admin.post("/webhooks", {"url": "http://127.0.0.1:9/", "topics": ["conversation.claimed"]}))[0] == 201
    await held(bank, await bank.agent("xiaowang"))
    assert await sender.deliver_due() == 2
    assert len(receiver.told) == 1


async def test_a_webhook_switched_off_hears_nothing_more(bank: Bank, receiver: Receiver, sender: WebhookSender):
    admin, hook = await set_up(bank, receiver.url, Topic.CONVERSATION_CLAIMED)
    async with admin.session.delete(f"{bank.url}/api/v1/desk/webhooks/{hook['id']}") as answer:
        assert answer.status == 200
    await held(bank, await bank.agent("xiaowang"))
    assert await sender.deliver_due() == 0 and receiver.told == []


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/",
        "ftp://127.0.0.1/",
        "https://",
        "https://user:pw@example.com/",
        "file:///etc/passwd",
        "https://例子.com/",
        "https://example.com:99999/",
        "https://example.com:0/",
        "https://a b.com/",
        "https://exa\nmple.com/",
        "https://[::1/",
    ],
)
async def test_an_address_that_is_not_safe_is_refused(bank: Bank, url: str):
    admin = await bank.agent("admin", Role.ADMINISTRATOR)
    assert (await admin.post("/webhooks", {"url": url, "topics": ["ticket.filed"]}))[0] == 422


async def test_nobody_but_administrators_sets_webhooks_up(bank: Bank):
    boss = await bank.agent("boss", Role.SUPERVISOR)
    assert (await boss.get("/webhooks"))[0] == 403
    key = await key_for(bank, await bank.staff("admin", Role.ADMINISTRATOR), Scope.TICKETS_READ)
    assert (await ask(bank, key, "GET", "/webhooks"))[0] == 403


@pytest.mark.parametrize(
    "address",
    [
        *(
            "127.0.0.1",
            "127.1.2.3",
            "10.0.0.8",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "224.0.0.1",
        ),
        *("::1", "::", "fe80::1", "fe80::1%eth0", "fd00::1", "::ffff:127.0.0.1", "::ffff:10.0.0.8", "2002:7f00:1::", "ff02::1"),
        *("localhost", "", "1", "127.1", "0x7f000001"),
    ],
)
def test_private_networks_are_out_of_reach_unless_the_bank_names_them(address):
    assert not Reach(()).allows(address)
    assert Reach(()).allows("1.1.1.1") and Reach(()).allows("2606:4700:4700::1111")
    assert Reach([ip_network("10.0.0.0/8")]).allows("10.0.0.8")
    assert not Reach([ip_network("10.0.0.0/8")]).allows("192.168.1.1")


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]"])
async def test_webhook_never_knocks_at_this_machine_unless_told_that_it_may(bank: Bank, receiver: Receiver, host: str):
    admin, hook = await set_up(bank, receiver.url.replace("127.0.0.1", host), Topic.CONVERSATION_QUEUED)
    await held(bank, await bank.agent("xiaowang"))
    shut = WebhookSender(bank.service.store, bank.service.clock, Reach(()))
    told = await shut.deliver_due()
    await shut.close()
    assert told == 1
    assert receiver.told == []
    _, log = await admin.get(f"/webhooks/{hook['id']}/deliveries")
    assert (log["items"][0]["status"], log["items"][0]["attempts"]) == ("pending", 1)


async def test_name_that_leads_into_a_private_network_leads_nowhere():
    with pytest.raises(OSError, match="nowhere"):
        await ReachableOnly(Reach(())).resolve("localhost", 80)
    assert await ReachableOnly(Reach([LOOPBACK])).resolve("localhost", 80, socket.AF_INET)
