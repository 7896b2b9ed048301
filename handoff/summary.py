"""Three lines that tell the matter, in the customer's own words. Pure."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from config.labels import Speaker
from store.model import Message

LINES = 3
LINE_CHARS = 80
LEAST_CHARS = 4
SAME_SHARE = 0.6  # of two characters each: more in common is the same said again
_TOKEN = re.compile(r"\[[^\]]*\]")  # a protected number says nothing about the matter
_END = re.compile(r"(?<=[。！？!?；;\n])")
_WISH = re.compile(r"要求|希望|想要|请你?们|尽快|退[款还钱费]|赔|道歉|说法|解决|处理|恢复|取消|注销|为什么")
_FAULT = re.compile(r"不|没|无法|坏|错|扣|吞|骗|盗|慢|差|丢|少了|多[收扣]|失败|投诉|拒绝|态度")
# Greetings, thanks, yes and no, and what our own buttons say, alone or one after the other. Of two the longer stands first: what
# was matched is not gone back on, so that no text can make it slow.
_COURTESY = (
    r"(?:你|您|大家)们?好[呀啊]?|(?:早上|上午|中午|下午|晚上)好|晚安|哈喽|hello|hi|在(?:吗|不在|么)|有人(?:在吗?|吗)|请问(?:一下)?"
    r"|打扰(?:您|你|一下)?了?|(?:真的?|太|非常|十分|很)?(?:谢谢|多谢|感谢|谢)(?:您|你|大家)?们?"
    r"(?:的?(?:帮助|帮忙|耐心|解答|回复|服务|支持|理解|配合))*[了啦哈]?|thanks?(?: you)?"
    r"|(?:辛苦|麻烦)(?:您|你)?们?[了啦]|不客气|没关系|没问题|没事[了儿]?|再见|拜拜|bye"
    r"|好[的吧嘞呀啊哒滴了]?|行[吧的了]?|可以[的了]?|[嗯哦噢喔]+|是[的啊呀]?|对[的啊呀]?|没错|正确|ok(?:ay)?|yes"
    r"|不是的?|不对|不用了?|不需要了?|不要了?|没有(?:特别要求|了)?|no|收到|明白了?|知道了?|了解了?|清楚了?"
    r"|转?人工(?:客服)?|确认(?:提交)?|跳过|/\w+"
)
_EMPTY = re.compile(rf"(?:(?>{_COURTESY})[\s，,。.、!！?？~～…;；]*+)++", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Sentence:
    place: int
    text: str
    weight: float


def summary(messages: Sequence[Message]) -> list[str]:
    """The customer's most telling sentences, in their order; fewer where there are not as many that say something."""
    sentences = list(_sentences(messages))
    chosen: list[_Sentence] = []
    for sentence in sorted(sentences, key=lambda item: (-item.weight, item.place)):
        if len(chosen) == LINES:
            break
        if all(_shared(sentence.text, other.text) < SAME_SHARE for other in chosen):
            chosen.append(sentence)
    return [_line(item.text) for item in sorted(chosen, key=lambda item: item.place)]


def _sentences(messages: Sequence[Message]) -> Iterator[_Sentence]:
    place = 0
    for message in messages:
        if message.speaker is not Speaker.CUSTOMER:
            continue
        for part in _END.split(message.text):
            text = " ".join(part.split())
            if len(_TOKEN.sub("", text).strip()) >= LEAST_CHARS and not _EMPTY.fullmatch(text):
                yield _Sentence(place, text, _weight(text, message, is_first=place == 0))
                place += 1


def _weight(text: str, message: Message, *, is_first: bool) -> float:
    understood = message.understanding or {}
    named = sum(item["text"] in text for item in understood.get("entities", ()))
    return (
        1.5 * is_first
        + min(named, 3)
        + 2 * bool(_WISH.search(text))
        + bool(_FAULT.search(text))
        + bool(understood.get("urgent"))
        + min(len(text), LINE_CHARS) / LINE_CHARS
    )


def _shared(one: str, other: str) -> float:
    pairs, others = _pairs(one), _pairs(other)
    return len(pairs & others) / max(min(len(pairs), len(others)), 1)


def _pairs(text: str) -> set[str]:
    return {text[n : n + 2] for n in range(len(text) - 1)}


def _line(text: str) -> str:
    return text if len(text) <= LINE_CHARS else text[: LINE_CHARS - 1] + "…"
