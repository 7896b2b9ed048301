"""A ticket at a glance: enough for its customer to know it again, too little for anybody else to learn from. Pure.

A ticket's page opens to whoever holds its link: somebody who was forwarded it, who picks up the phone, who looks over a
shoulder. Nobody there has proved who they are, and what customers write holds whatever they thought of: names of people, where
they live, numbers, what they suffer from. No rule finds all of that in a free text. So the page is never told the whole text,
not even behind a press: it gets the facts of the record and the first words, with what can be recognised in them hidden. The
whole stands where the customer said it, in their conversation, and in the read-back that they confirmed. The same holds for
what they add on the page.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import accumulate
from typing import Any
from unicodedata import east_asian_width

from config.catalogue import Catalogue
from handoff.tickets.masking import mask_name
from handoff.tickets.views import day_for_people
from intents.names import people
from intents.normalise import normalise
from store.model import Ticket

FIRST_COLUMNS = 80  # of the customer's words, a Chinese character being two: two lines on a small phone
PLACE_COLUMNS = 48
HIDDEN = "****"

_TOKEN = re.compile(r"\[(?:卡号|身份证|手机号)·尾号[^\]]*\]")
_MAIL = re.compile(r"[\w.+\-]+@[\w\-]+(?:\.[\w\-]+)+", re.ASCII)
_SPOKEN = r"[\d一二三四五六七八九零〇幺]{3,}"
_ENDING = re.compile(rf"(?<=尾号)\D{{0,3}}?{_SPOKEN}|(?<=[后末][三四34]位)\D{{0,3}}?{_SPOKEN}")
# A long number says who or which; a day, a year and a sum say what and when.
_DAY = r"(?:19|20)\d\d[-/.]\d{1,2}[-/.]\d{1,2}(?!\d)"
_NUMBER = re.compile(rf"(?<![\d.\-])(?!{_DAY})\d[\d\s\-*]{{2,}}\d(?!\d|\.\d|\s*[年元块万千百]|\s*yuan|\s*rmb)", re.IGNORECASE)
_HOME = re.compile(r"[\da-z]+(?=\s*(?:号楼|号院|栋|幢|座|单元|室|弄|房间))", re.IGNORECASE)
# Of people in English: behind what they are called or call themselves, in capitals.
_WESTERN = re.compile(
    r"\b(?i:my name is|i am|i'm|this is|name:|mr\.?|mrs\.?|ms\.?|miss|teller|cashier|clerk|manager|called|named)"
    r"\s+(?P<value>[A-Z][a-z]+(?:\s[A-Z][a-z]+){0,2})"
)
_PAUSE = re.compile(r"[，,。！!？?；;、\s]")


@dataclass(frozen=True, slots=True)
class Glance:
    """What a ticket is about, masked. What is not known is empty."""

    product: str
    day: str
    place: str
    amount: str
    words: str


def glance(ticket: Ticket, catalogue: Catalogue) -> Glance:
    """*ticket* as a stranger may see it, in the words of *catalogue*; the customer's own words stay in their language."""
    record, name = ticket.record, ticket.customer_name or ""
    return Glance(
        product=catalogue.text(f"tickets.products.{ticket.product}") if ticket.product != "other" else "",
        day=_day(_told(record, "occurred_at"), catalogue),
        place=first_words(_told(record, "occurred_place") or _told(record, "branch"), name, PLACE_COLUMNS),
        amount=_amount(record.get("amount_yuan"), catalogue),
        words=first_words(ticket.content, name),
    )


def first_words(text: str, name: str = "", columns: int = FIRST_COLUMNS) -> str:
    """The beginning of *text* on one line of at most *columns*: names, numbers of people and their homes hidden.

    *name* is the customer's, if it is known.
    """
    line = masked(" ".join(text.split()), name)
    limit = _fits(line, columns)
    if limit == len(line):
        return line
    pauses = [match.start() for match in _PAUSE.finditer(line, limit // 2, limit)]
    return line[: pauses[-1] if pauses else limit - 1] + "…"


def _fits(line: str, columns: int) -> int:
    """How many characters of *line* stand in *columns*."""
    ends = accumulate(2 if east_asian_width(char) in "WF" else 1 for char in line)
    return sum(end <= columns for end in ends)


def masked(text: str, name: str = "") -> str:
    """*text* with ``****`` for numbers that belong to somebody, and one star for given names."""
    for pattern in (_TOKEN, _MAIL, _ENDING, _HOME, _NUMBER):
        text = pattern.sub(HIDDEN, text)
    for said in sorted({name.strip(), *_people(text)} - {""}, key=len, reverse=True):
        text = text.replace(said, HIDDEN if said[-1].isdigit() else mask_name(said))
    return text


def _people(text: str) -> Iterator[str]:
    yield from (text[start:end] for start, end in people(normalise(text)))
    yield from (match.group("value") for match in _WESTERN.finditer(text))


def _told(record: Mapping[str, Any], field: str) -> str:
    """What was told of *field*; a field that was left out holds the reason instead of words."""
    value = record.get(field)
    return value if isinstance(value, str) else ""


def _day(moment: str, catalogue: Catalogue) -> str:
    try:
        told = datetime.fromisoformat(moment)
    except ValueError:
        return first_words(moment, columns=PLACE_COLUMNS)
    return day_for_people(told, catalogue)


def _amount(yuan: Any, catalogue: Catalogue) -> str:
    if isinstance(yuan, bool) or not isinstance(yuan, int | float):
        return ""
    return catalogue.text("tickets.amount", yuan=f"{yuan:,.2f}".removesuffix(".00"))
