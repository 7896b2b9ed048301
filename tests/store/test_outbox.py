"""What is to be sent is sent in order, one at a time, and never by a machine after a person took over."""

from datetime import timedelta

from making_rows import NOW, OFFICIAL, answer, commit, hired, opened, plan, queued, said

from config.labels import FeedbackChannel, Speaker
from store import conversations, outbox, queue
from store.conversations import MessageDraft
from store.engine import Store

WECHAT = {"account": OFFICIAL, "channel": FeedbackChannel.WECHAT_OFFICIAL}
LATER = NOW + timedelta(minutes=5)


async def claim(store: Store, now=NOW):
    return await store.write(lambda tx: outbox.claim_due(tx, now, now + timedelta(seconds=60)))


async def settle(store: Store, row, status, **more):
    await store.write(lambda tx: outbox.settle(tx, row.conversation_id, row.seq, status, NOW, **more))


async def test_messages_of_one_conversation_go_out_one_after_the_other(store: Store):
    found = await opened(store, **WECHAT)
    assert await commit(store, plan(found, said("还有"), answer("第二句", 3))) == "ok"
    (first,) = await claim(store)
    assert (first.seq, first.text, first.customer_external_id, first.attempts) == (2, "您好", "u1", 1)
    assert await claim(store) == ()
    await settle(store, first, "sent")
    (second,) = await claim(store)
    assert second.text == "第二句"


async def test_a_message_put_off_is_not_overtaken_and_comes_back_when_due(store: Store):
    found = await opened(store, **WECHAT)
    await commit(store, plan(found, said("还有"), answer("第二句", 3)))
    (first,) = await claim(store)
    await settle(store, first, "pending", due_at=LATER)
    assert await claim(store) == ()
    (again,) = await claim(store, LATER)
    assert (again.seq, again.attempts, again.client_id) == (2, 2, first.client_id)


async def test_the_message_of_a_worker_that_died_is_taken_up_after_its_lease(store: Store):
    await opened(store, **WECHAT)
    await claim(store)
    assert await claim(store, NOW + timedelta(seconds=59)) == ()
    (again,) = await claim(store, NOW + timedelta(seconds=61))
    assert again.attempts == 2


async def test_an_answer_held_for_the_platforms_request_is_not_sent_by_the_worker(store: Store):
    found = await opened(store, **WECHAT, lease_s=4.5)
    assert await claim(store, NOW + timedelta(seconds=4)) == ()
    await store.write(lambda tx: outbox.settle_passive(tx, found.id, [2], NOW))
    assert await claim(store, LATER) == ()
    assert await store.read(lambda tx: outbox.answered_passively(tx, found.id, [2]))


async def test_an_answer_that_missed_the_platforms_request_is_sent_by_the_worker(store: Store):
    found = await opened(store, **WECHAT, lease_s=4.5)
    (row,) = await claim(store, NOW + timedelta(seconds=5))
    assert row.seq == 2
    assert not await store.read(lambda tx: outbox.answered_passively(tx, found.id, [2]))


async def test_the_bots_unsent_words_are_cancelled_when_a_person_takes_over(store: Store):
    await hired(store)
    found = await queued(store, **WECHAT)
    await store.write(lambda tx: queue.claim(tx, found.id, "a1", NOW))
    await store.write(lambda tx: conversations.append(tx, found.id, MessageDraft(Speaker.AGENT, "我是小王"), now=NOW))
    (row,) = await claim(store)
    assert row.text == "我是小王"


async def test_conversations_do_not_wait_for_each_other(store: Store):
    await opened(store, **WECHAT, external_id="u1")
    await opened(store, **WECHAT, external_id="u2")
    assert {row.customer_external_id for row in await claim(store)} == {"u1", "u2"}
