"""Takes out of a text what must not be stored or shown: secrets are dropped, card, ID and phone numbers become tokens.

Runs before anything else sees a message. A token is readable (``[卡号·尾号8821]``), so that people can still follow the
conversation; the original travels beside the text in ``Found`` and is only ever stored sealed.
"""

import re
from collections.abc import Iterator

from intents import numerals, protected
from intents.normalise import normalise
from intents.spans import Spans
from intents.understanding import Found, Redacted

MASKED = "[已屏蔽]"

# What a customer calls a secret, and the value that follows within a few characters.
# One string: the names of secrets are no secret.
_NAMED = r"(?:密[\s\-.]{0,2}码|口令|pin码?|passw(?:or)?d|pwd|mima|验[\s\-.]{0,2}证[\s\-.]{0,2}码|校验码|动态码|确认码|授权码|短信码|安全码|cvv2?|cvn2?|cvc2?|otp|yzm|(?:verification|one[- ]?time|security|sms|auth\w{0,12}) (?:pass)?code)"
_IS_NAMED = re.compile(_NAMED)
_FILLER = r"[\s,，.。;；:：=＝\-—~]*(?:(?:is|was|是|为|就是|都是|等于|设的?是|设成|设置?为|发的是|给我发的?|填的?|输的?|输入了?|写的|叫|在这|如下|改成了?|改为)[\s:：,，]*){0,2}[\"'“‘「【(（]*"
_UNITS = r"元|块|次|天|小时|分钟?|秒|号|年|月|日|%|万|千|个|位|人|点|遍|条|笔"
# 839 201, 1、2、3、4: groups may stand apart, and single digits may have anything between them.
_APART = rf"\d(?:[\s\-—–_.,，、/·]{{1,3}}\d){{2,11}}(?![\da-z])|\d{{1,8}}(?:[\s\-]{{1,2}}\d{{1,6}}(?!\d|\s*(?:{_UNITS}))){{1,5}}(?![a-z@#])"
_VALUE = _APART + r"|(?=[a-z@#$%^&*!_.\-]{0,31}\d)[a-z0-9][a-z0-9@#$%^&*!_.\-]{2,31}|\d(?:[\s\-]?\d){2,7}"
_SECRET_AFTER = re.compile(rf"(?:{_NAMED}){_FILLER}(?P<value>{_VALUE})", re.IGNORECASE)
# A password of letters alone is only one after a clear word for it.
_WORDY = re.compile(
    r"(?:密码|口令|passw(?:or)?d|pwd)[\s]*(?:是|为|就是|[:：=])[\s]*(?P<value>[a-z0-9@#$%^&*!_.\-]{4,32})", re.IGNORECASE
)
# "验证码我告诉他了是567890": a few words may stand between.
_FAR = re.compile(rf"(?:{_NAMED})[^\d\n。！？!?]{{0,12}}(?:是|为|[:：=])[\s\"“]*(?P<value>{_VALUE})", re.IGNORECASE)
_SECRET_BEFORE = re.compile(
    rf"(?<![\d.])(?P<value>\d{{3,8}}|\d(?:[\s\-]{{1,2}}\d){{3,7}})(?![\d.])\s*[,，]?\s*(?:这个?)?(?:是|就是|为)(?:我的?|刚收到的?|收到的?)?(?:{_NAMED})"
)
# "我收到的是839201验证码": six digits right before their name.
_SIX_BEFORE = re.compile(r"(?<![\d.])(?P<value>\d{6})(?:这个|的)?(?:短信)?(?:验证码|校验码|动态码|确认码)")
# "密码我改成qwe123了", "登录密码就是我的生日19900101": what is no sum and no count within a few words of a name is its value.
_NEAR = re.compile(
    rf"(?:{_NAMED})(?P<between>[^\d\n。！？!?；;]{{0,14}}?)(?P<value>(?<![a-z\d.])(?:\d{{4,8}}|\d(?:[\s\-]{{1,2}}\d){{3,7}}|[a-z]{{1,12}}\d[a-z\d]{{2,12}}))(?![a-z\d.]|\s*(?:{_UNITS}))",
    re.IGNORECASE,
)
# Between a name and a number, these say that the number is something else.
_NO_VALUE = re.compile(
    r"扣|取[不出了走款]|转|存|余额|金额|买|花|收费|充值|卡里|少了|工号|尾号|电话|手机号|卡号|单号|编号|客服|拨打|打了?$|次|岁|楼|号窗|支行|今天|昨天|错|忘|限额|一共|总共"
)
_AND_ANOTHER = re.compile(r"\s*(?:和|或者?|、|还有|还是|跟|再试|又试)\s*(?P<value>\d{4,8})(?!\d|\s*(?:元|块|次|天|年|月|日))")
_THREE_ON_THE_BACK = re.compile(
    r"(?:背面|反面|签名栏|卡后面|安全码|cvv2?|cvc2?)[^\d\n]{0,8}?(?:后?[三3]位)(?:数字?|码)?(?:是|为|[:：\s])*(?P<value>\d{3})(?!\d)"
)
_REPEATED = re.compile(
    rf"(?:{_NAMED})(?:就?是|为|设的?是?|[:：\s])*(?P<value>[二三四五六七八2-8]个(?:[\da-z零二三四五六七八九]|一(?![样般组些])))(?![a-z\d])"
)
# 4 to 6 digits (in groups or not) and nothing else: what people paste when somebody asks for a code.
_BARE_CODE = re.compile(r"\s*\d(?:(?:\s{0,3}|-)\d){3,5}\s*")
# 5000, 12000: while a record is collected, a sum. Of codes of four digits one in a hundred ends so, of six digits one in a thousand.
_ROUND = re.compile(r"\s*[1-9]\d{1,2}00\s*|\s*[1-9]\d{2}000\s*")
# Numbers that everybody may call.
_SERVICE = re.compile(r"\s*(?:95\d{3}|100\d\d|123\d\d|96\d{3,4})\s*")

_GAP = r"[\s\-‐‑‒–—―−ー~_./·•∙|]"  # what people put between the groups of a number
_TIGHT = re.compile(
    r"\d+x?(?:[\s\-—–_./·]\d+x?)*"
)  # groups that stand together, so that they may be one even without a check digit
_DIGITS = re.compile(rf"(?<!\d)(?:(?:\+|00)?86{_GAP}{{0,3}})?\d(?:{_GAP}{{0,3}}\d){{6,40}}(?:{_GAP}{{0,3}}x(?![a-z]))?(?!\d)")
# 6222，0212，3456，7890; (138)1234=5678: with whatever signs between them, they may as well be sums beside each other.
_LISTED = re.compile(r"(?<!\d)\d{1,8}(?:[^\w\n]{1,3}\d{1,8}){1,20}x?(?!\d|\s*(?:元|块|万|%))")
_THOUSANDS = re.compile(r"(?<!\d)\d{1,3}(?:,\d{3})+(?!\d)")
_GROUP = re.compile(r"\d+")
_LETTER = re.compile(r"[a-z]")
_DATES = re.compile(r"(?:(?:19|20)\d\d[-/.](?:0?[1-9]|1[0-2])[-/.](?:[12]\d|3[01]|0?[1-9])(?:[\s\-—–~]+(?:\d{1,2})?)*){1,2}")
_AREA_CODE = re.compile(r"\(0\d{2,3}\)[\s\-]?\d{3,4}[\s\-]?\d{4}(?!\d)")
# Digits said one by one: 幺三八, 六二二二, 洞拐两. 一百三十八 is a quantity and stays.
_SPOKEN_DIGITS = "零〇○◯洞一幺壹二两贰三叁四肆五伍六陆七拐柒八捌九勾玖"
_AS_DIGITS = str.maketrans(_SPOKEN_DIGITS, "00000" + "111" + "222" + "33" + "44" + "55" + "66" + "777" + "88" + "999")
_QUANTITY = "十百千万亿拾佰仟"
_SPOKEN = re.compile(
    rf"(?<![{_QUANTITY}第\d{_SPOKEN_DIGITS}])[\d{_SPOKEN_DIGITS}](?:(?:{_GAP}|[、，,]){{0,3}}[\d{_SPOKEN_DIGITS}]){{3,80}}(?![{_QUANTITY}\d{_SPOKEN_DIGITS}])"
)
# The three digits on the back of a card are few enough to be a quantity, but for their name.
_SPOKEN_BACK = re.compile(
    rf"(?:安全码|cvv2?|cvn2?|cvc2?|背面|反面|签名栏|后三位)[^\d\n。！？!?；;]{{0,10}}?[{_SPOKEN_DIGITS}]{{3}}(?![{_QUANTITY}{_SPOKEN_DIGITS}])"
)
# One said digit beside another or beside a written one: few messages have that, though half of them have a 一.
_IS_SPOKEN = re.compile(
    rf"[{_SPOKEN_DIGITS}](?:{_GAP}|[、，,]){{0,3}}[\d{_SPOKEN_DIGITS}]|\d(?:{_GAP}|[、，,]){{0,3}}[{_SPOKEN_DIGITS}]"
)
# Every secret and every number has a digit or four characters of a password in it: most messages have neither.
_MAY_HOLD = re.compile(r"\d|[a-z@#$%^&*!_.\-]{4}")
_TICKET = re.compile(r"fb\d{14}[0-9a-z](?![0-9a-z])")
_NAMES = {"card": "卡号", "id_number": "身份证", "phone": "手机号"}

# Asked for one of these, the customer's bare digits are an answer and no secret.
_EXPECTING_DIGITS = frozenset({"amount_yuan", "phone", "ticket_no", "card_tail", "occurred_at", "phone_last4", "machine"})


def redact(text: str, *, expecting: str | None = None) -> Redacted:
    """*text* without secrets and with tokens for protected numbers. Redacting twice changes nothing.

    *expecting* names the slot that was just asked for, so that bare digits are judged right.
    """
    plain = normalise(text)
    if numerals.is_odd(text):
        found = [
            (*reading.origin(start, end), kind, number)
            for reading in numerals.readings(text, plain)
            for start, end, kind, number in _spans(reading.plain, expecting)
        ]
    else:
        found = _spans(plain, expecting)
    return _replaced(text, sorted(_without_overlaps(found, len(text))) if found else [])


Span = tuple[int, int, str, str]


def _spans(plain: str, expecting: str | None) -> list[Span]:
    """Where in *plain* secrets and numbers stand; they may overlap."""
    if _IS_SPOKEN.search(plain):
        plain = _SPOKEN_BACK.sub(_in_digits, _SPOKEN.sub(_in_digits, plain))
    return [*_secrets(plain, expecting), *_numbers(plain)] if _MAY_HOLD.search(plain) else []


def _in_digits(match: re.Match[str]) -> str:
    """A run of numerals as digits, in as many characters; 昨天三五个人 and the like have too few to be one."""
    return match.group().translate(_AS_DIGITS)


def _replaced(text: str, spans: list[Span]) -> Redacted:
    """*text* with tokens in the places of *spans*, which are in order."""
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


def _secrets(plain: str, expecting: str | None) -> Iterator[Span]:
    named = (_SECRET_AFTER, _WORDY, _FAR, _SECRET_BEFORE, _SIX_BEFORE, _NEAR, _REPEATED) if _IS_NAMED.search(plain) else ()
    for pattern in (*named, _THREE_ON_THE_BACK):
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
        if tickets.take(start, end) and not _DATES.fullmatch(match.group()):
            yield from _in_run(plain, start, end)
    for match in _LISTED.finditer(plain):
        if not _THOUSANDS.search(match.group()) and not _DATES.match(match.group()):
            yield from _in_list(match)
    for match in _AREA_CODE.finditer(plain):
        yield *match.span(), "phone", re.sub(r"\D", "", match.group())


def _in_run(plain: str, start: int, end: int) -> Iterator[Span]:
    """The numbers in a run of digits with gaps: one, several beside each other, or one beside a sum or a list's own number."""
    run = plain[start:end]
    groups = list(_GROUP.finditer(run))
    digits = [match.group() for match in groups]
    if run.endswith("x"):
        digits[-1] += "X"
    if protected.are_no_number(digits):
        return
    stands_alone = _TIGHT.fullmatch(run.removeprefix("+")) and not (start and _LETTER.match(plain, start - 1))
    kind, number = protected.judged("".join(digits)) if stands_alone else protected.surely(digits)
    if kind and kind != "unknown":
        yield start, end, kind, number
        return
    several = list(protected.among(digits))
    for first, last, part, among in several:
        yield start + groups[first].start(), end if last == len(groups) else start + groups[last - 1].end(), part, among
    if kind and not several and not protected.are_sums(digits):
        yield start, end, "card", number


def _in_list(match: re.Match[str]) -> Iterator[Span]:
    """A number whose groups are set apart like those of a list, if its groups are all of one length or those of a phone."""
    digits = _GROUP.findall(match.group())
    kind, number = ("", "") if protected.are_sums(digits) else protected.surely(digits)
    if kind == "phone" or (kind and len(set(map(len, digits[:-1]))) == 1):
        yield *match.span(), kind, number


def _without_overlaps(spans: list[Span], length: int) -> list[Span]:
    """Secrets win over numbers, longer over shorter."""
    taken = Spans(length)
    ranked = sorted(spans, key=lambda item: (item[2] != "secret", item[0] - item[1]))
    return [span for span in ranked if taken.take(span[0], span[1])]
