"""A bank's year at the desk: a million conversations of ten messages on PostgreSQL, and what a page waits for.

``make bench-large`` builds it once, in ``.cache/large`` (``HUIYIN_BENCHMARK_FOLDER``), and asks for lists and searches over HTTP;
``CONVERSATIONS=20000`` makes it smaller. To have the room back, remove that folder.
"""

import asyncio
import hashlib
import itertools
import json
import os
import shutil
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp

from benchmarks import filling, year
from benchmarks.postgres import running_postgres
from benchmarks.service import Service, floor, percentile_ms, serving
from store import grams, search_index
from store.crypto import Crypto, new_key_ring
from store.migrate import check_keys, migrate

ROUNDS = 200
PASSWORD = "a-long-password"
BASE = "/api/v1/desk"
CHARACTERS = ("卡", "钱", "熵")
LONGER = ("吞卡", "理财", "取款机", "信用卡", "态度", "转账", "闪退", "年费", "人民路支行", "验证码+转账", "贷款利率", "饕餮")
WORDS = (*CHARACTERS, *LONGER)
SETTINGS = ("shared_buffers=1GB", "effective_cache_size=4GB", "random_page_cost=1.1", "jit=off", "max_wal_size=4GB")
STAFF = {"desk": ("--role", "agent"), "branch": ("--role", "agent", "--department", "branch_mgmt")}
LISTS = [f"conversations?view={view}&limit=100" for view in ("mine", "all", "ended")]
ENDED = "conversations?limit=100&view=ended"
UNREAD = "conversations?limit=100&view=all&unread=1"
NARROWED = [UNREAD, *(f"{ENDED}&{what}" for what in ("product=loan", "emotion=dissatisfied&kind=complaint", "days=7"))]
RARE = [f"{ENDED}&{what}" for what in ("product=wealth_fund", "emotion=angry", "tag=none", "priority=major")]
ASKED = {
    "queue list": ("desk", ["conversations?view=waiting&limit=100"]),
    "conversation lists": ("desk", LISTS),
    "narrowed lists": ("desk", NARROWED),
    "lists narrowed to what is rare or not there": ("desk", RARE),
    "lists of a department": ("branch", [*LISTS, "conversations?view=waiting&limit=100", NARROWED[1]]),
    "search, one character": ("desk", [f"search?q={word}&in=messages" for word in CHARACTERS]),
    "search, two and more": ("desk", [f"search?q={word}&in=messages" for word in LONGER]),
    "search, everything": ("desk", [f"search?q={word}" for word in WORDS]),
    "lists of tickets": ("desk", ["tickets", "tickets?state=pending", "tickets?state=in_progress"]),
    "lists of a department's tickets": ("branch", ["tickets", "tickets?state=closed"]),
    "search, tickets": ("desk", [f"search?q={word}&in=tickets" for word in WORDS]),
    "search, in a year": ("desk", [f"search?q={word}&days=365" for word in WORDS]),
    "search of a department": ("branch", [f"search?q={word}&in=messages" for word in WORDS]),
}


class Page:
    """Somebody's browser, signed in and connected."""

    def __init__(self, http: aiohttp.ClientSession, base: str) -> None:
        self._http, self._base = http, base

    async def sign_in(self, login: str) -> None:
        async with self._http.post(f"{self._base}{BASE}/session", json={"login": login, "password": PASSWORD}) as answer:
            answer.raise_for_status()
        # Without a living page those whom the agent serves would wait again.
        self._socket = await self._http.ws_connect(f"{self._base}/desk/socket")

    async def get(self, path: str) -> tuple[float, int]:
        """How long it took, and how many rows came."""
        started = time.perf_counter()
        async with self._http.get(f"{self._base}{BASE}/{path}") as answer:
            answer.raise_for_status()
            body = await answer.json()
        return time.perf_counter() - started, len(body.get("items", ())) or len(body.get("messages", {}).get("items", ()))


async def ask(served: Service) -> None:
    base = f"http://127.0.0.1:{served.port}"
    pages = {}
    for login in STAFF:
        http = aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True), headers={"Origin": base})
        pages[login] = http, Page(http, base)
        await pages[login][1].sign_in(login)
    for what, (login, paths) in ASKED.items():
        times: dict[str, list[float]] = {path: [] for path in paths}
        rows, cpu = 0, served.cpu_s()
        for path in itertools.islice(itertools.cycle(paths), ROUNDS):
            took, count = await pages[login][1].get(path)
            times[path].append(took)
            rows += count
        cpu, together = served.cpu_s() - cpu, [took for each in times.values() for took in each]
        slowest = max(times, key=lambda path: percentile_ms(times[path], 0.5))
        told = {
            "p50_ms": percentile_ms(together, 0.5),
            "p95_ms": percentile_ms(together, 0.95),
            "max_ms": percentile_ms(together, 1),
            "rows": rows // ROUNDS,
            "service_cpu_ms": round(cpu / ROUNDS * 1000, 2),
            "slowest": slowest,
            "its_p50_ms": percentile_ms(times[slowest], 0.5),
        }
        print(json.dumps({"what": what, **told}, ensure_ascii=False), flush=True)
    for http, _ in pages.values():
        await http.close()


async def echo(port: int) -> list[float]:
    """What the machine gives: the same client at a bare server."""
    times = []
    async with aiohttp.ClientSession() as http:
        for _ in range(ROUNDS):
            started = time.perf_counter()
            async with http.post(f"http://127.0.0.1:{port}/webhooks/rest/webhook", json={"rows": ["x" * 300] * 100}) as answer:
                await answer.json()
            times.append(time.perf_counter() - started)
    return times


def digest() -> str:
    """What the rows depend on: other code, other rows."""
    made_by = (year, filling, search_index, grams)
    return hashlib.sha256(b"".join(Path(str(module.__file__)).read_bytes() for module in made_by)).hexdigest()


def built(url: str, folder: Path, count: int) -> tuple[str, dict[str, Any]]:
    """The keys of the year in *folder*, and what was told of it; built now if it is not there."""
    told = folder / "built.json"
    ring = new_key_ring() if not told.exists() else (folder / "keys").read_text()
    migrate(url)
    check_keys(url, Crypto(ring))
    if not told.exists():
        (folder / "keys").write_text(ring)
        (folder / "keys").chmod(0o600)
        for login, role in STAFF.items():
            add = [sys.executable, "-m", "bot", "user", "add", login, "--name", login, *role]
            named = {"HUIYIN__DATABASE__URL": url, "HUIYIN__KEYS": ring}
            told_it = PASSWORD.encode() + b"\n"
            subprocess.run(add, env={**os.environ, **named}, check=True, input=told_it, stdout=subprocess.DEVNULL)
        now = datetime.now(UTC) + timedelta(hours=1)
        figures = {"made_by": digest(), **filling.fill(url, Crypto(ring), year.Year(count, now))}
        told.write_text(json.dumps(figures))
    return ring, json.loads(told.read_text())


def main() -> None:
    count = int(os.environ.get("CONVERSATIONS", "1000000"))
    folder = Path(os.environ.get("HUIYIN_BENCHMARK_FOLDER", ".cache/large")).absolute() / str(count)
    told = folder / "built.json"
    if folder.exists() and (not told.exists() or json.loads(told.read_text())["made_by"] != digest()):
        shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True)
    with running_postgres(folder / "data", *SETTINGS) as server:
        url = f"{server}/postgres"
        ring, figures = built(url, folder, count)
        print(json.dumps(figures), flush=True)
        if "--build" in sys.argv:
            return
        filling.open_up(url, year.Year(count, datetime.now(UTC)))
        with floor() as bare:
            times = asyncio.run(echo(bare.port))
            p50, p95 = (percentile_ms(times, share) for share in (0.5, 0.95))
            print(json.dumps({"what": "floor: echo of 30 KB", "p50_ms": p50, "p95_ms": p95}))
        with serving(DATABASE__URL=url, KEYS=ring) as served:
            asyncio.run(ask(served))


if __name__ == "__main__":
    main()
