"""Reads one address of WeChat Customer Service: from the stored cursor to the end, page by page, when told and now and then.

The cursor moves in the commit of a page's last item, after all others of the page are committed. So a crash at any moment means
that a page is read again, and what was taken from it already is recognised.
"""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta

import structlog

from bot.channels.wechat.answers import OutcomeUnknown
from bot.channels.wechat.kf.address import Address
from bot.channels.wechat.kf.api import KfApi, Page
from bot.channels.wechat.kf.arrivals import Arrivals, Mark
from bot.channels.wechat.kf.items import Item, item_of
from bot.delivery import ChannelBusy, ChannelRefused
from config.clock import Clock
from store import kf
from store.engine import Store, Tx
from store.errors import StoreError

log = structlog.get_logger(__name__)

CURSOR_REFUSED = "bad_parameter"  # what an unknown cursor is
TOKEN_LASTS = timedelta(minutes=10)
SIDE_BY_SIDE = 32  # customers whose items are taken at once
MAX_FAILURES = 5  # after that an item is passed over, or it would block all that comes after
MAX_EMPTY_PAGES = 100  # one after the other; after that the next ring or poll goes on
FIRST_WAIT_S, LONGEST_WAIT_S = 1.0, 60.0


class Reader:
    """One address. ``ring`` tells it that there is something; ``run`` reads until cancelled; ``read_on`` reads once."""

    def __init__(
        self, account: str, open_kfid: str, api: KfApi, arrivals: Arrivals, store: Store, clock: Clock, *, poll_s: float
    ) -> None:
        self._account = account
        self._open_kfid = open_kfid
        self._api = api
        self._arrivals = arrivals
        self._store = store
        self._clock = clock
        self._poll_s = poll_s
        self._rung = asyncio.Event()
        self._token = ""
        self._token_until: datetime | None = None
        self._failures: Counter[str] = Counter()
        self._places = asyncio.Semaphore(SIDE_BY_SIDE)
        self._one_at_a_time = asyncio.Lock()

    def ring(self, token: str) -> None:
        """A callback said that there is something new; its *token* lasts ten minutes."""
        if token:
            self._token, self._token_until = token, self._clock.now() + TOKEN_LASTS
        self._rung.set()

    async def run(self) -> None:
        """Read whenever there is reason to, until cancelled."""
        wait_s = FIRST_WAIT_S
        while True:
            self._rung.clear()
            try:
                await self.read_on()
                wait_s, rest_s = FIRST_WAIT_S, self._poll_s
            except ChannelBusy as busy:
                rest_s = busy.retry_after_s or wait_s
            except (ChannelRefused, OutcomeUnknown, StoreError):
                rest_s = wait_s
            except Exception:
                log.exception("kf_page_failed", account=self._account)
                rest_s = wait_s
            if rest_s != self._poll_s:
                wait_s = min(2 * wait_s, LONGEST_WAIT_S)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._rung.wait(), rest_s)

    async def read_on(self) -> None:
        """Take everything that came since the last time. Raises what calls, store and items raise."""
        async with self._one_at_a_time:
            been, empty = {""}, 0  # a platform that says "more" for ever is not believed for ever
            while True:
                before = await self._store.peek(lambda tx: kf.cursor(tx, self._account, self._open_kfid))
                been.add(before)
                page = await self._after(before)
                await self._take(page, before)
                empty = 0 if page.items else empty + 1
                if not page.has_more:
                    return
                if page.cursor in been or empty > MAX_EMPTY_PAGES:
                    log.warning("kf_reading_leads_nowhere", account=self._account, empty_pages=empty)
                    return

    async def _after(self, cursor: str) -> Page:
        """What came after *cursor*; all that is still kept there, where the platform no longer knows it.

        Of that, what we have already is recognised; to stand still would lose what comes until somebody looks.
        """
        try:
            return await self._api.sync(self._open_kfid, cursor, self._usable_token())
        except ChannelRefused as refused:
            if not cursor or refused.reason != CURSOR_REFUSED:
                raise
            log.warning("kf_cursor_refused", account=self._account)
            return await self._api.sync(self._open_kfid, "", self._usable_token())

    def _usable_token(self) -> str:
        return self._token if self._token_until is not None and self._token_until > self._clock.now() else ""

    async def _take(self, page: Page, before: str) -> None:
        mark = self._mark(before, page.cursor or before)
        items = [item_of(raw, self._open_kfid) for raw in page.items]
        if not items:
            if page.cursor not in ("", before):
                await self._store.write(mark, key=self._account)
            return
        *others, last = items
        await self._side_by_side(others)
        if not await self._taken(last, mark):
            await self._store.write(mark, key=self._account)

    def _mark(self, before: str, after: str) -> Mark:
        now = self._clock.now()

        def mark(tx: Tx) -> None:
            kf.move_cursor(tx, self._account, self._open_kfid, before, after, now)

        return mark

    async def _side_by_side(self, items: Sequence[Item]) -> None:
        """Each customer's items in their order, different customers at once."""
        lines: dict[Address, list[Item]] = defaultdict(list)
        for item in items:
            lines[item.address].append(item)
        done = await asyncio.gather(*(self._in_order(line) for line in lines.values()), return_exceptions=True)
        for outcome in done:
            if isinstance(outcome, BaseException):
                raise outcome

    async def _in_order(self, items: Sequence[Item]) -> None:
        async with self._places:
            for item in items:
                await self._taken(item, None)

    async def _taken(self, item: Item, mark: Mark | None) -> bool:
        """Take *item*. False when it failed so often that it is passed over, loudly."""
        try:
            await self._arrivals.take(item, mark)
        except StoreError:
            raise
        except Exception:
            self._failures[item.id] += 1
            if self._failures[item.id] < MAX_FAILURES:
                raise
            log.exception("kf_item_given_up", account=self._account, kind=item.what)
            self._arrivals.seen["given_up"] += 1
            return False
        self._failures.pop(item.id, None)
        return True
