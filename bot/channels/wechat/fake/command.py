"""``huiyin wechat fake``: the platform as a server of its own."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import aiohttp
import yaml
from aiohttp import web
from pydantic import TypeAdapter

from bot.channels.wechat.fake.accounts import FakeAccount
from bot.channels.wechat.fake.configured import configured
from bot.channels.wechat.fake.control import Control
from bot.channels.wechat.fake.platform import FakeWeChat
from bot.channels.wechat.fake.timing import ForwardClock
from config.settings import Settings

MAX_BODY = 32 * 1024 * 1024
# For a service that has none of its own: what any program may use to try itself out.
MADE_UP = FakeAccount(
    name="main",
    appid="wx0000000000000001",
    secret="fake-secret-of-the-account-000000",  # noqa: S106 -- of an account that exists here only
    token="fake0token",  # noqa: S106 -- likewise
    aes_key="abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG",
    callback_url="",
)


def run_fake(settings: Settings, *, host: str, port: int, accounts: Path | None, callback: str, strict: bool) -> int:
    """Serve until stopped: the accounts of the file, or of *settings*, or one that is made up."""
    known = _from_file(accounts, callback) if accounts is not None else configured(settings, callback)
    known = known or [replace(MADE_UP, callback_url=f"{callback}/wechat/official/main")]

    def say(*_: object) -> None:
        shown = {
            account.name: {"family": account.family, "appid": account.appid, "pushes to": account.callback_url}
            for account in known
        }
        print(f"huiyin: fake WeChat at http://{host}:{port}, control under /fake\n{json.dumps(shown, indent=2)}", flush=True)  # noqa: T201 -- what the command is asked for

    web.run_app(make_fake_app(known, strict=strict), host=host, port=port, access_log=None, print=say)
    return 0


async def make_fake_app(accounts: Sequence[FakeAccount], *, strict: bool) -> web.Application:
    """The platform's API and its control API in one application."""
    session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=1000))
    clock = ForwardClock()
    platform = FakeWeChat(accounts, session, clock, strict=strict)
    app = web.Application(client_max_size=MAX_BODY)
    platform.add_routes(app)
    Control(platform, clock).add_routes(app)

    async def close(_app: web.Application) -> None:
        await session.close()

    app.on_cleanup.append(close)
    return app


def _from_file(path: Path, callback: str) -> list[FakeAccount]:
    """Accounts from YAML or JSON: a list of objects with the fields of ``FakeAccount``. ``ValueError`` for anything else.

    One that names no address is pushed to below *callback*, as our own service has it.
    """
    listed = TypeAdapter(list[FakeAccount]).validate_python(yaml.safe_load(path.read_text("utf-8")))
    if len({account.name for account in listed}) < len(listed):
        raise ValueError(f"{path}: two accounts have the same name")
    return [replace(each, callback_url=each.callback_url or f"{callback}/wechat/{each.family}/{each.name}") for each in listed]
