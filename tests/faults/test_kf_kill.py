"""kill -9 of a serving process while it reads WeChat Customer Service and answers: every message once, in order, shown once."""

import asyncio
import json
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from making_services import Process

from bot.channels.wechat.fake import FakeAccount, FakeWeChat
from store.crypto import write_key_ring

AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
WK = "wkAJ2GCAAASSm4_FhToWMFea0xAFfd3Q"
PEOPLE = [f"wm{n:030d}" for n in range(8)]
SAYS = ("我要投诉，ATM吞了我的卡", "昨天下午三点", "希望退款", "谢谢")


class Serving(Process):
    """`huiyin serve` with one corporation, whose platform is at *base*."""

    command = "serve"

    def __init__(self, folder: Path, base: str) -> None:
        corp = {"name": "corp", "corp_id": "ww1", "secret": "s", "token": "t", "aes_key": AES_KEY, "poll_s": 0.2}
        wechat = {"kf": [{**corp, "desks": [{"open_kfid": WK}]}], "api_base": base, "qyapi_base": base}
        super().__init__(folder, {"HUIYIN__DATA_DIR": str(folder), "HUIYIN__WECHAT": json.dumps(wechat)})

    def prepare(self) -> None:
        """Keys, and somebody to sign in."""
        write_key_ring(self.folder / "keys.json")
        add = [sys.executable, "-m", "bot", "user", "add", "chen", "--name", "陈", "--role", "administrator"]
        subprocess.run(add, input=b"correct-horse-battery\n", env=self.environment, check=True, capture_output=True)


@pytest.mark.timeout(180)
@pytest.mark.parametrize("killed_at", ["kf/sync_msg", "kf/send_msg"])
async def test_a_killed_process_loses_and_doubles_nothing(tmp_path: Path, killed_at: str):
    async with aiohttp.ClientSession() as session:
        account = FakeAccount("corp", "ww1", "s", "t", "http://127.0.0.1:1/", AES_KEY, family="kf", open_kfids=(WK,))
        platform = FakeWeChat([account], session)
        platform.kf.desks[WK].log._let_in = lambda _token: None  # as often as it likes
        reached, calls = asyncio.Event(), 0

        @web.middleware
        async def watch(request: web.Request, handler):
            nonlocal calls
            answer = await handler(request)
            if request.path.endswith(killed_at):
                calls += 1
                if calls == 3:
                    service.kill()
                    reached.set()
            return answer

        api = web.Application(middlewares=[watch])
        platform.add_routes(api)
        async with TestServer(api) as server:
            folder = tmp_path / "data"
            folder.mkdir()
            service = Serving(folder, str(server.make_url("")).rstrip("/"))
            await asyncio.to_thread(service.prepare)
            for text in SAYS:
                for user in PEOPLE:
                    await platform.kf.desks[WK].message(user, "text", ring=False, content=text)
            try:
                await asyncio.to_thread(service.start)
                await reached.wait()
                let_leases_run_out(folder)
                await asyncio.to_thread(service.start)
                await until(lambda: settled(folder))
            finally:
                service.kill()
            with closing(sqlite3.connect(folder / "huiyin.db")) as database:
                texts = database.execute(
                    "SELECT conversation_id, group_concat(text, '|') FROM"
                    " (SELECT * FROM messages WHERE speaker = 'customer' ORDER BY conversation_id, seq) GROUP BY 1"
                ).fetchall()
                assert sorted(text for _, text in texts) == ["|".join(SAYS)] * len(PEOPLE)
                (sent,) = database.execute("SELECT count(*) FROM outbox WHERE status IN ('sent', 'unknown')").fetchone()
            assert sum(len(seen) for seen in platform.seen.values()) == sent


def let_leases_run_out(folder: Path) -> None:
    """As a minute would, which the dead process held its messages for."""
    with closing(sqlite3.connect(folder / "huiyin.db")) as database, database:
        database.execute("UPDATE outbox SET lease_until = 0 WHERE status = 'leased'")


def settled(folder: Path) -> bool:
    """Whether everything is read and nothing is on its way."""
    with closing(sqlite3.connect(f"file:{folder / 'huiyin.db'}?mode=ro", uri=True)) as database:
        (stored,) = database.execute("SELECT count(*) FROM messages WHERE speaker = 'customer'").fetchone()
        (moving,) = database.execute("SELECT count(*) FROM outbox WHERE status IN ('pending', 'leased')").fetchone()
        (new,) = database.execute("SELECT count(*) FROM kf_sessions WHERE state = 0").fetchone()
        return stored >= len(PEOPLE) * len(SAYS) and moving == 0 and new == 0


async def until(true) -> None:
    """Look again and again: the process under test rings no bell of ours."""
    while not await asyncio.to_thread(true):
        pass
