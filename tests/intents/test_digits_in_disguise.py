"""Whatever a person reads as the number is taken out, in whichever digits and with whatever between them; what is no number stays."""

import sys
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from intents.normalise import normalise
from intents.protected import are_no_number, are_sums, is_id_number, passes_luhn
from intents.redact import redact

KEYCAP, MARK = "\ufe0f\u20e3", "\u0332"


def style(zero: str, *, first: str | None = None) -> tuple[str, ...]:
    """Ten digits one after another from *zero*; or a zero by itself and nine from *first*."""
    return tuple(chr(ord(zero) + n) for n in range(10)) if first is None else (zero, *(chr(ord(first) + n) for n in range(9)))


UNMISTAKABLE = {
    "ascii": style("0"),
    "wide": style("０"),
    "bold": style("𝟎"),
    "double": style("𝟘"),
    "sans": style("𝟢"),
    "bold sans": style("𝟬"),
    "typewriter": style("𝟶"),
    "segments": style("🯰"),
    "arabic": style("٠"),
    "persian": style("۰"),
    "hindi": style("०"),
    "bengali": style("০"),
    "thai": style("๐"),
    "tibetan": style("༠"),
    "underlined": tuple(f"{n}{MARK}" for n in range(10)),
    "spoken": tuple("零一二三四五六七八九"),
    "on the phone": tuple("洞幺两三四五六拐八勾"),
    "on a cheque": tuple("零壹贰叁肆伍陆柒捌玖"),
    "round zero": tuple("○一二三四五六七八九"),
}
NUMBERING = {
    "keys": tuple(f"{n}{KEYCAP}" for n in range(10)),
    "keys, bare": tuple(f"{n}\u20e3" for n in range(10)),
    "circled": style("⓪", first="①"),
    "black": style("⓿", first="❶"),
    "sans, circled": style("🄋", first="➀"),
    "sans, black": style("🄌", first="➊"),
    "double": style("⓪", first="⓵"),
    "brackets": style("⓪", first="⑴"),
    "dotted": style("🄀", first="⒈"),
    "comma": style("🄁"),
    "raised": tuple("⁰¹²³⁴⁵⁶⁷⁸⁹"),
    "lowered": style("₀"),
    "han in brackets": style("⓪", first="㈠"),
    "han in circles": style("⓪", first="㊀"),
}
STYLES = UNMISTAKABLE | NUMBERING
GAPS = [
    "",
    " ",
    "-",
    "—",
    "_",
    ".",
    "·",
    "/",
    "  ",
    " - ",
    "~",
    "\u200b",
    "\u200b\u200b\u200b\u200b",
    "\u2060",
    "\u00ad",
    "\u3000",
    "–",
]
AROUND = st.sampled_from(["", "我的号码", "卡号是", "麻烦查查，", "。谢谢", "您好！"])


@st.composite
def cards(draw) -> str:
    beginning = draw(st.sampled_from(["62", "621", "4", "52", "37", "35", "60", "95588", "90"]))
    length = draw(st.integers(13, 19))
    body = beginning + "".join(draw(st.lists(st.sampled_from("0123456789"), min_size=length, max_size=length)))
    body = body[: length - 1]
    return next(body + digit for digit in "0123456789" if passes_luhn(body + digit))


@st.composite
def id_numbers(draw) -> str:
    day = draw(st.dates(min_value=__import__("datetime").date(1930, 1, 1), max_value=__import__("datetime").date(2020, 1, 1)))
    body = f"{draw(st.sampled_from(['110105', '440301', '650102']))}{day:%Y%m%d}{draw(st.integers(100, 999))}"
    return next(body + check for check in "0123456789X" if is_id_number(body + check))


@st.composite
def disguised(draw, number: str, styles=STYLES, gaps=GAPS) -> str:
    """*number* with each digit in a style, and with a gap before it, of its own."""
    some = draw(st.lists(st.sampled_from(sorted(styles)), min_size=1, max_size=4))
    between = draw(st.lists(st.sampled_from(gaps), min_size=1, max_size=3))
    written = []
    for n, digit in enumerate(number):
        char = styles[draw(st.sampled_from(some))][int(digit)] if digit.isdecimal() else digit
        written.append((draw(st.sampled_from(between)) if n else "") + char)
    return "".join(written)


def left_to_read(text: str) -> int:
    """How many digits a person still reads in a text outside of tokens."""
    return sum(any(char in drawn or normalise(char) in drawn for drawn in STYLES.values()) for char in text)


@given(cards(), AROUND, AROUND, st.data())
def test_no_card_survives_in_any_mixture_of_digits_and_gaps(number: str, before: str, after: str, data):
    written = f"{before}{data.draw(disguised(number))}{after}"
    redacted = redact(written, expecting="phone")
    (found,) = redacted.found
    assert found.original in (number, "") and found.kind in ("card", "id_number", "secret")
    assert redacted.text[found.start : found.end] == found.token
    assert left_to_read(redacted.text.replace(found.token, "")) == 0
    assert redact(redacted.text, expecting="phone").text == redacted.text


@given(st.one_of(id_numbers(), st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True)), AROUND, st.data())
def test_no_id_and_no_phone_survives_in_any_mixture_of_digits(number: str, around: str, data):
    written = data.draw(disguised(number, gaps=["", " ", "-", "\u200b", "\u200d\u200d"]))
    redacted = redact(f"{around}{written}{around}", expecting="phone")
    (found,) = redacted.found
    assert (found.kind, found.original) == ("phone" if len(number) == 11 else "id_number", number)
    assert redacted.text == f"{around}{found.token}{around}"


@given(
    st.sampled_from(["密码是", "取款密码：", "验证码 ", "动态码就是", "口令是", "安全码是", "密\u200b码是", "CVV是"]),
    st.from_regex(r"[0-9]{4,8}", fullmatch=True),
    st.sampled_from(["", "，帮我看看", "。", "！"]),
    st.data(),
)
def test_no_code_behind_its_name_survives_in_any_mixture_of_digits(name: str, code: str, rest: str, data):
    gap = data.draw(st.sampled_from(["", " ", "-", "、", "，", "\u200b", ". "]))
    written = data.draw(disguised(code, gaps=[gap]))
    redacted = redact(f"我的{name}{written}{rest}")
    assert redacted.has_secret
    assert left_to_read(redacted.text) == 0


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("密码是一二三四五六", "一二三四五六"),
        ("验证码 幺三九五二八", "幺三九五二八"),
        ("幺三九五二八是我的验证码", "幺三九五二八"),
        ("安全码三五六", "三五六"),
        ("cvv是 三五六，你看看", "三五六"),
        ("卡背面后三位是四五六", "四五六"),
        ("密码：一，二，三，四，五，六", "一，二，三，四，五，六"),
        ("密码是1、2、3、4、5、6", "1、2、3、4、5、6"),
        ("密码是壹贰叁肆伍陆", "壹贰叁肆伍陆"),
        ("密码𝐳𝐡𝐚𝐧𝐠𝟏𝟗𝟗𝟎", "𝐳𝐡𝐚𝐧𝐠𝟏𝟗𝟗𝟎"),
        ("1️⃣2️⃣3️⃣4️⃣5️⃣6️⃣", "1️⃣2️⃣3️⃣4️⃣5️⃣6️⃣"),
        ("8 8 2 2 3 3是我的验证码", "8 8 2 2 3 3"),
        ("他问我要验证码我就把8 8 2 2 3 3给他了", "8 8 2 2 3 3"),
        ("密码是⑫③④⑤⑥", "⑫③④⑤⑥"),
        ("我收到的是839201验证码", "839201"),
        ("密 码 是 123456", "123456"),
        ("验 证 码：839201", "839201"),
        ("我密码6个六", "6个六"),
        ("密码8123 还是 8124来着", "8124"),
    ],
)
def test_a_secret_said_aloud_or_drawn_is_dropped(text: str, hidden: str):
    redacted = redact(text)
    assert hidden not in redacted.text and redacted.has_secret
    assert left_to_read(redacted.text.replace("后三位", "")) == 0


@pytest.mark.parametrize(
    ("text", "kind", "original"),
    [
        ("①13812345678", "phone", "13812345678"),
        ("1️⃣13812345678", "phone", "13812345678"),
        ("1.13812345678", "phone", "13812345678"),
        ("2、 6222021234567890128", "card", "6222021234567890128"),
        ("1. 6222021234567890128", "card", "6222021234567890128"),
        ("扣了300 6222021234567890128", "card", "6222021234567890128"),
        ("5000 6 2 2 2 0 2 1 2 3 4 5 6 7 8 9 0 1 2 8", "card", "6222021234567890128"),
        ("ICBC6222021234567890128", "card", "6222021234567890128"),
        ("tel13812345678", "phone", "13812345678"),
        ("fb6222021234567890128", "card", "6222021234567890128"),
        ("6222，0212，3456，7890，128", "card", "6222021234567890128"),
        ("138、1234、5678", "phone", "13812345678"),
        ("6222*0212*3456*7890*128", "card", "6222021234567890128"),
        ("6222(0212)3456 7890 128", "card", "6222021234567890128"),
        ("6222【0212】3456【7890】128", "card", "6222021234567890128"),
        ("6 2 2 2,0 2 1 2,3 4 5 6,7 8 9 0,1 2 8", "card", "6222021234567890128"),
        ("6222…0212…3456…7890…128", "card", "6222021234567890128"),
        ("6222:0212=3456’7890+128", "card", "6222021234567890128"),
        ("+86(138)1234-5678", "phone", "13812345678"),
        ("(138)12345678", "phone", "13812345678"),
        ("138ー1234ー5678", "phone", "13812345678"),
        ("⑬⑧⑫③④⑤⑥⑦⑧", "phone", "13812345678"),
        ("2026-11-03 13812345678", "phone", "13812345678"),
        ("11010519491231002 X", "id_number", "11010519491231002X"),
        ("٠١٠-٨٨٨٨٩٩٩٩", "phone", "01088889999"),
        ("六二二二零二一二三四五六七八九零一二八和一三八一二三四五六七八", "card", "6222021234567890128"),
    ],
)
def test_a_number_is_found_beside_others_and_in_its_disguise(text: str, kind: str, original: str):
    redacted = redact(text, expecting="phone")
    assert (kind, original) in {(item.kind, item.original) for item in redacted.found}
    assert original[:-4] not in normalise(redacted.text)


@given(
    st.integers(1, 999_999),
    st.dates(min_value=__import__("datetime").date(1990, 1, 1), max_value=__import__("datetime").date(2060, 1, 1)),
    st.from_regex(r"FB20[0-9]{12}[0-9A-Z]", fullmatch=True),
    st.sampled_from(["95588", "12378", "10086", "12345", "400-888-9999", "95599", "12363"]),
    st.sampled_from(["ascii", "wide", "bold", "typewriter", "arabic", "hindi"]),
    st.sampled_from(["①", "⑴", "1️⃣", "⒈", "❶", ""]),
)
@example(100, __import__("datetime").date(2026, 1, 1), "FB202601010000011", "95588", "ascii", "①")
def test_sums_dates_tickets_and_hotlines_stay_in_every_style(
    yuan: int, day, ticket: str, hotline: str, name: str, numbering: str
):
    text = f"{numbering}{day.isoformat()}扣了{yuan}元，{day:%Y.%m.%d} - {day:%Y.%m.%d}；{day:%Y%m%d} {yuan}00元，打{hotline}，单号{ticket}。{yuan:,}.00元"
    text = text.translate(
        {ord(digit): drawn for digit, drawn in zip("0123456789", STYLES[name], strict=True)} if numbering != "1️⃣" else {}
    )
    assert redact(text).text == text


@pytest.mark.parametrize(
    "text",
    ["①打开手机银行②点转账③输500元④确认", "1️⃣转账 2️⃣输入 3️⃣确认", "⑴转500元⑵等3天", "面积120m²，H₂O", "三三两两的人", "一五一十告诉你", "两三千块",
     "漏洞一二", "扣了5000、3000、2000、1000元", "500 300 200", "20261103 20261203", "15、20、30、25、100元", "13,500,000,000元", "第一二三四季度",
     "3512、4288、5630、7811元", "3500，4200，5600，7800", "密码是三个一样的数", "10:01、10:05、10:09", "192.168.100.200", "95588验证码收不到", "卡6222****8821",
     "2026-11-03 14:30:20", "伍仟陆佰柒拾捌元整", "二○二六年十一月", "这三五个月", "尾号8821、8822", "人民币叁仟元整", "1. 转账500元 2. 等了30分钟", "密码错了三四次", "第①②步"],
)  # fmt: skip
def test_lists_quantities_and_sums_beside_each_other_stay(text: str):
    assert redact(text).text == text


def test_every_decimal_digit_that_unicode_knows_is_read():
    read = {chr(code): unicodedata.decimal(chr(code), None) for code in range(sys.maxunicode + 1)}
    assert [char for char, value in read.items() if value is not None and normalise(char) != str(value)] == []


def test_dates_and_sums_beside_each_other_are_no_number():
    assert are_no_number(["20261103", "5000"]) and not are_no_number(["20261103"]) and not are_no_number(["6222", "5000"])
    assert are_sums(["5000", "2500"]) and not are_sums(["5000"]) and not are_sums(["6222", "5000"])


@pytest.mark.parametrize(
    "unit", ["1️⃣", "①", "一 ", "1 ", "1、", "\u200b", "𝟏", "①1", "密\u200b码", "1️⃣一", "1, 2、", "86 ", "安全码"]
)
def test_long_disguises_take_time_in_proportion(unit: str):
    """A quadratic pattern would need minutes here; the suite's timeout is the judge."""
    redact(unit * (100_000 // len(unit)))
