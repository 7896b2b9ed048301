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
# "密码我改成qwe123了", "登录密码就是我的生日19900101": what is no sum and no count within a few words of a name is its value.
_NEAR = re.compile(
    rf"(?:{_NAMED})(?P<between>[^\d\n。！？!?；;]{{0,14}}?)(?P<value>(?<![a-z\d.])(?:\d{{4,8}}|[a-z]{{1,12}}\d[a-z\d]{{2,12}}))(?![a-z\d.]|\s*(?:元|块|次|天|小时|分钟?|秒|号|年|月|日|%|万|千|个|位|人|点|遍|条|笔))",
    re.IGNORECASE,
)
# Between a name and a number, these say that the number is something else.
_NO_VALUE = re.compile(
    r"扣|取[不出了走款]|转|存|余额|金额|买|花|收费|充值|卡里|少了|工号|尾号|电话|手机号|卡号|单号|编号|客服|拨打|打了?$|次|岁|楼|号窗|支行|今天|昨天|错|忘|限额|一共|总共"
)
_AND_ANOTHER = re.compile(r"\s*(?:和|或者?|、|还有|跟|再试|又试)\s*(?P<value>\d{4,8})(?!\d|\s*(?:元|块|次|天|年|月|日))")
_THREE_ON_THE_BACK = re.compile(
    r"(?:背面|反面|签名栏|卡后面|安全码|cvv2?|cvc2?)[^\d\n]{0,8}?(?:后?[三3]位)(?:数字?|码)?(?:是|为|[:：\s])*(?P<value>\d{3})(?!\d)"
)
_REPEATED = re.compile(rf"(?:{_NAMED})(?:就?是|为|设的?是?|[:：\s])*(?P<value>[二三四五六七八2-8]个[\da-z])(?![a-z\d])")
# 4 to 6 digits (in groups or not) and nothing else: what people paste when somebody asks for a code.
_BARE_CODE = re.compile(r"\s*\d(?:[\s\-]?\d){3,5}\s*")
# 5000, 12000: while a record is collected, a sum. Of codes of four digits one in a hundred ends so, of six digits one in a thousand.
_ROUND = re.compile(r"\s*[1-9]\d{1,2}00\s*|\s*[1-9]\d{2}000\s*")
# Numbers that everybody may call.
_SERVICE = re.compile(r"\s*(?:95\d{3}|100\d\d|123\d\d|96\d{3,4})\s*")

_GAP = r"[\s\-—–_./·]"  # what people put between the groups of a number
_DIGITS = re.compile(rf"(?<![\da-z])(?:(?:\+|00)?86{_GAP}?)?\d(?:{_GAP}?\d){{6,21}}x?(?!\d)", re.IGNORECASE)
_DATES = re.compile(r"(?:(?:19|20)\d\d[-/.](?:0?[1-9]|1[0-2])[-/.](?:[12]\d|3[01]|0?[1-9])(?:[\s\-—–]+(?:\d{1,2})?)*){1,2}")
_AREA_CODE = re.compile(r"\(0\d{2,3}\)[\s\-]?\d{3,4}[\s\-]?\d{4}(?!\d)")
# Digits said one by one: 幺三八, 六二二二, ①③⑧. 一百三十八 is a quantity and stays.
_SPOKEN_DIGITS = "零〇一幺二三四五六七八九⓪①②③④⑤⑥⑦⑧⑨"
_AS_DIGITS = str.maketrans(_SPOKEN_DIGITS, "001123456789" + "0123456789")
_SPOKEN = re.compile(
    rf"(?<![十百千万亿第\d{_SPOKEN_DIGITS}])[\d{_SPOKEN_DIGITS}](?:{_GAP}?[\d{_SPOKEN_DIGITS}]){{3,24}}(?![十百千万亿\d{_SPOKEN_DIGITS}])"
)
_IS_SPOKEN = re.compile(rf"[{_SPOKEN_DIGITS}]")
# Every secret and every number has a digit or four characters of a password in it: most messages have neither.
_MAY_HOLD = re.compile(rf"\d|[a-z@#$%^&*!_.\-]{{4}}|[{_SPOKEN_DIGITS}]{{4}}")
_TICKET = re.compile(r"fb\d{14}[0-9a-z]", re.IGNORECASE)
_MOBILE = re.compile(r"(?:(?:00)?86)?(1[3-9]\d{9})")
_MOBILE_AMONG = re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)")
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
    if _IS_SPOKEN.search(plain):
        plain = _SPOKEN.sub(_in_digits, plain)
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


def _in_digits(match: re.Match[str]) -> str:
    """A run of numerals as digits, in as many characters; 昨天三五个人 and the like have too few to be one."""
    return match.group().translate(_AS_DIGITS)


def _secrets(plain: str, expecting: str | None) -> Iterator[Span]:
    for pattern in (_SECRET_AFTER, _WORDY, _FAR, _SECRET_BEFORE, _NEAR, _THREE_ON_THE_BACK, _REPEATED):
        for match in pattern.finditer(plain):
            if pattern is _NEAR and _NO_VALUE.search(match.group("between")):
                continue
            yield *match.span("value"), "secret", ""
            if another := _AND_ANOTHER.match(plain, match.end("value")):
                yield *another.span("value"), "secret", ""
    bare = _BARE_CODE.fullmatch(plain)
    if bare and expecting not in _EXPECTING_DIGITS and not (_SERVICE.fullmatch(plain) or (expecting and _ROUND.fullmatch(plain))):
        yield *bare.span(), "secret", ""


def _numbers(plain: str) -> Iterator[Span]:
    tickets = Spans(len(plain))
    for match in _TICKET.finditer(plain):
        tickets.take(*match.span())
    for match in _DIGITS.finditer(plain):
        start, end = match.span()
        if not tickets.take(start, end) or _DATES.fullmatch(match.group()):
            continue
        digits = re.sub(r"[^\dx]", "", match.group()).upper()
        kind, original = _judged(digits)
        if kind == "unknown" and (mobile := _MOBILE_AMONG.search(match.group())) is not None:
            # 扣了3000 13812345678: two numbers with a blank between them.
            yield start + mobile.start(), start + mobile.end(), "phone", mobile.group()
        elif kind:
            yield start, end, "card" if kind == "unknown" else kind, original
    for match in _AREA_CODE.finditer(plain):
        yield *match.span(), "phone", re.sub(r"\D", "", match.group())


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
    return ("unknown", only) if len(only) in CARD_DIGITS else ("", "")


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
