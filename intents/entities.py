"""Slot values in a text, with units and where they stand. Runs on normalised text, whose positions are the original's."""

import re
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from config.clock import in_shanghai
from intents.amounts import amounts
from intents.business import business
from intents.demands import demands, reply_wishes
from intents.lexicon import Lexicon
from intents.moments import moments
from intents.names import praised, staff
from intents.places import branches, places
from intents.spans import Spans
from intents.understanding import Entity, Redacted

_CARD_TAIL = re.compile(
    r"(?:尾号|尾数|后四位|末四位|末尾)(?:记得|好像|应该|大概)?(?:是|为|[:：])?\s*(?P<value>(?:[\d零〇一幺二三四五六七八九]\s?){3}[\d零〇一幺二三四五六七八九])(?![\d零〇一二三四五六七八九])"
)
_CN_DIGITS = str.maketrans("零〇一幺二三四五六七八九", "001123456789", " ")
_TICKET = re.compile(r"fb\d{14}[0-9a-z]")
_SPANS: tuple[tuple[str, Callable[[str], Iterator[tuple[int, int]]]], ...] = (
    ("branch", branches),
    ("place", places),
    ("staff_name", staff),
)


def entities(
    redacted: Redacted, text: str, now: datetime, lexicon: Lexicon, *, expecting: str | None = None, is_praise: bool = False
) -> tuple[Entity, ...]:
    """Every slot value in *text* (the normalised text of *redacted*), in order of place.

    *expecting* names the slot that was asked for; *is_praise* says that the model takes the message for praise.
    """
    whole, text = text, without_tokens(text, redacted)
    found = [
        *_protected(redacted),
        *_amounts(text, redacted.text, expecting),
        *_moments(text, redacted.text, now),
        *_numbers(text, redacted.text),
        *_named(text, redacted.text, lexicon),
        *_spans(text, redacted.text),
        *_praised(text, redacted.text, is_praise=is_praise),
        *_wanted(whole, redacted.text),
    ]
    return tuple(sorted(_once(found, len(redacted.text)), key=lambda item: (item.start, item.end)))


def without_tokens(text: str, redacted: Redacted) -> str:
    """*text* with blanks where tokens stand: 尾号5678 inside a token is no card's ending."""
    parts, last = [], 0
    for item in redacted.found:
        parts += [text[last : item.start], " " * (item.end - item.start)]
        last = item.end
    return "".join((*parts, text[last:]))[: len(text)]


def _once(found: list[Entity], length: int) -> Iterator[Entity]:
    """Each stretch of text once a slot: what comes first knows better than what overlaps it later."""
    taken: dict[str, Spans] = {}
    for item in found:
        if item.entity not in taken:
            taken[item.entity] = Spans(length)
        if taken[item.entity].take(item.start, item.end):
            yield item


def _protected(redacted: Redacted) -> Iterator[Entity]:
    for item in redacted.found:
        if item.kind == "phone":
            yield Entity("phone", item.start, item.end, item.original, item.token, "redact")
        elif item.kind == "card":
            yield Entity("card_tail", item.start, item.end, item.original[-4:], item.token, "redact")


def _amounts(text: str, original: str, expecting: str | None) -> Iterator[Entity]:
    for item in amounts(text, expected=expecting == "amount_yuan"):
        details: dict[str, Any] = {"approximate": True} if item.is_about else {}
        if item.upto is not None:
            details["upto"] = item.upto
        yield Entity("amount_yuan", item.start, item.end, item.yuan, original[item.start : item.end].strip(), "amount", details)


def _moments(text: str, original: str, now: datetime) -> Iterator[Entity]:
    for moment in moments(text, now):
        shown = original[moment.start : moment.end].strip(" ，,的")
        at = in_shanghai(moment.at).isoformat()
        yield Entity("occurred_at", moment.start, moment.end, at, shown, "moment", {"precision": moment.precision})


def _numbers(text: str, original: str) -> Iterator[Entity]:
    for match in _TICKET.finditer(text):
        yield Entity("ticket_no", *match.span(), match.group().upper(), original[slice(*match.span())], "pattern")
    for match in _CARD_TAIL.finditer(text):
        start, end = match.span("value")
        yield Entity("card_tail", start, end, original[start:end].translate(_CN_DIGITS), original[start:end], "pattern")


def _named(text: str, original: str, lexicon: Lexicon) -> Iterator[Entity]:
    for item in business(text, lexicon):
        value = item.name if item.extractor == "lexicon" else original[item.start : item.end]
        yield Entity(item.slot, item.start, item.end, value, original[item.start : item.end], item.extractor)


def _spans(text: str, original: str) -> Iterator[Entity]:
    for name, find in _SPANS:
        for start, end in find(text):
            yield Entity(name, start, end, original[start:end], original[start:end], "pattern")


def _praised(text: str, original: str, *, is_praise: bool) -> Iterator[Entity]:
    for start, end in praised(text, is_praise=is_praise):
        yield Entity("person_praised", start, end, original[start:end], original[start:end], "pattern")


def _wanted(text: str, original: str) -> Iterator[Entity]:
    """What is wanted, and how to answer: with the tokens in it, for 打13800000000 asks for a call."""
    for start, end in demands(text):
        yield Entity("demand", start, end, original[start:end], original[start:end], "pattern")
    for channel, start, end in reply_wishes(text):
        yield Entity("preferred_channel", start, end, channel, original[start:end], "pattern")
