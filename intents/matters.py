"""Finds where a message turns from one matter to the next: 另外, 还有, 第二. Whether what follows is a matter, the model says."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import pairwise

from config.labels import Kind, Product
from intents.sieve import Sieve
from intents.understanding import Matter

MAX_PARTS = 6
_MIN_HAN = 5  # less tells no matter
_HAN = re.compile(r"[\u4e00-\u9fff]")
_TURNS = (
    r"(?:^|(?<=[，,。！!？?；;、\n\s…~～]))(?:"
    r"另外(?!一[张个笔]卡里)|另有|另一?(?:个|件|方面)|还有(?:就是|一[个件点]|个事|件事|啊|你们|那个|一?个问题|[，,、:：])?(?!人|没|多少|几|一[次张笔]|谁|脸|必要|什么(?:用|意思)|\d)|再(?:就是|有|者|一个)(?!人|没)|其次|除此之外|此外|与此同时|"
    r"[二三四五]是|第[二三四五](?:个|件|点)?(?:问题|事)?[，,、:：是]|[2-5二三四五][、.．)）:：](?!\d)|顺便(?:再)?(?:说|问|提|反映|建议|投诉|表扬)|对了(?=[，,、\s])|同时(?=你们|我|也|希望|建议)|"
    r"(?:也|还)(?:要|想)(?:反映|说|投诉|建议|表扬|问)|最后(?=再|说|问|建议|[，,]))"
)
_SIEVE = Sieve((_TURNS,))
# Said of the matter before, not of another one.
_SAME = re.compile(
    r"^(?:另外|还有|同时|此外|对了|再就是|最后)?[，,]?(?:我的?)?(?:电话|手机|卡号|尾号|身份证|姓名|联系方式|尽快|请(?:尽快|回|给)|希望(?:尽快|你们尽快)|麻烦|他|她|它|这|那天|当时|之前|而且|谢谢)"
)


def parts(text: str) -> list[tuple[int, int]]:
    """Start and end of what may be matters of their own in the normalised *text*, in order; a single one for most messages."""
    begins = [match.start() for match in _SIEVE.finditer(text)]
    if begins and (listed := _LIST_OF_DEMANDS.search(text)):
        begins = [place for place in begins if place < listed.start() or not _COUNTED.match(text, place)]
    if not begins:
        return [(0, len(text))]
    bounds = [*begins[: MAX_PARTS - 1], len(text)]
    found = [(0, bounds[0])]
    for start, end in pairwise(bounds):
        if _says_enough(text, *found[-1]) and _says_enough(text, start, end) and not _SAME.match(text[start:end]):
            found.append((start, end))
        else:
            found[-1] = (found[-1][0], end)
    return found


def _says_enough(text: str, start: int, end: int) -> bool:
    return len(_HAN.findall(text, start, end)) >= _MIN_HAN


# The order in which a bank would take them on.
ORDER = {Kind.URGENT_REPORT: 0, Kind.COMPLAINT: 1, Kind.SUGGESTION: 3, Kind.ENQUIRY: 2, Kind.PRAISE: 4}
_FEEDBACK = frozenset(ORDER)
# 要求：一、退款；二、道歉 lists what is wanted, not matters.
_LIST_OF_DEMANDS = re.compile(r"(?:诉求|要求|请求|希望|恳请)[^。！？!?]{0,6}?[一1][、.．)）:：是]")
_LISTED_DEMANDS = re.compile(r"(?:诉求|要求|请求)(?:如下|有[二两三四]|[:：是])")
_COUNTED = re.compile(r"[二三四五]是|第[二三四五]|[2-5二三四五][、.．)）:：]")
_LEAST_KIND, _LEAST_PRODUCT = 0.4, 0.4
_LEAST_ENQUIRY = 0.6  # a question beside a complaint is most often part of it


@dataclass(frozen=True, slots=True)
class Judged:
    """What the model says of one part of a message."""

    kind: Kind
    kind_confidence: float
    product: Product
    product_confidence: float
    urgent_reasons: tuple[str, ...]


def several(text: str, judge: Callable[[str], Judged]) -> tuple[Matter, ...]:
    """The matters of the normalised *text*, the main one first, each as *judge* sees it; empty when there is only one."""
    spans = parts(text)
    if len(spans) == 1:
        return ()
    found: list[Matter] = []
    for start, end in spans:
        judged = _told(judge(_SIEVE.pattern(0).sub("", text[start:end], count=1)))
        is_counted = bool(_COUNTED.match(text, start)) and not _LISTED_DEMANDS.search(text)
        if found and not (_is_matter(judged, is_counted=is_counted) and _is_another(judged, found)):
            found[-1] = replace(found[-1], end=end)
        elif found or (judged.kind in _FEEDBACK and judged.kind is not Kind.ENQUIRY):
            found.append(Matter(start, end, judged.kind, judged.product, judged.urgent_reasons))
        else:
            return ()
    if len(found) == 1:
        return ()
    return tuple(sorted(found, key=lambda item: (not item.urgent, ORDER[item.kind], item.start)))


def _told(judged: Judged) -> Judged:
    """A bare fact about a product, 年费收错了, is told as a complaint when it stands among others."""
    if judged.kind is Kind.OTHER and judged.product is not Product.OTHER and judged.product_confidence >= _LEAST_PRODUCT:
        return replace(judged, kind=Kind.COMPLAINT)
    return judged


def _is_matter(judged: Judged, *, is_counted: bool) -> bool:
    """*is_counted*: the customer numbered it, so it is one even when its product is not clear."""
    least = _LEAST_ENQUIRY if judged.kind is Kind.ENQUIRY else _LEAST_KIND
    has_product = judged.product is not Product.OTHER and judged.product_confidence >= _LEAST_PRODUCT
    return judged.kind in _FEEDBACK and judged.kind_confidence >= least and (has_product or is_counted)


def _is_another(judged: Judged, found: list[Matter]) -> bool:
    """A thing of another product, or of another kind than what was said of the same product."""
    return all(judged.product is not item.product or _family(judged.kind) is not _family(item.kind) for item in found)


def _family(kind: Kind) -> Kind:
    return Kind.COMPLAINT if kind is Kind.URGENT_REPORT else kind
