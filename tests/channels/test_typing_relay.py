"""An agent who writes is shown writing in WeChat: to the right customer, not too often, and only while a person serves."""

from making_rows import NOW, OFFICIAL, hired, opened, queued

from bot.channels.wechat.typing_relay import TypingRelay
from config.labels import FeedbackChannel
from store import queue
from store.bell import TYPING, Bell
from store.engine import Store

WECHAT = {"account": OFFICIAL, "channel": FeedbackChannel.WECHAT_OFFICIAL}


async def test_only_a_customer_whom_a_person_serves_in_wechat_is_shown_writing_and_not_at_every_key(store: Store):
    await hired(store)
    served, waits = await queued(store, "w1", **WECHAT), await opened(store, external_id="w2", **WECHAT)
    in_app = await queued(store, "v1")
    for found in (served, in_app):
        await store.write(lambda tx, found=found: queue.claim(tx, found.id, "a1", NOW))
    bell, shown = Bell(), []

    async def show(account: str, customer: str) -> None:
        shown.append((account, customer))

    relay = TypingRelay(store, bell, {"official": show})
    for _ in range(5):
        for found in (served, waits, in_app):
            bell.signal(TYPING, found.id, by="agent", agent="a1", name="a1", on=True)
            bell.signal(TYPING, found.id, by="customer", on=True)
            bell.signal(TYPING, found.id, by="agent", agent="a1", name="a1", on=False)
    await relay.settled()
    assert shown == [(OFFICIAL, "w1")]


async def test_what_another_process_signals_is_shown_there(store: Store):
    await hired(store)
    served = await queued(store, "w1", **WECHAT)
    await store.write(lambda tx: queue.claim(tx, served.id, "a1", NOW))
    bell, shown = Bell(), []

    async def show(account: str, customer: str) -> None:
        shown.append((account, customer))

    relay = TypingRelay(store, bell, {"official": show})
    detail = f'["another", "{served.id}", {{"kind": "typing", "by": "agent", "agent": "a1", "name": "a1", "on": true}}]'
    bell._receive({"type": "message", "data": detail})
    await relay.settled()
    assert shown == []
