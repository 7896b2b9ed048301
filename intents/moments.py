"""Finds when something happened: dates and times relative to now in Asia/Shanghai, never in the future."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from config.clock import in_shanghai

_NUMERALS = {char: value for value, char in enumerate("零一二三四五六七八九")} | {"两": 2, "日": 7, "天": 7, "〇": 0}
_N = r"(?:\d{1,2}|[一二两三四五六七八九]?十[一二三四五六七八九]?|[一二两三四五六七八九])"
_DAY = re.compile(
    rf"(?P<iso>(?P<y>20\d\d)[-/.年](?P<m>\d{{1,2}})[-/.月](?P<d>\d{{1,2}})[日号]?)|(?P<md>(?P<m2>{_N})月(?P<d2>{_N})[日号]?)|"
    r"(?P<word>大前天|前天|昨天|昨日|昨晚|昨夜|今天|今日|今早|今晚|今晨|刚才|刚刚|刚|前两天|前几天|方才)|"
    rf"(?P<week>(?P<which>上上|上|这|本)?个?(?:周|星期|礼拜)(?P<wd>[一二三四五六日天]))|(?P<ago>(?P<n>{_N})(?P<unit>天|个?小时|分钟)(?:之?前|以前))|(?P<dom>(?<![\d月])(?P<d3>\d{{1,2}})[号](?![线店楼]))"
)
_PART = r"(?P<part>凌晨|清晨|早上|早晨|上午|中午|下午|傍晚|晚上|夜里|半夜|早|晚)?"
_TIME = re.compile(
    rf"(?:的|，|,|\s)*{_PART}\s*(?:大概|大约|差不多|约)?(?:(?P<h>{_N})(?:点钟?|时|[:：])(?:(?P<half>半)|(?P<q>[一三]刻)|(?P<min>\d{{1,2}}|{_N})分?)?(?:多|左右|来钟)?)?"
)
_AFTERNOON = frozenset({"下午", "傍晚", "晚上", "夜里", "晚"})
_PART_HOURS = {
    "凌晨": 3,
    "清晨": 6,
    "早上": 8,
    "早晨": 8,
    "早": 8,
    "上午": 10,
    "中午": 12,
    "下午": 15,
    "傍晚": 18,
    "晚上": 20,
    "晚": 20,
    "夜里": 22,
    "半夜": 0,
}
_WORD_DAYS = {"大前天": 3, "前天": 2, "昨天": 1, "昨日": 1, "昨晚": 1, "昨夜": 1, "前两天": 2, "前几天": 3}
_JUST_NOW = frozenset({"刚才", "刚刚", "刚", "方才"})


@dataclass(frozen=True, slots=True)
class Moment:
    """When, how exactly (day, hour, minute), and where in the text."""

    at: datetime
    precision: str
    start: int
    end: int


def moments(text: str, now: datetime) -> Iterator[Moment]:
    """The moments that the normalised *text* names, in order."""
    here = in_shanghai(now)
    last_end = 0
    for match in _DAY.finditer(text):
        if match.start() < last_end:
            continue
        found = _moment(text, match, here)
        if found is not None:
            last_end = found.end
            yield found
    if last_end == 0:
        alone = re.search(rf"(?:{_PART})(?P<h>{_N})(?:点|时|[:：]\d{{2}})", text)
        if alone and alone.group("part"):
            at = _with_time(here.date(), text, alone.start(), here)
            if at is not None:
                yield at


def _moment(text: str, match: re.Match[str], here: datetime) -> Moment | None:
    word = match.group("word")
    if word in _JUST_NOW:
        return Moment(here.replace(second=0, microsecond=0), "hour", *match.span())
    if match.group("ago"):
        return _ago(match, here)
    day = _day(match, here)
    if day is None or day > here.date():
        return None
    timed = _with_time(day, text, match.end() - (1 if word in ("昨晚", "今早", "今晚", "今晨", "昨夜") else 0), here)
    if timed is not None and timed.at <= here:
        return Moment(timed.at, timed.precision, match.start(), max(timed.end, match.end()))
    return Moment(datetime.combine(day, datetime.min.time(), here.tzinfo), "day", *match.span())


def _ago(match: re.Match[str], here: datetime) -> Moment:
    count, unit = number(match.group("n")), match.group("unit")
    if unit == "天":
        day = (here - timedelta(days=count)).date()
        return Moment(datetime.combine(day, datetime.min.time(), here.tzinfo), "day", *match.span())
    past = timedelta(minutes=count) if unit == "分钟" else timedelta(hours=count)
    return Moment((here - past).replace(second=0, microsecond=0), "minute" if unit == "分钟" else "hour", *match.span())


def _day(match: re.Match[str], here: datetime) -> date | None:
    today = here.date()
    try:
        if match.group("iso"):
            return date(int(match.group("y")), int(match.group("m")), int(match.group("d")))
        if match.group("md"):
            day = date(today.year, number(match.group("m2")), number(match.group("d2")))
            return day if day <= today else day.replace(year=today.year - 1)
        if match.group("dom"):
            day = today.replace(day=int(match.group("d3")))
            return day if day <= today else (day.replace(day=1) - timedelta(days=1)).replace(day=int(match.group("d3")))
    except ValueError:
        return None
    if match.group("week"):
        return _weekday(match.group("which"), _NUMERALS[match.group("wd")], today)
    return today - timedelta(days=_WORD_DAYS.get(match.group("word"), 0))


def _weekday(which: str | None, weekday: int, today: date) -> date:
    monday = today - timedelta(days=today.weekday())
    day = monday + timedelta(days=weekday - 1) - timedelta(weeks={"上上": 2, "上": 1}.get(which or "", 0))
    # 周三 said on a Tuesday means last week's: what is told has happened.
    return day if day <= today or which in ("这", "本") else day - timedelta(weeks=1)


def _with_time(day: date, text: str, position: int, here: datetime) -> Moment | None:
    match = _TIME.match(text, position)
    if match is None or not (match.group("part") or match.group("h")):
        return None
    part = match.group("part")
    if not match.group("h"):
        hour, minute, precision = _PART_HOURS[part], 0, "day"
    else:
        hour = number(match.group("h"))
        minute = 30 if match.group("half") else number(match.group("min")) if match.group("min") else 0
        minute = {"一": 15, "三": 45}[match.group("q")[0]] if match.group("q") else minute
        precision = "minute" if minute or match.group("min") else "hour"
        if (part in _AFTERNOON and hour < 12) or (part == "中午" and hour < 4):  # noqa: PLR2004 -- noon
            hour += 12
    if hour > 23 or minute > 59:  # noqa: PLR2004
        return None
    at = datetime(day.year, day.month, day.day, hour, minute, tzinfo=here.tzinfo)
    return Moment(at, precision, position, match.end())


def number(text: str) -> int:
    """A small number in digits or Chinese numerals; 0 for none."""
    if text.isdigit():
        return int(text)
    if "十" in text:
        tens, _, ones = text.partition("十")
        return (_NUMERALS.get(tens, 1) if tens else 1) * 10 + _NUMERALS.get(ones, 0)
    return _NUMERALS.get(text, 0)
