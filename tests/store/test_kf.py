"""Cursors and sessions of WeChat Customer Service, on both databases."""

from dataclasses import replace
from datetime import timedelta

from making_rows import NOW, answer, commit, conversation, opened, plan, queued, said
from sqlalchemy import update

from config.labels import FeedbackChannel, Holder, Speaker
from store import conversations, kf, platform_staff, queue
from store.conversations import MessageDraft
from store.kf import BOT, NEW, OVER, SERVICER
from store.tables import outbox

KF = {"account": "kf:main", "channel": FeedbackChannel.WECHAT_KF, "external_id": "wk1/wm1"}


async def test_a_cursor_moves_only_from_where_it_stands(store):
    def move(before, after):
        return store.write(lambda tx: kf.move_cursor(tx, "kf:main", "wk1", before, after, NOW))

    assert await store.read(lambda tx: kf.cursor(tx, "kf:main", "wk1")) == ""
    assert await move("", "c1")
    assert not await move("", "c1b")  # somebody who read the first page as well
    assert await move("c1", "c2")
    assert not await move("c1", "c2b")
    assert await store.read(lambda tx: kf.cursor(tx, "kf:main", "wk1")) == "c2"
    assert await store.read(lambda tx: kf.cursor(tx, "kf:main", "wk2")) == ""
    assert await store.read(lambda tx: kf.addresses(tx, "kf:main")) == ("wk1",)


async def due(store, *, staffed=(), after_s=1):
    return await store.read(lambda tx: kf.to_move(tx, NOW + timedelta(seconds=after_s), staffed))


async def sent(store):
    """Everything in the outbox is out."""
    await store.write(lambda tx: tx.conn.execute(update(outbox).values(status="sent")))


async def wrote(store, conversation):
    await store.write(lambda tx: kf.customer_wrote(tx, conversation.id, "kf:main", NOW))


async def know(store, conversation, state):
    await store.write(lambda tx: kf.know_state(tx, conversation.id, state, NOW))


async def test_a_new_session_is_taken_at_once_and_then_left_alone(store):
    found = await opened(store, **KF)
    await wrote(store, found)
    (session,) = await due(store)
    assert (session.state, session.customer, session.holder, session.goes_on) == (NEW, "wk1/wm1", Holder.BOT, True)
    await know(store, found, BOT)
    assert await due(store) == ()


async def test_an_ended_conversation_ends_its_session_after_its_last_words_are_out(store):
    found = await opened(store, **KF)
    await wrote(store, found)
    await know(store, found, BOT)
    assert await commit(store, plan(found, said("再见"), answer("再见", 3), holder=Holder.ENDED)) == "ok"
    assert await due(store) == ()
    await sent(store)
    (session,) = await due(store)
    assert (session.holder, session.goes_on) == (Holder.ENDED, False)
    await store.write(lambda tx: kf.postpone(tx, session, NOW + timedelta(seconds=60)))
    assert await due(store) == ()
    (session,) = await due(store, after_s=60)
    assert session.attempts == 1
    await store.write(lambda tx: kf.forget(tx, found.id))
    assert await due(store, after_s=60) == ()


async def test_a_session_that_serves_a_newer_conversation_goes_on(store):
    found = await opened(store, **KF)
    await wrote(store, found)
    ended = plan(found, said("再见"), holder=Holder.ENDED)
    assert await commit(store, ended) == "ok"
    await sent(store)
    owner = await store.read(lambda tx: conversations.customer_of(tx, found.id))
    again = replace(plan(conversation(owner, FeedbackChannel.WECHAT_KF), said("还有事"), new=owner), new_customer=None)
    assert await commit(store, again) == "ok"
    (session,) = await due(store)
    assert session.goes_on


async def test_who_waits_is_handed_to_wecom_only_where_staff_answer_there(store):
    found = await queued(store, **KF)
    await wrote(store, found)
    await know(store, found, BOT)
    await sent(store)
    assert await due(store) == ()
    (session,) = await due(store, staffed=["kf:main"])
    assert session.holder is Holder.QUEUED


async def test_wecoms_people_take_a_conversation_out_of_our_queue_and_silence_the_bot(store):
    found = await queued(store, **KF)
    await wrote(store, found)
    done = await store.write(lambda tx: platform_staff.hand_over(tx, found.id, "企业微信接待", NOW))
    again = await store.write(lambda tx: platform_staff.hand_over(tx, found.id, "企业微信接待", NOW))
    after = await store.read(lambda tx: conversations.get(tx, found.id))
    assert (after.holder, after.agent_id, done.seq, again) == (Holder.HUMAN, None, after.last_seq, None)
    assert await store.read(queue.length) == 0
    lines = await store.read(lambda tx: conversations.messages(tx, found.id))
    assert {line.delivery for line in lines if line.speaker == "bot"} == {"cancelled"}


async def test_an_ended_session_opens_again_when_the_customer_writes(store):
    found = await opened(store, **KF)
    await wrote(store, found)
    await know(store, found, OVER)
    assert await due(store) == ()
    await wrote(store, found)
    (session,) = await due(store)
    assert session.state == NEW
    await know(store, found, SERVICER)
    await wrote(store, found)
    assert await due(store) == ()


async def test_a_recalled_message_is_marked_and_kept_or_emptied_as_told(store):
    found = await opened(store, **KF)
    draft = said("我的手机号[手机号·尾号8000]", "m1")
    hidden = conversations.Protected("phone", "[手机号·尾号8000]", "13800138000")
    todo = plan(found, MessageDraft(draft.speaker, draft.text, external_id="m1", protected=(hidden,)))
    assert await commit(store, todo) == "ok"

    def recall(external_id, **how):
        return store.write(lambda tx: kf.recall(tx, "kf:main", external_id, NOW, **how))

    async def line():
        return (await store.read(lambda tx: conversations.messages(tx, found.id, after=2)))[0]

    assert await recall("unknown", keep_text=True) is None
    assert await recall("m1", keep_text=True) == (found.id, 3)
    assert ((await line()).text, (await line()).payload) == (draft.text, {"recalled": True})
    assert await store.read(lambda tx: len(conversations.protected_in(tx, found.id, 3))) == 1
    assert await recall("m1", keep_text=False) == (found.id, 3)
    assert (await line()).text == ""
    assert await store.read(lambda tx: conversations.protected_in(tx, found.id, 3)) == ()


async def test_what_the_customer_has_seen_already_is_written_down_and_not_sent(store):
    found = await opened(store, **KF)
    await sent(store)
    draft = MessageDraft(Speaker.AGENT, "我在企业微信里答的")
    await store.write(lambda tx: conversations.append(tx, found.id, draft, now=NOW, seen_already=True))
    last = (await store.read(lambda tx: conversations.messages(tx, found.id)))[-1]
    assert (last.text, last.delivery) == ("我在企业微信里答的", None)
