"""What is sent and what is described of it come from one dataclass."""

from dataclasses import dataclass

from pydantic import TypeAdapter

from config.answers import as_sent


@dataclass(frozen=True, slots=True)
class Inner:
    n: int
    word: str | None = None


@dataclass(frozen=True, slots=True)
class Sample:
    no: str
    due: str | None
    inner: Inner
    link: str | None = None


def test_what_stands_at_its_default_is_left_out_and_what_has_none_is_always_sent():
    assert as_sent(Sample("1", None, Inner(2))) == {"no": "1", "due": None, "inner": {"n": 2, "word": None}}
    assert as_sent(Sample("1", "d", Inner(2), "l")) == {"no": "1", "due": "d", "inner": {"n": 2, "word": None}, "link": "l"}


def test_description_requires_exactly_what_is_always_sent():
    described = TypeAdapter(Sample).json_schema(mode="serialization")
    assert described["required"] == list(as_sent(Sample("1", None, Inner(2))))
