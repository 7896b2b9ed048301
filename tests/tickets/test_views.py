from datetime import UTC, datetime
from typing import Any

import pytest

from config.catalogue import Catalogue
from config.labels import FeedbackChannel, Priority, TicketKind, TicketState
from handoff.tickets.calendar import OpeningHours, WorkingCalendar
from handoff.tickets.views import customer_view, state_for_customer
from store.model import Ticket, TicketEvent

CATALOGUE = Catalogue()
AT = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)  # already the 24th in Shanghai


def ticket(state: TicketState) -> Ticket:
    return Ticket(
        no="FB20261124000001X",
        kind=TicketKind.COMPLAINT,
        state=state,
        priority=Priority.NORMAL,
        version=1,
        channel=FeedbackChannel.IN_APP,
        account=None,
        customer_id=None,
        conversation_id=None,
        product="loan",
        nature="credit_collection",
        department="retail_credit",
        content="催收电话太多",
        record={},
        contact_phone="13812345678",
        customer_name="欧阳锋",
        received_at=AT,
        due_at=datetime(2026, 12, 3, 10, 0, tzinfo=UTC),
        updated_at=AT,
    )


def moved(to: TicketState, detail: dict[str, Any]) -> TicketEvent:
    return TicketEvent("FB20261124000001X", 2, AT, "agent-1", "moved", TicketState.PENDING, to, detail)


@pytest.mark.parametrize(
    ("state", "name"),
    [
        ("pending", "待处理"),
        ("in_progress", "处理中"),
        ("awaiting_customer", "处理中（待您补充）"),
        ("replied", "已答复"),
        ("resolved", "已解决"),
        ("closed", "已解决"),
        ("withdrawn", "已撤回"),
        ("merged", "已合并"),
        ("not_accepted", "不予受理"),
    ],
)
def test_a_customer_reads_the_banks_own_name_of_every_state(state: str, name: str) -> None:
    assert state_for_customer(TicketState(state), CATALOGUE) == name


def test_a_merged_ticket_points_to_the_one_that_goes_on() -> None:
    history = [moved(TicketState.MERGED, {"into": "FB20261123000009Z"})]
    assert customer_view(ticket(TicketState.MERGED), history, CATALOGUE).state == "已合并至 FB20261123000009Z"


def test_a_refused_ticket_tells_the_reason_meant_for_the_customer_and_no_other() -> None:
    history = [moved(TicketState.NOT_ACCEPTED, {"reason_for_customer": "这笔业务是其他银行办理的", "reason": "internal remark"})]
    view = customer_view(ticket(TicketState.NOT_ACCEPTED), history, CATALOGUE)
    assert view.state == "不予受理：这笔业务是其他银行办理的"
    assert "internal" not in str(view)


def test_an_old_merge_that_was_undone_is_not_told_any_more() -> None:
    history = [moved(TicketState.MERGED, {"into": "FB1"}), moved(TicketState.PENDING, {"reason": "undone"})]
    assert customer_view(ticket(TicketState.PENDING), history, CATALOGUE).state == "待处理"


def test_days_are_the_banks_days() -> None:
    view = customer_view(ticket(TicketState.PENDING), [], CATALOGUE)
    assert (view.received_on, view.answer_by) == ("2026年11月24日", "2026年12月3日")


@pytest.mark.parametrize("state", ["replied", "resolved", "closed", "withdrawn", "merged", "not_accepted"])
def test_nothing_is_promised_any_more_once_answered_or_ended(state: str) -> None:
    assert customer_view(ticket(TicketState(state)), [], CATALOGUE).answer_by == ""


def test_contact_and_name_are_masked_and_nothing_internal_is_shown() -> None:
    view = customer_view(ticket(TicketState.PENDING), [], CATALOGUE)
    assert (view.contact, view.name) == ("138****5678", "欧阳*")
    assert "retail_credit" not in str(view)
    assert "13812345678" not in str(view)


def test_opening_hours_read_like_a_sign_at_the_door() -> None:
    calendar = WorkingCalendar.load()
    hours = OpeningHours.parse("09:00-12:00,13:30-18:00", calendar)
    assert hours.for_people(CATALOGUE) == "工作日 9:00-12:00、13:30-18:00"
    assert OpeningHours.parse("00:00-24:00", calendar, every_day=True).for_people(CATALOGUE) == "每天 0:00-24:00"
