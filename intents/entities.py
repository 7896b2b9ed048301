"""Slot values in a text, with units and where they stand. Runs on normalised text, whose positions are the original's."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from operator import attrgetter
from typing import Any

from config.clock import in_shanghai
from intents.amounts import SUMS, amounts
from intents.business import business
from intents.demands import CHANNELS, DEMANDS, demands, reply_wishes
from intents.lexicon import Lexicon
from intents.moments import MOMENTS, moments
from intents.names import PRAISES, STAFF, praised, staff
from intents.places import BRANCHES, PLACES, branches, places
from intents.sieve import Sieve, passing
from intents.spans import Spans
from intents.understanding import Entity, Redacted

_CARD_TAIL = r"(?:尾号|尾数|后四位|末四位|末尾)(?:记得|好像|应该|大概)?(?:是|为|[:：])?\s*(?P<value>(?:[\d零〇一幺二三四五六七八九]\s?){3}[\d零〇一幺二三四五六七八九])(?![\d零〇一二三四五六七八九])"
_CN_DIGITS = str.maketrans("零〇一幺二三四五六七八九", "001123456789", " ")
_TICKETS, _CARD_TAILS = Sieve((r"fb\d{14}[0-9a-z]",)), Sieve((_CARD_TAIL,))
_SPANS: tuple[tuple[Sieve, str, Callable[[str], Iterator[tuple[int, int]]]], ...] = (
    (BRANCHES, "branch", branches),
    (PLACES, "place", places),
    (STAFF, "staff_name", staff),
)


def entities(
    redacted: Redacted, text: str, now: datetime, lexicon: Lexicon, *, expecting: str | None = None, is_praise: bool = False
) -> tuple[Entity, ...]:
    """Every slot value in *text* (the normalised text of *redacted*), in order of place.

    *expecting* names the slot that was asked for; *is_praise* says that the model takes the message for praise.
    """
    said = redacted.text
    found = [*_protected(redacted)]
    # What is wanted, with the tokens in it: 打13800000000 asks for a call.
    wanted = [*_wanted(text, said)]
    text = without_tokens(text, redacted)
    may = passing(text)
    if SUMS in may or expecting == "amount_yuan":
        found += _amounts(text, said, expecting)
    if not may.keys().isdisjoint(MOMENTS):
        found += _moments(text, said, now)
    if _TICKETS in may or _CARD_TAILS in may:
        found += _numbers(text, said)
    found += _named(text, said, lexicon)
    for sieve, name, find in _SPANS:
        if sieve in may:
            found += _marked(name, find(text), said)
    if PRAISES in may or is_praise:
        found += _marked("person_praised", praised(text, is_praise=is_praise), said)
    found += wanted
    return tuple(sorted(_once(found, len(said)), key=attrgetter("start", "end"))) if found else ()


def without_tokens(text: str, redacted: Redacted) -> str:
    """*text* with blanks where tokens stand: 尾号5678 inside a token is no card's ending."""
    if not redacted.found:
        return text
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
    for match in _TICKETS.finditer(text):
        yield Entity("ticket_no", *match.span(), match.group().upper(), original[slice(*match.span())], "pattern")
    for match in _CARD_TAILS.finditer(text):
        start, end = match.span("value")
        yield Entity("card_tail", start, end, original[start:end].translate(_CN_DIGITS), original[start:end], "pattern")


def _named(text: str, original: str, lexicon: Lexicon) -> Iterator[Entity]:
    for item in business(text, lexicon):
        value = item.name if item.extractor == "lexicon" else original[item.start : item.end]
        yield Entity(item.slot, item.start, item.end, value, original[item.start : item.end], item.extractor)


def _marked(name: str, spans: Iterable[tuple[int, int]], original: str) -> Iterator[Entity]:
    for start, end in spans:
        yield Entity(name, start, end, original[start:end], original[start:end], "pattern")


def _wanted(text: str, original: str) -> Iterator[Entity]:
    """What is wanted, and how to answer."""
    may = passing(text)
    if DEMANDS in may:
        yield from _marked("demand", demands(text), original)
    if CHANNELS in may:
        for channel, start, end in reply_wishes(text):
            yield Entity("preferred_channel", start, end, channel, original[start:end], "pattern")
