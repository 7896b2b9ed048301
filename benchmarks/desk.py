"""From a customer's message to the agent's screen: many open conversations, a steady stream, and agents who look at some of them.

``python -m benchmarks.desk --conversations 1000 --rate 200 --seconds 20 --pages 10``. Each page holds five conversations and
shows one; every tenth message belongs to one that is shown. Time runs from the sending of such a message until its words are on
the screen. All pages do all that the page in a browser does, so the service answers their lists and details beside the stream.
"""

import argparse
import asyncio
import itertools
import json
import time
from collections.abc import Sequence

from aiohttp import ClientSession, CookieJar, TCPConnector

from benchmarks.desk_page import BASE, DeskPage
from benchmarks.service import Service, percentile_ms, serving

PASSWORD = "a-long-password"
HELD = 5
SHOWN_EVERY = 10


async def _opened(http: ClientSession, url: str, count: int) -> list[tuple[str, str]]:
    """So many customers who wait for a person, each with their conversation."""
    at_once = asyncio.Semaphore(16)

    async def wait(sender: str) -> tuple[str, str]:
        async with at_once, http.post(f"{url}/webhooks/rest/webhook", json={"sender": sender, "message": "转人工"}) as answer:
            assert answer.status == 200, await answer.text()
            return sender, answer.headers["X-Huiyin-Conversation"]

    return list(await asyncio.gather(*(wait(f"customer-{n}") for n in range(count))))


async def _pages(url: str, count: int) -> list[DeskPage]:
    """So many agents, signed in."""
    async with ClientSession(cookie_jar=CookieJar(unsafe=True), headers={"Origin": url}) as office:
        async with office.post(f"{url}{BASE}/session", json={"login": "admin", "password": PASSWORD}) as answer:
            assert answer.status == 200
        for n in range(count):
            new = {"login": f"agent-{n}", "password": PASSWORD, "name": f"agent-{n}", "role": "agent", "capacity": HELD}
            async with office.post(f"{url}{BASE}/staff", json=new) as answer:
                assert answer.status == 201, await answer.text()
    pages = [DeskPage(url, f"agent-{n}", PASSWORD) for n in range(count)]
    for page in pages:
        await page.sign_in()
    return pages


async def measure(service: Service, conversations: int, rate: float, seconds: float, pages: int) -> dict[str, float]:
    """Times from sending to screen."""
    url = f"http://127.0.0.1:{service.port}"
    desks = await _pages(url, pages)
    async with ClientSession(connector=TCPConnector(limit=64)) as http:
        opened = await _opened(http, url, conversations)
        living = []
        for n, page in enumerate(desks):
            for _, conversation in opened[n * HELD : (n + 1) * HELD]:
                await page.claim(conversation)
            there = asyncio.Event()
            living.append(asyncio.create_task(page.live(opened[n * HELD][1], there)))
            await there.wait()
        shown = [opened[n * HELD][0] for n in range(pages)]
        others = [sender for sender, _ in opened if sender not in shown]
        cpu, started = service.cpu_s(), time.perf_counter()
        sent_at, count, late = await _stream(http, url, rate, seconds, shown, others)
        cpu, spent = service.cpu_s() - cpu, time.perf_counter() - started
        for _ in range(200):
            seen_at = {text: at for page in desks for text, at in page.seen_at.items()}
            if sent_at.keys() <= seen_at.keys():
                break
            await asyncio.sleep(0.05)
        for task in living:
            task.cancel()
        await asyncio.gather(*living, return_exceptions=True)
    for page in desks:
        await page.close()
    times = [seen_at[text] - at for text, at in sent_at.items() if text in seen_at]
    return {
        "messages": count,
        "shown": len(sent_at),
        "missing": len(sent_at) - len(times),
        "rate_per_s": round(count / spent, 1),
        "p50_ms": percentile_ms(times, 0.5),
        "p95_ms": percentile_ms(times, 0.95),
        "p99_ms": percentile_ms(times, 0.99),
        "service_cpu_share": round(cpu / spent, 2),
        "service_cpu_ms_per_message": round(cpu / count * 1000, 2),
        "sender_late_ms": round(late * 1000, 1),
    }


async def _stream(
    http: ClientSession, url: str, rate: float, seconds: float, shown: Sequence[str], others: Sequence[str]
) -> tuple[dict[str, float], int, float]:
    """Messages at that rate: when those for a screen were sent, how many there were in all, and how late one was at worst."""
    sent_at: dict[str, float] = {}
    late, started, tasks = 0.0, time.perf_counter(), []

    async def say(sender: str, text: str) -> None:
        async with http.post(f"{url}/webhooks/rest/webhook", json={"sender": sender, "message": text}) as answer:
            assert answer.status == 200

    for n in itertools.count():
        due = started + n / rate
        if due > started + seconds:
            break
        await asyncio.sleep(max(due - time.perf_counter(), 0))
        late = max(late, time.perf_counter() - due)
        text = f"还在等，第{n}条"
        if shown and n % SHOWN_EVERY == 0:
            sender = shown[n // SHOWN_EVERY % len(shown)]
            sent_at[text] = time.perf_counter()
        else:
            sender = others[n * 7919 % len(others)]
        tasks.append(asyncio.create_task(say(sender, text)))
    await asyncio.gather(*tasks)
    return sent_at, len(tasks), late


def main() -> None:
    """Print the figures."""
    asked = argparse.ArgumentParser()
    asked.add_argument("--conversations", type=int, default=1000)
    asked.add_argument("--rate", type=float, default=200)
    asked.add_argument("--seconds", type=float, default=20)
    asked.add_argument("--pages", type=int, default=10)
    given = asked.parse_args()
    with serving(DESK__OPENING_HOURS="00:00-24:00", DESK__OPEN_EVERY_DAY="true") as service:
        print(json.dumps(asyncio.run(measure(service, given.conversations, given.rate, given.seconds, given.pages))))


if __name__ == "__main__":
    main()
