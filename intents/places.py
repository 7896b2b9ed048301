"""Where: branches and other places that no list holds. Runs on normalised text."""

import re
from collections.abc import Iterator

_BRANCH = re.compile(
    r"(?P<value>[\u4e00-\u9fff]{2,8}?(?:支行|分行|分理处|营业部|营业厅|营业所|储蓄所))|(?P<loose>[\u4e00-\u9fff]{2,6}?)(?:那个|那边的?|附近的?|对过那个|的)?网点"
)
_PLACE = re.compile(
    r"(?:在|于|去|到|位于|地址[:：]?)\s*(?P<value>[\u4e00-\u9fffa-z0-9]{2,14}?(?:路|街|大街|大道|广场|商场|超市|小区|地铁站|车站|机场|医院|学校|大学|大厦|门口|镇|村|县|区|市|城|便利店|菜场|菜市场|加油站|楼下|附近|旁边|对面|高铁站|火车站|公司|步行街))"
)
_NOT_IN_NAMES = frozenset("行管们下向日在去到于和跟从对的了多号点分是就夸赞扬谢把让问找家里给我你他这那个想要说")
_SUFFIX_CHARS = 3  # 营业厅: the part of a branch's name that may hold any character
_MIN_CHARS = 2


def branches(text: str) -> Iterator[tuple[int, int]]:
    """Start and end of every branch named in the normalised *text*."""
    for match in _BRANCH.finditer(text):
        start, end = match.span("value" if match.group("value") else "loose")
        start = _name_start(text, start, end)
        if end - start >= _MIN_CHARS:
            yield start, end


def places(text: str) -> Iterator[tuple[int, int]]:
    """Start and end of every other place."""
    for match in _PLACE.finditer(text):
        start, end = match.span("value")
        start = _name_start(text, start, end)
        if end - start >= _MIN_CHARS:
            yield start, end


def _name_start(text: str, start: int, end: int) -> int:
    """Where the name begins: after the last word before it that no name holds."""
    for place in range(end - _SUFFIX_CHARS - 1, start - 1, -1):
        if text[place] in _NOT_IN_NAMES:
            return place + 1
    return start
