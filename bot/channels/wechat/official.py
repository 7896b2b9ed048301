"""The Official Account's callback: believe the push, take the turn, answer in the same response if it is ready in time.

    signature and size -> envelope -> fields -> Inbound -> intake -> one text (or ``success``)

``success`` means "stored, nothing to say now": what comes later goes by the API, and nothing is said before the commit. An error
status, or no answer before WeChat hangs up, means "not stored": WeChat sends the push again.
"""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Protocol

import structlog
from aiohttp import web

from bot.channels.wechat.accounts import Account, Accounts
from bot.channels.wechat.caller import Means
from bot.channels.wechat.door import Let
from bot.channels.wechat.fields import fields_of
from bot.channels.wechat.inflight import InFlight
from bot.channels.wechat.notices import TemplateNotices
from bot.channels.wechat.passive import merged, reply_xml, transfer_xml
from bot.channels.wechat.push import Push, read_push
from bot.channels.wechat.sender import Sender
from bot.channels.wechat.signing import Rejected
from bot.delivery import Delivery
from bot.message import Inbound, Receipt
from config.catalogue import Catalogue
from config.settings import OfficialAccount, Settings
from store.blobs import Blobs
from store.errors import StoreError

log = structlog.get_logger(__name__)

PREFIX = "official"
# How much longer than WeChat waits the answer's rows are held: an answer given in the last moment must be noted as given before
# delivery may take them, and a redelivery shortly after a broken connection shall find them still here.
HOLD_MARGIN_S = 5.0
TYPING = "message/custom/typing"
SUCCESS = "success"  # in clear even in encrypted mode: sealed, it makes WeChat show a fault


class Intake(Protocol):
    """What takes messages in: ``bot.intake.Intake`` in the service."""

    async def receive(self, inbound: Inbound) -> Receipt:
        """Store and answer one message."""
        ...


class Notebook(Protocol):
    """Where what pushes tell beside messages is written down: ``noting.Noting`` in the service."""

    async def note(self, account: str, push: Push) -> None:
        """Write it down."""
        ...

    async def with_operators(self, conversation_id: str) -> bool:
        """Whether people at WeChat's own desk have the customer, now if not before."""
        ...


class OfficialChannel:
    """Official Accounts, in and out: routes for pushes, ``send`` for delivery, ``fetch_media`` for files that customers sent."""

    knows_repeats = False  # the platform takes no id of ours with a message

    def __init__(
        self,
        settings: Settings,
        intake: Intake,
        delivery: Delivery,
        noting: Notebook,
        blobs: Blobs,
        means: Means,
        *,
        templates: TemplateNotices | None = None,
    ) -> None:
        """``ValueError`` for a wrong EncodingAESKey."""
        self._noting = noting
        self._settings = settings.wechat
        self._max_text_chars = settings.turn.max_text_chars
        self._intake = intake
        self._delivery = delivery
        self._clock = means.clock
        self._catalogue = Catalogue()
        configured, wechat = settings.wechat.official, settings.wechat
        self.accounts = Accounts(PREFIX, configured, wechat, means, lambda _, api: Sender(api, blobs), templates)
        self.seen = self.accounts.seen
        self.send, self.price, self.fetch_media = self.accounts.send, self.accounts.price, self.accounts.fetch_media
        self._turns: InFlight[Receipt] = InFlight(settings.wechat.passive_reply_s, self._leave_to_api)
        self._settling: set[asyncio.Future[None]] = set()
        self._last_note: dict[str, asyncio.Future[None]] = {}  # by conversation, while it is being written

    def add_routes(self, app: web.Application) -> None:
        """Mount the callback."""
        app.router.add_get("/wechat/official/{account}", self.accounts.verify)
        app.router.add_post("/wechat/official/{account}", self._push)
        app.on_shutdown.append(self._finish)

    async def _finish(self, _app: web.Application) -> None:
        await self._turns.finish()
        await self.settled()

    async def settled(self) -> None:
        """Wait until every answer given so far is noted as given."""
        if self._settling:
            await asyncio.wait(self._settling)

    # --- in ----------------------------------------------------------------------------------------------------------------

    async def _push(self, request: web.Request) -> web.StreamResponse:
        account = self.accounts.named(request)
        try:
            let = await account.door.let_in(request)
            push = self._read(let, account)
        except Rejected as rejected:
            self.accounts.count(rejected)
            raise
        self.seen[push.what] += 1
        await self._noting.note(account.name, push)
        if push.inbound is None:
            return _plain(SUCCESS)
        receipt, in_time = await self._taken(push.inbound, lambda: self._later(account.show_typing(push.sender, TYPING)))
        if not in_time:
            return _plain(SUCCESS)
        if receipt.status == "unanswered":
            self._later(account.show_typing(push.sender, TYPING))
            return _plain(SUCCESS)
        may_pass_on = account.settings.staffed_in_wechat and push.is_message and receipt.status != "rejected"
        if may_pass_on and await self._noting.with_operators(receipt.conversation_id):
            return await self._passed_on(account, let, push, receipt)
        text, seqs, left = await self._answer(receipt)
        if not text:
            if seqs or left:
                await self._settle(receipt, seqs, left)
            return _plain(SUCCESS)
        created_s = int(self._clock.now().timestamp())
        body = reply_xml(text, customer=push.sender, us=push.receiver, created_s=created_s)
        response = web.Response(text=account.door.answer(let, body), content_type="application/xml")
        if request.transport is None or request.transport.is_closing():
            return response  # WeChat left: the rows stay leased for its next delivery, and then go by the API
        if earlier := self._last_note.get(receipt.conversation_id):
            await asyncio.wait({earlier})  # a crash leaves one answer of a customer in doubt, never several
        try:
            await response.prepare(request)
            await response.write_eof()
        except ConnectionError:
            return response
        # Only now is it out. Before it is noted a crash leaves the rows leased, and delivery sends them when the lease ends.
        # The connection need not wait for the note: WeChat's next push comes on it.
        self._note_later(receipt, seqs, left)
        return response

    async def _passed_on(self, account: Account[OfficialAccount], let: Let, push: Push, receipt: Receipt) -> web.Response:
        """The customer goes to WeChat's own desk; what the bot said last goes by the API, notices about our queue nowhere."""
        seqs = [reply.seq for reply in receipt.replies]
        if receipt.status == "answered":
            await self._settle(receipt, [], seqs)
        elif receipt.status == "held" and seqs:
            await self._delivery.drop_passive(receipt.conversation_id, seqs, "with_operators")
        created_s, operator = int(self._clock.now().timestamp()), account.settings.operator
        body = transfer_xml(customer=push.sender, us=push.receiver, created_s=created_s, operator=operator)
        return web.Response(text=account.door.answer(let, body), content_type="application/xml")

    def _note_later(self, receipt: Receipt, seqs: list[int], left: list[int]) -> None:
        conversation_id = receipt.conversation_id
        note = self._last_note[conversation_id] = self._later(self._settle(receipt, seqs, left))

        def written(done: asyncio.Future[None]) -> None:
            if self._last_note.get(conversation_id) is done:
                del self._last_note[conversation_id]

        note.add_done_callback(written)

    def _later(self, work: Coroutine[Any, Any, None]) -> asyncio.Future[None]:
        task = asyncio.ensure_future(work)
        self._settling.add(task)
        task.add_done_callback(self._settling.discard)
        return task

    def _read(self, let: Let, account: Account[OfficialAccount]) -> Push:
        hold_s = self._settings.passive_reply_s + HOLD_MARGIN_S
        branch, brand = account.settings.branch, account.settings.brand
        return read_push(fields_of(let.body, xml_only=True), account.name, branch=branch, brand=brand, hold_s=hold_s)

    async def _taken(self, inbound: Inbound, meanwhile: Callable[[], object]) -> tuple[Receipt, bool]:
        """What intake made of it, and whether in time to answer. A store that is away raises: WeChat comes again."""
        key = (inbound.account, inbound.message_id or "")
        return await self._turns.result(key, lambda: self._intake.receive(inbound), meanwhile)

    async def _answer(self, receipt: Receipt) -> tuple[str, list[int], list[int]]:
        """The text to answer with, the replies in it, and the replies that go by the API."""
        if receipt.status == "rejected":
            return self._catalogue.text(f"intake.{receipt.reason}", limit=self._max_text_chars), [], []
        text, seqs = merged(receipt.replies, self._catalogue)
        left = [reply.seq for reply in receipt.replies if reply.seq not in seqs]
        if receipt.status == "duplicate":
            # The first delivery's answer again, unless delivery has already sent it or is about to.
            if not seqs or not await self._delivery.answered_passively(receipt.conversation_id, seqs):
                return "", [], []
            return text, seqs, []
        return text, seqs, left

    async def _settle(self, receipt: Receipt, seqs: list[int], left: list[int]) -> None:
        """The customer has *seqs*; *left* goes by the API. Failing here costs at most a doubled answer, so it only logs."""
        try:
            if seqs:
                await self._delivery.settle_passive(receipt.conversation_id, seqs)
            if left:
                await self._delivery.release_passive(receipt.conversation_id, left)
        except StoreError as error:
            log.warning("passive_reply_not_settled", kind=type(error).__name__)

    async def _leave_to_api(self, receipt: Receipt) -> None:
        """A turn that WeChat didn't wait for: its answers need not wait for the end of their lease."""
        self.seen["missed_deadline"] += 1
        if receipt.status != "duplicate" and receipt.replies:
            await self._settle(receipt, [], [reply.seq for reply in receipt.replies])


def _plain(text: str) -> web.Response:
    return web.Response(text=text, content_type="text/plain")
