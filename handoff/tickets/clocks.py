"""By when a ticket must be answered: the limit set from outside, and what the bank asks of itself. Pure.

The values are settings: ``config/sla.yaml``, each with its source.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from config.catalogue import load_yaml
from config.clock import SHANGHAI, in_shanghai
from config.labels import Priority
from handoff.tickets.calendar import OpeningHours, WorkingCalendar

_UNITS = frozenset({"working_days", "working_minutes", "minutes", "days"})


@dataclass(frozen=True, slots=True)
class Statutory:
    """A limit in natural days that no holiday and no waiting for the customer moves."""

    kinds: frozenset[str]
    reply_days: int
    extended_days: int
    longest_days: int
    count_first_day: bool
    source: str

    def due(self, received_at: datetime, days: int | None = None) -> datetime:
        """The last second of day *days* (default: a plain reply) in Shanghai, in UTC."""
        count = self.reply_days if days is None else days
        last = in_shanghai(received_at).date() + timedelta(days=count - self.count_first_day)
        return _end_of_day(last)


@dataclass(frozen=True, slots=True)
class Duration:
    """A length of time in the unit that it is counted in."""

    amount: int
    unit: str


@dataclass(frozen=True, slots=True)
class Clocks:
    """Answers when something is due. Made once, asked with every moment."""

    hours: OpeningHours
    statutory: Statutory
    targets: Mapping[str, Mapping[Priority, Duration]]

    @classmethod
    def load(cls, opening_hours: str, *, open_every_day: bool = False) -> "Clocks":
        """The packaged calendar and targets with the operator's opening hours."""
        hours = OpeningHours.parse(opening_hours, WorkingCalendar.load(), every_day=open_every_day)
        return cls.of(load_yaml("sla.yaml"), hours)

    @classmethod
    def of(cls, data: Mapping[str, Any], hours: OpeningHours) -> "Clocks":
        """Clocks of parsed YAML."""
        limits = data["statutory"]
        statutory = Statutory(**{**limits, "kinds": frozenset(limits["kinds"])})
        targets = {
            name: {priority: _duration(name, target[priority]) for priority in Priority}
            for name, target in data["targets"].items()
        }
        return cls(hours, statutory, targets)

    def target_due(self, target: str, start: datetime, priority: Priority) -> datetime:
        """When *target* (``dispatch``, ``reply`` ...), counted from *start*, must be met; in UTC.

        Working days are whole days: the day of *start* isn't counted, and the last one ends at closing time.
        """
        duration = self.targets[target][priority]
        match duration.unit:
            case "working_days":
                return self.hours.closing(self.hours.calendar.after(in_shanghai(start).date(), duration.amount))
            case "working_minutes":
                return self.hours.add_minutes(start, duration.amount)
            case "minutes":
                return (start + timedelta(minutes=duration.amount)).astimezone(UTC)
            case _:
                return _end_of_day(in_shanghai(start).date() + timedelta(days=duration.amount))

    def statutory_due(self, received_at: datetime, kind: str) -> datetime | None:
        """The outside limit for a reply, in UTC; ``None`` for kinds that have none."""
        return self.statutory.due(received_at) if kind in self.statutory.kinds else None

    def internal_due(self, received_at: datetime, priority: Priority) -> datetime:
        """When the bank's own rule wants the reply out: closing time of a working day, in UTC."""
        return self.target_due("reply", received_at, priority)

    def reply_due(self, received_at: datetime, kind: str, priority: Priority) -> datetime:
        """The promise that a customer is told, in UTC: the bank's own rule, and never after the outside limit."""
        internal = self.internal_due(received_at, priority)
        statutory = self.statutory_due(received_at, kind)
        return internal if statutory is None else min(internal, statutory)

    def is_provisional(self, moment: datetime) -> bool:
        """Whether *moment* lies in a year whose holidays aren't published yet."""
        return self.hours.calendar.is_provisional(in_shanghai(moment).date())


def _end_of_day(day: date) -> datetime:
    # 23:59:59 and not the next midnight, so that whoever shows the date alone shows the right one.
    return datetime.combine(day, time(23, 59, 59), SHANGHAI).astimezone(UTC)


def _duration(target: str, raw: Mapping[str, int]) -> Duration:
    ((unit, amount),) = raw.items()
    if unit not in _UNITS or amount < 0:
        raise ValueError(f"sla.yaml, {target}: {unit}: {amount} is not a duration")
    return Duration(amount, unit)
