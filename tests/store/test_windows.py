"""How many messages a platform takes to a customer is counted across restarts and processes, and one is kept for the outcome."""

import asyncio
import itertools
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from making_rows import NOW, OFFICIAL, answer, commit, opened, plan, said

from config.labels import FeedbackChannel
from store import outbox, windows
from store.engine import Store
from store.model import Allowance
from store.windows import Spent

WECHAT = {"account": OFFICIAL, "channel": FeedbackChannel.WECHAT_OFFICIAL}
LONG = Allowance(5, 48 * 3600)
BRIEF = Allowance(3, 60, is_brief=True)


async def write(store: Store, fn):
    return await store.write(fn, key="w")


async def allowed(store: Store, *allowances: Allowance):
    """A conversation whose customer did what gives *allowances*."""
    found = await opened(store, **WECHAT, allowance=allowances[0])
    for allowance in allowances[1:]:
        await write(store, lambda tx, given=allowance: windows.grant(tx, found.customer_id, given, NOW))
    return found


async def spend(store: Store, found, n: int = 1, now=NOW, *, outcome: bool = False):
    return await write(store, lambda tx: windows.spend(tx, found.customer_id, n, now, is_outcome=outcome))


async def window(store: Store, found, now=NOW):
    return await store.read(lambda tx: windows.of_conversation(tx, found.id, now))


async def test_a_message_allows_five_of_which_one_is_kept_for_the_outcome(store: Store):
    found = await allowed(store, LONG)
    assert [await spend(store, found) for _ in range(4)] == [Spent(1, 0)] * 4
    assert await spend(store, found) == "kept_for_outcome"
    assert await spend(store, found, outcome=True) == Spent(1, 0)
    assert await spend(store, found, outcome=True) == "reply_count_used_up"


async def test_the_window_shuts_to_the_second_after_48_hours(store: Store):
    found = await allowed(store, LONG)
    end = NOW + timedelta(hours=48)
    assert await spend(store, found, now=end - timedelta(seconds=1)) == Spent(1, 0)
    assert await spend(store, found, now=end) == "outside_reply_window"
    assert (await window(store, found, end - timedelta(seconds=1))).messages_left == 4
    assert (await window(store, found, end)).until is None


async def test_the_next_message_opens_it_again_with_five(store: Store):
    found = await allowed(store, LONG)
    for _ in range(4):
        await spend(store, found)
    assert await commit(store, plan(found, said("还在吗"), allowance=LONG)) == "ok"
    shown = await window(store, found)
    assert (shown.messages_left, shown.reserved, shown.until) == (5, 1, NOW + timedelta(hours=48))


async def test_of_two_allowances_the_better_one_counts_and_not_their_sum(store: Store):
    found = await allowed(store, LONG, BRIEF)
    assert (await window(store, found)).messages_left == 5
    for _ in range(4):
        await spend(store, found)
    assert (await window(store, found)).messages_left == 1
    assert await spend(store, found) == "kept_for_outcome"


async def test_a_tap_on_the_menu_allows_three_within_a_minute_when_nothing_else_is_left(store: Store):
    found = await allowed(store, LONG)
    for _ in range(4):
        await spend(store, found)
    await write(store, lambda tx: windows.grant(tx, found.customer_id, BRIEF, NOW))
    assert [await spend(store, found) for _ in range(3)] == [Spent(1, 1), Spent(0, 1), Spent(0, 1)]
    assert await spend(store, found) == "reply_count_used_up"


async def test_a_brief_allowance_is_over_after_its_minute(store: Store):
    found = await allowed(store, BRIEF)
    assert await spend(store, found, now=NOW + timedelta(seconds=59)) == Spent(0, 1)
    assert await spend(store, found, now=NOW + timedelta(seconds=60)) == "outside_reply_window"


async def test_more_than_is_left_is_not_begun(store: Store):
    found = await allowed(store, LONG)
    assert await spend(store, found, 6) == "more_than_is_left"
    assert await spend(store, found, 5) == "kept_for_outcome"
    assert await spend(store, found, 4) == Spent(4, 0)


async def test_what_was_not_sent_is_given_back_to_where_it_was_taken(store: Store):
    found = await allowed(store, LONG, BRIEF)
    spent = await spend(store, found, 3)
    assert spent == Spent(3, 3)
    await write(store, lambda tx: windows.give_back(tx, found.customer_id, Spent(2, 2)))
    assert await spend(store, found, 2) == Spent(2, 2)
    assert (await window(store, found)).messages_left == 2


async def test_a_customer_of_whom_nothing_is_known_is_left_to_the_platform(store: Store):
    found = await opened(store, **WECHAT)
    assert await spend(store, found) == Spent()
    assert await window(store, found) is None


async def test_fifty_workers_at_once_send_no_more_than_is_allowed(store: Store):
    found = await allowed(store, LONG)

    def one(tx):
        return windows.spend(tx, found.customer_id, 1, NOW, is_outcome=False)

    outcomes = await asyncio.gather(*(store.write(one, key=str(n)) for n in range(50)))
    assert outcomes.count(Spent(1, 0)) == 4
    assert outcomes.count("kept_for_outcome") == 46


async def test_what_the_platform_says_stands_over_our_own_count(store: Store):
    found = await allowed(store, LONG)
    await write(store, lambda tx: windows.close(tx, found.customer_id, used_up=True))
    assert await spend(store, found) == "reply_count_used_up"
    await write(store, lambda tx: windows.close(tx, found.customer_id, used_up=False))
    assert await spend(store, found) == "outside_reply_window"


async def test_who_no_longer_follows_is_not_written_to_until_they_come_back(store: Store):
    found = await allowed(store, LONG)
    await write(store, lambda tx: windows.mark_unreachable(tx, found.customer_id))
    assert await spend(store, found) == "customer_unreachable"
    assert (await window(store, found)).unreachable
    await write(store, lambda tx: windows.grant(tx, found.customer_id, BRIEF, NOW))
    assert await spend(store, found) == Spent(1, 1)


async def test_what_waits_goes_out_in_order_once_the_customer_writes(store: Store):
    found = await allowed(store, LONG)
    await write(store, lambda tx: windows.close(tx, found.customer_id, used_up=True))
    assert await commit(store, plan(found, answer("第二句", 1))) == "ok"
    lease = NOW + timedelta(seconds=60)
    for n in (2, 3):
        (row,) = await write(store, lambda tx: outbox.claim_due(tx, NOW, lease))
        assert (row.seq, row.shut, row.spent) == (n, "reply_count_used_up", (0, 0))
        assert await write(store, lambda tx, row=row: outbox.hold(tx, row, row.shut, NOW, price=1))
    assert await write(store, lambda tx: outbox.claim_due(tx, NOW, lease)) == ()
    assert await store.read(outbox.counts) == {"shut": 2}
    after = plan(plan(found, answer("第二句", 1)).conversation, said("在吗"), allowance=LONG)
    assert await commit(store, after) == "ok"
    sent = []
    for _ in range(2):
        (row,) = await write(store, lambda tx: outbox.claim_due(tx, NOW, lease))
        sent.append((row.seq, row.shut))
        await write(store, lambda tx, row=row: outbox.settle(tx, row.conversation_id, row.seq, "sent", NOW))
    assert sent == [(2, None), (3, None)]


async def test_a_message_is_not_held_when_the_customer_wrote_meanwhile(store: Store):
    found = await allowed(store, LONG)
    await write(store, lambda tx: windows.close(tx, found.customer_id, used_up=True))
    (row,) = await write(store, lambda tx: outbox.claim_due(tx, NOW, NOW + timedelta(seconds=60)))
    await write(store, lambda tx: windows.grant(tx, found.customer_id, LONG, NOW))
    assert not await write(store, lambda tx: outbox.hold(tx, row, row.shut, NOW, price=1))
    (again,) = await write(store, lambda tx: outbox.claim_due(tx, NOW, NOW + timedelta(seconds=60)))
    assert (again.seq, again.shut) == (2, None)


class Model:
    """What WeChat itself counts, as its documentation says."""

    def __init__(self) -> None:
        self.open: dict[bool, tuple[float, int]] = {}

    def grant(self, given: Allowance, at: float) -> None:
        self.open[given.is_brief] = (at + given.lasts_s, given.messages)

    def takes(self, at: float) -> bool:
        best = max((left for until, left in self.open.values() if until > at), default=0)
        if best <= 0:
            return False
        self.open = {kind: (until, left - 1) for kind, (until, left) in self.open.items()}
        return True


steps = st.lists(st.one_of(st.sampled_from([LONG, BRIEF, "send", "outcome"]), st.integers(1, 90_000)), max_size=40)
numbers = itertools.count()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(steps)
async def test_whatever_happens_no_message_is_sent_that_the_platform_would_refuse(store: Store, taken):
    found = await opened(store, **WECHAT, external_id=f"h{next(numbers)}")
    model, now, known = Model(), NOW, False
    for step in taken:
        at = (now - NOW).total_seconds()
        if isinstance(step, Allowance):
            known = True
            model.grant(step, at)
            await write(store, lambda tx, step=step, now=now: windows.grant(tx, found.customer_id, step, now))
        elif isinstance(step, int):
            now += timedelta(seconds=step)
        elif known and isinstance(await spend(store, found, now=now, outcome=step == "outcome"), Spent):
            assert model.takes(at)
