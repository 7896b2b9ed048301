"""Writes down what pushes tell beside messages: who left, what became of notices, who agreed to which."""

import hashlib
from functools import partial
from typing import Protocol

from bot.channels.wechat.happenings import Consent, Gone, Happening, NoticeResult, Odd, OperatorSession
from bot.channels.wechat.push import Push
from config.catalogue import Catalogue
from config.clock import Clock
from config.labels import Audience, Holder, Speaker
from store import conversations, notices, platform_staff, windows
from store.bell import QUEUE, Bell
from store.conversations import MessageDraft
from store.engine import Store, Tx


class Failures(Protocol):
    """Who is told that a message did not arrive after all: ``bot.delivery.Delivery``."""

    async def turned_out_failed(self, conversation_id: str, seq: int, reason: str, *, window_shut: bool) -> None:
        """It did not arrive."""
        ...


class Noting:
    """The pushes of all accounts. When ``note`` returns, what the push told survives any crash."""

    def __init__(self, store: Store, bell: Bell, clock: Clock, catalogue: Catalogue, failures: Failures) -> None:
        self._catalogue = catalogue
        self._store = store
        self._bell = bell
        self._clock = clock
        self._failures = failures

    async def note(self, account: str, push: Push) -> None:
        """Write down what *push* tells of *account*'s customer. The same push again changes nothing."""
        for happening in push.happenings:
            if isinstance(happening, NoticeResult):
                await self._result(account, push.sender, happening)
            else:
                await self._store.write(partial(self._write, account, push.sender, happening), key=account)

    async def with_operators(self, conversation_id: str) -> bool:
        """Whether people at WeChat's own desk have the customer, or have them from now on because they wait for somebody."""
        now, notice = self._clock.now(), self._catalogue.text("wechat.with_operators")

        def write(tx: Tx) -> bool:
            found = conversations.get(tx, conversation_id)
            if found is not None and found.holder is Holder.QUEUED:
                platform_staff.hand_over(tx, conversation_id, notice, now)
                return True
            return found is not None and platform_staff.have(found)

        passed_on = await self._store.write(write, key=conversation_id)
        if passed_on:
            self._bell.ring(conversation_id)
            self._bell.ring(QUEUE)
        return passed_on

    def _operators(self, tx: Tx, account: str, sender: str, what: str) -> None:
        found = conversations.of_customer(tx, account, sender)
        if found is None:
            return
        now = self._clock.now()
        if what == "close":
            text = self._catalogue.text("wechat.operators_done")
            draft = MessageDraft(Speaker.SYSTEM, text, type="notice", audience=Audience.DESK)
            platform_staff.end(tx, found.id, draft, now)
        elif found.holder in (Holder.BOT, Holder.QUEUED):
            platform_staff.hand_over(tx, found.id, self._catalogue.text("wechat.with_operators"), now)

    def _write(self, account: str, sender: str, happening: Happening, tx: Tx) -> None:
        customer = notices.customer_id(tx, account, sender) if sender else None
        match happening:
            case Gone() if customer is not None:
                windows.mark_unreachable(tx, customer)
            case Consent(template_id, agreed) if customer is not None:
                notices.agreed(tx, customer, template_id, yes=agreed)
            case OperatorSession(what):
                self._operators(tx, account, sender, what)
            case Odd(fields):
                digest = hashlib.sha256("\0".join([account, sender, str(sorted(fields.items()))]).encode()).hexdigest()
                notices.keep_odd(tx, account, digest, customer, fields, self._clock.now())
            case _:
                pass

    async def _result(self, account: str, sender: str, told: NoticeResult) -> None:
        """Where a notice did not arrive, neither did the message that it stood for, and a person sees to it."""
        now = self._clock.now()

        def look(tx: Tx) -> notices.Sent | None:
            customer = notices.customer_id(tx, account, sender) if sender else None
            if told.result == "refused" and told.template_id and customer is not None:
                notices.agreed(tx, customer, told.template_id, yes=False)
            return notices.finished(tx, account, told.msgid, told.result, now)

        row = await self._store.write(look, key=account)
        if row is not None and told.result != "sent":
            await self._failures.turned_out_failed(row.conversation_id, row.seq, f"notice_{told.result}", window_shut=False)
