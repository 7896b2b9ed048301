"""What open desks are told of conversations.

What is new in the one that a page shows comes at once and with the words; of all others it hears a little later, and only that
there is something. What was opened is written down, and words of what was not are not sent.
"""

import asyncio
from collections.abc import Collection, Iterable
from typing import Protocol

import structlog

from config.clock import Clock
from handoff import sight
from handoff.opening import read_on
from handoff.parcel import Frame, Parcel
from handoff.shapes import ShownMessage
from store import agents
from store.engine import Store, Tx
from store.errors import StoreError

log = structlog.get_logger(__name__)

CARRIED = 20  # messages that a frame may carry; whoever misses more reads them by number
CARRIED_BYTES = 64 * 1024
SOON_S = 0.05  # lists are read anew later than this anyway
QUEUE_FRAME: Frame = {"type": "queue"}


class Page(Protocol):
    """An open desk."""

    session: str
    shows: str | None  # the conversation that is open in it

    def tell(self, parcel: Parcel) -> None:
        """Send it. Must neither block nor raise."""


Seqs = frozenset[int]
Asked = tuple[Seqs, frozenset[Page]]  # what rang, and the pages that show its conversation
Found = tuple[frozenset[Page], list[ShownMessage] | None]  # who may see it, and the messages; None: too many


class Telling:
    """Takes rings and tells *pages*, each what it needs."""

    def __init__(self, store: Store, clock: Clock, pages: Collection[Page]) -> None:
        self._store = store
        self._clock = clock
        self._pages = pages
        self._rung: dict[str, Seqs] = {}
        self._asked: dict[str, Asked] = {}  # to be read
        self._reach: dict[str, int] = {}  # how far what a page shows has been told to somebody
        self._soon: dict[str, tuple[int, frozenset[Page]]] = {}  # to be told: conversation, and the pages that know already
        self._queue_changed = False
        self._reading: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None

    def hear(self, conversation_id: str, seq: int) -> None:
        """There is news in a conversation: of its message *seq*, or (0) of something beside its messages."""
        if not self._pages:
            return
        if not self._rung:
            asyncio.get_running_loop().call_soon(self._sort)
        self._rung[conversation_id] = self._rung.get(conversation_id, frozenset()) | {seq}

    def hear_queue(self) -> None:
        """The queue changed, or who is there."""
        self._queue_changed = True
        self._tell_soon()

    def shown(self, conversation_id: str, last_seq: int) -> None:
        """A page shows a conversation from now on and reads it up to *last_seq* or further."""
        self._reach.setdefault(conversation_id, last_seq)

    def left(self, conversation_id: str) -> None:
        """A page shows it no more."""
        if all(page.shows != conversation_id for page in self._pages):
            self._reach.pop(conversation_id, None)

    def _sort(self) -> None:
        """What rang in one round of the loop is read once."""
        rung, self._rung = self._rung, {}
        showing: dict[str, set[Page]] = {}
        for page in self._pages:
            if page.shows in rung:
                showing.setdefault(page.shows, set()).add(page)
        for conversation_id, seqs in rung.items():
            told = frozenset(showing.get(conversation_id, ()))
            if told:
                before = self._asked.get(conversation_id, (frozenset(), frozenset()))
                self._asked[conversation_id] = before[0] | seqs, before[1] | told
            known = self._soon.get(conversation_id)
            self._soon[conversation_id] = (max(seqs), told) if known is None else (max(known[0], *seqs), known[1] & told)
        self._tell_soon()
        if self._asked and self._reading is None:
            self._reading = asyncio.create_task(self._read())

    # --- with the words --------------------------------------------------------------------------------------------------

    async def _read(self) -> None:
        """One read after the other, so that frames of a conversation keep its order."""
        try:
            while self._asked:
                asked, self._asked = self._asked, {}
                found = await self._found(asked)
                for conversation_id, (seqs, pages) in asked.items():
                    self._tell_words(conversation_id, max(seqs), pages, found.get(conversation_id))
        finally:
            self._reading = None

    async def _found(self, asked: dict[str, Asked]) -> dict[str, Found]:
        try:
            return await self._store.peek(lambda tx: self._look(tx, asked))
        except StoreError:
            log.warning("desk_read_failed")  # pages read by number, or hear of it again from the poll
        except Exception:
            log.exception("desk_read_failed")
        return {}

    def _look(self, tx: Tx, asked: dict[str, Asked]) -> dict[str, Found]:
        """What a read by number would show each page now: its session and its sight are looked at anew."""
        now = self._clock.now()
        found: dict[str, Found] = {}
        for conversation_id, (seqs, pages) in asked.items():
            who = {page: agents.by_session(tx, page.session, now) for page in pages}
            seeing = frozenset(page for page, agent in who.items() if agent and sight.sees(tx, agent, conversation_id))
            found[conversation_id] = seeing, self._words(tx, conversation_id, seqs) if seeing else None
        return found

    def _words(self, tx: Tx, conversation_id: str, seqs: Seqs) -> list[ShownMessage] | None:
        reach = self._reach.get(conversation_id, max(seqs) - 1)
        again = sorted(seq for seq in seqs if 0 < seq <= reach)  # delivered meanwhile, say
        fresh = read_on(tx, conversation_id, max(reach, 0), CARRIED + 1)
        if len(fresh) + len(again) > CARRIED:
            return None
        return [item for seq in again for item in read_on(tx, conversation_id, seq - 1, 1)] + fresh

    def _tell_words(self, conversation_id: str, seq: int, pages: Iterable[Page], found: Found | None) -> None:
        seeing, words = found or (frozenset(), None)
        bare = Parcel((_news(conversation_id, seq),))
        full = Parcel(({**_news(conversation_id, seq), "messages": words},)) if words is not None else bare
        if len(full.wire) > CARRIED_BYTES:
            full = bare
        if conversation_id in self._reach:
            self._reach[conversation_id] = max(self._reach[conversation_id], seq, *(item["seq"] for item in words or ()))
        for page in pages:
            page.tell(full if page in seeing and page.shows == conversation_id else bare)

    # --- that there is something -----------------------------------------------------------------------------------------

    def _tell_soon(self) -> None:
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(SOON_S, self._tell_rest)

    def _tell_rest(self) -> None:
        """Everything since the last time in one write to each page, of the same bytes to nearly all."""
        soon, self._soon, self._timer = self._soon, {}, None
        queue, self._queue_changed = (QUEUE_FRAME,) if self._queue_changed else (), False
        knowing = frozenset[Page]().union(*(told for _, told in soon.values()))
        news = {conversation_id: _news(conversation_id, seq) for conversation_id, (seq, _) in soon.items()}
        everything = Parcel((*news.values(), *queue))
        for page in self._pages:
            if page in knowing:
                page.tell(Parcel((*(frame for key, frame in news.items() if page not in soon[key][1]), *queue)))
            else:
                page.tell(everything)


def _news(conversation_id: str, seq: int) -> Frame:
    return {"type": "news", "conversation": conversation_id, "seq": seq}
