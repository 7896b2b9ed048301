"""A turn is written at once or not at all, once, and in order."""

import asyncio
from dataclasses import replace

import pytest
from making_rows import NOW, OFFICIAL, answer, commit, conversation, customer, hired, opened, plan, queued, said, ticket, waiting

from config.labels import Audience, FeedbackChannel, Holder, Priority, Speaker
from store import conversations, outbox, queue, tickets, turns
from store.conversations import Appended, MessageDraft, Protected
from store.customers import external_hmac
from store.engine import Store
from store.errors import Conflict, Stale
from store.tables import customers as customer_table
from store.tables import protected_values
from store.turns import Withdrawal


async def test_a_turn_is_read_back_as_it_was_written(store: Store):
    found = await opened(store, state={"slots": {"place": "朝阳支行"}})
    loaded = await store.read(lambda tx: conversations.get(tx, found.id))
    assert loaded == found
    messages = await store.read(lambda tx: conversations.messages(tx, found.id))
    assert [(m.seq, m.speaker, m.text) for m in messages] == [(1, Speaker.CUSTOMER, "你好"), (2, Speaker.BOT, "您好")]


async def test_the_same_external_id_is_stored_once_even_when_sent_together(store: Store):
    owner = customer()
    first = plan(conversation(owner), said("你好", "m1"), new=owner)
    assert await commit(store, first) == "ok"
    again = [plan(first.conversation, said("你好", "m1")) for _ in range(5)]
    results = await asyncio.gather(*(commit(store, todo) for todo in again), return_exceptions=True)
    assert all(isinstance(result, Conflict) for result in results)
    assert len(await store.read(lambda tx: conversations.messages(tx, first.conversation.id))) == 1


async def test_of_turns_taken_on_the_same_state_one_is_kept(store: Store):
    found = await opened(store)
    rivals = [plan(found, said(f"第{n}条")) for n in range(10)]
    results = await asyncio.gather(*(commit(store, todo) for todo in rivals))
    assert sorted(results) == ["ok", *["stale"] * 9]
    assert len(await store.read(lambda tx: conversations.messages(tx, found.id))) == 3


async def test_a_customer_has_one_open_conversation(store: Store):
    found = await opened(store)
    owner = await store.read(lambda tx: conversations.customer_of(tx, found.id))
    second = replace(plan(conversation(owner), said("另一个窗口")), expected_version=None)
    with pytest.raises(Conflict):
        await commit(store, second)


async def test_after_the_end_a_new_conversation_may_open_and_the_old_one_is_remembered(store: Store):
    found = await opened(store)
    assert await commit(store, plan(found, said("再见"), holder=Holder.ENDED)) == "ok"
    owner = await store.read(lambda tx: conversations.customer_of(tx, found.id))
    fingerprint = external_hmac(store.crypto, owner.account, owner.external_id)
    loaded = await store.read(lambda tx: conversations.load(tx, owner.account, fingerprint, None))
    assert loaded.conversation is None
    assert loaded.previous is not None
    assert loaded.previous.id == found.id
    assert await commit(store, replace(plan(conversation(owner), said("又来了")), expected_version=None)) == "ok"


async def test_ids_names_and_phones_are_not_readable_on_disk(store: Store):
    owner = replace(customer("openid-12345"), name="张三丰", phone="13800001111", signed_id="C-777")
    draft = replace(said("我的电话[手机号·尾号1111]"), protected=(Protected("phone", "[手机号·尾号1111]", "13800001111"),))
    todo = plan(conversation(owner), draft, new=owner, state={"slots": {"phone": "13800001111"}})
    assert await commit(store, todo) == "ok"
    rows = await store.read(
        lambda tx: (
            str([*tx.conn.execute(customer_table.select()), *tx.conn.execute(protected_values.select())])
            + str(list(tx.conn.exec_driver_sql("SELECT * FROM conversations")))
        )
    )
    for secret in ("openid-12345", "张三丰", "13800001111", "C-777"):
        assert secret not in rows
    opened_again = await store.read(lambda tx: conversations.customer_of(tx, todo.conversation.id))
    assert (opened_again.name, opened_again.phone) == ("张三丰", "13800001111")
    assert (await store.read(lambda tx: conversations.protected_in(tx, todo.conversation.id, 1)))[0].original == "13800001111"


async def test_a_withdrawal_of_a_ticket_that_moved_on_undoes_the_whole_turn(store: Store):
    found = await opened(store)
    await store.write(lambda tx: tickets.file(tx, ticket("FB1", found.customer_id), NOW))
    todo = plan(found, said("撤回"), answer("已撤回"), withdrawals=(Withdrawal("FB1", expected_version=99, statement="撤回"),))
    with pytest.raises(Stale):
        await commit(store, todo)
    assert len(await store.read(lambda tx: conversations.messages(tx, found.id))) == 2
    assert (await store.read(lambda tx: tickets.get(tx, "FB1"))).state == "pending"


async def test_an_unanswered_message_stays_pending_until_its_answer_is_written(store: Store):
    found = await opened(store)
    todo = plan(found, said("算不出来"), unanswered_due=NOW)
    assert await commit(store, todo) == "ok"
    (item,) = await store.read(lambda tx: turns.pending(tx, NOW))
    assert (item.conversation_id, item.seq, item.attempts) == (found.id, 3, 1)
    assert await commit(store, plan(todo.conversation, answer("好了", 3), answers_pending=3)) == "ok"
    assert await store.read(lambda tx: turns.pending(tx, NOW)) == ()


@pytest.mark.parametrize(
    ("holder", "agent_id", "expected"),
    [(Holder.HUMAN, "a1", "appended"), (Holder.HUMAN, "a2", "not_holder"), (Holder.BOT, None, "not_holder")],
)
async def test_only_who_holds_the_conversation_may_add_to_it(store: Store, holder, agent_id, expected):
    await hired(store)
    found = await queued(store)
    await store.write(lambda tx: queue.claim(tx, found.id, "a1", NOW))
    draft = MessageDraft(Speaker.AGENT, "您好，我是小王", agent_id=agent_id)
    result = await store.write(lambda tx: conversations.append(tx, found.id, draft, now=NOW, holder=holder, agent_id=agent_id))
    assert ("appended" if isinstance(result, Appended) else result) == expected


async def test_a_turn_computed_before_a_person_took_over_is_not_written(store: Store):
    await hired(store)
    found = await queued(store)
    assert await store.write(lambda tx: queue.claim(tx, found.id, "a1", NOW))
    assert await commit(store, plan(found, said("还在吗"), answer("我是机器人"))) == "stale"


async def test_an_internal_note_takes_a_number_and_stays_out_of_the_customers_chain(store: Store):
    await hired(store)
    found = await queued(store)
    await store.write(lambda tx: queue.claim(tx, found.id, "a1", NOW))
    note = MessageDraft(Speaker.AGENT, "客户情绪激动", type="note", audience=Audience.DESK)
    await store.write(lambda tx: conversations.append(tx, found.id, note, now=NOW))
    await store.write(lambda tx: conversations.append(tx, found.id, MessageDraft(Speaker.AGENT, "您好"), now=NOW))
    public = await store.read(lambda tx: conversations.messages(tx, found.id, audience=Audience.ALL))
    everything = await store.read(lambda tx: conversations.messages(tx, found.id))
    assert [m.seq for m in everything] == [1, 2, 3, 4, 5]
    assert [m.seq for m in public] == [1, 2, 3, 5]
    assert await store.read(lambda tx: conversations.previous_seq(tx, found.id, 4, Audience.ALL)) == 3


async def test_fifty_handoffs_at_once_make_one_queue_entry(store: Store):
    found = await opened(store)
    rivals = [plan(found, said(f"转人工{n}", f"h{n}"), holder=Holder.QUEUED, enter_queue=waiting(found)) for n in range(50)]
    results = await asyncio.gather(*(commit(store, todo) for todo in rivals))
    assert results.count("ok") == 1
    assert len(await store.read(queue.entries)) == 1
    entered = await asyncio.gather(*(store.write(lambda tx: queue.enter(tx, waiting(found))) for _ in range(50)))
    assert not any(entered)


async def test_only_channels_that_we_send_to_get_outbox_rows(store: Store):
    await opened(store, account=OFFICIAL, channel=FeedbackChannel.WECHAT_OFFICIAL, external_id="w1")
    await opened(store, external_id="v1")
    assert await store.read(outbox.counts) == {"pending": 1}


async def test_urgent_waits_before_normal_and_longer_before_shorter(store: Store):
    await hired(store)
    first = await queued(store, "u1")
    urgent = await queued(store, "u2", Priority.URGENT)
    assert [entry.conversation_id for entry in await store.read(queue.entries)] == [urgent.id, first.id]
    assert await store.read(lambda tx: queue.position(tx, first.id)) == 2
    await store.write(lambda tx: queue.claim(tx, urgent.id, "a1", NOW))
    assert await store.read(lambda tx: queue.position(tx, first.id)) == 1


async def test_of_two_agents_claiming_at_once_one_wins(store: Store):
    for agent_id in ("a1", "a2", "a3"):
        await hired(store, agent_id)
    found = await queued(store)
    results = await asyncio.gather(*(store.write(lambda tx, a=a: queue.claim(tx, found.id, a, NOW)) for a in ("a1", "a2", "a3")))
    assert sorted(str(type(r).__name__) if not isinstance(r, str) else r for r in results) == ["Claimed", "taken", "taken"]
