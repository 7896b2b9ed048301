"""A bank's year at the desk: a million conversations of ten messages on PostgreSQL, and what a page waits for.

``make bench-large`` builds it and asks for lists and searches over HTTP; ``CONVERSATIONS=20000`` makes it smaller.
"""

import asyncio
import itertools
import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any

import aiohttp
import psycopg
import yaml

from benchmarks.postgres import running_postgres
from benchmarks.service import percentile_ms, serving
from store import customers as customer_rows
from store.crypto import Crypto, new_key_ring
from store.migrate import check_keys, migrate
from store.model import Customer
from store.search_index import Document, posted
from store.tables import EPOCH, MICROSECOND

MESSAGES = 10  # of a conversation: six of customer and agent, which can be searched, and four of the bot
OPEN = {"queued": 300, "human": 400, "bot": 300}
DAYS = 365
ROUNDS = 200
PASSWORD = "a-long-password"
PLACES = ("朝阳支行", "人民路支行", "高新区支行", "火车站自助银行", "手机银行", "滨江支行", "大学城支行", "开发区支行")
WORDS = (
    "卡",
    "钱",
    "吞卡",
    "理财",
    "取款机",
    "信用卡",
    "态度",
    "转账",
    "闪退",
    "年费",
    "人民路支行",
    "验证码 转账",
    "贷款利率",
    "熵",
    "饕餮",
)
SURNAMES = "王李张刘陈杨赵黄周吴徐孙"
SPEAKERS = ("customer", "bot", "customer", "bot", "customer", "bot", "customer", "bot", "agent", "agent")


def micros(moment: datetime) -> int:
    return (moment - EPOCH) // MICROSECOND


def utterances() -> list[str]:
    """What customers say, from the training data."""
    found: list[str] = []
    for path in sorted(Path(str(files("intents") / "nlu")).glob("*.yml")):
        for entry in yaml.load(path.read_text("utf-8"), Loader=yaml.CSafeLoader).get("nlu", []):
            lines = str(entry.get("examples", "")).splitlines()
            found += [line.strip().removeprefix("- ") for line in lines if line.strip().startswith("- ")]
    return found


class Year:
    """Makes the rows; the same seed makes the same ones."""

    def __init__(self, crypto: Crypto, conversations: int, now: datetime) -> None:
        self._crypto = crypto
        self._count = conversations
        self._now = now
        self._random = random.Random(7)
        self._said = utterances()
        self._open = [holder for holder, count in OPEN.items() for _ in range(count)]

    def moment(self, n: int) -> datetime:
        """Conversations are spread over the year; the last ones are open."""
        return self._now - timedelta(days=DAYS) * ((self._count - n) / self._count)

    def holder(self, n: int) -> str:
        left = self._count - 1 - n
        return self._open[left] if left < len(self._open) else "ended"

    def customers(self) -> Iterator[tuple[Any, ...]]:
        for n in range(self._count):
            name = self._random.choice(SURNAMES) + f"客户{n}" if n % 3 == 0 else None
            row = customer_rows.sealed_row(self._crypto, Customer(f"{n:032x}", "in_app:main", f"c{n}", name=name))
            yield (*(row[key] for key in CUSTOMER), micros(self.moment(n)))

    def conversations(self, agent_id: str) -> Iterator[tuple[Any, ...]]:
        for n in range(self._count):
            at, holder = micros(self.moment(n)), self.holder(n)
            ended = at + 600_000_000 if holder == "ended" else None
            agent = agent_id if holder == "human" else None
            kind, product = (
                self._random.choice(("complaint", "enquiry")),
                self._random.choice(("loan", "debit_card", "mobile_app")),
            )
            yield (
                *(f"{n:032x}", "in_app:main", "in_app", f"{n:032x}", holder, 3, MESSAGES, "x", agent, None, n % 9 == 0, kind),
                *(product, "calm", self._random.choice(self._said)[:60], None, at, at + 500_000_000, at, ended),
            )

    def messages(self) -> Iterator[tuple[Any, ...]]:
        for n in range(self._count):
            at = micros(self.moment(n))
            for seq, speaker in enumerate(SPEAKERS, 1):
                text = "请问是什么时候、在哪个网点发生的？" if speaker == "bot" else self._text()
                yield (
                    f"{n:032x}",
                    seq,
                    "in_app:main",
                    None,
                    speaker,
                    "text",
                    "all",
                    text,
                    None,
                    None,
                    None,
                    None,
                    at + seq * 1_000_000,
                )

    def _text(self) -> str:
        return f"{self._random.choice(self._said)}，{self._random.choice(PLACES)}"

    def queue(self) -> Iterator[tuple[Any, ...]]:
        for n in range(self._count):
            if self.holder(n) in ("queued", "human"):
                at = micros(self.moment(n))
                claimed = at if self.holder(n) == "human" else None
                yield (f"{n:032x}", "asked", "normal", 2, "{}", at, at, claimed)


CUSTOMER = ("id", "account", "external_hmac", "external_enc", "signed_hmac", "profile_enc", "phone_hmac", "name_hmac")
COLUMNS = {
    "customers": (*CUSTOMER, "created_at"),
    "conversations": (
        *(
            "id",
            "account",
            "channel",
            "customer_id",
            "holder",
            "version",
            "last_seq",
            "state_enc",
            "agent_id",
            "ticket_no",
            "urgent",
        ),
        *("kind", "product", "emotion", "preview", "department", "created_at", "updated_at", "last_customer_at", "ended_at"),
    ),
    "messages": (
        *("conversation_id", "seq", "account", "external_id", "speaker", "type", "audience", "text"),
        *("payload", "understanding", "agent_id", "cause_seq", "at"),
    ),
    "queue_entries": ("conversation_id", "reason", "priority", "priority_rank", "brief", "queued_at", "serve_at", "claimed_at"),
    "search_documents": ("id", "subject", "seq", "grams"),
}
INDEX = "CREATE INDEX ix_search_documents_grams ON search_documents USING gin (grams) WITH (fastupdate = off)"


def copy(connection: psycopg.Connection[Any], table: str, rows: Iterator[tuple[Any, ...]]) -> int:
    count = 0
    with connection.cursor() as cursor, cursor.copy(f"COPY {table} ({', '.join(COLUMNS[table])}) FROM STDIN") as stream:
        for row in rows:
            stream.write_row(row)
            count += 1
    connection.commit()
    return count


def documents(year: Year) -> Iterator[tuple[Any, ...]]:
    """What the indexer would have made of the messages."""
    rows = year.messages()
    while batch := list(itertools.islice(rows, 1000)):
        said = [
            Document(row[0], row[1], EPOCH + MICROSECOND * row[-1], row[7]) for row in batch if row[4] in ("customer", "agent")
        ]
        for row in posted(said, is_sqlite=False).rows:
            yield tuple(row[key] for key in COLUMNS["search_documents"])


def fill(url: str, year_of: Any) -> dict[str, Any]:
    started = time.perf_counter()
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        agent_id = connection.execute("SELECT id FROM agents WHERE login = 'desk'").fetchone()[0]  # type: ignore[index]
        connection.execute("DROP INDEX ix_search_documents_grams")
        counts = {
            "customers": copy(connection, "customers", year_of().customers()),
            "conversations": copy(connection, "conversations", year_of().conversations(agent_id)),
            "messages": copy(connection, "messages", year_of().messages()),
            "queue_entries": copy(connection, "queue_entries", year_of().queue()),
            "search_documents": copy(connection, "search_documents", documents(year_of())),
        }
        connection.execute("SET maintenance_work_mem = '512MB'")
        connection.execute(INDEX)
        now = str(micros(datetime.now(UTC) + timedelta(days=1)))
        connection.execute("INSERT INTO facts (name, value) VALUES ('filled_in', '1'), ('search_cursor', %s)", (now,))
        connection.commit()
        connection.autocommit = True
        connection.execute("VACUUM ANALYZE")
        size = connection.execute(
            "SELECT pg_total_relation_size('search_documents'), pg_total_relation_size('messages')"
        ).fetchone()
    index_mb, messages_mb = (round(value / 2**20) for value in size)  # type: ignore[union-attr]
    return {**counts, "filled_in_s": round(time.perf_counter() - started), "index_mb": index_mb, "messages_mb": messages_mb}


async def ask(port: int) -> list[dict[str, Any]]:
    base = f"http://127.0.0.1:{port}"
    found = []
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True), headers={"Origin": base}) as session:
        async with session.post(f"{base}/api/v1/desk/session", json={"login": "desk", "password": PASSWORD}) as answer:
            answer.raise_for_status()
        lists = [f"conversations?view={view}&limit=100" for view in ("waiting", "mine", "all", "ended")]
        narrowed = ["conversations?view=ended&product=loan&limit=100", "conversations?view=all&unread=1&limit=100"]
        asked = {
            "queue list": lists[:1],
            "conversation lists": lists[1:],
            "narrowed lists": narrowed,
            "search, one character": [f"search?q={word}&in=messages" for word in WORDS if len(word) == 1],
            "search, two and more": [f"search?q={word}&in=messages" for word in WORDS if len(word) > 1],
            "search, everything": [f"search?q={word}" for word in WORDS],
        }
        for what, paths in asked.items():
            times, results = [], 0
            for path in itertools.islice(itertools.cycle(paths), ROUNDS):
                started = time.perf_counter()
                async with session.get(f"{base}/api/v1/desk/{path}") as answer:
                    answer.raise_for_status()
                    body = await answer.json()
                times.append(time.perf_counter() - started)
                results += len(body.get("items", ())) or len(body.get("messages", {}).get("items", ()))
            found.append(
                {
                    "what": what,
                    "p50_ms": percentile_ms(times, 0.5),
                    "p95_ms": percentile_ms(times, 0.95),
                    "rows": results // ROUNDS,
                }
            )
    return iter(found)


def main() -> None:
    count = int(os.environ.get("CONVERSATIONS", "1000000"))
    ring = new_key_ring()
    crypto, now = Crypto(ring), datetime.now(UTC)
    with running_postgres() as server:
        url = f"{server}/postgres"
        migrate(url)
        check_keys(url, crypto)
        environment = {"DATABASE__URL": url, "KEYS": ring}
        add = [sys.executable, "-m", "bot", "user", "add", "desk", "--name", "desk", "--role", "agent"]
        named = {f"HUIYIN__{name}": value for name, value in environment.items()}
        subprocess.run(add, env={**os.environ, **named}, check=True, input=PASSWORD.encode() + b"\n", stdout=subprocess.DEVNULL)
        print(json.dumps(fill(url, lambda: Year(crypto, count, now))), flush=True)
        with serving(**environment) as service:
            for figure in asyncio.run(ask(service.port)):
                print(json.dumps(figure, ensure_ascii=False), flush=True)


if __name__ == "__main__":
    main()
