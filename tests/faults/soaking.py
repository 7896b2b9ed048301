"""Traffic over lines that keep breaking: customers at widget sockets, agents at desk sockets, and what of it arrived.

``python -m faults.soaking --minutes 5`` (in ``tests/``, or ``make soak``) runs it against a real ``huiyin serve``; a short seed of it is a test.
"""

import argparse
import asyncio
import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from aiohttp import ClientError, ClientSession, ClientTimeout, CookieJar, WSMsgType
from browser.proxy import Proxy

SETTLE_S = 90
BACKLOG = 200  # customers wait for agents who cannot keep up
AGAIN = 0.02  # the answer may be on its way
BASE = "/api/v1/desk"
LINE_LOST = (ClientError, ConnectionError, TimeoutError, OSError)


# The hops of a message; each can lose one.
UNACKNOWLEDGED = "said by the customer, never acknowledged"
NOT_STORED = "acknowledged to the customer, not stored"
REPLY_NOT_STORED = "taken from the agent (201), not stored"
NOT_SHOWN = "stored, never shown to the customer"
SHOWN_UNSTORED = "shown to the customer, not stored"


@dataclass(frozen=True)
class Missing:
    """A message that did not make a hop."""

    hop: str
    customer: str
    text: str
    conversation: str = ""
    seq: int = 0

    def __str__(self) -> str:
        place = f" at {self.seq} of {self.conversation}" if self.conversation else ""
        return f"{self.hop}: {self.customer}: {self.text!r}{place}"


Line = tuple[str, int, str]  # conversation, seq, text


@dataclass
class Ledger:
    """What was promised and what was seen, and from these what went wrong."""

    sent: dict[str, list[str]] = field(default_factory=dict)  # customer -> texts, in the order of sending
    acknowledged: set[str] = field(default_factory=set)
    replied: dict[str, str] = field(default_factory=dict)  # agents' words that the service took (201) -> conversation
    shown: dict[str, list[Line]] = field(default_factory=dict)  # customer -> what the page shows
    been_in: dict[str, list[str]] = field(default_factory=dict)  # customer -> conversations, in order
    began: dict[str, tuple[str | None, int]] = field(default_factory=dict)  # where a page that came back begins: after this
    cuts: int = 0
    claims: int = 0
    missing: list[Missing] = field(default_factory=list)
    doubles: list[str] = field(default_factory=list)

    def faults(self, stored: dict[str, list[Line]]) -> dict[str, int]:
        """Lost, doubled, misordered; *stored* holds all conversations of each customer as the database has them."""
        everything = Counter(text for lines in stored.values() for _, _, text in lines)
        self.missing = list(self._missing(stored, everything))
        own = set(self.replied).union(*self.sent.values())  # each was made once; notices of the service repeat themselves
        self.doubles = [text for text in own for _ in range(everything[text] - 1)]
        self.doubles += [
            str(line) for lines in self.shown.values() for line, count in Counter(line[:2] for line in lines).items() if count > 1
        ]
        misordered = 0
        for name, texts in self.sent.items():
            said, kept = set(texts), {text for _, _, text in stored[name]}
            arrived = [text for _, _, text in stored[name] if text in said]
            misordered += sum(one != other for one, other in zip(arrived, [t for t in texts if t in kept], strict=False))
            misordered += self.shown[name] != sorted(
                self.shown[name], key=lambda line: (self.been_in[name].index(line[0]), line[1])
            )
        return {"lost": len(self.missing), "doubled": len(self.doubles), "misordered": misordered}

    def _missing(self, stored: dict[str, list[Line]], everything: "Counter[str]") -> Iterator[Missing]:
        for name, texts in self.sent.items():
            for text in texts:
                if everything[text] == 0:
                    yield Missing(NOT_STORED if text in self.acknowledged else UNACKNOWLEDGED, name, text)
        whose = {conversation: name for name, found in self.been_in.items() for conversation in found}
        for text, conversation in self.replied.items():
            if everything[text] == 0:
                yield Missing(REPLY_NOT_STORED, whose.get(conversation, "?"), text, conversation)
        for name, lines in stored.items():
            shown = set(self.shown[name])
            for of, seq, text in lines:
                if (of, seq, text) not in shown and self._is_after_beginning(name, of, seq):
                    yield Missing(NOT_SHOWN, name, text, of, seq)
            kept = set(lines)
            yield from (
                Missing(SHOWN_UNSTORED, name, text, of, seq) for of, seq, text in self.shown[name] if (of, seq, text) not in kept
            )

    def _is_after_beginning(self, name: str, conversation: str, seq: int) -> bool:
        """Whether the page ought to show it: the service told it where it begins when it came back to another conversation."""
        where, after = self.began.get(name, (None, 0))
        if where is None:
            return True
        been_in = self.been_in[name]
        return (been_in.index(conversation), seq) > (been_in.index(where), after)


class Customer:
    """A page of the widget: keeps what has no acknowledgement, resumes where it was, asks anew where it finds a gap."""

    def __init__(self, name: str, ledger: Ledger) -> None:
        self.name, self.ledger = name, ledger
        self.visitor: str | None = None
        self.conversation: str | None = None
        self.seq = 0
        self.holder = "bot"
        self.pending: dict[str, str] = {}
        self.wake = asyncio.Event()
        ledger.sent[name], ledger.shown[name], ledger.been_in[name] = [], [], []

    def say(self, text: str) -> None:
        self.ledger.sent[self.name].append(text)
        self.pending[f"{self.name}-{len(self.ledger.sent[self.name])}"] = text
        self.wake.set()

    async def live(self, url: Callable[[], str]) -> None:
        async with ClientSession() as session:
            while True:
                with suppress(*LINE_LOST):
                    async with session.ws_connect(f"{url()}/widget/socket") as socket:
                        await self._talk(socket)
                await asyncio.sleep(random.uniform(0.01, 0.1))

    async def _talk(self, socket: Any) -> None:
        await socket.send_json({"type": "hello", "visitor": self.visitor, "conversation": self.conversation, "after": self.seq})
        sender = asyncio.create_task(self._send(socket, set(), first := asyncio.Event()))
        try:
            async for received in socket:
                if received.type is WSMsgType.TEXT:
                    await self._take(socket, received.json(), first)
        finally:
            sender.cancel()
            await asyncio.gather(sender, return_exceptions=True)

    async def _send(self, socket: Any, on_the_way: set[str], welcomed: asyncio.Event) -> None:
        await welcomed.wait()
        while True:
            self.wake.clear()
            for client_id, text in list(self.pending.items()):
                if client_id not in on_the_way:
                    on_the_way.add(client_id)
                    await socket.send_json({"type": "message", "client_id": client_id, "text": text})
            await self.wake.wait()

    async def _take(self, socket: Any, frame: dict[str, Any], welcomed: asyncio.Event) -> None:
        match frame["type"]:
            case "welcome":
                self.visitor = frame["visitor"] or self.visitor
                if (frame["conversation"], frame["after"]) != (self.conversation, self.seq):
                    self.ledger.shown[self.name].clear()
                    self.conversation, self.seq = frame["conversation"], frame["after"]
                    self._is_in(self.conversation)
                    self.ledger.began[self.name] = self.conversation, self.seq
                welcomed.set()
            case "ack":
                self.ledger.acknowledged.add(self.pending.pop(frame["client_id"], ""))
                self.ledger.acknowledged.discard("")
            case "state":
                self.holder = frame["holder"]
            case "message":
                await self._show(socket, frame["message"])

    async def _show(self, socket: Any, message: dict[str, Any]) -> None:
        is_next = message["conversation"] != self.conversation
        if not is_next and message["seq"] <= self.seq:
            return  # it was shown; the service need not know how far the line got
        if message["prev"] != (0 if is_next else self.seq):
            await socket.send_json({"type": "resume", "conversation": self.conversation, "after": self.seq})
            return
        self.conversation, self.seq = message["conversation"], message["seq"]
        self._is_in(self.conversation)
        self.ledger.shown[self.name].append((message["conversation"], message["seq"], message["text"]))

    def _is_in(self, conversation: str | None) -> None:
        if conversation is not None and conversation not in self.ledger.been_in[self.name]:
            self.ledger.been_in[self.name].append(conversation)


class AgentDesk:
    """A page of the desk: takes who waits, answers everything that its customers say, each once however often it must ask."""

    def __init__(self, login: str, password: str, ledger: Ledger) -> None:
        self.login, self.password, self.ledger = login, password, ledger
        self.answered: dict[str, int] = {}
        self.news = asyncio.Event()
        self.is_there = asyncio.Event()

    async def live(self, url: Callable[[], str]) -> None:
        async with ClientSession(cookie_jar=CookieJar(unsafe=True), timeout=ClientTimeout(total=10)) as session:
            await asyncio.gather(self._listen(session, url), self._work(session, url))

    async def _listen(self, session: ClientSession, url: Callable[[], str]) -> None:
        while True:
            with suppress(*LINE_LOST):
                async with session.ws_connect(f"{url()}/desk/socket", headers={"Origin": url()}) as socket:
                    self.news.set()
                    async for _ in socket:
                        self.news.set()
            await asyncio.sleep(random.uniform(0.05, 0.2))

    async def _work(self, session: ClientSession, url: Callable[[], str]) -> None:
        while True:
            self.news.clear()
            with suppress(*LINE_LOST):
                await self._round(session, url)
            with suppress(TimeoutError):
                await asyncio.wait_for(self.news.wait(), 1)

    async def _round(self, session: ClientSession, url: Callable[[], str]) -> None:
        if (await self._ask(session, url, "GET", "/me"))[0] == 401:
            await self._ask(session, url, "POST", "/session", {"login": self.login, "password": self.password})
            self.news.set()
            return
        self.is_there.set()
        for item in (await self._ask(session, url, "GET", "/conversations?view=waiting"))[1]["items"]:
            status, _ = await self._ask(session, url, "POST", f"/conversations/{item['id']}/claim")
            self.ledger.claims += status == 200
        for item in (await self._ask(session, url, "GET", "/conversations?view=mine"))[1]["items"]:
            await self._answer(session, url, item["id"])

    async def _answer(self, session: ClientSession, url: Callable[[], str], conversation_id: str) -> None:
        after = self.answered.get(conversation_id, 0)
        _, page = await self._ask(session, url, "GET", f"/conversations/{conversation_id}/messages?after={after}")
        for message in page["items"]:
            if message["speaker"] == "customer":
                text = f"{self.login} to {conversation_id[-6:]} {message['seq']}"
                body = {"text": text, "client_id": f"{conversation_id[:20]}-{message['seq']}", "seen": message["seq"]}
                if (await self._ask(session, url, "POST", f"/conversations/{conversation_id}/replies", body))[0] == 201:
                    self.ledger.replied[text] = conversation_id
            self.answered[conversation_id] = message["seq"]

    async def _ask(
        self, session: ClientSession, url: Callable[[], str], method: str, path: str, body: Any = None
    ) -> tuple[int, dict[str, Any]]:
        sent = {"json": body or {}} if method == "POST" else {}
        async with session.request(method, f"{url()}{BASE}{path}", headers={"Origin": url()}, **sent) as answer:
            return answer.status, await answer.json()


async def soak(
    port: int, staff: list[tuple[str, str]], *, customers: int, enough: Callable[[Ledger], bool], seed: int = 1
) -> tuple[Ledger, dict[str, int]]:
    """Traffic until *enough*, then peace until everything has arrived. The ledger, and the faults found."""
    random.seed(seed)
    ledger = Ledger()
    lines = [Proxy(port) for _ in range(6)]
    for line in lines:
        await line.__aenter__()
    people = [Customer(f"c{n}", ledger) for n in range(customers)]
    desks = [AgentDesk(login, password, ledger) for login, password in staff]
    tasks = [asyncio.create_task(one.live(lambda line=lines[4 + n % 2]: line.url)) for n, one in enumerate(desks)]
    try:
        while not all(desk.is_there.is_set() for desk in desks):
            await _alive(tasks)
        tasks += [asyncio.create_task(one.live(lambda line=lines[n % 4]: line.url)) for n, one in enumerate(people)]
        while not enough(ledger):
            await _alive(tasks)
            await _step(people, lines, ledger)
        for line in lines:
            line.mend()
        # Agents go home first: what they say after the books are closed would count as lost.
        for task in tasks[: len(desks)]:
            task.cancel()
        await asyncio.gather(*tasks[: len(desks)], return_exceptions=True)
        stored = await _settled(port, staff[0], people, ledger)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for line in lines:
            await line.__aexit__()
    return ledger, ledger.faults(stored)


async def _alive(tasks: list[asyncio.Task[None]]) -> None:
    """Pages live until they are closed: one that has died of a mistake of its own ends the run with its error."""
    await asyncio.sleep(0)
    for task in tasks:
        if task.done():
            task.result()


async def _step(people: list[Customer], lines: list[Proxy], ledger: Ledger) -> None:
    """A moment of traffic: somebody says something, and now and then a line breaks for a while."""
    for line in lines:
        line.mend()
    speaker = random.choice(people)
    count = len(ledger.sent[speaker.name])
    if speaker.holder == "human" and len(speaker.pending) < 20 and len(ledger.acknowledged) - len(ledger.replied) < BACKLOG:
        speaker.say(f"{speaker.name} 说第 {count} 句")
    elif speaker.holder in ("bot", "ended") and not speaker.pending and (count == 0 or random.random() < AGAIN):
        speaker.say(f"转人工，{speaker.name}第{count}次")
    if random.random() < 0.06:
        random.choice(lines).cut()
        ledger.cuts += 1
    await asyncio.sleep(random.uniform(0, 0.03))


async def _settled(port: int, auditor: tuple[str, str], people: list[Customer], ledger: Ledger) -> dict[str, list[Line]]:
    """Every customer's conversations as they are stored, once all of it has been shown or time is up."""
    deadline = time.monotonic() + SETTLE_S
    url = f"http://127.0.0.1:{port}"
    async with ClientSession(cookie_jar=CookieJar(unsafe=True), headers={"Origin": url}) as session:
        async with session.post(f"{url}{BASE}/session", json={"login": auditor[0], "password": auditor[1]}) as answer:
            assert answer.status == 200
        while True:
            promised = len(ledger.replied), len(ledger.acknowledged)
            stored = {
                person.name: [line for one in ledger.been_in[person.name] for line in await _public(session, url, one)]
                for person in people
            }
            is_quiet = promised == (len(ledger.replied), len(ledger.acknowledged))
            is_done = is_quiet and not any(person.pending for person in people) and not any(ledger.faults(stored).values())
            if is_done or time.monotonic() > deadline:
                return stored
            await asyncio.sleep(0.2)


async def _public(session: ClientSession, url: str, conversation_id: str) -> list[Line]:
    lines: list[Line] = []
    after, more = 0, True
    while more:
        async with session.get(f"{url}{BASE}/conversations/{conversation_id}/messages?after={after}") as answer:
            page = await answer.json()
        lines += [(conversation_id, item["seq"], item["text"]) for item in page["items"] if item["audience"] == "all"]
        after, more = page["items"][-1]["seq"] if page["items"] else after, page["more"]
    return lines


@contextmanager
def _database(kind: str) -> Iterator[str | None]:
    """The address of an empty PostgreSQL of our own, or None for SQLite."""
    if kind == "sqlite":
        yield None
        return
    from benchmarks.postgres import running_postgres

    with running_postgres() as url:
        yield f"{url}/postgres"


def _run(given: argparse.Namespace, staff: list[tuple[str, str]], **settings: str) -> tuple[Ledger, dict[str, int]]:
    import subprocess

    from benchmarks.service import serving

    with serving(DESK__OPENING_HOURS="00:00-24:00", DESK__OPEN_EVERY_DAY="true", **settings) as service:
        for login, password in staff:
            # The service is up, and the database lets a second process add somebody.
            add = [sys.executable, "-m", "bot", "user", "add", login, "--name", login, "--capacity", "20"]
            subprocess.run(add, env=service.environment, input=f"{password}\n".encode(), check=True)
        until = time.monotonic() + given.minutes * 60
        return asyncio.run(
            soak(service.port, staff, customers=given.customers, enough=lambda _: time.monotonic() > until, seed=given.seed)
        )


def main() -> int:
    """Run it for minutes against a service of its own; 1 when anything was lost, doubled or misordered."""
    asked = argparse.ArgumentParser()
    asked.add_argument("--minutes", type=float, default=5)
    asked.add_argument("--customers", type=int, default=12)
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--database", choices=("sqlite", "postgres"), default="sqlite")
    given = asked.parse_args()
    staff = [(f"agent{n}", "a-long-password") for n in range(4)]
    with _database(given.database) as url:
        ledger, faults = _run(given, staff, **({"DATABASE__URL": url} if url else {}))
    for item in ledger.missing:
        print(f"lost: {item}")
    for text in ledger.doubles:
        print(f"doubled: {text}")
    print(
        f"{given.database}, seed {given.seed}, minutes {given.minutes}, customers {given.customers}, agents {len(staff)}, lines cut {ledger.cuts}, taken {ledger.claims}, "
        f"said {len(ledger.acknowledged)}, answered {len(ledger.replied)}; "
        + ", ".join(f"{name} {count}" for name, count in faults.items())
    )
    if not ledger.replied:
        print("nothing was answered: the service did not work, or nobody was let in")
    return int(any(faults.values()) or not ledger.replied)


if __name__ == "__main__":
    sys.exit(main())
