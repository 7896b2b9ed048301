"""A Mini Program's customer service: believe the push, store the message, say ``success``. Every answer goes by the API.

``success`` means "stored"; anything else makes WeChat send the push again. So it is not said before the commit, however long
that takes: a push that WeChat gave up on is known when it comes again.
"""

import asyncio
from collections import Counter

import structlog
from aiohttp import web

from bot.channels.wechat.accounts import Account, Accounts
from bot.channels.wechat.answers import OutcomeUnknown
from bot.channels.wechat.caller import Means
from bot.channels.wechat.fields import fields_of
from bot.channels.wechat.inflight import InFlight
from bot.channels.wechat.mini_sender import MiniSender
from bot.channels.wechat.notices import TemplateNotices
from bot.channels.wechat.official import SUCCESS, Intake, Notebook
from bot.channels.wechat.push import Push, read_push
from bot.channels.wechat.signing import Rejected
from bot.delivery import ChannelBusy, ChannelRefused
from bot.message import Inbound, Receipt
from config.catalogue import Catalogue
from config.labels import FeedbackChannel
from config.settings import MiniProgram, Settings
from store.blobs import Blobs

log = structlog.get_logger(__name__)

PREFIX = "mini"
TYPING = "message/custom/business/typing"
TYPING_AFTER_S = 1.0  # a turn that takes longer is worth showing


class MiniChannel:
    """Mini Programs, in; the way out is ``accounts``."""

    def __init__(
        self,
        settings: Settings,
        intake: Intake,
        noting: Notebook,
        blobs: Blobs,
        means: Means,
        *,
        templates: TemplateNotices | None = None,
    ) -> None:
        """``ValueError`` for a wrong EncodingAESKey."""
        self._intake = intake
        self._noting = noting
        self._catalogue = Catalogue()
        self._max_text_chars = settings.turn.max_text_chars
        self._waits_s = settings.wechat.passive_reply_s
        self.accounts = Accounts(
            PREFIX,
            settings.wechat.mini,
            settings.wechat,
            means,
            lambda account, api: MiniSender(account, api, blobs, means.clock, self._catalogue),
            templates,
        )
        self._turns: InFlight[Receipt] = InFlight(self._waits_s, _nothing)
        self._typing: set[asyncio.Task[None]] = set()

    @property
    def seen(self) -> Counter[str]:
        """Pushes by kind, the unanswered ones too."""
        return self.accounts.seen

    def add_routes(self, app: web.Application) -> None:
        """Mount the callback."""
        app.router.add_get("/wechat/mini/{account}", self.accounts.verify)
        app.router.add_post("/wechat/mini/{account}", self._push)
        app.on_shutdown.append(self._finish)

    async def _finish(self, _app: web.Application) -> None:
        await self._turns.finish()
        for task in self._typing:
            task.cancel()
        await asyncio.gather(*self._typing, return_exceptions=True)

    async def _push(self, request: web.Request) -> web.Response:
        account = self.accounts.named(request)
        try:
            push = await self._believed(request, account)
        except Rejected as rejected:
            self.accounts.count(rejected)
            raise
        self.seen[push.what] += 1
        await self._noting.note(account.name, push)
        if push.inbound is not None:
            receipt = await self._taken(account, push.inbound)
            if receipt.status == "rejected":
                await self._tell(account, push.sender, receipt.reason)
        return web.Response(text=SUCCESS, content_type="text/plain")

    async def _believed(self, request: web.Request, account: Account[MiniProgram]) -> Push:
        let = await account.door.let_in(request)
        branch, brand = account.settings.branch, account.settings.brand
        channel = FeedbackChannel.WECHAT_MINI
        return read_push(fields_of(let.body), account.name, channel=channel, branch=branch, brand=brand)

    async def _taken(self, account: Account[MiniProgram], inbound: Inbound) -> Receipt:
        """What intake made of it, when it is stored: a push that WeChat gave up on meanwhile comes again."""
        key = (inbound.account, inbound.message_id or "")
        typing = asyncio.create_task(self._type_meanwhile(account, inbound.customer))
        self._typing.add(typing)
        typing.add_done_callback(self._typing.discard)
        try:
            receipt, in_time = await self._turns.result(key, lambda: self._intake.receive(inbound))
        finally:
            typing.cancel()
        if not in_time:
            self.seen["missed_deadline"] += 1
        return receipt

    async def _type_meanwhile(self, account: Account[MiniProgram], customer: str) -> None:
        await asyncio.sleep(TYPING_AFTER_S)
        await account.show_typing(customer, TYPING)

    async def _tell(self, account: Account[MiniProgram], customer: str, reason: str) -> None:
        """Say why a message was not taken. It is not stored, and so neither is this."""
        text = self._catalogue.text(f"intake.{reason}", limit=self._max_text_chars)
        try:
            await account.api.message.send_text(customer, text)
        except (ChannelBusy, ChannelRefused, OutcomeUnknown) as error:
            log.warning("refusal_not_told", account=account.name, reason=str(error))


async def _nothing(_receipt: Receipt) -> None:
    """An answer that WeChat did not wait for needs nothing: it goes by the API anyway."""
