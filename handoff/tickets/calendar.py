"""Working days and opening hours on the bank's wall clock (Asia/Shanghai). Pure: every question names its moment."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import reduce
from typing import Any

from config.catalogue import Catalogue, load_yaml
from config.clock import SHANGHAI, in_shanghai

_DAY = timedelta(days=1)
_DAY_MINUTES = 24 * 60
_SATURDAY = 5


@dataclass(frozen=True, slots=True)
class WorkingCalendar:
    """Which days the bank works: weekdays, less the listed holidays, plus the listed make-up days (调休)."""

    years: frozenset[int]
    off: frozenset[date]
    make_up: frozenset[date]

    @classmethod
    def load(cls) -> "WorkingCalendar":
        """The packaged calendar."""
        return cls.of(load_yaml("calendar.yaml"))

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> "WorkingCalendar":
        """The calendar of parsed YAML."""
        years = frozenset(data["years"])
        off: set[date] = set()
        make_up: set[date] = set()
        for lists in data["years"].values():
            for first, last in lists["holidays"]:
                off.update(first + _DAY * n for n in range((last - first).days + 1))
            make_up.update(lists["make_up"])
        if off & make_up or {day.year for day in off | make_up} != years:
            raise ValueError("calendar: a day is both off and make-up, or outside the years listed")
        return cls(years, frozenset(off), frozenset(make_up))

    def is_working(self, day: date) -> bool:
        """Whether the bank works on *day*."""
        return day in self.make_up or (day.weekday() < _SATURDAY and day not in self.off)

    def is_provisional(self, day: date) -> bool:
        """Whether the arrangement of that year is not known yet, so that :meth:`is_working` goes by weekdays alone."""
        return day.year not in self.years

    def after(self, day: date, working_days: int) -> date:
        """The *working_days*-th working day after *day*, which itself isn't counted."""
        for _ in range(working_days):
            day += _DAY
            while not self.is_working(day):
                day += _DAY
        return day


@dataclass(frozen=True, slots=True)
class OpeningHours:
    """When people are there: intervals of a working day, in minutes since midnight, in order and apart from each other."""

    calendar: WorkingCalendar
    intervals: tuple[tuple[int, int], ...]
    every_day: bool = False

    @classmethod
    def parse(cls, text: str, calendar: WorkingCalendar, *, every_day: bool = False) -> "OpeningHours":
        """Hours written like ``09:00-12:00,13:00-18:00``; ``24:00`` is midnight at the end. ``ValueError`` if they aren't."""
        intervals = []
        for part in text.split(","):
            match = re.fullmatch(r"\s*([0-2]\d):([0-5]\d)\s*-\s*([0-2]\d):([0-5]\d)\s*", part, re.ASCII)
            if not match:
                raise ValueError(f"opening hours {text!r}: write them like 09:00-12:00,13:00-18:00")
            from_h, from_m, to_h, to_m = map(int, match.groups())
            intervals.append((from_h * 60 + from_m, to_h * 60 + to_m))
        flat = [minute for interval in intervals for minute in interval]
        in_order = all(opens < closes for opens, closes in intervals) and flat == sorted(flat)
        if not in_order or flat[-1] > _DAY_MINUTES:
            raise ValueError(f"opening hours {text!r}: the intervals must follow each other within one day")
        return cls(calendar, tuple(intervals), every_day)

    def is_open(self, now: datetime) -> bool:
        """Whether people are there at *now*. Open at the first moment of an interval, closed at its last."""
        local = in_shanghai(now)
        minute = local.hour * 60 + local.minute
        return self._opens_on(local.date()) and any(opens <= minute < closes for opens, closes in self.intervals)

    def next_opening(self, now: datetime) -> datetime:
        """The first moment from *now* on at which people are there, in UTC; *now* itself when they are."""
        if self.is_open(now):
            return now.astimezone(UTC)
        day = in_shanghai(now).date()
        while True:
            if self._opens_on(day):
                for opens, _ in self.intervals:
                    moment = _moment(day, opens)
                    if moment >= now:
                        return moment
            day += _DAY

    def closing(self, day: date) -> datetime:
        """When the last interval of *day* ends, in UTC, were it a working day."""
        return _moment(day, self.intervals[-1][1])

    def add_minutes(self, start: datetime, minutes: float) -> datetime:
        """The moment by which people have been there for *minutes* since *start*, in UTC."""
        left = timedelta(minutes=minutes)
        moment = self.next_opening(start)
        while True:
            local = in_shanghai(moment)
            minute = local.hour * 60 + local.minute
            closes = next(_moment(local.date(), end) for begin, end in self.intervals if begin <= minute < end)
            if left <= closes - moment:
                return moment + left
            left -= closes - moment
            moment = self.next_opening(closes)

    def minutes_between(self, start: datetime, end: datetime) -> float:
        """How many minutes people have been there between two moments; 0 if *end* isn't later."""
        total = timedelta()
        day = in_shanghai(start).date()
        last = in_shanghai(end).date()
        while day <= last:
            if self._opens_on(day):
                for opens, closes in self.intervals:
                    overlap = min(_moment(day, closes), end) - max(_moment(day, opens), start)
                    total += max(overlap, timedelta())
            day += _DAY
        return total.total_seconds() / 60

    def for_people(self, catalogue: Catalogue) -> str:
        """The hours as a customer reads them, such as 工作日 9:00-12:00、13:00-18:00."""
        spans = [f"{_wall(opens)}-{_wall(closes)}" for opens, closes in self.intervals]
        return catalogue.text(
            "tickets.hours.every_day" if self.every_day else "tickets.hours.working_days",
            hours=reduce(lambda before, span: catalogue.text("tickets.hours.and", before=before, span=span), spans),
        )

    def _opens_on(self, day: date) -> bool:
        return self.every_day or self.calendar.is_working(day)


def _moment(day: date, minute: int) -> datetime:
    """Minute *minute* of *day* in Shanghai, as UTC. Shanghai has kept one offset since 1991, so no hour is missing or double."""
    return (datetime.combine(day, time(), SHANGHAI) + timedelta(minutes=minute)).astimezone(UTC)


def _wall(minute: int) -> str:
    return f"{minute // 60}:{minute % 60:02d}"
