"""On the page of their ticket customers say whether it is solved, have it worked again while that is open, and rate it once."""

import asyncio
from datetime import timedelta

import pytest
from tickets.test_status_page import DAY_S, NO, NOW, ask, clock, history, move, page, ticket, url  # noqa: F401 -- fixtures

from config.labels import TicketState
from store import ratings

S = TicketState
pytestmark = pytest.mark.usefixtures("page")


async def answered(store) -> int:
    """The ticket is answered; its version."""
    await move(store, S.IN_PROGRESS, "dispatcher")
    await move(store, S.REPLIED, "owner")
    return (await ticket(store)).version


async def judge(page, store, version, resolved, reason=None):  # noqa: F811
    body = {"version": version, "resolved": resolved, **({"reason": reason} if reason is not None else {})}
    return await ask(page, url(store) + "/verdict", body)


async def test_before_an_answer_there_is_nothing_to_confirm_or_rate(page, store):  # noqa: F811
    _, shown = await ask(page, url(store))
    assert (shown["may_confirm"], shown["may_reopen"], shown["may_rate"], shown["score"]) == (False, False, False, None)
    assert (await judge(page, store, 1, True))[1]["title"] == "cannot_confirm"
    assert (await judge(page, store, 1, False, "没解决"))[1]["title"] == "reopen_over"
    assert (await ask(page, url(store) + "/rating", {"score": 5}))[1]["title"] == "cannot_rate"
    assert (await ticket(store)).state is S.PENDING


async def test_customer_who_agrees_has_the_ticket_resolved_once(page, store):  # noqa: F811
    version = await answered(store)
    answers = await asyncio.gather(*(judge(page, store, version, True) for _ in range(4)))
    assert 200 in {status for status, _ in answers} <= {200, 409}
    status, shown = await judge(page, store, version, True)
    assert (status, shown["state"], shown["steps"][-1]["text"]) == (200, "resolved", "您确认问题已解决")
    assert (shown["may_confirm"], shown["may_reopen"], shown["reopen_until"]) == (False, True, "2026年12月23日")
    assert [event.to_state for event in await history(store)].count(S.RESOLVED) == 1


async def test_customer_who_disagrees_has_it_worked_again_by_a_new_day_with_the_old_one_kept(page, store, clock):  # noqa: F811
    version = await answered(store)
    clock.advance(9 * DAY_S)
    status, shown = await judge(page, store, version, False, "钱还没退，卡号6222021234567890128")
    assert (status, shown["state"], shown["status"]) == (200, "in_progress", "处理中")
    assert shown["answer_by"] == "2026年12月11日"  # seven working days from 2 December
    assert (shown["steps"][-1]["text"], "钱还没退" in shown["steps"][-1]["said"]) == ("您反映问题没有解决，我们重新处理", True)
    last = (await history(store))[-1]
    assert (last.actor, last.detail["reopened"]) == ("customer", 1)
    assert last.detail["due_before"].startswith("2026-12-02")
    assert "6222021234567890128" not in str(last.detail)


async def test_reason_is_needed_to_have_it_worked_again(page, store):  # noqa: F811
    version = await answered(store)
    for reason in (None, "  ", "字" * 8001):
        assert (await judge(page, store, version, False, reason))[0] == 422
    assert (await ticket(store)).state is S.REPLIED


async def test_resolved_ticket_is_opened_again_within_thirty_days_and_not_after(page, store, clock):  # noqa: F811
    _, shown = await judge(page, store, await answered(store), True)
    clock.advance(29 * DAY_S)
    _, shown = await judge(page, store, shown["version"], False, "又出现了")
    assert shown["state"] == "in_progress"
    await move(store, S.REPLIED, "owner", NOW + timedelta(days=30))
    _, shown = await judge(page, store, shown["version"] + 1, True)
    assert [event.detail.get("reopened") for event in await history(store) if "reopened" in event.detail] == [1]
    clock.advance(31 * DAY_S)
    _, late = await ask(page, url(store))
    assert (late["may_reopen"], late["state"]) == (False, "resolved")
    status, answer = await judge(page, store, shown["version"], False, "又出现了")
    assert (status, answer["title"]) == (409, "reopen_over")
    assert "重新反馈" in answer["detail"]


async def test_closed_ticket_never_opens_again(page, store):  # noqa: F811
    await judge(page, store, await answered(store), True)
    await move(store, S.CLOSED, "timer")
    version = (await ticket(store)).version
    assert (await judge(page, store, version, False, "又出现了"))[1]["title"] == "reopen_over"
    assert (await judge(page, store, version, True))[1]["title"] == "cannot_confirm"


async def test_nobody_agrees_to_an_answer_that_is_another_one_by_now(page, store):  # noqa: F811
    version = await answered(store)
    await move(store, S.IN_PROGRESS, "supervisor", reason="答复有误")
    await move(store, S.REPLIED, "owner")
    for resolved in (True, False):
        status, answer = await judge(page, store, version, resolved, "没有")
        assert (status, answer["title"]) == (409, "moved_on")
    assert (await ticket(store)).state is S.REPLIED


async def test_first_rating_stands_and_its_words_are_kept_without_secrets(page, store):  # noqa: F811
    await answered(store)
    status, shown = await ask(page, url(store) + "/rating", {"score": 2, "comment": "太慢，密码是778899"})
    assert (status, shown["score"], shown["may_rate"]) == (200, 2, False)
    _, shown = await ask(page, url(store) + "/rating", {"score": 5, "comment": "改主意了"})
    assert shown["score"] == 2
    kept = await store.read(lambda tx: ratings.get(tx, ratings.of_ticket(NO)))
    assert (kept.score, "太慢" in kept.comment, "778899" in kept.comment) == (2, True, False)


@pytest.mark.parametrize(
    "body", [{}, {"score": 0}, {"score": 6}, {"score": True}, {"score": "5"}, {"score": 4.5}, {"score": [5]}]
)
async def test_what_is_no_score_is_refused(page, store, body):  # noqa: F811
    await answered(store)
    assert (await ask(page, url(store) + "/rating", body))[0] == 422


@pytest.mark.parametrize("body", [{}, {"version": "3", "resolved": True}, {"version": 3}, {"version": 3, "resolved": "yes"}])
async def test_what_is_no_verdict_is_refused(page, store, body):  # noqa: F811
    await answered(store)
    assert (await ask(page, url(store) + "/verdict", body))[0] == 422


async def test_whoever_guesses_a_link_can_neither_judge_nor_rate(page, store):  # noqa: F811
    await answered(store)
    for path, body in (("verdict", {"version": 3, "resolved": True}), ("rating", {"score": 1})):
        status, answer = await ask(page, f"/api/v1/status/{'0' * 32}/{path}", body)
        assert (status, answer["title"]) == (404, "unknown_link")
    assert (await ticket(store)).state is S.REPLIED
