from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.catalogue import load_yaml
from config.clock import SHANGHAI, in_shanghai
from config.labels import Priority, TicketKind
from handoff.tickets.calendar import OpeningHours, WorkingCalendar
from handoff.tickets.clocks import Clocks

CLOCKS = Clocks.load("09:00-12:00,13:00-18:00")
MOMENTS = st.datetimes(datetime.fromisoformat("2025-12-01"), datetime.fromisoformat("2027-03-01"), timezones=st.just(UTC))
KINDS = st.sampled_from(list(TicketKind))
PRIORITIES = st.sampled_from(list(Priority))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def clocks_with(**statutory: object) -> Clocks:
    data = load_yaml("sla.yaml")
    data["statutory"] |= statutory
    return Clocks.of(data, OpeningHours.parse("09:00-18:00", WorkingCalendar.load()))


@pytest.mark.parametrize(
    ("received", "due"),
    [
        ("2026-11-23T00:00:00", "2026-12-08T23:59:59"),
        ("2026-11-23T23:59:59", "2026-12-08T23:59:59"),
        # Still the 23rd in London, already the 24th at the bank.
        ("2026-11-24T00:30:00", "2026-12-09T23:59:59"),
        # The last day is a holiday; the limit does not move.
        ("2026-09-16T10:00:00", "2026-10-01T23:59:59"),
    ],
)
def test_a_complaint_is_answered_by_the_end_of_the_fifteenth_natural_day(received: str, due: str) -> None:
    assert CLOCKS.statutory_due(at(received), TicketKind.COMPLAINT) == at(due)


def test_counting_the_first_day_makes_the_limit_one_day_stricter() -> None:
    received = at("2026-11-23T10:00:00")
    strict = clocks_with(count_first_day=True).statutory_due(received, TicketKind.COMPLAINT)
    assert strict == at("2026-12-07T23:59:59")


def test_extensions_reach_the_thirtieth_and_the_sixtieth_day() -> None:
    received = at("2026-11-23T10:00:00")
    limits = CLOCKS.statutory
    assert limits.due(received, limits.extended_days) == at("2026-12-23T23:59:59")
    assert limits.due(received, limits.longest_days) == at("2027-01-22T23:59:59")


def test_the_limit_is_a_setting() -> None:
    assert clocks_with(reply_days=10).statutory_due(at("2026-11-23T10:00:00"), TicketKind.COMPLAINT) == at("2026-12-03T23:59:59")


@pytest.mark.parametrize("kind", [kind for kind in TicketKind if kind is not TicketKind.COMPLAINT])
def test_only_complaints_have_a_statutory_limit(kind: TicketKind) -> None:
    assert CLOCKS.statutory_due(at("2026-11-23T10:00:00"), kind) is None


@pytest.mark.parametrize(
    ("received", "priority", "due"),
    [
        ("2026-11-23T10:00:00", Priority.NORMAL, "2026-12-02T18:00:00"),
        ("2026-11-23T10:00:00", Priority.URGENT, "2026-11-26T18:00:00"),
        ("2026-11-23T10:00:00", Priority.MAJOR, "2026-11-24T18:00:00"),
        ("2026-11-28T10:00:00", Priority.MAJOR, "2026-11-30T18:00:00"),  # Saturday
        ("2026-09-18T10:00:00", Priority.MAJOR, "2026-09-20T18:00:00"),  # the Sunday is a make-up day
        ("2026-09-30T10:00:00", Priority.URGENT, "2026-10-10T18:00:00"),  # over National Day to a make-up Saturday
    ],
)
def test_the_banks_own_limit_counts_working_days_over_holidays_and_make_up_days(
    received: str, priority: Priority, due: str
) -> None:
    assert CLOCKS.internal_due(at(received), priority) == at(due)


def test_over_a_long_holiday_the_promise_for_a_complaint_is_the_statutory_limit() -> None:
    received = at("2026-02-13T11:00:00")
    assert CLOCKS.internal_due(received, Priority.NORMAL) == at("2026-03-02T18:00:00")
    assert CLOCKS.reply_due(received, TicketKind.COMPLAINT, Priority.NORMAL) == at("2026-02-28T23:59:59")
    assert CLOCKS.reply_due(received, TicketKind.PRAISE, Priority.NORMAL) == at("2026-03-02T18:00:00")


@given(MOMENTS, PRIORITIES)
def test_the_banks_own_limit_never_falls_on_a_day_off_and_lies_ahead(received: datetime, priority: Priority) -> None:
    due = CLOCKS.internal_due(received, priority)
    assert due > received
    assert CLOCKS.hours.calendar.is_working(in_shanghai(due).date())


@given(MOMENTS, KINDS, PRIORITIES)
def test_the_promise_is_never_after_either_limit(received: datetime, kind: TicketKind, priority: Priority) -> None:
    due = CLOCKS.reply_due(received, kind, priority)
    statutory = CLOCKS.statutory_due(received, kind)
    assert received < due <= CLOCKS.internal_due(received, priority)
    assert statutory is None or due <= statutory


@given(MOMENTS, MOMENTS, KINDS, PRIORITIES)
def test_what_comes_later_is_never_due_earlier(one: datetime, other: datetime, kind: TicketKind, priority: Priority) -> None:
    early, late = sorted((one, other))
    assert CLOCKS.reply_due(early, kind, priority) <= CLOCKS.reply_due(late, kind, priority)


@given(MOMENTS, KINDS)
def test_the_graver_the_sooner(received: datetime, kind: TicketKind) -> None:
    dues = [CLOCKS.reply_due(received, kind, priority) for priority in (Priority.MAJOR, Priority.URGENT, Priority.NORMAL)]
    assert dues == sorted(dues)


@given(MOMENTS, st.sampled_from(sorted(CLOCKS.targets)), PRIORITIES)
def test_every_target_lies_ahead_and_is_told_in_utc(start: datetime, target: str, priority: Priority) -> None:
    due = CLOCKS.target_due(target, start, priority)
    assert due > start
    assert due.tzinfo is UTC


@pytest.mark.parametrize(
    ("target", "priority", "due"),
    [
        ("dispatch", Priority.NORMAL, "2026-11-23T12:30:00"),  # four working hours over the night
        ("dispatch", Priority.MAJOR, "2026-11-20T18:00:00"),  # thirty minutes by the clock
        ("acceptance_notice", Priority.NORMAL, "2026-11-23T18:00:00"),
        ("reopen_window", Priority.NORMAL, "2026-12-20T23:59:59"),
    ],
)
def test_targets_count_in_the_unit_they_are_set_in(target: str, priority: Priority, due: str) -> None:
    clocks = Clocks.load("09:00-18:00")
    assert clocks.target_due(target, at("2026-11-20T17:30:00"), priority) == at(due)


def test_an_answer_due_in_a_year_without_calendar_is_marked_provisional() -> None:
    assert CLOCKS.is_provisional(CLOCKS.internal_due(at("2026-12-30T10:00:00"), Priority.NORMAL))
    assert not CLOCKS.is_provisional(at("2026-12-30T10:00:00"))


def test_a_duration_in_an_unknown_unit_is_refused() -> None:
    data = load_yaml("sla.yaml")
    data["targets"]["reply"]["normal"] = {"fortnights": 1}
    with pytest.raises(ValueError, match="fortnights"):
        Clocks.of(data, OpeningHours.parse("09:00-18:00", WorkingCalendar.load()))


def test_every_limit_names_its_source() -> None:
    data = load_yaml("sla.yaml")
    assert CLOCKS.statutory.source
    assert all(target["source"] for target in data["targets"].values())


def test_the_day_of_receipt_is_the_banks_day_wherever_the_server_stands() -> None:
    received = datetime(2026, 11, 23, 16, 30, tzinfo=UTC)  # 00:30 on the 24th in Shanghai
    assert in_shanghai(received).date() == date(2026, 11, 24)
    due = CLOCKS.statutory_due(received, TicketKind.COMPLAINT)
    assert due is not None
    assert in_shanghai(due).date() == date(2026, 11, 24) + timedelta(days=15)
