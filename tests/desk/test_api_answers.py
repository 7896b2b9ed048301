"""Every endpoint answers what it promises, in each way that it leaves open: a field there or not, null or not, a list with items.

One day at a bank, with all that an answer may hold. Every answer is held against the description, and what the day did not show
of it is named at the end: so nothing is promised that never comes, and nothing comes that is not promised.
"""

import io
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from aiohttp import ClientSession
from desk.at_the_desk import PASSWORD, Bank, Desk
from making_rows import commit, conversation, customer, plan, said, ticket
from PIL import Image
from wechat.test_whole_service import Town, town, words  # noqa: F401 -- fixtures

from config.labels import Audience, Holder, Priority, Role, Speaker, TicketState
from store import conversations, ratings, tickets, windows
from store.conversations import MessageDraft
from store.engine import Tx
from store.model import QueueEntry
from store.tables import conversations as rows
from store.tables import outbox
from store.ticket_number import format_number

API = "/api/v1"
WHO = {"department": "consumer_protection", "capacity": 50}
# What no day shows, and why it is promised all the same.
NOT_SHOWN = (
    "Filters",  # a view keeps what was set, and is described by what may be
    "TicketRecord",  # holds as much as the customer told
    "Receipt.reply_due|null",  # every kind has a promise in the rules that come with us; a bank's own may have none
    "Receipt.status_url",  # stands where the bank has said under which address it is reached
    "Receipt.warnings|null",  # these three are left out instead, which their description allows as well
    "ShownTicket.has_secret|null",
    "ListedTickets.next|string",  # pages hold a hundred: test_paging.py
    "TriedDeliveries.next|",
    "Step.said left out",
)


class Day:
    """Asks, holds each answer against its promise, and remembers what was seen of it."""

    def __init__(self, bank: Bank) -> None:
        self.bank, self.seen, self.asked = bank, set[str](), set[tuple[str, str, int]]()

    async def ask(
        self, session: ClientSession, method: str, path: str, body: Any = None, *, status: int = 200, **more: Any
    ) -> Any:
        async with session.request(method, f"{self.bank.url}{path}", json=body, **more) as answer:
            data, plain = await answer.read(), path.partition("?")[0]
            assert answer.status == status, (method, path, data)
            promises = self.bank.promises
            promises.check(method, plain, status, answer.content_type, data)
            self.asked.add((method, promises.operation(method, plain)["operationId"], status))
            if answer.content_type != "application/json":
                return data
            found, schema = await answer.json(), promises.answers(method, plain, status)["application/json"]
            self.seen.update(promises.taken(schema, found))
            return found

    def missed(self) -> Iterator[str]:
        """What is promised and was not seen."""
        promises, expected = self.bank.promises, set[str]()
        for methods in promises.document["paths"].values():
            for method, operation in methods.items():
                for status, answer in operation["responses"].items():
                    if int(status) >= 400:
                        continue
                    if (method.upper(), operation["operationId"], int(status)) not in self.asked:
                        yield f"{method} {operation['operationId']} {status} was not asked for"
                    if schema := answer.get("content", {}).get("application/json", {}).get("schema"):
                        expected.update(promises.branches(schema))
        yield from sorted(item for item in expected - self.seen if not item.startswith(NOT_SHOWN))


class At:
    """One member of staff's browser, as the day needs it."""

    def __init__(self, day: Day, desk: Desk) -> None:
        self.day, self.desk, self.id = day, desk, desk.id

    async def __call__(self, method: str, path: str, body: Any = None, status: int = 200, **more: Any) -> Any:
        return await self.day.ask(self.desk.session, method, f"{API}/desk{path}", body, status=status, **more)


def picture() -> bytes:
    kept = io.BytesIO()
    Image.new("RGB", (20, 10), (90, 140, 180)).save(kept, "PNG")
    return kept.getvalue()


@pytest.fixture
async def day(town: Town) -> Day:  # noqa: F811
    return Day(town.bank)


async def test_everything_that_is_promised_comes_and_nothing_else(town: Town, day: Day):  # noqa: F811
    bank = town.bank
    boss = At(day, await bank.agent("boss", Role.SUPERVISOR, **WHO))
    root = At(day, await bank.agent("root", Role.ADMINISTRATOR))
    ann = At(day, await bank.agent("ann", skills=("fraud", "lending"), capacity=50))
    await boss("GET", "/supervision")  # before anything has happened
    await people(boss, root, ann)
    await words_and_views(boss)
    number, token = await forms(day, boss)
    hook = await root(
        "POST", "/webhooks", {"url": "https://crm.bank.example/hook", "topics": ["ticket.filed", "ticket.moved"]}, 201
    )
    held = await a_conversation(town, boss, ann, number)
    await known_customers(bank, boss, number)
    await lists_and_search(town, boss, ann, held)
    await a_ticket(day, boss, number, token)
    await told(bank, root, hook)
    await codes(day, boss, town)
    await boss("DELETE", "/session", status=204)
    assert list(day.missed()) == []


async def people(boss: At, root: At, ann: At) -> None:
    login = {"login": "ann", "password": PASSWORD}
    await ann("POST", "/session", login)
    await ann("GET", "/me")
    await boss("GET", "/me")
    await ann("PUT", "/presence", {"presence": "online"})
    await boss("GET", "/colleagues")
    await boss("PUT", f"/colleagues/{ann.id}/work", {"capacity": 50, "skills": ["fraud", "lending"]})
    account = {"name": "小李", "role": "agent", "department": "operations", "capacity": 5, "skills": [], "login": "li"}
    added = await root("POST", "/staff", {**account, "password": "a-long-password"}, 201)
    account.pop("login")
    await root("PUT", f"/staff/{added['agent']['id']}", {**account, "skills": ["lending"], "active": False})
    await root("GET", "/staff")


async def words_and_views(boss: At) -> None:
    reply = await boss("POST", "/canned", {"shortcut": "hi", "title": "问候", "text": "您好"}, 201)
    await boss("PUT", f"/canned/{reply['id']}", {"shortcut": "hi", "title": "问候", "text": "您好！"})
    await boss("GET", "/canned")
    await boss("DELETE", f"/canned/{reply['id']}", status=204)
    every = {"channel": "wechat_official", "kind": "complaint", "product": "loan", "priority": "urgent", "tag": "回访"}
    more = {"department": "operations", "emotion": "angry", "unread": True, "since": "2026-11-01T00:00:00+08:00", "days": 3}
    view = await boss(
        "POST", "/views", {"name": "急的", "filters": {"view": "all", **every, **more, "until": more["since"]}}, 201
    )
    await boss("POST", "/views", {"name": "我的", "filters": {}}, 201)
    await boss("GET", "/views")
    await boss("DELETE", f"/views/{view['id']}", status=204)


async def forms(day: Day, boss: At) -> tuple[str, str]:
    """Feedback of every kind; the number and the link of a ticket that has all a ticket may have."""
    headers = {"Authorization": f"Bearer {(await day.ask(boss.desk.session, 'GET', f'{API}/feedback/form'))['pass']}"}
    async with ClientSession(headers=headers) as customer:
        sent = await day.ask(customer, "POST", f"{API}/feedback/uploads", status=201, data=picture())
        form = {"channel": "web_form", "content": "密码是778899，取款机吞卡了", "uploads": [sent["upload"]]}
        await day.ask(customer, "POST", f"{API}/feedback", form, status=201)
    scan = await boss("POST", "/feedback/uploads", None, 201, data=picture())
    paper = {"channel": "paper_form", "content": "柜员态度差，要向银保监会投诉", "kind": "complaint", "product": "branch_service"}
    record = {"demand": "道歉", "occurred_at": "2026-11-22T10:00:00+08:00", "branch": "朝阳支行", "amount_yuan": 12.5}
    who = {"customer": {"name": "张三丰"}, "contact": {"phone": "13812345678"}, "not_applicable": {"occurred_place": "不详"}}
    filed = await boss("POST", "/feedback", {**paper, **record, **who, "uploads": [scan["upload"]]}, 201)
    number = filed["ticket_no"]
    await boss("GET", f"/tickets/{number}/files/0")
    await boss("GET", f"/tickets/{number}/files/0", status=206, headers={"Range": "bytes=1-3"})
    return number, tickets.link_token(day.bank.service.store.crypto, number)


async def a_conversation(town: Town, boss: At, ann: At, number: str) -> str:  # noqa: F811
    """One with everything that a conversation may hold; Ann serves it at the end."""
    store, clock = town.bank.service.store, town.clock
    await town.bank.say("other", "柜员态度太差了，让我等了两个小时")
    await town.bank.say("other", "转人工")
    plain = (await boss("GET", "/conversations?view=waiting"))["items"][0]["id"]
    await boss("GET", f"/conversations/{plain}")
    await boss("POST", f"/conversations/{plain}/claim")
    await boss("POST", f"/conversations/{plain}/decline", {"reason": "只是问问"})
    await boss("POST", f"/conversations/{plain}/end")
    for text in ("柜员态度太差了，我要找律师，钱被盗刷了5000元，手机号13812345678；另外APP也一直闪退", "转人工"):
        await town.says(text)
    found = (await boss("GET", "/conversations?view=waiting"))["items"][0]["id"]
    await boss("GET", "/supervision")  # somebody waits for whoever knows about fraud
    one = f"/conversations/{found}"
    await ann("POST", f"{one}/claim")
    await boss("POST", f"{one}/claim", status=409)
    await ann("POST", f"{one}/transfer", {"reason": "请帮忙", "agent": boss.id})
    await boss("GET", one)  # kept for the one who was asked
    await boss("GET", "/conversations?view=waiting")
    await boss("POST", f"{one}/refuse", {"reason": "不归我"})
    await boss("POST", f"{one}/take-over", {"reason": "我来"})
    await boss("POST", f"{one}/requeue", {"reason": "换人"})
    await ann("POST", f"{one}/claim")
    sent = await ann("POST", f"{one}/replies", {"text": "您好"}, 201)
    await ann("POST", f"{one}/notes", {"text": "客户很急"}, 201)
    await ann("POST", f"{one}/read", {"seq": sent["seq"]})
    await ann("PUT", f"{one}/draft", {"mode": "reply", "text": "正在"}, 204)
    await ann("GET", f"{one}/draft")
    await ann("PUT", f"{one}/draft", {"mode": "note", "text": "记下"}, 204)
    await ann("PUT", f"{one}/draft", {"mode": "reply", "text": ""}, 204)
    await ann("GET", f"{one}/draft")
    await ann("PUT", f"{one}/tags", {"add": ["回访"]})
    await boss("GET", "/tags")
    file = await ann("POST", f"{one}/files?client_id=c1&name=a.png", None, 201, data=picture())
    await ann("GET", f"{one}/files/{file['seq']}/0")
    await ann("GET", f"{one}/files/{file['seq']}/0", status=206, headers={"Range": "bytes=1-3"})
    place = {"label": "朝阳支行", "latitude": 39.9, "longitude": 116.4}
    buttons = [{"title": "是", "payload": "/affirm"}, {"title": "否"}]
    elsewhere = MessageDraft(
        Speaker.AGENT, "我来", payload={"author": "企业微信坐席", **place, "buttons": buttons, "recalled": True}
    )

    def happens(tx: Tx) -> None:
        conversations.append(tx, found, elsewhere, now=clock.now())
        conversations.append(tx, found, MessageDraft(Speaker.SYSTEM, "记", audience=Audience.DESK), now=clock.now())
        tx.conn.execute(rows.update().where(rows.c.id == found).values(ticket_no=number))
        tx.conn.execute(outbox.update().where(outbox.c.seq == sent["seq"]).values(status="failed", error="refused"))
        for n in range(25):
            conversations.append(tx, found, MessageDraft(Speaker.AGENT, f"等待第{n}次", agent_id=ann.id), now=clock.now())
        ratings.ask(tx, ratings.of_conversation(found), clock.now(), conversation_id=None, agent_id=None)

    await store.write(happens)
    await ann("GET", f"{one}/messages")
    await ann("GET", one)
    subject = ratings.of_conversation(found)
    await store.write(lambda tx: ratings.answer(tx, ratings.Rating(subject, 5, "很好"), clock.now()))
    await ann("GET", one)
    await ann("GET", f"{one}?after={file['seq']}")
    customer_id = (await store.read(lambda tx: conversations.customer_of(tx, found))).id
    await store.write(lambda tx: windows.mark_unreachable(tx, customer_id))
    await boss("GET", one)
    await ann("POST", f"{one}/unmask", {"reason": "核对", "seq": 1, "token": await token_in(ann, one)})
    await ann("GET", f"{one}/export?format=json")
    form = {"kind": "complaint", "product": "branch_service", "content": "柜员态度差"}
    await ann("POST", f"{one}/ticket", form, 201)
    await ann("GET", one)
    return found


async def known_customers(bank: Bank, boss: At, number: str) -> None:
    """Customers whom the bank knows, with conversations here and there, and tickets that promise nothing."""
    store, now = bank.service.store, bank.service.clock.now()
    number_of_theirs = format_number(now.date(), 7)
    signed = {"signed_id": "c9", "name": "王小明"}
    here = replace(customer("wang", "in_app:main"), **signed, phone="13900000000")
    there, nameless = replace(customer("wang", "in_app:app"), **signed), replace(customer("x"), phone="13700000000")
    one, two, three = conversation(here), conversation(there), conversation(nameless)
    gone = plan(one, said("柜员态度不好"), new=here, holder=Holder.ENDED, ticket_no=number)
    with_bot = plan(two, said("柜员态度真差，" + "等了很久" * 40), new=there, state={"branch": "朝阳支行"})
    kept = QueueEntry(
        three.id, "asked", Priority.NORMAL, now, None, {}, reserved_for=boss.id, reserved_until=now + timedelta(hours=1)
    )
    waits = plan(three, said("转人工"), new=nameless, holder=Holder.QUEUED, enter_queue=kept)
    for todo in (gone, with_bot, waits):
        assert await commit(store, todo) == "ok"

    def more(tx: Tx) -> None:
        assert tickets.file(tx, ticket(number_of_theirs, here.id), now)
        tx.conn.execute(rows.update().where(rows.c.id == one.id).values(ended_at=now))
        tx.conn.execute(rows.update().where(rows.c.id == three.id).values(erased_at=now))

    await store.write(more)
    await bank.service.indexer.catch_up()
    for found in (one, two, three):
        await boss("GET", f"/conversations/{found.id}")
    await boss("GET", f"/tickets/{number_of_theirs}")
    await boss("POST", f"/tickets/{number_of_theirs}/move", {"to": "not_accepted", "expected_version": 1, "reason": "不是我行"})
    await boss("GET", "/supervision")


async def token_in(ann: At, one: str) -> str:
    text = (await ann("GET", f"{one}/messages?limit=1"))["items"][0]["text"]
    return text[text.index("[手机") : text.index("]") + 1]


async def lists_and_search(town: Town, boss: At, ann: At, held: str) -> None:  # noqa: F811
    await town.says("怎么还没有人")
    await ann("GET", "/conversations?view=mine")
    await boss("GET", "/conversations?view=all&limit=1")
    await boss("GET", "/conversations?view=all")
    await boss("GET", "/conversations?view=ended")
    for place in ("all", "customers", "tickets", "messages"):
        await boss("GET", f"/search?q=态度&in={place}")
    for asked in ("王小明", "13700000000", "13900000000", "13812345678", "吞卡", "等待"):
        await boss("GET", f"/search?q={asked}")
    outcome = {"ids": [held, "0" * 32], "action": "tag", "tag": "急"}
    await boss("POST", "/conversations/bulk", outcome)


async def a_ticket(day: Day, boss: At, number: str, token: str) -> None:
    await boss("GET", "/tickets")
    await boss("GET", f"/tickets/{number}")
    await boss("POST", f"/tickets/{number}/unmask", {"reason": "核对", "field": "phone"})
    store, link = day.bank.service.store, f"{API}/status/{token}"
    async with ClientSession() as customer:
        await day.ask(customer, "GET", link)
        await day.ask(customer, "POST", f"{link}/additions", {"text": "还有，密码是778899", "client_id": "a1"}, status=201)
        for to, role in ((TicketState.IN_PROGRESS, "dispatcher"), (TicketState.REPLIED, "owner")):
            version = (await boss("GET", f"/tickets/{number}"))["version"]

            def move(tx: Tx, to: TicketState = to, role: str = role, version: int = version) -> Any:
                return tickets.move(
                    tx, number, to, expected_version=version, actor="x", role=role, now=day.bank.service.clock.now()
                )

            assert not isinstance(await store.write(move), str)
        version = (await day.ask(customer, "GET", link))["version"]
        await day.ask(customer, "POST", f"{link}/rating", {"score": 4})
        await day.ask(customer, "POST", f"{link}/verdict", {"version": version, "resolved": False, "reason": "没解决"})
        version = (await day.ask(customer, "GET", link))["version"]
        await day.ask(customer, "POST", f"{link}/withdrawal", {"version": version})


async def told(bank: Bank, root: At, hook: dict[str, Any]) -> None:
    one = f"/webhooks/{hook['id']}"
    await root("GET", "/webhooks")
    (event, *_) = (await root("GET", f"{one}/deliveries"))["items"]
    await root("POST", f"{one}/deliveries/{event['event']}/replay")
    await root("POST", f"{one}/secret")
    await root("DELETE", one)
    await root("GET", f"{one}/deliveries")


async def codes(day: Day, boss: At, town: Town) -> None:  # noqa: F811
    path = f"{API}/wechat/branch-codes"
    for days in ({}, {"days": 7}):
        made = await day.ask(boss.desk.session, "POST", path, {"branch": "朝阳支行", **days}, status=201)
    await day.ask(boss.desk.session, "GET", path)
    await day.ask(boss.desk.session, "GET", f"{path}/{made['id']}/picture")


@pytest.mark.parametrize(
    "change",
    [
        lambda agent: {**agent, "nickname": "安"},
        lambda agent: {name: value for name, value in agent.items() if name != "capacity"},
        lambda agent: {("room" if name == "capacity" else name): value for name, value in agent.items()},
        lambda agent: {**agent, "capacity": str(agent["capacity"])},
        lambda agent: {**agent, "role": "guest"},
        lambda agent: {**agent, "skills": None},
    ],
    ids=["a field more", "a field less", "another name", "another type", "another word", "null"],
)
async def test_an_answer_that_changed_without_its_promise_is_noticed(day: Day, change):
    boss = At(day, await day.bank.agent("boss", Role.SUPERVISOR))
    answer = await boss("GET", "/me")
    day.bank.promises.check("GET", f"{API}/desk/me", 200, "application/json", json.dumps(answer).encode())
    changed = json.dumps({"agent": change(answer["agent"])}).encode()
    with pytest.raises(AssertionError, match="GET /api/v1/desk/me 200"):
        day.bank.promises.check("GET", f"{API}/desk/me", 200, "application/json", changed)
