"""Sums of money as people say them, in yuan, and where they stand: 1.2万, 十五块五, 两三百, ¥3,000.00. Runs on normalised text."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from intents.sieve import Sieve
from intents.spans import Spans

_CN = "零〇一二两俩三四五六七八九十百千万亿壹贰叁肆伍陆柒捌玖拾佰仟"
# Where a number begins; the patterns for numbers are tried there and nowhere else.
_NUMBER = re.compile(rf"[\d{_CN}]+")
_DIGIT = "一二两三四五六七八九"
_SCALES = {"万": 10_000, "w": 10_000, "k": 1_000, "千": 1_000, "百": 100, "亿": 100_000_000}
# What is counted after a number when it is no money, and money that is not ours.
_COUNTED = r"[年月日号点天个次笔分小张位人名家公里米度股倍户岁届成%页斤克遍回种条轮环期折句台届]|多[人个次年天公里倍家名位]|美元|美金|欧元?|英镑|港币|日元|刀|积分|(?:来|多)?[个人次天]|开头|打头|分之|客服"
_UNIT = r"元钱?|块钱?|圆|毛钱?|角|分钱|rmb|人民币|大洋"
# With a unit: 300元, 一万二千块, 3千多块, 十五块五.
_WITH_UNIT = (
    rf"(?<![.])(?P<number>\d{{1,3}}(?:,\d{{3}}){{1,3}}(?:\.\d{{1,2}})?|\d{{1,10}}(?:\.\d{{1,2}})?|[{_CN}]{{1,12}}(?:点[{_CN}]{{1,4}})?)\s*(?P<scale>万|w|k|千|百|亿)?(?P<odd>[一二三四五六七八九\d](?![\d{_CN}]))?\s*(?P<roughly>多|来|余)?\s*(?P<unit>{_UNIT})"
    rf"(?:零?(?P<rest>[一二三四五六七八九\d])(?![\d.笔次张元块年月日号点天个])(?:毛|角)?)?"
)
# 21,300.5 is a sum even when nothing says so.
_GROUPED = r"(?<![.,])(?P<number>\d{1,3}(?:,\d{3})+(?:\.\d{1,2})?)(?![\d,])"
_SIGNED = r"[¥￥]\s*(?P<number>\d{1,3}(?:,\d{3}){1,3}(?:\.\d{1,2})?|\d{1,10}(?:\.\d{1,2})?)(?P<scale>万|w|k)?"
_SCALED = rf"(?<![.])(?P<number>\d{{1,8}}(?:\.\d{{1,3}})?|[{_CN}]{{1,6}}(?=万))\s*(?P<scale>万|w|k)(?P<odd>[一二三四五六七八九\d](?![千百十\d]))?(?![a-z0-9年月日号点天个次人户零一二三四五六七八九])"
# 30多万, 三千来块: above the number by somewhat.
_MANY = rf"(?<![.])(?P<number>\d{{1,5}}|[{_CN}]{{1,4}})(?:多|来|余)(?P<scale>百|千|万|亿)(?:{_UNIT})?(?![\d{_CN}]|{_COUNTED})"
# 两三百, 七八千块: the lower end is certain.
_BETWEEN = rf"(?<![.第])(?P<low>[{_DIGIT}])(?P<high>[{_DIGIT}])(?P<unit>百|千|万)(?P<scale>万)?(?:多|来)?(?:{_UNIT})?(?![\d{_CN}]|{_COUNTED})"
_TENS = rf"(?<![.第])(?P<low>[{_DIGIT}])(?P<high>[{_DIGIT}])十(?:来|多)?(?P<unit>块钱?|元钱?)"
_NAMED = rf"(?:金额|数额|钱数|总额|一共|总共|共计|合计)(?:是|为|应该|改成|改为|[:：]|大概|大约|差不多|\s)*(?P<number>\d{{1,10}}(?:\.\d{{1,2}})?|[{_CN}]{{1,10}})(?![\d{_CN}]|{_COUNTED})"
_VERBED = (
    r"(?:扣|转|取|存|充|付|刷|花|汇|少|损失|被骗|退|还|收|借|贷|欠|打|亏|放|交|罚|赔)(?:了|走|掉|出|款|进去|到|成)*(?:我|你)?(?:了)?\s*"
    rf"(?P<number>\d{{2,9}}(?:\.\d+)?|[一二两三四五六七八九]?十[一二三四五六七八九]?)(?![\d{_CN}x*]|{_COUNTED})"  # 打95xxx is a hotline
)
# 八百八, 一千二百八, 六千五: large enough to be money when nothing else is counted with them.
_SPOKEN = rf"(?<![.第])(?P<number>(?=[{_CN}]{{0,3}}[百千万])[一二两俩三四五六七八九十][{_CN}]{{1,11}})(?:多|来|出头)?(?![\d{_CN}点]|{_COUNTED})"
# 从500调高, 房租3200, 只来了2186.5
_OF_MONEY = (
    rf"(?:限额|额度|从|调到|提到|降到|降成|房租|工资|本金|余额|还剩|只剩|剩下?|只有|差了?|付款|缴费|充值|转账|份额|年费|手续费|管理费|短信费|利息|违约金|滞纳金|月费|会员费|来了|出来|出了|吐了|吐出来?|收到|到账|多扣|只给了?|卡里有?)\s*"
    rf"(?P<number>\d{{2,9}}(?:\.\d{{1,2}})?)(?![\d{_CN}:：]|\s*(?:{_COUNTED})|开始)"
)
# 2000变1900, 4300的额度, 86.4一笔
_IN_PLACE = r"(?<![.第])(?:(?P<changed>\d{3,8})(?=变|的(?:额度|限额|账|工资|退款|钱))|(?<=变)(?P<into>\d{3,8})(?!\d)|(?P<cents>\d{1,6}\.\d{1,2})(?=又?一[笔克]))"
_BARE = re.compile(rf"(?<![\d.])(?P<number>\d{{1,10}}(?:\.\d{{1,2}})?|[{_CN}]{{1,10}})(?![\d.]|[年月日号点天])")
_ABOUT_BEFORE = re.compile(r"(?:大概|大约|差不多|将近|接近|快|约|好几?|近)\s*$")
_ABOUT_AFTER = re.compile(r"(?:多|来|左右|上下|出头)")
_NEAR = 5


@dataclass(frozen=True, slots=True)
class Amount:
    """A sum and its place; ``is_about`` when it was not meant to the yuan, ``upto`` the upper end of 两三百."""

    yuan: float
    start: int
    end: int
    is_about: bool = False
    upto: float | None = None


def amounts(text: str, *, expected: bool = False) -> Iterator[Amount]:
    """The sums in the normalised *text*; with *expected*, somebody asked for one, and a bare number is one."""
    passing = SUMS.passing(text)
    if not passing and not expected:
        return
    begins = [match.start() for match in _NUMBER.finditer(text)]
    taken, is_any = Spans(len(text)), False
    for match, group, value_of in _candidates(text, passing, begins):
        start, end = match.span(group)
        value = value_of(match)
        if value is not None and taken.take(start, end):
            is_any = True
            yield _amount(text, start, end, value)
    if expected and not is_any and (bare := _BARE.search(text)):
        value = number_of(bare.group("number"))
        if value is not None:
            yield Amount(value, *bare.span("number"))


def _candidates(text: str, passing: Iterable[int], begins: list[int]) -> Iterator[tuple[re.Match[str], Any, Any]]:
    for number in passing:
        pattern, (_, is_at_number, group, value_of) = SUMS.pattern(number), _FORMS[number]
        matches = (pattern.match(text, begin) for begin in begins) if is_at_number else pattern.finditer(text)
        for match in matches:
            if match:
                yield match, group, value_of


def _amount(text: str, start: int, end: int, value: float | tuple[float, float]) -> Amount:
    if isinstance(value, tuple):
        return Amount(value[0], start, end, is_about=True, upto=value[1])
    said = text[start : end + 2]  # 三千左右: two more characters tell
    is_about = bool(_ABOUT_BEFORE.search(text[max(0, start - _NEAR) : start]) or _ABOUT_AFTER.search(said))
    return Amount(value, start, end, is_about=is_about)


def _with_unit(match: re.Match[str]) -> float | None:
    value = number_of(match.group("number"))
    if value is None:
        return None
    scale = _SCALES.get(match.group("scale") or "", 1)
    value *= scale
    if match.group("odd"):
        value += (number_of(match.group("odd")) or 0) * scale / 10
    if match.group("unit") == "分钱":
        return round(value / 100, 2)
    if match.group("unit")[0] in "毛角":
        return round(value / 10 + (number_of(match.group("rest") or "0") or 0) / 100, 2)
    if match.group("rest"):
        value += (number_of(match.group("rest")) or 0) / 10
    return round(value, 2)


def _signed(match: re.Match[str]) -> float:
    return round(float(match.group("number").replace(",", "")) * _SCALES.get(match.group("scale") or "", 1), 2)


def _scaled(match: re.Match[str]) -> float | None:
    value, scale = number_of(match.group("number")), _SCALES[match.group("scale")]
    return None if value is None else round(value * scale + (number_of(match.group("odd") or "0") or 0) * scale / 10, 2)


def _many(match: re.Match[str]) -> float | None:
    value = number_of(match.group("number"))
    return None if value is None else value * _SCALES[match.group("scale")]


def _between(match: re.Match[str]) -> tuple[float, float] | None:
    low, high = number_of(match.group("low")), number_of(match.group("high"))
    if low is None or high != low + 1:
        return None
    scale = _SCALES[match.group("unit")] * (10_000 if match.groupdict().get("scale") else 1)
    return low * scale, high * scale


def _tens(match: re.Match[str]) -> tuple[float, float] | None:
    low, high = number_of(match.group("low")), number_of(match.group("high"))
    return (low * 10, high * 10) if low is not None and high == low + 1 else None


def _number(match: re.Match[str]) -> float | None:
    return number_of(match.group("number"))


def _in_place(match: re.Match[str]) -> float | None:
    return number_of(next(value for value in match.groups() if value))


_AT_NUMBER, _ANYWHERE = True, False  # where a form begins
# In order of trust: what an earlier one took is no longer there for a later one.
_FORMS: tuple[tuple[str, bool, str | int, Callable[[re.Match[str]], float | tuple[float, float] | None]], ...] = (
    (_BETWEEN, _AT_NUMBER, 0, _between),
    (_TENS, _AT_NUMBER, 0, _tens),
    (_MANY, _AT_NUMBER, 0, _many),
    (_WITH_UNIT, _AT_NUMBER, 0, _with_unit),
    (_GROUPED, _AT_NUMBER, "number", _number),
    (_SCALED, _AT_NUMBER, 0, _scaled),
    (_SIGNED, _ANYWHERE, 0, _signed),
    (_NAMED, _ANYWHERE, "number", _number),
    (_VERBED, _ANYWHERE, "number", _number),
    (_SPOKEN, _AT_NUMBER, "number", _number),
    (_IN_PLACE, _AT_NUMBER, 0, _in_place),
    (_OF_MONEY, _ANYWHERE, "number", _number),
)
SUMS = Sieve(pattern for pattern, *_ in _FORMS)
_SHORT = re.compile(r"(?P<whole>.*(?P<unit>[百千万]))(?P<odd>[一二三四五六七八九])")
_TENTH = {"百": 10, "千": 100, "万": 1000}


@lru_cache(maxsize=512)
def number_of(text: str) -> float | None:
    """The number in digits or Chinese numerals, None for none. 八百八 is 880, 六千二百五 is 6250."""
    text = text.replace(",", "").replace("俩", "二").replace("两", "二").replace("〇", "零")
    try:
        return float(text)
    except ValueError:
        pass
    # Loaded with the first such number: it takes longer than all the rest of this package.
    import cn2an

    spoken = _SHORT.fullmatch(text)
    try:
        if spoken:
            odd = float(cn2an.cn2an(spoken.group("odd"), "smart")) * _TENTH[spoken.group("unit")]
            return float(cn2an.cn2an(spoken.group("whole"), "smart")) + odd
        return float(cn2an.cn2an(text, "smart"))
    except (ValueError, KeyError, IndexError):
        return None
