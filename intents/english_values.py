"""Sums and moments in English: 500 yuan, CNY 1,200.50, yesterday at 3 pm, on 20 November. Runs on normalised text."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import cache

from config.clock import in_shanghai
from intents.understanding import Entity

_SUM = r"(?P<{0}>\d{{1,3}}(?:,\d{{3}})+(?:\.\d{{1,2}})?|\d{{1,9}}(?:\.\d{{1,2}})?)\s?(?P<{0}_scale>k|thousand|million)?"
_CURRENCY = r"(?:yuan|rmb|cny|renminbi|kuai)"
_AMOUNT = rf"(?<![\w.]){_SUM.format('after')}\s*{_CURRENCY}\b|\b{_CURRENCY}\s?{_SUM.format('before')}(?![\w])"
_SCALES = {"k": 1_000, "thousand": 1_000, "million": 1_000_000}
_RULED_OUT = re.compile(r"\b(?:not|instead of|rather than|isn't|wasn't)\s+(?:the |on |at |in |for |about )*$")

_MONTHS = (
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
)
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_NUMBERS = {"a": 1, "one": 1, "two": 2, "a couple of": 2, "three": 3, "four": 4, "five": 5, "six": 6}
_MONTH = "(?P<{}>" + "|".join(f"{name[:3]}(?:{name[3:]})?" if name[3:] else name for name in _MONTHS) + r")\.?"
_DAY = (
    r"\b(?:(?P<before>the day before yesterday)|(?P<yesterday>yesterday|last night)|(?P<today>today|tonight|this (?:morning|afternoon|evening)|just now|earlier today)"
    rf"|(?P<ago>\d{{1,2}}|{'|'.join(_NUMBERS)}) days? ago|(?:last |on |this past )?(?P<weekday>{'|'.join(_WEEKDAYS)})"
    rf"|(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?: of)? {_MONTH.format('month')}\b(?:,? (?P<year>20\d\d))?"
    rf"|{_MONTH.format('month_first')} (?P<day_last>\d{{1,2}})(?:st|nd|rd|th)?\b(?:,? (?P<year_last>20\d\d))?"
    r"|(?P<iso>20\d\d-\d{1,2}-\d{1,2}))"
)
_CLOCK = r"\b(?P<hour>\d{1,2})(?:[:.](?P<minute>[0-5]\d))?\s?(?P<half>a\.?m\b\.?|p\.?m\b\.?)|\b(?P<hour24>[01]?\d|2[0-3]):(?P<minute24>[0-5]\d)\b|\b(?P<oclock>\d{1,2}) o'?clock"
_SPAN_AGO = (
    r"\b(?P<span>\d{1,2}|half an|a few|few|a couple of|an?|one|two|three|four|five) (?P<unit>minutes?|mins?|hours?|hrs?) ago\b"
)
_SPANS = {"half an": 0.5, "a few": 3, "few": 3, "an": 1, **_NUMBERS}
_PLACE = (
    r"\b(?:at|on|in|near|outside|from|to) (?:the |your |a )?(?P<place>(?:(?!(?:at|on|in|near|outside|from|to|and|yesterday|today|this|my|your)\b)[\w'-]+ ){0,4}?"
    r"(?:branch|road|rd|street|avenue|mall|station|airport|square|plaza|supermarket|hotel|building))\b"
)
_NO_NAME = frozenset({"branch", "road", "rd", "street", "avenue", "square", "plaza", "hotel", "building"})  # which one?
_WISH = (
    r"\b(?P<wish>(?:i|we) (?:just |only |also |really )?(?:want|would like|demand|need|expect|'?d like)(?: you)? "
    r"(?!to (?:make|file|lodge|complain|report|praise|compliment|suggest|know|ask|add|talk|speak|give you|change|correct|say)\b"
    r"|(?:a |an |the )?(?:real |live )?(?:person|human|agent|manager|operator|help)\b)[^.;!?\n]{3,150})"
)
_NAMED = r"\b(?:Mr|Mrs|Ms|Miss|Dr|Mister|Madam)\.? [A-Z][\w'-]+"
_PART = r"\b(?P<part>morning|noon|midday|lunch ?time|afternoon|evening|night|tonight|midnight)\b"
_PART_HOURS = {"morning": 10, "noon": 12, "midday": 12, "afternoon": 15, "evening": 20, "night": 20, "tonight": 20, "midnight": 0}
_LATER = frozenset({"afternoon", "evening", "night", "tonight"})  # 3 o'clock in the afternoon
_LUNCH = 12
_NOON = 12
_WORD_OF_TIME = (
    r"\b(?:yesterday|today|tonight|morning|afternoon|evening|night|noon|midnight|weeks?|weekend|months?|years?|hours?|minutes?|days?|ago|recently|"
    r"earlier|just now|since|last|o'?clock|\d{1,2}\s?[ap]\.?m|\d{1,2}(?:st|nd|rd|th)|\d{1,2}:\d\d|20\d\d|mon|tues?|wednes|thurs?|fri|satur|sun)(?:day)?\b|"
    rf"\b(?:{'|'.join(_MONTHS)}|{'|'.join(name[:3] for name in _MONTHS if name != 'may')})\b"
)
_compiled = cache(re.compile)


def speaks_of_time(text: str) -> bool:
    """Whether *text* has an English word for a time."""
    return bool(_compiled(_WORD_OF_TIME, re.IGNORECASE).search(text))


def sums(text: str, original: str) -> Iterator[Entity]:
    """The sums in *text* that nothing rules out: not the 500 of "300 yuan, not 500 yuan"."""
    for match in _compiled(_AMOUNT).finditer(text):
        name = "after" if match.group("after") else "before"
        value = float(match.group(name).replace(",", "")) * _SCALES.get(match.group(f"{name}_scale") or "", 1)
        if not _RULED_OUT.search(text[: match.start()]):
            yield Entity("amount_yuan", *match.span(), round(value, 2), original[slice(*match.span())].strip(), "english")


def places(text: str, original: str) -> Iterator[Entity]:
    """Where it was: the Haidian branch, Nanjing Road."""
    for match in _compiled(_PLACE).finditer(text):
        start, end = match.span("place")
        if text[start:end] not in _NO_NAME and not _RULED_OUT.search(text[: match.start()]):
            yield Entity("place", start, end, original[start:end], original[start:end], "english")


def wishes(text: str, original: str) -> Iterator[Entity]:
    """What is wanted: I want a refund and an apology."""
    if (match := _compiled(_WISH).search(text)) is not None:
        start, end = match.span("wish")
        yield Entity("demand", start, end, original[start:end].strip(), original[start:end].strip(), "english")


def people(original: str, *, is_praise: bool) -> Iterator[Entity]:
    """Who is named with a title: Ms Li."""
    if (match := _compiled(_NAMED).search(original)) is not None:
        yield Entity("person_praised" if is_praise else "staff_name", *match.span(), match.group(), match.group(), "english")


def moments(text: str, original: str, now: datetime) -> Iterator[Entity]:
    """The first moment that *text* names, on the bank's wall clock; days to come are none."""
    here = in_shanghai(now)
    if (since := _compiled(_SPAN_AGO).search(text)) is not None:
        many = _SPANS.get(since.group("span")) or int(since.group("span"))
        at = here.replace(second=0, microsecond=0) - timedelta(**{"hours" if since.group("unit")[0] == "h" else "minutes": many})
        precision = "hour" if since.group("unit")[0] == "h" else "minute"
        yield Entity(
            "occurred_at", *since.span(), at.isoformat(), original[slice(*since.span())], "english", {"precision": precision}
        )
        return
    for match in _compiled(_DAY).finditer(text):
        day = _day(match, here)
        if day is None or day.date() > here.date() or _RULED_OUT.search(text[: match.start()]):
            continue
        at, precision = _at(day, text, here)
        yield Entity(
            "occurred_at", *match.span(), at.isoformat(), original[slice(*match.span())], "english", {"precision": precision}
        )
        return
    if (clock := _compiled(_CLOCK).search(text)) and (timed := _clock(clock)) and not _RULED_OUT.search(text[: clock.start()]):
        at = here.replace(hour=timed[0], minute=timed[1], second=0, microsecond=0)
        precision = "minute" if timed[1] else "hour"
        if at <= here:
            yield Entity(
                "occurred_at", *clock.span(), at.isoformat(), original[slice(*clock.span())], "english", {"precision": precision}
            )


def _day(match: re.Match[str], here: datetime) -> datetime | None:
    midnight = here.replace(hour=0, minute=0, second=0, microsecond=0)
    said = match.groupdict()
    if said["before"]:
        return midnight - timedelta(days=2)
    if said["yesterday"]:
        return midnight - timedelta(days=1)
    if said["today"]:
        return midnight
    if said["ago"]:
        return midnight - timedelta(days=_NUMBERS.get(said["ago"]) or int(said["ago"]))
    if said["weekday"]:
        back = (midnight.weekday() - _WEEKDAYS.index(said["weekday"])) % 7
        return midnight - timedelta(days=back or 7)
    try:
        if said["iso"]:
            year, month, day = map(int, said["iso"].split("-"))
            return midnight.replace(year=year, month=month, day=day)
        return _dated(
            midnight, said["month"] or said["month_first"], said["day"] or said["day_last"], said["year"] or said["year_last"]
        )
    except ValueError:
        return None


def _dated(midnight: datetime, month: str, day: str, year: str | None) -> datetime:
    """A day with its month; without a year the last one that has been."""
    number = next(n for n, name in enumerate(_MONTHS, 1) if name.startswith(month[:3]))
    at = midnight.replace(year=int(year) if year else midnight.year, month=number, day=int(day))
    return at.replace(year=at.year - 1) if year is None and at > midnight else at


def _at(day: datetime, text: str, here: datetime) -> tuple[datetime, str]:
    """*day* with the time that *text* names, and how exactly that is; a part of the day is kept as its hour, unless it is to come."""
    clock = _compiled(_CLOCK).search(text)
    part = _compiled(_PART).search(text)
    if clock and (timed := _clock(clock)):
        if clock.group("oclock") and part and part.group("part") in _LATER and timed[0] < _NOON:
            timed = timed[0] + _NOON, timed[1]
        at, precision = day.replace(hour=timed[0], minute=timed[1]), "minute" if timed[1] else "hour"
    elif part:
        at, precision = day.replace(hour=_PART_HOURS.get(part.group("part"), _LUNCH)), "day"
    else:
        return day, "day"
    return (at, precision) if at <= here else (day, "day")


def _clock(match: re.Match[str]) -> tuple[int, int] | None:
    said = match.groupdict()
    hour = int(said["hour"] or said["hour24"] or said["oclock"])
    minute = int(said["minute"] or said["minute24"] or 0)
    if said["half"]:
        if not 1 <= hour <= _NOON:
            return None
        return hour % _NOON + (_NOON if said["half"].startswith("p") else 0), minute
    return (hour, minute) if hour < 2 * _NOON else None
