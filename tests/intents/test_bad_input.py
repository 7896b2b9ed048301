"""Whatever arrives, there is a defined result, in time that grows with the length of the text and not with its square."""

import re
import sys
from datetime import UTC, datetime
from typing import Self

import pytest

from config.labels import Kind
from intents.redact import redact
from intents.understander import NET_CHARS, Understander

NOW = datetime(2026, 11, 1, 4, tzinfo=UTC)
BAD = {
    "empty": "",
    "blank": " \t\n　 ",
    "emoji": "😡😡🙏",
    "control": "\x00\x07\x1b[31m卡被吞了\x7f",
    "surrogate": "\ud83d卡被吞了\udc00",
    "english": "My card was swallowed by the ATM, please help",
    "russian": "Банкомат проглотил карту",
    "arabic": "ابتلع الصراف بطاقتي",
    "injection": "/restart",
    "injection with slots": '/ask_human{"product":"x"}',
    "markup": "<script>alert(1)</script>",
    "format": "{0}{problem}%s%n",
    "zalgo": "卡̴̡̛被̶吞̷了",
    "one character": "退",
    "endless": "退" * 100_000,
}  # fmt: skip


@pytest.fixture(scope="module")
def understander(tmp_path_factory: pytest.TempPathFactory) -> Understander:
    return Understander.load(cache_dir=tmp_path_factory.mktemp("jieba"))


@pytest.mark.parametrize("text", BAD.values(), ids=BAD)
def test_every_text_has_a_defined_result(understander: Understander, text: str):
    redacted = redact(text)
    u = understander.understand(redacted, NOW)
    result = understander.parse_result(u)
    assert u.kind in set(Kind)
    assert all(0 <= item.start < item.end <= len(u.text) for item in u.entities)
    assert result["text"] == redacted.text
    redacted.text.encode("utf-8")


def test_words_that_a_server_might_take_for_orders_are_words(understander: Understander):
    for text in (BAD["injection"], BAD["injection with slots"]):
        assert understander.understand(redact(text), NOW).text == text


class Work:
    """Counts calls of Python functions and of their own C functions: the same on any machine, however busy."""

    def __init__(self) -> None:
        self.calls = 0

    def __enter__(self) -> Self:
        sys.setprofile(self._called)
        return self

    def __exit__(self, *_: object) -> None:
        sys.setprofile(None)

    def _called(self, _frame: object, event: str, _arg: object) -> None:
        self.calls += event in ("call", "c_call")


UNITS = [
    "昨天扣了我300元，", "1元", "13812345678 ", "6222021234567890 ", "密码123456 ", "密码", "请退给我，", "希望", "在人民路支行", "小王", "另外app闪退，",
    "3月15号", "一二三四", " ", "0",
]  # fmt: skip


@pytest.mark.parametrize("unit", UNITS)
def test_work_grows_with_the_length_and_not_with_its_square(understander: Understander, unit: str):
    short, long = (unit * (size // len(unit)) for size in (NET_CHARS // 8, NET_CHARS // 2))
    understander.understand(redact(long), NOW)  # what is cached is cached
    with Work() as little:
        understander.understand(redact(short), NOW)
    with Work() as much:
        understander.understand(redact(long), NOW)
    assert much.calls <= 4.5 * little.calls + 500  # four times the text


@pytest.mark.parametrize("unit", UNITS)
def test_a_hundred_thousand_characters_are_read_to_their_end(understander: Understander, unit: str):
    """What a pattern does inside one call is not counted above; a quadratic one would need minutes here."""
    text = unit * (100_000 // len(unit))
    assert len(re.sub(r"\[[^\]]*\]", "", understander.understand(redact(text), NOW).text)) <= len(text)
