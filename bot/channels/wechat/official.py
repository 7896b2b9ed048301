"""The Official Account's callback: believe the push, take the turn, answer in the same response if it is ready in time.

    signature and size -> envelope -> fields -> Inbound -> intake -> one text (or ``success``)

``success`` means "stored, nothing to say now": what comes later goes by the API. An error status means "not stored": WeChat
sends the push again.
"""

import asyncio
from collections import Counter
from collections.abc import Mapping
from typing import Protocol

import aiohttp
import structlog
from aiohttp import web

from bot.channels.wechat.client import OfficialApi
from bot.channels.wechat.inflight import InFlight
from bot.channels.wechat.media import download
from bot.channels.wechat.passive import merged, reply_xml
from bot.channels.wechat.push import Push, read_push
from bot.channels.wechat.sender import Sender
from bot.channels.wechat.signing import Envelope, Rejected, check_age, check_signature, encrypted_part, parameters
from bot.channels.wechat.token import MemoryTokens, TokenStore
from bot.channels.wechat.xml import fields_of
from bot.delivery import Delivery
from bot.media import MediaRefused
from bot.message import Inbound, Receipt
from config.catalogue import Catalogue
from config.clock import Clock
from config.problem import Problem
from config.settings import OfficialAccount, Settings
from store.blobs import Blobs
from store.engine import Store
from store.errors import StoreError
from store.model import OutboxRow

log = structlog.get_logger(__name__)

PREFIX = "official"
# How much longer than WeChat waits the answer's rows are held: an answer given in the last moment must be noted as given before
# delivery may take them, and a redelivery shortly after a broken connection shall find them still here.
HOLD_MARGIN_S = 5.0
SUCCESS = "success"  # in clear even in encrypted mode: sealed, it makes WeChat show a fault


class Intake(Protocol):
    """What takes messages in: ``bot.intake.Intake`` in the service."""

    async def receive(self, inbound: Inbound) -> Receipt:
        """Store and answer one message."""
        ...


class _Account:
    """One configured account with what opens its envelopes and calls its API."""

    def __init__(self, settings: OfficialAccount, api: OfficialApi, sender: Sender) -> None:
        self.settings = settings
        self.name = f"{PREFIX}:{settings.name}"
        self.token = settings.token.get_secret_value()
        self.api = api
        self.sender = sender
        self.envelope = (
            Envelope(self.token, settings.aes_key.get_secret_value(), settings.appid) if settings.aes_key is not None else None
        )


class OfficialChannel:
    """Official Accounts, in and out: routes for pushes, ``send`` for delivery, ``fetch_media`` for files that customers sent."""

    def __init__(
        self,
        settings: Settings,
        intake: Intake,
        delivery: Delivery,
        store: Store,
        blobs: Blobs,
        clock: Clock,
        session: aiohttp.ClientSession,
        *,
        tokens: TokenStore | None = None,
    ) -> None:
        """*tokens* is where access tokens are kept; by default in this process. ``ValueError`` for a wrong EncodingAESKey."""
        del store  # what the channel asks of it goes through intake and delivery
        self._settings = settings.wechat
        self._max_text_chars = settings.turn.max_text_chars
        self._intake = intake
        self._delivery = delivery
        self._clock = clock
        self._catalogue = Catalogue()
        kept = tokens or MemoryTokens()
        self._accounts: Mapping[str, _Account] = {
            account.name: self._account(account, blobs, clock, session, kept) for account in settings.wechat.official
        }
        self._turns: InFlight[Receipt] = InFlight(settings.wechat.passive_reply_s, self._leave_to_api)
        self._settling: set[asyncio.Future[None]] = set()
        self.seen: Counter[str] = Counter()  # pushes by kind, the unanswered ones too

    def _account(
        self, account: OfficialAccount, blobs: Blobs, clock: Clock, session: aiohttp.ClientSession, tokens: TokenStore
    ) -> _Account:
        bases = tuple(filter(None, (self._settings.api_base, self._settings.fallback_api_base)))
        api = OfficialApi(account.appid, account.secret.get_secret_value(), bases, session, tokens, clock)
        return _Account(account, api, Sender(api, blobs))

    def add_routes(self, app: web.Application) -> None:
        """Mount the callback."""
        app.router.add_get("/wechat/official/{account}", self._verify)
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

    async def _verify(self, request: web.Request) -> web.Response:
        """WeChat's console asks whether this address is ours: prove it by returning what it sent."""
        account = self._named(request.match_info["account"])
        try:
            offered, timestamp, nonce, echo = parameters(request.query, "signature", "timestamp", "nonce", "echostr")
            check_signature(account.token, offered, timestamp, nonce)
            check_age(timestamp, self._clock.now().timestamp(), self._settings.clock_skew_s)
        except Rejected as rejected:
            raise self._refusal(rejected, account) from None
        return web.Response(text=echo, content_type="text/plain")

    async def _push(self, request: web.Request) -> web.StreamResponse:
        account = self._named(request.match_info["account"])
        try:
            push, timestamp, nonce, sealed = await self._believed(request, account)
        except Rejected as rejected:
            raise self._refusal(rejected, account) from None
        self.seen[push.what] += 1
        if push.inbound is None:
            return _plain(SUCCESS)
        receipt = await self._taken(push.inbound)
        if receipt is None:
            return _plain(SUCCESS)
        text, seqs, left = await self._answer(receipt)
        if not text:
            if seqs or left:
                await self._settle(receipt, seqs, left)
            return _plain(SUCCESS)
        created_s = int(self._clock.now().timestamp())
        body = reply_xml(text, customer=push.sender, us=push.receiver, created_s=created_s)
        if sealed and account.envelope is not None:
            body = account.envelope.seal(body, timestamp, nonce)
        response = web.Response(text=body, content_type="application/xml")
        if request.transport is None or request.transport.is_closing():
            return response  # WeChat left: the rows stay leased for its next delivery, and then go by the API
        try:
            await response.prepare(request)
            await response.write_eof()
        except ConnectionError:
            return response
        # Only now is it out. Before it is noted a crash leaves the rows leased, and delivery sends them when the lease ends.
        # The connection need not wait for the note: WeChat's next push comes on it.
        noting = asyncio.ensure_future(self._settle(receipt, seqs, left))
        self._settling.add(noting)
        noting.add_done_callback(self._settling.discard)
        return response

    async def _believed(self, request: web.Request, account: _Account) -> tuple[Push, str, str, bool]:
        """The push, its timestamp and nonce, and whether it came sealed. Nothing is parsed before its signature is checked."""
        offered, timestamp, nonce = parameters(request.query, "signature", "timestamp", "nonce")
        msg_signature, encrypt_type = parameters(request.query, "msg_signature", "encrypt_type")
        sealed = encrypt_type == "aes" or bool(msg_signature)
        if sealed and account.envelope is None:
            raise Rejected("not_in_encrypted_mode")
        if not sealed and account.envelope is not None and not account.settings.accept_plain:
            raise Rejected("plain_not_accepted", 403)
        check_age(timestamp, self._clock.now().timestamp(), self._settings.clock_skew_s)
        if not sealed or offered:
            # In encrypted mode it covers no body and proves little, but a wrong one is cheap to turn away.
            check_signature(account.token, offered, timestamp, nonce)
        body = await self._body(request)
        if sealed:
            ciphertext = encrypted_part(body)
            if ciphertext is None or account.envelope is None:
                raise Rejected("bad_envelope")
            body = account.envelope.open(ciphertext, msg_signature, timestamp, nonce).encode()
        hold_s = self._settings.passive_reply_s + HOLD_MARGIN_S
        push = read_push(fields_of(body), account.name, branch=account.settings.branch, hold_s=hold_s)
        return push, timestamp, nonce, sealed

    async def _body(self, request: web.Request) -> bytes:
        limit = self._settings.max_body_bytes
        if (request.content_length or 0) > limit:
            raise Rejected("too_large", 413)
        body = bytearray()
        # A chunked body announces no length, and so is counted as it comes.
        async for chunk in request.content.iter_chunked(16 * 1024):
            body += chunk
            if len(body) > limit:
                raise Rejected("too_large", 413)
        return bytes(body)

    async def _taken(self, inbound: Inbound) -> Receipt | None:
        """What intake made of it; None when WeChat won't wait that long. A store that is away raises: WeChat comes again."""
        key = (inbound.account, inbound.message_id or "")
        return await self._turns.result(key, lambda: self._intake.receive(inbound))

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

    def _refusal(self, rejected: Rejected, account: _Account) -> Problem:
        self.seen[f"rejected:{rejected.reason}"] += 1
        log.info("push_rejected", account=account.name, reason=rejected.reason)
        return Problem(rejected.status, rejected.reason)

    def _named(self, name: str) -> _Account:
        account = self._accounts.get(name)
        if account is None:
            raise Problem(404, "not_found")
        return account

    # --- out ---------------------------------------------------------------------------------------------------------------

    async def send(self, row: OutboxRow) -> None:
        """Deliver one message through the customer-service API, as ``bot.delivery.Channel`` describes it."""
        await self._accounts[row.account.partition(":")[2]].sender.send(row)

    async def fetch_media(self, account: str, media_id: str, media_type: str) -> tuple[bytes, str]:
        """A customer's file and its media type, as ``bot.media.MediaSource`` describes it."""
        found = self._accounts.get(account.partition(":")[2])
        if found is None:
            raise MediaRefused("no_such_account")
        return await download(found.api, media_id, media_type)


def _plain(text: str) -> web.Response:
    return web.Response(text=text, content_type="text/plain")
