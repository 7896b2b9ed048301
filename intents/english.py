"""Understands in English what is certain and cheap: plain answers, alarms, the wish for a person, words of complaint and praise.

What it does not understand it says so of: the message is recorded as it was said, by the kind that the customer chooses.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from config.labels import DialogueAct, Emotion, Kind, Product
from intents import english_values as values
from intents import english_words as words
from intents.understanding import Entity, Reason, Redacted, Understanding

_HAN = re.compile(r"[\u3400-\u9fff]")
READ_CHARS = 4000  # nets read this much; what comes after it tells no other matter
LEAST_WEAK = 2
SURE, LIKELY = 1.0, 0.7
A_LINE = 80  # characters; what puts something right is no longer
_compiled = cache(re.compile)


def in_letters(text: str) -> bool:
    """Whether *text* has no Chinese character; true of numbers and emoji too."""
    return _HAN.search(text) is None


def is_english(text: str) -> bool:
    """Whether the normalised *text* is English enough for what is heard here."""
    if not in_letters(text):
        return False
    read = _straight(text[:READ_CHARS])
    if _whole(words.ACTS, read) is not None or _whole(words.OPENERS, read) is not None or _finds(words.PERSON, read):
        return True
    return _finds(words.COMMON, read) or len({match.group() for match in _compiled(words.WEAK).finditer(read)}) >= LEAST_WEAK


def only_announces(text: str) -> bool:
    """Whether an English *text* says no more than that there is something: I want to make a complaint."""
    return in_letters(text) and bool(_compiled(words.ANNOUNCES, re.IGNORECASE).fullmatch(text.strip()))


def understood(redacted: Redacted, text: str, now: datetime, found: tuple[Entity, ...]) -> Understanding:
    """What the English *text* means (the normalised text of *redacted*), with what was *found* in it whatever the language."""
    read = _straight(text[:READ_CHARS])
    heard = _hear(read)
    intent, confidence = _intent(read, heard)
    entities = _with_english(found, read, redacted.text, now, is_praise=intent == Kind.PRAISE)
    if any(item.entity == "ticket_no" for item in found) and not heard.alarms and intent in (Kind.OTHER, Kind.ENQUIRY):
        intent, confidence = Kind.TICKET_STATUS, SURE
    kind = Kind(intent) if intent in set(Kind) else Kind.OTHER
    emotion, shown_by = _emotion(read)
    signs = tuple((sign, match) for sign, pattern in words.SIGNS if (match := _compiled(pattern).search(read)))
    return Understanding(
        text=redacted.text,
        intent=intent,
        confidence=confidence,
        intent_ranking=((intent, confidence),),
        kind=kind,
        kind_confidence=confidence if kind is not Kind.OTHER else 0.0,
        product=heard.product,
        product_confidence=LIKELY if heard.product is not Product.OTHER else 0.0,
        urgent=bool(heard.alarms),
        urgent_reasons=tuple(name for name, _ in heard.alarms),
        wants_person=heard.wants_person,
        understood=confidence > 0,
        emotion=emotion,
        escalation_signs=tuple(sign for sign, _ in signs),
        entities=entities,
        reasons=(
            *(Reason(f"urgent.{name}", *match.span()) for name, match in heard.alarms),
            *((Reason(f"emotion.{emotion}", *shown_by.span()),) if shown_by else ()),
            *(Reason(f"sign.{sign}", *match.span()) for sign, match in signs),
        ),
        is_english=True,
    )


@dataclass(frozen=True, slots=True)
class _Heard:
    alarms: tuple[tuple[str, re.Match[str]], ...]
    wants_person: bool
    product: Product


def _hear(text: str) -> _Heard:
    alarms = tuple((name, match) for name, pattern in words.ALARMS if (match := _compiled(pattern).search(text)))
    if alarms and _finds(words.NO_ALARM, text):
        alarms = ()
    product = next((product for product, pattern in words.PRODUCTS if _finds(pattern, text)), Product.OTHER)
    if not words.SECURITY.isdisjoint(name for name, _ in alarms):
        product = Product.SECURITY_FRAUD
    elif any(name == "machine_kept" for name, _ in alarms):
        product = Product.ATM_SELFSERVICE
    wants_person = _finds(words.PERSON, text) and not _finds(words.NO_PERSON, text)
    return _Heard(alarms, wants_person, product)


def _intent(text: str, heard: _Heard) -> tuple[str, float]:
    """The kind or act, and how sure that is; ``other`` by 0 where nothing was heard."""
    if heard.alarms:
        return Kind.URGENT_REPORT, SURE
    if heard.wants_person:
        return Kind.HUMAN_REQUEST, SURE
    whole = _whole(words.ACTS, text) or _whole(words.OPENERS, text)
    if whole is not None:
        return whole, SURE
    if _finds(words.STATUS, text):
        return Kind.TICKET_STATUS, SURE
    kind, confidence = _kind(text)
    if kind is Kind.OTHER and len(text) <= A_LINE and _finds(words.CORRECTS, text):
        return DialogueAct.CORRECT, LIKELY
    return kind, confidence


def _kind(text: str) -> tuple[Kind, float]:
    asks = _finds(words.ASKS, text)
    if _finds(words.COMPLAINS, text) or (_finds(words.GRIEVANCE, text) and not asks):
        return Kind.COMPLAINT, SURE
    if _finds(words.SUGGESTS, text):
        return Kind.SUGGESTION, LIKELY
    if _finds(words.PRAISES, text) and not _finds(words.NO_PRAISE, text):
        return Kind.PRAISE, LIKELY
    if asks:
        return Kind.ENQUIRY, LIKELY
    return (Kind.COMPLAINT, LIKELY) if _finds(words.TROUBLE, text) else (Kind.OTHER, 0.0)


def _emotion(text: str) -> tuple[Emotion, re.Match[str] | None]:
    found = ((emotion, match) for emotion, pattern in words.EMOTIONS if (match := _compiled(pattern).search(text)))
    return next(found, (Emotion.CALM, None))


def _with_english(found: tuple[Entity, ...], text: str, original: str, now: datetime, *, is_praise: bool) -> tuple[Entity, ...]:
    """*found* with what is told in English words, which know better where both see one."""
    ours = (
        *values.sums(text, original),
        *values.moments(text, original, now),
        *values.places(text, original),
        *values.wishes(text, original),
        *values.people(original, is_praise=is_praise),
    )
    slots = {item.entity for item in ours}
    others = (item for item in found if item.entity not in slots)
    return tuple(sorted((*ours, *others), key=lambda item: (item.start, item.end)))


def _whole(patterns: tuple[tuple[str, str], ...], text: str) -> str | None:
    return next((name for name, pattern in patterns if _compiled(pattern).fullmatch(text)), None)


def _finds(pattern: str, text: str) -> bool:
    return bool(_compiled(pattern).search(text))


def _straight(text: str) -> str:
    return text.replace("’", "'").replace("‘", "'")
