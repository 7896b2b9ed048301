"""``huiyin demo``: the real service on this machine alone, with keys, staff and a WeChat account made for the occasion."""

import asyncio
import json
import os
import secrets
from ipaddress import IPv4Network
from pathlib import Path

from pydantic import SecretStr

from bot.serving import hold_data_dir, serve
from config.catalogue import Catalogue
from config.clock import SystemClock
from config.labels import Role
from config.settings import Desk, InAppChannel, Logging, OfficialAccount, RestChannel, Server, Settings, Webhooks, WeChat
from handoff.auth import hash_password
from store import agents
from store.crypto import Crypto, write_key_ring
from store.engine import Store
from store.ids import new_id
from store.migrate import migrate
from store.model import Agent

STAFF = (("xiaowang", "staff.agent", Role.AGENT), ("xiaoli", "staff.second_agent", Role.AGENT))
BOSSES = (("zhuguan", "staff.supervisor", Role.SUPERVISOR), ("admin", "staff.administrator", Role.ADMINISTRATOR))


def run_demo(settings: Settings, *, data_dir: Path, port: int) -> int:
    """Serve the demo on loopback until stopped. What was said in it survives a restart, keys and passwords too."""
    os.close(hold_data_dir(data_dir))
    data_dir.chmod(0o700)
    if not (data_dir / "keys.json").exists():
        write_key_ring(data_dir / "keys.json")
    secret = _secrets(data_dir / "secrets.json")
    demo = _settings(settings, data_dir, port, secret)
    asyncio.run(_add_staff(demo, secret["password"]))
    catalogue = Catalogue()
    banner = catalogue.text("demo.banner", url=f"http://127.0.0.1:{port}", login=STAFF[0][0], password=secret["password"])
    return serve(demo, banner=f"\n{banner}\n")


def _secrets(path: Path) -> dict[str, str]:
    """Random secrets of this demo, made once and readable by the owner alone."""
    if not path.exists():
        made = {
            "password": secrets.token_urlsafe(9),
            "identity": secrets.token_hex(32),
            "wechat_secret": secrets.token_hex(16),
            "wechat_token": secrets.token_hex(8),
            # 43 characters of letters and digits, as WeChat's console makes them; the last one must keep base64 whole.
            "wechat_aes_key": secrets.token_hex(21) + "A",
        }
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            json.dump(made, file)
    loaded: dict[str, str] = json.loads(path.read_text("utf-8"))
    return loaded


def _settings(settings: Settings, data_dir: Path, port: int, secret: dict[str, str]) -> Settings:
    base = f"http://127.0.0.1:{port}"
    account = OfficialAccount(
        name="demo",
        appid="wx0000000000000000",
        secret=SecretStr(secret["wechat_secret"]),
        token=SecretStr(secret["wechat_token"]),
        aes_key=SecretStr(secret["wechat_aes_key"]),
    )
    return settings.model_copy(
        update={
            "demo": True,
            "data_dir": data_dir,
            "keys_file": None,
            "server": Server(host="127.0.0.1", port=port, public_url=base),
            "rest": RestChannel(open=True),
            "in_app": InAppChannel(identity_secret=SecretStr(secret["identity"])),
            "wechat": WeChat(official=(account,), api_base=f"{base}/simulator/api", fallback_api_base=None),
            "webhooks": Webhooks(networks=(IPv4Network("127.0.0.0/8"),)),
            "desk": Desk(opening_hours="00:00-24:00", open_every_day=True),
            "logging": Logging(format="console", level="WARNING"),
        }
    )


async def _add_staff(settings: Settings, password: str) -> None:
    migrate(settings.database_url)
    crypto = Crypto((settings.data_dir / "keys.json").read_text("utf-8"))
    store = await Store.open(settings.database_url, crypto, readers=1)
    catalogue = Catalogue()
    now = SystemClock().now()
    try:
        missing = [
            Agent(new_id(now), login, catalogue.text(f"demo.{name}"), role, None, active=True, capacity=5, presence="offline")
            for login, name, role in (*STAFF, *BOSSES)
            if await store.read(lambda tx, login=login: agents.by_login(tx, login)) is None  # type: ignore[misc]
        ]
        for agent in missing:
            password_hash = hash_password(password)
            await store.write(lambda tx, agent=agent, hashed=password_hash: agents.create(tx, agent, hashed, now))  # type: ignore[misc]
    finally:
        await store.close()
