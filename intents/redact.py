"""Takes out of a text what must not be stored or shown: secrets are dropped, card, ID and phone numbers become tokens.

Runs before anything else sees a message. A token is readable (``[卡号·尾号8821]``), so that people can still follow the
conversation; the original travels beside the text in ``Found`` and is only ever stored sealed.
"""

import re
from collections.abc import Iterator
from datetime import date

from intents.normalise import normalise
from intents.spans import Spans
from intents.understanding import Found, Redacted

MASKED = "[已屏蔽]"

# What a customer calls a secret, and the value that follows within a few characters.
# One string: the names of secrets are no secret.
_NAMED = r"(?:密码|口令|pin码?|passw(?:or)?d|pwd|mima|验证码|校验码|动态码|确认码|授权码|短信码|安全码|cvv2?|cvn2?|cvc2?|otp|yzm)"
_FILLER = r"[\s,，.。;；:：=＝\-—~]*(?:(?:是|为|就是|都是|等于|设的?是|设成|设置?为|发的是|给我发的?|填的?|输的?|输入了?|写的|叫|在这|如下|改成了?|改为)[\s:：,，]*){0,2}[\"'“‘「【(（]*"
_VALUE = r"(?=[a-z@#$%^&*!_.\-]{0,31}\d)[a-z0-9][a-z0-9@#$%^&*!_.\-]{2,31}|\d(?:[\s\-]?\d){2,7}"
_SECRET_AFTER = re.compile(rf"(?:{_NAMED}){_FILLER}(?P<value>{_VALUE})", re.IGNORECASE)
# A password of letters alone is only one after a clear word for it.
_WORDY = re.compile(
    r"(?:密码|口令|passw(?:or)?d|pwd)[\s]*(?:是|为|就是|[:：=])[\s]*(?P<value>[a-z0-9@#$%^&*!_.\-]{4,32})", re.IGNORECASE
)
# "验证码我告诉他了是567890": a few words may stand between.
_FAR = re.compile(rf"(?:{_NAMED})[^\d\n。！？!?]{{0,12}}(?:是|为|[:：=])[\s\"“]*(?P<value>{_VALUE})", re.IGNORECASE)
_SECRET_BEFORE = re.compile(
    rf"(?<![\d.])(?P<value>\d{{3,8}})(?![\d.])\s*[,，]?\s*(?:这个?)?(?:是|就是|为)(?:我的?|刚收到的?|收到的?)?(?:{_NAMED})"
)
# 4 to 6 digits (in groups or not) and nothing else: what people paste when somebody asks for a code.
_BARE_CODE = re.compile(r"\s*\d(?:[\s\-]?\d){3,5}\s*")

_DIGITS = re.compile(r"(?<![\da-z])(?:\+?86[\s\-]?)?\d(?:[\s\-]?\d){6,21}x?(?!\d)", re.IGNORECASE)
# Every secret and every number has a digit or four characters of a password in it: most messages have neither.
_MAY_HOLD = re.compile(r"\d|[a-z@#$%^&*!_.\-]{4}")
_TICKET = re.compile(r"fb\d{14}[0-9a-z]", re.IGNORECASE)
_MOBILE = re.compile(r"(?:86)?(1[3-9]\d{9})")
_LANDLINE = re.compile(r"0\d{9,11}")
_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ID_CHECKS = "10X98765432"
CARD_DIGITS = range(13, 20)
_NAMES = {"card": "卡号", "id_number": "身份证", "phone": "手机号"}

# Asked for one of these, the customer's bare digits are an answer and no secret.
_EXPECTING_DIGITS = frozenset({"amount_yuan", "phone", "ticket_no", "card_tail", "occurred_at", "phone_last4", "machine"})


def redact(text: str, *, expecting: str | None = None) -> Redacted:
    """*text* without secrets and with tokens for protected numbers. Redacting twice changes nothing.

    *expecting* names the slot that was just asked for, so that bare digits are judged right.
    """
    plain = normalise(text)
    if not _MAY_HOLD.search(plain):
        return Redacted(text.encode("utf-8", "replace").decode(), ())
    spans = sorted(_without_overlaps([*_secrets(plain, expecting), *_numbers(plain)], len(plain)))
    parts: list[str] = []
    found: list[Found] = []
    last, length = 0, 0
    for start, end, kind, original in spans:
        token = MASKED if kind == "secret" else f"[{_NAMES[kind]}·尾号{original[-4:]}]"
        parts += [text[last:start], token]
        length += start - last
        found.append(Found(kind, token, "" if kind == "secret" else original, length, length + len(token)))
        length += len(token)
        last = end
    parts.append(text[last:])
    return Redacted("".join(parts).encode("utf-8", "replace").decode(), tuple(found))


Span = tuple[int, int, str, str]


def _secrets(plain: str, expecting: str | None) -> Iterator[Span]:
    for pattern in (_SECRET_AFTER, _WORDY, _FAR, _SECRET_BEFORE):
        for match in pattern.finditer(plain):
            yield *match.span("value"), "secret", ""
    if expecting not in _EXPECTING_DIGITS and (bare := _BARE_CODE.fullmatch(plain)):
        yield *bare.span(), "secret", ""


def _numbers(plain: str) -> Iterator[Span]:
    tickets = Spans(len(plain))
    for match in _TICKET.finditer(plain):
        tickets.take(*match.span())
    for match in _DIGITS.finditer(plain):
        start, end = match.span()
        if not tickets.take(start, end):
            continue
        digits = re.sub(r"[^\dx]", "", match.group()).upper()
        kind, original = _judged(digits)
        if kind:
            yield start, end, kind, original


def _judged(digits: str) -> tuple[str, str]:
    """What a run of digits is; an unprotected number gives an empty kind."""
    mobile = _MOBILE.fullmatch(digits)
    if mobile:
        return "phone", mobile.group(1)
    if is_id_number(digits):
        return "id_number", digits
    only = digits.rstrip("X")
    if len(only) in CARD_DIGITS and (passes_luhn(only) or only[:2] in ("62", "60", "68", "90", "95")):
        return "card", only
    if _LANDLINE.fullmatch(only):
        return "phone", only
    # Too long for an amount or a date, and no number that we know: better hidden than shown.
    return ("card", only) if len(only) in CARD_DIGITS else ("", "")


def passes_luhn(digits: str) -> bool:
    """Whether the last digit checks the others, as on payment cards (ISO/IEC 7812)."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 else 1)
        total += value - 9 if value > 9 else value  # noqa: PLR2004 -- the digits of a two-digit product, added
    return total % 10 == 0


def is_id_number(digits: str) -> bool:
    """Whether this is a resident ID number: 18 places with a right check character (GB 11643), or 15 with a real date."""
    if len(digits) == 18 and digits[:17].isdigit():  # noqa: PLR2004
        total = sum(int(digit) * weight for digit, weight in zip(digits, _ID_WEIGHTS, strict=False))
        return _ID_CHECKS[total % 11] == digits[17]
    if len(digits) == 15 and digits.isdigit():  # noqa: PLR2004
        try:
            date(1900 + int(digits[6:8]), int(digits[8:10]), int(digits[10:12]))
        except ValueError:
            return False
        return digits[0] in "123456" and not passes_luhn(digits)
    return False


def _without_overlaps(spans: list[Span], length: int) -> list[Span]:
    """Secrets win over numbers, longer over shorter."""
    taken = Spans(length)
    ranked = sorted(spans, key=lambda item: (item[2] != "secret", item[0] - item[1]))
    return [span for span in ranked if taken.take(span[0], span[1])]
