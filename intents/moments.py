"""Finds when something happened: dates and times relative to now in Asia/Shanghai, never in the future."""

import re
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from config.clock import in_shanghai
from intents.holidays import NAMES as HOLIDAYS
from intents.holidays import last_holiday
from intents.normalise import normalise
from intents.sieve import Sieve

_NUMERALS = {char: value for value, char in enumerate("零一二三四五六七八九")} | {"两": 2, "日": 7, "天": 7, "〇": 0}
_N = r"(?:\d{1,2}|[一二两三四五六七八九]?十[一二三四五六七八九]?|[一二两三四五六七八九])"
_DOTTED_DAY = r"(?=[号日晚早上下中凌我在去办扣转刷取存至]|那天|当天)"
# Looked at first: a day begins with one of these, and most characters are none of them.
_BEGINS = r"(?=[\d一二两三四五六七八九十半今去前昨大刚方头上这本当月个年周星礼国元春除劳端中正重腊清妇儿双情圣啱琴寻])"
_DAY = (
    rf"{_BEGINS}(?:(?P<iso>(?P<y>20\d\d)[-/.年](?P<m>\d{{1,2}})[-/.月](?P<d>\d{{1,2}})[日号]?)|"
    rf"(?P<compact>(?<!\d)(?P<y2>20\d\d)(?P<m6>0[1-9]|1[0-2])(?P<d6>[0-2]\d|3[01])(?!\d))|"
    rf"(?P<md>(?<!明年)(?<!后年)(?P<year>今年|去年|前年)?(?P<m2>{_N})月(?:份)?的?(?P<d2>{_N})(?:[日号]|(?!\d))(?!\s*(?:到|至|-|~)\s*\d{{1,2}}[号日月]))|"
    rf"(?P<lunar>(?<!明年)(?P<lunar_year>今年|去年|前年)?(?P<holiday>{HOLIDAYS})(?:节|假期)?(?:第(?P<nth>[一二三四五六七])天)?(?:那天|当天|第一天)?(?![后以之路街村号亏]))|"
    rf"(?P<of_month>(?P<month>上上个?月|上个?月|这个?月|本月|当月)(?:的|份)?(?P<d4>{_N})[号日])|"
    r"(?P<edge>(?<!下)(?<!下个)(?<!每)(?<!每个)(?<!明年)(?<!个)(?P<edge_month>上上个?|上个?|这个?|本)?月(?P<edge_at>初(?![一二三四五六七八九十])|中旬?|底|末)|(?:(?P<edge_year>今|去|前)年?)?年(?P<year_at>初|底|末))|"
    r"(?P<word>大前[天儿](?:个|儿)?|前[天儿](?:个|儿)?|昨[天日儿](?:个|儿)?|昨晚|昨夜|(?<!到)(?<!至)今[天日儿](?:个|儿)?(?!第|还没|才|一问|一查|起|必须|就要|之内|能不能|周|星期|礼拜|给我|再不)|今早|今晚|今晨|刚才|刚刚|刚(?=[在被转扣取存收接发给从去到打点付刷买才])|前两天|前几天|头两天|方才|啱啱|头先|[琴寻]日|今朝)|"
    r"(?P<lunar_day>(?<!明年)(?:正月|大年|年)初(?P<lunar_d>[一二三四五六七八九十]))|"
    r"(?P<week>(?<!下)(?<!下个)(?<!每)(?<!每个)(?P<which>上上|上|这|本)?个?(?:周|星期|礼拜)(?P<wd>[一二三四五六日天])(?!之?前|以前|就去|之内))|"
    rf"(?P<ago>(?P<n>半|{_N})(?P<unit>个?半(?:小时|钟头)|天|个?多?(?:小时|钟头)|分钟|个?(?:星期|礼拜)|周)(?:之?前|以前))|"
    rf"(?P<dom>(?<![\d月])(?<!每月)(?<!一直是)(?<!都是)(?<!到)(?<!至)(?P<d3>\d{{1,2}}|二?十[一二三四五六七八九]?|三十一?)[号](?![线店楼窗柜机]))|"
    rf"(?P<dot>(?<![\d.v到化率成是涨降])(?P<m5>1[0-2]|0?[1-9])[./](?P<d5>3[01]|[12]\d|0?[1-9])(?![\d.%]){_DOTTED_DAY}[号日]?))"
)
_PART = r"(?P<part>凌晨|清晨|大?清早|一大?早|早上|早晨|上午|晌午|中午|下午|傍晚|晚上|夜里|半夜|深夜|早|晚|夜)?"
_TIME = re.compile(
    rf"(?:的|那天|当天|，|,|\s)*{_PART}\s*(?:大概|大约|差不多|约)?(?:(?P<h>零|{_N})(?:点钟?|时|[:：])(?:(?P<half>半)|(?P<q>[一三]刻)|(?:过|零|〇)?(?P<min>\d{{1,2}}|{_N})分?)?(?:多|左右|来钟)?)?"
)
_AFTERNOON = frozenset({"下午", "傍晚", "晚上", "夜里", "深夜", "晚", "夜"})
_NIGHT = frozenset({"晚上", "夜里", "半夜", "深夜", "晚", "夜"})
_PART_HOURS = {
    "凌晨": 3,
    "清晨": 6,
    "早上": 8,
    "早晨": 8,
    "清早": 7,
    "大清早": 7,
    "一早": 7,
    "一大早": 7,
    "晌午": 12,
    "早": 8,
    "上午": 10,
    "中午": 12,
    "下午": 15,
    "傍晚": 18,
    "晚上": 20,
    "晚": 20,
    "夜": 22,
    "夜里": 22,
    "深夜": 23,
    "半夜": 0,
}
_VAGUE = re.compile(
    r"(?:上上|上)(?:个)?(?:月|周|星期|礼拜)(?![一二三四五六日天投])|(?:去年|前年|今年)(?:[一二三四五六七八九十\d]{1,3}月(?:份|初|底)?|春天|夏天|秋天|冬天|年初|年底|上半年|下半年|的时候)?|(?<![\d第])[一二三四五六七八九十\d]{1,3}月份|(?:上|下)半年|"
    r"(?:半|[一二两三四五六七八九十几\d]{1,3})(?:个)?(?:多)?(?:月|年|星期|礼拜|周)(?:多)?(?:之?前|以前)|前(?:阵子|段时间|一阵|些天|些日子|段日子|几个月)|最近(?:几天|一周|这阵子|一段时间|半个月|一个月)?|这(?:几天|两天|阵子|段时间|个月|周)|好几天了|天天|每天"
)
# A time without a day is today's, unless it is one to come.
_ALONE = rf"(?=[凌清大一早上晌中下傍晚夜半深\d零二两三四五六七八九十])(?<![明后][天日儿])(?<!明)(?:{_PART})(?P<h>零|{_N})(?:点(?!.{{0,4}}(?:以后|之后|再|前))|时(?!候)|[:：]\d{{2}})"
_PART_ALONE = r"(?:^|[，,。！!；;\s])(?P<part>凌晨|清早|大清早|一大早|早上|上午|中午|晌午)(?!.{0,6}(?:以后|之后|再|营业|上班|关门|开门|都|总|就))"
_DAYS, _TIMES, _PARTS = MOMENTS = Sieve((_DAY,)), Sieve((_ALONE,)), Sieve((_PART_ALONE,))
_WORD_DAYS = (("大前", 3), ("前两天", 2), ("前几天", 3), ("前", 2), ("昨", 1), ("琴", 1), ("寻", 1))
_MONTHS_BACK = {"上上": 2, "上": 1}
_YEARS_BACK = {"去年": 1, "前年": 2}
_TO_COME = re.compile(r"[早上下晚]?[上午]?(?:必须|之?前|以前|能|可以|开门|营业|上班|有人|给不给|要是|再不)")
_WITH_PART = frozenset({"昨晚", "今早", "今晚", "今晨", "昨夜"})
_JUST_NOW = frozenset({"刚才", "刚刚", "刚", "方才", "啱啱", "头先"})


@dataclass(frozen=True, slots=True)
class Moment:
    """When, how exactly (day, hour, minute), and where in the text."""

    at: datetime
    precision: str
    start: int
    end: int


def moments(text: str, now: datetime) -> Iterator[Moment]:
    """The moments that the normalised *text* names, in order."""
    days, times, parts = _DAYS.finditer(text), _TIMES.finditer(text), _PARTS.finditer(text)
    if not (days or times or parts):
        return  # most messages name none
    here = in_shanghai(now)
    last_end = 0
    for match in days:
        # 2月14日情人节那天 is one day.
        if match.start() < last_end or (last_end and match.start() == last_end and match.group("lunar")):
            continue
        found = _moment(text, match, here)
        if found is not None:
            last_end = found.end
            yield found
    if last_end == 0:
        alone = next(iter(times), None)
        if alone and alone.group("part"):
            at = _with_time(here.date(), text, alone.start(), here)
            if at is not None and at.at <= here:
                yield at
        elif part := next(iter(parts), None):
            yield Moment(datetime.combine(here.date(), datetime.min.time(), here.tzinfo), "day", *part.span("part"))


def vague_time(text: str) -> str | None:
    """A time in *text* that names no day, in its own words: 上个月, 去年夏天, 一个多月前."""
    match = _VAGUE.search(normalise(text))
    return text[match.start() : match.end()] if match else None


def _moment(text: str, match: re.Match[str], here: datetime) -> Moment | None:
    word = match.group("word")
    if word in _JUST_NOW:
        timed = _with_time(here.date(), text, match.end(), here)
        if timed is not None and timed.precision != "day" and timed.at <= here:
            return Moment(timed.at, timed.precision, match.start(), timed.end)
        return Moment(here.replace(second=0, microsecond=0), "hour", *match.span())
    if match.group("ago"):
        return _ago(match, here)
    day = _day(match, here)
    if day is None or day > here.date() or (match.group("week") and _TO_COME.match(text, match.end())):
        return None
    timed = _with_time(day, text, match.end() - (1 if word in _WITH_PART else 0), here)
    if timed is not None and _is_past_midnight(timed, text, word):
        later = replace(timed, at=timed.at.replace(hour=timed.at.hour % 12) + timedelta(days=1))
        timed = later if later.at <= here else timed
    if timed is not None and timed.at <= here:
        return Moment(timed.at, timed.precision, match.start(), max(timed.end, match.end()))
    return Moment(datetime.combine(day, datetime.min.time(), here.tzinfo), "day", *match.span())


def _is_past_midnight(timed: Moment, text: str, word: str | None) -> bool:
    """昨夜一点, 昨天半夜十二点: the small hours of a night belong to the day after it began."""
    said = text[timed.start : timed.end]
    if timed.precision == "day" or not any(part in said for part in _NIGHT):
        return False
    at_twelve = timed.at.hour in (0, 12)
    return at_twelve or (word in ("昨晚", "昨夜") and timed.at.hour < 6)  # noqa: PLR2004 -- before dawn


def _ago(match: re.Match[str], here: datetime) -> Moment:
    unit = match.group("unit")
    count = 0.5 if match.group("n") == "半" else float(number(match.group("n")))
    if unit == "天" or unit.endswith(("周", "星期", "礼拜")):
        day = (here - timedelta(days=count if unit == "天" else 7 * count)).date()
        return Moment(datetime.combine(day, datetime.min.time(), here.tzinfo), "day", *match.span())
    past = timedelta(minutes=count) if unit == "分钟" else timedelta(hours=count)
    if unit.endswith(("半小时", "半钟头")):
        past += timedelta(minutes=30)
    is_exact = unit == "分钟" or match.group("n") == "半"
    return Moment((here - past).replace(second=0, microsecond=0), "minute" if is_exact else "hour", *match.span())


def _day(match: re.Match[str], here: datetime) -> date | None:
    today = here.date()
    try:
        return _dated(match, today)
    except ValueError:  # 2月30号
        return None


def _dated(match: re.Match[str], today: date) -> date:
    """The day that *match* names. Raises ``ValueError`` when there is no such day."""
    if match.group("compact"):
        return date(int(match.group("y2")), int(match.group("m6")), int(match.group("d6")))
    if match.group("iso"):
        return date(int(match.group("y")), int(match.group("m")), int(match.group("d")))
    if match.group("md"):
        return _in_year(match.group("year"), number(match.group("m2")), number(match.group("d2")), today)
    if match.group("dot"):
        return _in_year(None, int(match.group("m5")), int(match.group("d5")), today)
    if match.group("lunar"):
        year = match.group("lunar_year")
        latest = date(today.year - _YEARS_BACK[year], 12, 31) if year in _YEARS_BACK else today
        return last_holiday(match.group("holiday"), latest) + timedelta(days=number(match.group("nth") or "一") - 1)
    if match.group("lunar_day"):
        return last_holiday("春节", today) + timedelta(days=number(match.group("lunar_d")) - 1)
    if match.group("of_month"):
        first = _first_of_month(today, match.group("month"))
        return first.replace(day=number(match.group("d4")))
    if match.group("edge"):
        return _edge(match, today)
    if match.group("dom"):
        wanted = number(match.group("d3"))
        day = today.replace(day=wanted)
        return day if day <= today else (day.replace(day=1) - timedelta(days=1)).replace(day=wanted)
    if match.group("week"):
        return _weekday(match.group("which"), _NUMERALS[match.group("wd")], today)
    word = match.group("word")
    return today - timedelta(days=next((days for begin, days in _WORD_DAYS if word.startswith(begin)), 0))


def _in_year(year: str | None, month: int, day: int, today: date) -> date:
    """*month* and *day* of the year named, or of the latest year in which it is past."""
    if year is not None:
        return date(today.year - _YEARS_BACK.get(year, 0), month, day)
    named = date(today.year, month, day)
    return named if named <= today else named.replace(year=today.year - 1)


def _first_of_month(today: date, which: str) -> date:
    first = today.replace(day=1)
    for _ in range(next((back for begin, back in _MONTHS_BACK.items() if which.startswith(begin)), 0)):
        first = (first - timedelta(days=1)).replace(day=1)
    return first


def _edge(match: re.Match[str], today: date) -> date:
    """月初, 上月底, 去年年底: the first, the fifteenth or the last day of a month, the first or last of a year."""
    if match.group("year_at"):
        year = today.year - _YEARS_BACK.get(f"{match.group('edge_year')}年", 0)
        return date(year, 1, 1) if match.group("year_at") == "初" else date(year, 12, 31)
    where, which = match.group("edge_at"), match.group("edge_month")
    first = _first_of_month(today, which or "")
    day = _in_month(first, where)
    # Said without a month, it is the latest one that is past.
    return _in_month(_first_of_month(today, "上"), where) if day > today and which is None else day


def _in_month(first: date, where: str) -> date:
    if where == "初":
        return first
    return first.replace(day=15) if where.startswith("中") else first.replace(day=monthrange(first.year, first.month)[1])


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
        is_small_hours = part in _NIGHT and hour < 6  # noqa: PLR2004 -- 夜里一点 is after midnight
        if (part in _AFTERNOON and hour < 12 and not is_small_hours) or (part == "中午" and hour < 4):  # noqa: PLR2004 -- noon
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
