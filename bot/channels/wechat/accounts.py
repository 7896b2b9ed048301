"""The configured accounts of one kind under ``api.weixin.qq.com``: their doors, their calls, and the ways out through them."""

from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Generic, TypeVar

from aiohttp import web

from bot.channels.wechat.answers import OutcomeUnknown
from bot.channels.wechat.caller import Means
from bot.channels.wechat.client import WeixinApi, weixin_api
from bot.channels.wechat.door import Door, door_of
from bot.channels.wechat.media import download
from bot.channels.wechat.notices import TemplateNotices
from bot.channels.wechat.sender import Sender
from bot.channels.wechat.signing import Rejected
from bot.delivery import ChannelBusy, ChannelRefused
from bot.media import MediaRefused
from config.problem import Problem
from config.settings import MiniProgram, OfficialAccount, WeChat
from store.model import OutboxRow

S = TypeVar("S", OfficialAccount, MiniProgram)


class Account(Generic[S]):
    """One configured account with what opens its envelopes and calls its API."""

    def __init__(self, settings: S, door: Door, api: WeixinApi, sender: Sender) -> None:
        self.settings: S = settings
        self.name = api.caller.account
        self.door = door
        self.api = api
        self.sender = sender

    async def show_typing(self, customer: str, path: str) -> None:
        """Show the customer that somebody is at it. Comes to nothing where it can't."""
        with suppress(ChannelBusy, ChannelRefused, OutcomeUnknown):
            await self.api.post(path, data={"touser": customer, "command": "Typing"})


class Accounts(Generic[S]):
    """A ``bot.delivery.Channel`` and ``bot.media.MediaSource`` for accounts named ``<prefix>:...``."""

    knows_repeats = False  # the platform takes no id of ours with a message

    def __init__(
        self,
        prefix: str,
        configured: Sequence[S],
        wechat: WeChat,
        means: Means,
        make_sender: Callable[[S, WeixinApi], Sender],
        templates: TemplateNotices | None,
    ) -> None:
        """``ValueError`` for a wrong EncodingAESKey."""
        self.seen: Counter[str] = Counter()  # pushes by kind, the unanswered ones too
        self.by_name: dict[str, Account[S]] = {}
        for settings in configured:
            secret = settings.secret.get_secret_value()
            api = weixin_api(f"{prefix}:{settings.name}", settings.appid, secret, wechat.api_bases, means)
            account = Account(settings, door_of(settings, wechat, means.clock), api, make_sender(settings, api))
            self.by_name[settings.name] = account
            if templates is not None:
                templates.register(account.name, api, settings.notices)

    # --- in ----------------------------------------------------------------------------------------------------------------

    def named(self, request: web.Request) -> Account[S]:
        """The account in the path of a callback. 404 for one that is not configured."""
        account = self.by_name.get(request.match_info["account"])
        if account is None:
            raise Problem(404, "not_found")
        return account

    async def verify(self, request: web.Request) -> web.Response:
        """WeChat's console asks whether this address is ours: prove it by returning what it sent."""
        account = self.named(request)
        try:
            return web.Response(text=account.door.echo(request.query), content_type="text/plain")
        except Rejected as rejected:
            self.count(rejected)
            raise

    def count(self, rejected: Rejected) -> None:
        """A push was not believed."""
        self.seen[f"rejected:{rejected.reason}"] += 1

    # --- out ---------------------------------------------------------------------------------------------------------------

    async def send(self, row: OutboxRow) -> None:
        """Deliver one message through the customer-service API."""
        found = self._of(row.account)
        if found is None:
            raise ChannelRefused("no_such_account")
        await found.sender.send(row)

    def price(self, row: OutboxRow) -> int:
        """How many customer-service messages *row* takes."""
        found = self._of(row.account)
        return found.sender.price(row) if found is not None else 0

    async def fetch_media(self, account: str, media_id: str, media_type: str) -> tuple[bytes, str]:
        """A customer's file and its media type."""
        found = self._of(account)
        if found is None:
            raise MediaRefused("no_such_account")
        return await download(found.api, media_id, media_type)

    async def show_typing(self, account: str, customer: str, path: str) -> None:
        """Show the customer that somebody is writing."""
        found = self._of(account)
        if found is not None:
            await found.show_typing(customer, path)

    def _of(self, account: str) -> Account[S] | None:
        return self.by_name.get(account.partition(":")[2])
