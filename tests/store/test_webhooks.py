"""What other systems are told, on both databases: taken by one worker at a time, settled by whoever has it, read page by page."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from config.labels import Topic
from store import webhooks
from store.engine import Store, Tx
from store.ids import new_id
from store.webhooks import LEASE, Webhook, WebhookDelivery

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


async def set_up(store: Store, *topics: Topic) -> Webhook:
    hook = Webhook(new_id(NOW), "https://crm.bank.example/", "whsec_first", topics, active=True, created_at=NOW)
    sealed = webhooks.sealed_secret(store.crypto, hook.id, hook.secret)
    await store.write(lambda tx: webhooks.add(tx, hook, sealed))
    return hook


async def happens(store: Store, times: int = 1, at: datetime = NOW) -> None:
    def tell(tx: Tx) -> None:
        for n in range(times):
            webhooks.emit(tx, Topic.TICKET_MOVED, {"n": n}, at)

    await store.write(tell)


async def claimed(store: Store, hook: Webhook, at: datetime = NOW, limit: int = 8) -> tuple[WebhookDelivery, ...]:
    return await store.write(lambda tx: webhooks.claim_due(tx, hook.id, at, limit))


async def test_a_webhook_is_waited_for_while_something_for_it_is_due_and_no_longer(store: Store) -> None:
    hook, other = await set_up(store, Topic.TICKET_MOVED), await set_up(store, Topic.TICKET_FILED)
    assert await store.read(lambda tx: webhooks.due(tx, NOW)) == ()
    await happens(store)
    assert await store.read(lambda tx: webhooks.due(tx, NOW)) == (hook.id,)
    assert await claimed(store, other) == ()
    (item,) = await claimed(store, hook)
    assert await store.read(lambda tx: webhooks.due(tx, NOW)) == ()
    assert await store.read(lambda tx: webhooks.due(tx, NOW + LEASE)) == (hook.id,)  # whoever took it has died
    await store.write(lambda tx: webhooks.settle(tx, item, "204", status="delivered", due_at=NOW))
    assert await store.read(lambda tx: webhooks.due(tx, NOW + LEASE)) == ()


async def test_of_many_workers_each_takes_other_deliveries(store: Store) -> None:
    hook = await set_up(store, Topic.TICKET_MOVED)
    await happens(store, times=40)
    taken = await asyncio.gather(*(store.write(lambda tx: webhooks.claim_due(tx, hook.id, NOW, 8), key=str(n)) for n in range(8)))
    events = [item.event_id for items in taken for item in items]
    assert len(events) == len(set(events))
    while items := await claimed(store, hook):
        events += [item.event_id for item in items]
    assert len(events) == len(set(events)) == 40


async def test_who_comes_back_after_another_took_it_changes_nothing(store: Store) -> None:
    hook = await set_up(store, Topic.TICKET_MOVED)
    await happens(store)
    (slow,) = await claimed(store, hook)
    (again,) = await claimed(store, hook, NOW + LEASE)
    await store.write(lambda tx: webhooks.settle(tx, slow, "500", status="failed", due_at=NOW))
    (now,) = await store.read(lambda tx: webhooks.log(tx, hook.id, status=None, before=None, limit=10))
    assert (now.status, now.attempts, now.answer) == ("leased", 2, None)
    await store.write(lambda tx: webhooks.settle(tx, again, "204", status="delivered", due_at=NOW))
    (now,) = await store.read(lambda tx: webhooks.log(tx, hook.id, status=None, before=None, limit=10))
    assert (now.status, now.answer) == ("delivered", "204")


async def test_the_secret_before_is_known_for_as_long_as_was_said_and_the_one_before_that_is_gone(store: Store) -> None:
    hook, until = await set_up(store, Topic.TICKET_MOVED), NOW + timedelta(days=1)
    for secret in ("whsec_second", "whsec_third"):
        sealed = webhooks.sealed_secret(store.crypto, hook.id, secret)
        assert await store.write(lambda tx, sealed=sealed: webhooks.change_secret(tx, hook.id, sealed, until))
    found = await store.read(lambda tx: webhooks.get(tx, hook.id))
    assert found is not None
    assert found.secrets(NOW) == ("whsec_third", "whsec_second")
    assert found.secrets(until) == ("whsec_third",)


async def test_the_secret_of_one_that_is_switched_off_stays(store: Store) -> None:
    hook = await set_up(store, Topic.TICKET_MOVED)
    assert await store.write(lambda tx: webhooks.switch_off(tx, hook.id))
    sealed = webhooks.sealed_secret(store.crypto, hook.id, "whsec_second")
    assert not await store.write(lambda tx: webhooks.change_secret(tx, hook.id, sealed, NOW))


@pytest.mark.parametrize("size", [1, 3, 7, 20])
async def test_the_log_read_page_by_page_is_the_whole_log(store: Store, size: int) -> None:
    hook = await set_up(store, Topic.TICKET_MOVED)
    for n in range(4):
        await happens(store, times=5, at=NOW + timedelta(seconds=n))
    whole = await store.read(lambda tx: webhooks.log(tx, hook.id, status=None, before=None, limit=100))
    assert whole is not None and len(whole) == 20
    read: list[WebhookDelivery] = []
    while True:
        before = read[-1].event_id if read else None
        page = await store.read(lambda tx, before=before: webhooks.log(tx, hook.id, status=None, before=before, limit=size))
        if not page:
            break
        read += page
    assert read == list(whole)
    assert [item.created_at for item in read] == sorted((item.created_at for item in read), reverse=True)
