"""Characters that deceive: they turn the order of others, hide between them, pile up on them, or have no shape of their own."""

import json
import re

import pytest

from config.json_text import parsed
from config.speakable import MOST_MARKS, UNSEEN, as_file_name, as_name, speakable

TURNING = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
HIDING = "\u00ad\u034f\u180e\u200b\u2060\u2061\u2064\ufeff"
FAMILY = "👨\u200d👩\u200d👧"
UIGHUR = "مەن ئەرز قىلىمەن 100 يۈەن"


@pytest.mark.parametrize("char", TURNING + HIDING, ids=lambda char: f"{ord(char):04x}")
@pytest.mark.parametrize("spelt", [True, False], ids=["spelt", "written"])
def test_characters_that_turn_or_hide_others_are_left_out_however_json_writes_them(char, spelt):
    written = json.dumps({f"a{char}": [f"付款{char}凭证"]}, ensure_ascii=spelt)
    assert parsed(written) == parsed(written.encode()) == {"a": ["付款凭证"]}
    assert speakable(f"付款{char}凭证") == "付款凭证"


@pytest.mark.parametrize(
    "text", [FAMILY, UIGHUR, "葛\U000e0100飾", "❤\ufe0f", "ཀྵྲྀ", "nguyễn", "a\tb\nc", "می\u200cخواهم", "1\ufe0f\u20e3"]
)
def test_what_people_write_stays_as_it_is(text):
    assert speakable(text) == text
    assert parsed(json.dumps(text)) == parsed(json.dumps(text, ensure_ascii=False)) == text


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("发票\u202egpj.exe", "发票gpj.exe"),
        ("发票\u2067exe.jpg\u2069.docx", "发票exe.jpg.docx"),
        ("../../etc/passwd", "_.._etc_passwd"),
        ("C:\\evil.pdf", "C__evil.pdf"),
        (".htaccess", "htaccess"),
        ("a\r\nSet-Cookie: x=1.pdf", "a Set-Cookie_ x=1.pdf"),
        ('"><b>.pdf', "___b_.pdf"),
        ("\u3164\u200b\u202e", ""),
        ("现场　照片 1.pdf", "现场 照片 1.pdf"),
    ],
)
def test_a_file_name_shows_its_real_ending_and_leads_nowhere(name, shown):
    assert as_file_name(name) == shown
    assert as_file_name(shown) == shown


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("张\u200b三", "张三"),
        ("\u202e服客", "服客"),
        ("  张\n三\u2028李\t四 ", "张 三 李 四"),
        ("\u3164\u2800\uffa0\u115f", ""),
        ("e" + "\u0301" * 10_000, "e" + "\u0301" * MOST_MARKS),
        ("王\ufe0f\ue000\U000e0041", "王\ufe0f"),
        ("ئابدۇللا", "ئابدۇللا"),
        ("Nguyễn Thị", "Nguyễn Thị"),
    ],
)
def test_a_name_is_one_line_of_what_can_be_seen(name, shown):
    assert as_name(name) == shown
    assert as_name(shown) == shown


def test_every_character_that_is_left_out_is_looked_for_in_both_spellings():
    left_out = [chr(code) for code in range(0x80, 0x10000) if re.match(f"[{UNSEEN}]", chr(code))]
    assert len(left_out) > 20
    for char in left_out:
        assert parsed(f'"\\u{ord(char):04X}"') == parsed(f'"{char}"') == ""
