"""kill -9 of a serving process under load: nothing acknowledged is missing, nothing is doubled."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import aiohttp
import pytest
from making_services import Process

SENDERS = 24
MESSAGES = 12


async def flood(url: str, acknowledged: set[str], stop: asyncio.Event) -> None:
    """Every sender sends its messages one after the other; what got 200 is noted."""

    async def send_all(session: aiohttp.ClientSession, sender: int) -> None:
        for number in range(MESSAGES):
            message_id = f"m{sender}-{number}"
            if message_id in acknowledged:
                continue
            body = {
                "sender": f"u{sender}",
                "message": f"取款机吞了我的卡，第{number}次说",
                "metadata": {"message_id": message_id},
            }
            try:
                async with session.post(f"{url}/webhooks/rest/webhook", json=body) as answer:
                    await answer.read()
                    if answer.status == 200:
                        acknowledged.add(message_id)
            except (aiohttp.ClientError, OSError):
                return
            if len(acknowledged) >= SENDERS * MESSAGES // 3:
                stop.set()

    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=30)) as session:
        await asyncio.gather(*(send_all(session, sender) for sender in range(SENDERS)))


@pytest.mark.timeout(180)
async def test_a_killed_process_loses_nothing_acknowledged_and_doubles_nothing_resent(tmp_path: Path):
    service = Process(tmp_path / "data")
    service.start()
    acknowledged: set[str] = set()
    enough = asyncio.Event()
    try:
        load = asyncio.create_task(flood(service.url, acknowledged, enough))
        await enough.wait()
        service.kill()
        await load
        before = set(acknowledged)
        assert 0 < len(before) < SENDERS * MESSAGES, "the kill has to come in the middle"
        service.start()
        stored = ids_in(service.folder)
        assert before <= stored
        acknowledged.clear()  # resend everything, as a sender that lost its own memory would
        await flood(service.url, acknowledged, asyncio.Event())
    finally:
        service.kill()
    everything = {f"m{sender}-{number}" for sender in range(SENDERS) for number in range(MESSAGES)}
    with closing(sqlite3.connect(service.folder / "huiyin.db")) as database:
        rows = database.execute("SELECT external_id, count(*) FROM messages WHERE external_id IS NOT NULL GROUP BY 1").fetchall()
        assert {name for name, _ in rows} == everything
        assert {count for _, count in rows} == {1}
        gaps = database.execute(
            "SELECT c.id FROM conversations c JOIN messages m ON m.conversation_id = c.id GROUP BY c.id"
            " HAVING count(*) <> c.last_seq OR max(m.seq) <> c.last_seq"
        ).fetchall()
        assert gaps == []
        open_ones = database.execute(
            "SELECT customer_id, count(*) FROM conversations WHERE holder <> 'ended' GROUP BY 1 HAVING count(*) > 1"
        ).fetchall()
        assert open_ones == []


def ids_in(folder: Path) -> set[str]:
    with closing(sqlite3.connect(f"file:{folder / 'huiyin.db'}?mode=ro", uri=True)) as database:
        return {row[0] for row in database.execute("SELECT external_id FROM messages WHERE external_id IS NOT NULL")}
