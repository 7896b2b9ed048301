"""From a customer's message to the agent's screen: many open conversations, a steady stream, and a page that reads what is new.

``python -m benchmarks.desk --conversations 1000 --rate 200 --seconds 20``. Time runs from the sending of a message until the
desk's page has its text: the ring over the socket and the read by number are both in it.
"""

import argparse
import asyncio
import itertools
import json
import subprocess
import sys
import time
from contextlib import suppress
from typing import Any

from aiohttp import ClientError, ClientSession, CookieJar, TCPConnector, WSMsgType

from benchmarks.service import Service, percentile_ms, serving

PASSWORD = "a-long-password"
BASE = "/api/v1/desk"


async def _opened(http: ClientSession, url: str, count: int) -> list[str]:
    """So many customers who wait for a person."""
    senders = [f"customer-{n}" for n in range(count)]
    at_once = asyncio.Semaphore(16)

    async def wait(sender: str) -> None:
        async with at_once, http.post(f"{url}/webhooks/rest/webhook", json={"sender": sender, "message": "转人工"}) as answer:
            assert answer.status == 200, await answer.text()

    await asyncio.gather(*(wait(sender) for sender in senders))
    return senders


class Screen:
    """The page of one agent: hears of news and reads them."""

    def __init__(self, http: ClientSession, url: str) -> None:
        self._http, self._url = http, url
        self._shown: dict[str, int] = {}
        self._reading: set[str] = set()
        self._again: set[str] = set()
        self.seen_at: dict[str, float] = {}

    async def live(self, ready: asyncio.Event) -> None:
        tasks: set[asyncio.Task[None]] = set()
        async with self._http.ws_connect(f"{self._url}/desk/socket", headers={"Origin": self._url}) as socket:
            ready.set()
            async for received in socket:
                frame = json.loads(received.data) if received.type is WSMsgType.TEXT else {}
                if frame.get("type") == "news":
                    self._news(frame["conversation"], frame["seq"], tasks)

    def _news(self, conversation: str, seq: int, tasks: set[asyncio.Task[None]]) -> None:
        if conversation in self._reading:
            self._again.add(conversation)
            return
        self._reading.add(conversation)
        task = asyncio.create_task(self._read_on(conversation, seq))
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    async def _read_on(self, conversation: str, seq: int) -> None:
        with suppress(ClientError):  # the measurement is over and the page closed
            await self._read(conversation, seq)

    async def _read(self, conversation: str, seq: int) -> None:
        after = self._shown.get(conversation, max(seq - 3, 0))
        while True:
            self._again.discard(conversation)
            async with self._http.get(f"{self._url}{BASE}/conversations/{conversation}/messages?after={after}") as answer:
                page: dict[str, Any] = await answer.json()
            now = time.perf_counter()
            for item in page["items"]:
                self.seen_at.setdefault(item["text"], now)
                after = item["seq"]
            self._shown[conversation] = after
            if conversation not in self._again:
                self._reading.discard(conversation)
                return


async def measure(service: Service, conversations: int, rate: float, seconds: float) -> dict[str, float]:
    """Times from sending to screen."""
    url = f"http://127.0.0.1:{service.port}"
    async with ClientSession(connector=TCPConnector(limit=64)) as http, ClientSession(cookie_jar=CookieJar(unsafe=True)) as desk:
        async with desk.post(
            f"{url}{BASE}/session", json={"login": "agent", "password": PASSWORD}, headers={"Origin": url}
        ) as answer:
            assert answer.status == 200
        screen, ready = Screen(desk, url), asyncio.Event()
        living = asyncio.create_task(screen.live(ready))
        await ready.wait()
        senders = await _opened(http, url, conversations)
        sent_at: dict[str, float] = {}
        late = 0.0

        async def say(sender: str, text: str) -> None:
            sent_at[text] = time.perf_counter()
            async with http.post(f"{url}/webhooks/rest/webhook", json={"sender": sender, "message": text}) as answer:
                assert answer.status == 200

        started, tasks = time.perf_counter(), []
        cpu = service.cpu_s()
        for n in itertools.count():
            due = started + n / rate
            if due > started + seconds:
                break
            await asyncio.sleep(max(due - time.perf_counter(), 0))
            late = max(late, time.perf_counter() - due)
            tasks.append(asyncio.create_task(say(senders[n * 7919 % len(senders)], f"还在等，第{n}条")))
        await asyncio.gather(*tasks)
        cpu, spent = service.cpu_s() - cpu, time.perf_counter() - started
        for _ in range(200):
            if sent_at.keys() <= screen.seen_at.keys():
                break
            await asyncio.sleep(0.05)
        living.cancel()
        await asyncio.gather(living, return_exceptions=True)
    times = [screen.seen_at[text] - at for text, at in sent_at.items() if text in screen.seen_at]
    return {
        "messages": len(sent_at),
        "missing": len(sent_at) - len(times),
        "rate_per_s": round(len(sent_at) / spent, 1),
        "p50_ms": percentile_ms(times, 0.5),
        "p95_ms": percentile_ms(times, 0.95),
        "p99_ms": percentile_ms(times, 0.99),
        "service_cpu_share": round(cpu / spent, 2),
        "sender_late_ms": round(late * 1000, 1),
    }


def main() -> None:
    """Print the figures."""
    asked = argparse.ArgumentParser()
    asked.add_argument("--conversations", type=int, default=1000)
    asked.add_argument("--rate", type=float, default=200)
    asked.add_argument("--seconds", type=float, default=20)
    given = asked.parse_args()
    with serving(DESK__OPENING_HOURS="00:00-24:00", DESK__OPEN_EVERY_DAY="true") as service:
        add = [sys.executable, "-m", "bot", "user", "add", "agent", "--name", "agent"]
        subprocess.run(add, env=service.environment, input=f"{PASSWORD}\n".encode(), check=True, stdout=subprocess.DEVNULL)
        print(json.dumps(asyncio.run(measure(service, given.conversations, given.rate, given.seconds))))


if __name__ == "__main__":
    main()
