"""``huiyin wechat menu`` and ``huiyin wechat qr``."""

import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Literal

import aiohttp
import yaml

from bot.attention import Attention
from bot.channels.wechat.answers import OutcomeUnknown
from bot.channels.wechat.caller import Means
from bot.channels.wechat.client import weixin_api
from bot.channels.wechat.console import Console
from bot.delivery import ChannelBusy, ChannelRefused
from config.clock import SystemClock
from config.settings import OfficialAccount, Settings
from store.tokens import MemoryTokens

TIMEOUT = aiohttp.ClientTimeout(total=30, connect=5)


def read_menu(file: Path) -> dict[str, Any]:
    """A menu of one's own. Raises ``OSError`` or ``RuntimeError`` with a reason."""
    found = yaml.safe_load(file.read_text("utf-8"))
    if isinstance(found, dict):
        return found
    raise RuntimeError(f"{file}: a menu is a mapping with the name 'button'")


async def menu(
    settings: Settings, account: str | None, action: Literal["create", "show", "delete"], own: dict[str, Any] | None = None
) -> str:
    """What the command prints. Raises ``RuntimeError`` or ``ValueError`` with a reason."""

    async def act(console: Console) -> str:
        if action == "delete":
            await console.delete_menu()
            return "the menu is gone; phones show it so within a day, or at once after following anew"
        if action == "show":
            found = await console.menu()
            return "there is no menu" if found is None else _shown(found)
        return _shown(await console.create_menu(own))

    return await _with_console(settings, account, act)


async def branch_code(settings: Settings, account: str | None, branch: str, days: int | None) -> str:
    """What the command prints: the code's content and where its picture is shown."""

    async def act(console: Console) -> str:
        code = await console.branch_code(branch, days=days)
        lasts = f"{code.lasts_days} days" if code.lasts_days else "for ever"
        return f"{code.branch} ({lasts})\n  content  {code.content}\n  picture  {code.picture}"

    return await _with_console(settings, account, act)


async def _with_console(settings: Settings, name: str | None, act: Callable[[Console], Awaitable[str]]) -> str:
    found = _account(settings, name)
    clock = SystemClock()
    async with aiohttp.ClientSession(timeout=TIMEOUT) as http:
        means = Means(http, MemoryTokens(clock), clock, Attention())
        secret = found.secret.get_secret_value()
        api = weixin_api(f"official:{found.name}", found.appid, secret, settings.wechat.api_bases, means)
        try:
            return await act(Console(api))
        except (ChannelBusy, ChannelRefused) as error:
            raise RuntimeError(f"WeChat refuses: {error.reason}") from None
        except OutcomeUnknown as error:
            raise RuntimeError(f"no answer from WeChat that could be understood: {error}") from None


def _account(settings: Settings, name: str | None) -> OfficialAccount:
    accounts = settings.wechat.official
    if not accounts:
        raise RuntimeError("no Official Account is configured (wechat.official)")
    if name is None and len(accounts) > 1:
        raise RuntimeError(f"which account? --account {' | '.join(account.name for account in accounts)}")
    found = next((account for account in accounts if name in (None, account.name)), None)
    if found is None:
        raise RuntimeError(f"no Official Account is called {name}")
    return found


def _shown(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2)
