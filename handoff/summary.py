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
_EMPTY = re.compile(
    r"^(?:你好|您好|在吗|谢谢?|好的?|嗯+|哦+|是的?|对的?|转?人工(?:客服)?|有人吗|确认(?:提交)?|跳过|没有(?:特别要求)?|/\w+)"
    r"[。!！?？~～\s]*$"
)


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
            if len(_TOKEN.sub("", text).strip()) >= LEAST_CHARS and not _EMPTY.match(text):
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
