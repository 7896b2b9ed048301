"""On what day of the calendar a holiday lies: some by the sun, some by the moon."""

from datetime import date, timedelta
from functools import lru_cache

NAMES = r"国庆|十一黄金周|元旦|春节|大年初一|年初一|除夕|大年三十|元宵|五一|劳动节|端午|中秋|八月十五|正月十五|七夕|重阳|腊八|清明|三八妇女节|妇女节|六一|儿童节|双十一|双11|(?<!\d)618(?!\d)|情人节|圣诞"

_SOLAR = {
    "国庆": (10, 1),
    "十一黄金周": (10, 1),
    "元旦": (1, 1),
    "五一": (5, 1),
    "劳动节": (5, 1),
    "三八妇女节": (3, 8),
    "妇女节": (3, 8),
    "六一": (6, 1),
    "儿童节": (6, 1),
    "双十一": (11, 11),
    "双11": (11, 11),
    "618": (6, 18),
    "情人节": (2, 14),
    "圣诞": (12, 25),
}
# (lunar month, lunar day, days to add)
_LUNAR = {
    "春节": (1, 1, 0),
    "大年初一": (1, 1, 0),
    "年初一": (1, 1, 0),
    "除夕": (1, 1, -1),
    "大年三十": (1, 1, -1),
    "元宵": (1, 15, 0),
    "端午": (5, 5, 0),
    "中秋": (8, 15, 0),
    "八月十五": (8, 15, 0),
    "正月十五": (1, 15, 0),
    "七夕": (7, 7, 0),
    "重阳": (9, 9, 0),
    "腊八": (12, 8, 0),
}


def last_holiday(name: str, today: date) -> date:
    """The latest day not after *today* on which the holiday *name* (one of ``NAMES``) began."""
    day = _holiday(name, today.year)
    return day if day <= today else _holiday(name, today.year - 1)


@lru_cache(maxsize=64)
def _holiday(name: str, year: int) -> date:
    if name in _SOLAR:
        return date(year, *_SOLAR[name])
    # Loaded when the first such holiday is named: most processes never need it at once.
    from lunar_python import Lunar

    if name == "清明":
        solar = Lunar.fromYmd(year, 3, 1).getJieQiTable()["清明"]
        return date(solar.getYear(), solar.getMonth(), solar.getDay())
    month, day, offset = _LUNAR[name]
    solar = Lunar.fromYmd(year, month, day).getSolar()
    return date(solar.getYear(), solar.getMonth(), solar.getDay()) + timedelta(days=offset)
