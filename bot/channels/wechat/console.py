"""What one otherwise does by hand in an Official Account's console: its menu, and codes that carry a branch."""

import urllib.parse
from dataclasses import dataclass
from typing import Any

from bot.channels.wechat.caller import patiently
from bot.channels.wechat.client import WeixinApi
from bot.channels.wechat.push import BRANCH_SCENE
from bot.delivery import ChannelRefused
from config.catalogue import load_yaml

NO_MENU = "wechat_46003"
MAX_SCENE_CHARS = 64
MAX_BRANCH_CHARS = MAX_SCENE_CHARS - len(BRANCH_SCENE)
MAX_DAYS = 30
SHOWN_AT = "https://mp.weixin.qq.com/cgi-bin/showqrcode?ticket="


@dataclass(frozen=True, slots=True)
class BranchCode:
    """A code that a branch puts up: what is in it, and where the platform shows it as a picture."""

    branch: str
    content: str
    picture: str
    lasts_days: int | None  # None: for ever


class Console:
    """The console of one account. Calls raise as ``Caller`` does, after a few tries where trying again may help."""

    def __init__(self, api: WeixinApi) -> None:
        self._api = api

    async def create_menu(self, menu: dict[str, Any] | None = None) -> dict[str, Any]:
        """Put *menu* (by default ours) in the place of the one that is there; returns it."""
        wanted: dict[str, Any] = menu if menu is not None else load_yaml("wechat_menu.zh-CN.yaml")
        await patiently(lambda: self._api.post("menu/create", data=wanted))
        return wanted

    async def menu(self) -> dict[str, Any] | None:
        """The menu that is there, None when there is none."""
        try:
            answer = await patiently(lambda: self._api.get("menu/get"))
        except ChannelRefused as refused:
            if refused.reason == NO_MENU:
                return None
            raise
        found: dict[str, Any] = answer.get("menu", {})
        return found

    async def delete_menu(self) -> None:
        """Take the menu away."""
        await patiently(lambda: self._api.get("menu/delete"))

    async def branch_code(self, branch: str, *, days: int | None = None) -> BranchCode:
        """A code of *branch*: who scans it talks to us as a customer of it. ``ValueError`` for a name that does not fit."""
        scene = f"{BRANCH_SCENE}{branch.strip()}"
        if not branch.strip() or len(scene) > MAX_SCENE_CHARS:
            raise ValueError(f"a branch's name has 1 to {MAX_BRANCH_CHARS} characters")
        if days is not None and not 1 <= days <= MAX_DAYS:
            raise ValueError(f"a code lasts 1 to {MAX_DAYS} days, or for ever")
        lasting = {"action_name": "QR_LIMIT_STR_SCENE"}
        passing = {"action_name": "QR_STR_SCENE", "expire_seconds": (days or 0) * 86400}
        asked = {**(lasting if days is None else passing), "action_info": {"scene": {"scene_str": scene}}}
        made = await patiently(lambda: self._api.post("qrcode/create", data=asked))
        picture = f"{SHOWN_AT}{urllib.parse.quote(made['ticket'], safe='')}"
        return BranchCode(branch.strip(), made["url"], picture, days)
