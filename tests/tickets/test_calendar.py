from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.clock import SHANGHAI, in_shanghai
from handoff.tickets.calendar import OpeningHours, WorkingCalendar

CALENDAR = WorkingCalendar.load()
HOURS = OpeningHours.parse("09:00-12:00,13:00-18:00", CALENDAR)
DAYS = st.dates(date(2025, 12, 1), date(2027, 3, 1))
MOMENTS = st.datetimes(datetime.fromisoformat("2025-12-01"), datetime.fromisoformat("2027-03-01"), timezones=st.just(UTC))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def days(first: str, last: str) -> list[date]:
    start = date.fromisoformat(first)
    return [start + timedelta(days=n) for n in range((date.fromisoformat(last) - start).days + 1)]


HOLIDAYS_2026 = [
    *days("2026-01-01", "2026-01-03"),
    *days("2026-02-15", "2026-02-23"),
    *days("2026-04-04", "2026-04-06"),
    *days("2026-05-01", "2026-05-05"),
    *days("2026-06-19", "2026-06-21"),
    *days("2026-09-25", "2026-09-27"),
    *days("2026-10-01", "2026-10-07"),
]
MAKE_UP_2026 = [
    date.fromisoformat(day) for day in ("2026-01-04", "2026-02-14", "2026-02-28", "2026-05-09", "2026-09-20", "2026-10-10")
]


@pytest.mark.parametrize("day", HOLIDAYS_2026, ids=str)
def test_the_bank_is_off_on_every_public_holiday_of_2026(day: date) -> None:
    assert not CALENDAR.is_working(day)


@pytest.mark.parametrize("day", MAKE_UP_2026, ids=str)
def test_the_bank_works_on_every_make_up_weekend_day_of_2026(day: date) -> None:
    assert day.weekday() >= 5
    assert CALENDAR.is_working(day)


def test_every_other_day_of_2026_goes_by_its_weekday() -> None:
    for day in days("2026-01-01", "2026-12-31"):
        if day not in HOLIDAYS_2026 and day not in MAKE_UP_2026:
            assert CALENDAR.is_working(day) == (day.weekday() < 5), day


def test_a_year_without_a_published_arrangement_is_reckoned_by_weekdays_and_marked_provisional() -> None:
    assert CALENDAR.is_provisional(date(2027, 1, 1))
    assert CALENDAR.is_working(date(2027, 1, 1))  # a Friday, not known to be off
    assert not CALENDAR.is_provisional(date(2026, 12, 31))


def test_a_calendar_in_which_a_day_is_both_off_and_make_up_is_refused() -> None:
    day = date(2026, 5, 9)
    with pytest.raises(ValueError, match="both off and make-up"):
        WorkingCalendar.of({"years": {2026: {"holidays": [[day, day]], "make_up": [day]}}})


def test_a_calendar_with_a_day_of_another_year_is_refused() -> None:
    with pytest.raises(ValueError, match="outside the years"):
        WorkingCalendar.of({"years": {2026: {"holidays": [[date(2027, 1, 1), date(2027, 1, 1)]], "make_up": []}}})


@given(DAYS, st.integers(1, 30))
def test_counting_working_days_ends_on_a_working_day_with_exactly_that_many_passed(day: date, count: int) -> None:
    last = CALENDAR.after(day, count)
    assert CALENDAR.is_working(last)
    assert sum(CALENDAR.is_working(day + timedelta(days=n)) for n in range(1, (last - day).days + 1)) == count


@pytest.mark.parametrize(
    ("moment", "is_open"),
    [
        ("2026-11-23T08:59:59", False),
        ("2026-11-23T09:00:00", True),
        ("2026-11-23T11:59:59", True),
        ("2026-11-23T12:00:00", False),
        ("2026-11-23T12:59:59.999999", False),
        ("2026-11-23T13:00:00", True),
        ("2026-11-23T18:00:00", False),
        ("2026-11-22T10:00:00", False),  # Sunday
        ("2026-10-10T10:00:00", True),  # Saturday, make-up
        ("2026-10-07T10:00:00", False),  # Wednesday, holiday
    ],
)
def test_it_is_open_from_the_first_moment_of_an_interval_to_before_its_last(moment: str, is_open: bool) -> None:
    assert HOURS.is_open(at(moment)) is is_open


@pytest.mark.parametrize(
    ("moment", "opening"),
    [
        ("2026-11-23T10:30:00", "2026-11-23T10:30:00"),
        ("2026-11-23T12:15:00", "2026-11-23T13:00:00"),
        ("2026-11-23T18:00:00", "2026-11-24T09:00:00"),
        ("2026-11-27T20:00:00", "2026-11-30T09:00:00"),
        ("2026-02-14T18:00:00", "2026-02-24T09:00:00"),  # nine days of Spring Festival
    ],
)
def test_the_next_opening_skips_breaks_nights_and_holidays(moment: str, opening: str) -> None:
    assert HOURS.next_opening(at(moment)) == at(opening)


@given(MOMENTS)
def test_the_next_opening_is_open_not_before_and_the_first(moment: datetime) -> None:
    opening = HOURS.next_opening(moment)
    assert opening >= moment
    assert HOURS.is_open(opening)
    if opening > moment:
        assert not HOURS.is_open(moment)
        assert not HOURS.is_open(opening - timedelta(microseconds=1))
        assert HOURS.minutes_between(moment, opening) == 0


@given(MOMENTS, st.integers(0, 3000))
def test_adding_working_minutes_and_counting_them_agree(moment: datetime, minutes: int) -> None:
    end = HOURS.add_minutes(moment, minutes)
    assert HOURS.minutes_between(moment, end) == pytest.approx(minutes)
    assert CALENDAR.is_working(in_shanghai(end).date())


@given(MOMENTS, MOMENTS, st.integers(0, 3000))
def test_whoever_starts_later_never_ends_earlier(one: datetime, other: datetime, minutes: int) -> None:
    early, late = sorted((one, other))
    assert HOURS.add_minutes(early, minutes) <= HOURS.add_minutes(late, minutes)


def test_nothing_passes_when_the_end_lies_before_the_start() -> None:
    assert HOURS.minutes_between(at("2026-11-23T15:00:00"), at("2026-11-23T10:00:00")) == 0


@given(MOMENTS)
def test_around_the_clock_every_day_is_always_open(moment: datetime) -> None:
    always = OpeningHours.parse("00:00-24:00", CALENDAR, every_day=True)
    assert always.is_open(moment)
    assert always.next_opening(moment) == moment


@pytest.mark.parametrize(
    "text",
    ["", "9-18", "09:00", "18:00-09:00", "09:00-12:00,11:00-18:00", "09:00-24:01", "13:00-18:00,09:00-12:00", "09:00-09:00"],
)
def test_opening_hours_that_make_no_sense_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="opening hours"):
        OpeningHours.parse(text, CALENDAR)
