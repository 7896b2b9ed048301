"""What the items of WeChat Customer Service bring about here, one by one.

Each item is taken in one commit; the last of a page is given a ``Mark``, which notes in that same commit how far was read.
Taking an item a second time changes nothing: messages are known by their ids, everything else says how things stand.
"""

from collections import Counter
from collections.abc import Callable

import structlog

from bot.channels.wechat.kf.contents import Content
from bot.channels.wechat.kf.events import SHUTTING, Entered, Recalled, Refusal, SendFailed, ServicerStatus, SessionChanged
from bot.channels.wechat.kf.greeting import Greeter
from bot.channels.wechat.kf.house import House
from bot.channels.wechat.kf.items import Item, Said, Unread
from bot.channels.wechat.kf.msgid import sent_of
from bot.channels.wechat.kf.sessions import Sessions
from bot.intake import Also
from bot.message import Inbound
from config.labels import Audience, FeedbackChannel, Speaker
from config.settings import KfCorp
from intents.redact import redact
from store import conversations, kf, media
from store.conversations import Appended, MessageDraft, Protected
from store.engine import Tx
from store.errors import Conflict
from store.model import Allowance

log = structlog.get_logger(__name__)

Mark = Callable[[Tx], object]
MESSAGE = Allowance(messages=5, lasts_s=48 * 3600.0)  # what a customer's message lets us send


class Arrivals:
    """Takes the items of one corporation."""

    def __init__(
        self, corp: KfCorp, account: str, house: House, greeter: Greeter, sessions: Sessions, seen: Counter[str]
    ) -> None:
        """*seen* counts items by kind."""
        self._corp = corp
        self._account = account
        self._desks = {desk.open_kfid: desk for desk in corp.desks}
        self._house = house
        self._store = house.store
        self._greeter = greeter
        self._sessions = sessions
        self.seen = seen

    async def take(self, item: Item, mark: Mark | None = None) -> None:
        """Do what *item* asks for. Raises what the store raises: then the item must be read again."""
        self.seen[item.what] += 1
        match item.meaning:
            case Said(content, "") if item.address.external_userid:
                await self._customer_wrote(item, content, mark)
            case Said(content, servicer) if item.address.external_userid:
                await self._servicer_wrote(item, content, servicer, mark)
            case Unread(shape, from_customer=True) if item.address.external_userid:
                log.warning("kf_item_not_understood", account=self._account, **shape)
                await self._customer_wrote(item, Content("file", payload={"item": shape}), mark)
            case Entered() as entered if item.address.external_userid:
                await self._entered(item, entered, mark)
            case SendFailed() as failed:
                await self._send_failed(failed, mark)
            case Recalled() as recalled:
                await self._recalled(recalled, mark)
            case SessionChanged() as changed:
                await self._sessions.changed(str(item.address), changed, mark)
            case Refusal() as refusal:
                await self._noted(item, "refuses" if refusal.refuses else "takes_again", refusal.servicer, mark)
            case ServicerStatus() as status:
                self._sessions.servicer_is(status)
                await self._only(mark)
            case _:
                log.warning("kf_item_passed_over", account=self._account, kind=item.what)
                await self._only(mark)

    async def _only(self, mark: Mark | None) -> None:
        if mark is not None:
            await self._store.write(mark, key=self._account)

    # --- what people write -------------------------------------------------------------------------------------------------

    async def _customer_wrote(self, item: Item, content: Content, mark: Mark | None) -> None:
        inbound = self._inbound(item, content)
        receipt = await self._house.intake.receive(inbound, self._opening(mark))
        if receipt.status in ("duplicate", "rejected"):
            await self._only(mark)
        if receipt.status == "rejected":
            told = self._house.catalogue.text(f"intake.{receipt.reason}", limit=self._house.max_text_chars)
            await self._greeter.tell(item.address, item.id, told)

    def _inbound(self, item: Item, content: Content) -> Inbound:
        kind = {"card": content.kind} if content.kind else {}
        text = content.text or (self._house.catalogue.text(f"kf.cards.{content.kind}") if content.kind else "")
        desk = self._desks.get(item.address.open_kfid)
        return Inbound(
            account=self._account,
            channel=FeedbackChannel.WECHAT_KF,
            customer=str(item.address),
            text=text,
            message_id=item.id,
            type=content.type,
            pending_media=content.media,
            payload={**content.payload, **kind},
            home_branch=desk.branch if desk else None,
            brand=desk.brand if desk else None,
            allowance=MESSAGE,
        )

    def _opening(self, mark: Mark | None) -> Also:
        """A customer's message opens the session it came in, in the same commit."""
        now = self._house.clock.now()

        def also(tx: Tx, conversation_id: str) -> None:
            kf.customer_wrote(tx, conversation_id, self._account, now)
            if mark is not None:
                mark(tx)

        return also

    async def _servicer_wrote(self, item: Item, content: Content, servicer: str, mark: Mark | None) -> None:
        """What staff answered in WeCom belongs into the record; the customer has it already."""
        now, customer = self._house.clock.now(), str(item.address)
        safe = redact(content.text, expecting="amount_yuan")
        draft = MessageDraft(
            Speaker.AGENT,
            safe.text,
            type=content.type,
            payload={
                **content.payload,
                "servicer": servicer,
                "author": self._house.catalogue.text("kf.servicer", name=servicer),
                **({"pending_media": len(content.media)} if content.media else {}),
            },
            external_id=item.id,
            protected=tuple(Protected(found.kind, found.token, found.original) for found in safe.found if found.kind != "secret"),
        )
        files = [(each.media_id, each.media_type) for each in content.media]

        def write(tx: Tx) -> tuple[str, int] | None:
            found = conversations.of_customer(tx, self._account, customer)
            done = conversations.append(tx, found.id, draft, now=now, seen_already=True) if found else None
            if mark is not None:
                mark(tx)
            if found is None or not isinstance(done, Appended):
                return None
            media.expect(tx, found.id, done.seq, self._account, files, now)
            return found.id, done.seq

        try:
            await self._told(write)
        except Conflict:  # it is there already
            await self._only(mark)

    # --- what the platform tells -------------------------------------------------------------------------------------------

    async def _entered(self, item: Item, entered: Entered, mark: Mark | None) -> None:
        inbound = self._greeter.inbound(item, entered, self._account, self._desks.get(item.address.open_kfid))
        if inbound is None:
            await self._only(mark)
            return
        receipt = await self._house.intake.receive(inbound, self._opening(mark))
        if receipt.status in ("duplicate", "rejected"):
            await self._only(mark)
        else:
            await self._greeter.greet(item, entered.code, receipt)

    async def _send_failed(self, failed: SendFailed, mark: Mark | None) -> None:
        sent = sent_of(failed.msgid)
        if sent is not None:
            shut = failed.reason in SHUTTING
            await self._house.delivery.turned_out_failed(sent.conversation_id, sent.seq, failed.reason, window_shut=shut)
        await self._only(mark)

    async def _recalled(self, recalled: Recalled, mark: Mark | None) -> None:
        now, keep = self._house.clock.now(), self._corp.keep_recalled

        def write(tx: Tx) -> tuple[str, int] | None:
            found = kf.recall(tx, self._account, recalled.msgid, now, keep_text=keep)
            if mark is not None:
                mark(tx)
            return found

        await self._told(write)

    async def _noted(self, item: Item, what: str, servicer: str, mark: Mark | None) -> None:
        """A line for the desk, where the customer has a conversation."""
        now, customer = self._house.clock.now(), str(item.address)
        text = self._house.catalogue.text(f"kf.{what}", name=servicer)
        note = MessageDraft(Speaker.SYSTEM, text, type="notice", audience=Audience.DESK, external_id=item.id)

        def write(tx: Tx) -> tuple[str, int] | None:
            found = conversations.of_customer(tx, self._account, customer)
            done = conversations.append(tx, found.id, note, now=now) if found else None
            if mark is not None:
                mark(tx)
            return (found.id, done.seq) if found and isinstance(done, Appended) else None

        try:
            await self._told(write)
        except Conflict:
            await self._only(mark)

    async def _told(self, write: Callable[[Tx], tuple[str, int] | None]) -> None:
        """Write, and ring for the conversation and seq that changed."""
        changed = await self._store.write(write, key=self._account)
        if changed is not None:
            self._house.bell.ring(*changed)
