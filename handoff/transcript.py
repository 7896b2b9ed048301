"""A conversation as it is exported: the brief in words, and every line from the first. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from config.catalogue import Catalogue
from config.clock import in_shanghai
from config.labels import Audience
from store.model import Message


@dataclass(frozen=True, slots=True)
class Line:
    """A message in words."""

    seq: int
    speaker: str
    who: str
    at: str
    text: str
    internal: bool
    attachments: tuple[Mapping[str, Any], ...]
    file_texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Transcript:
    """Everything in words, in the order in which it is read."""

    title: str
    about: str
    sections: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]
    messages_heading: str
    lines: tuple[Line, ...]


class Words:
    """The words of an export; what has no word of its own keeps its id."""

    def __init__(self, catalogue: Catalogue, fields: Catalogue) -> None:
        self.text = catalogue.text
        self._catalogue = catalogue
        self._fields = fields

    def of(self, group: str, value: str | None) -> str:
        """The word for *value* in *group*."""
        return (self._catalogue.find(f"{group}.{value}") if value else None) or value or self.text("none")

    def field(self, name: str) -> str:
        """What a field of the record is called."""
        return self._fields.find(f"fields.{name}") or name

    def product(self, value: str | None) -> str:
        """What a product is called."""
        return (self._fields.find(f"products.{value}") if value else None) or value or self.text("none")


def transcript(
    view: Mapping[str, Any], messages: Sequence[Message], names: Mapping[str, str], words: Words, *, now: datetime, by: str
) -> Transcript:
    """*view* is what the desk opens; *names* are those of the agents."""
    heading = words.text
    return Transcript(
        title=f"{words.text('title')} {view['id'][:12]}",
        about=words.text("exported", at=_clock(now), by=by),
        sections=tuple(
            (heading(f"sections.{name}"), pairs)
            for name, pairs in (
                ("customer", _customer(view, words)),
                ("brief", _brief(view, words)),
                ("summary", tuple(("", line) for line in view["brief"]["summary"])),
                ("record", _record(view, words)),
                ("tickets", tuple((item["no"], f"{item['state_text']} · {item['content']}") for item in view["tickets"])),
                ("earlier", tuple((_day(item["created_at"]), item["preview"]) for item in view["earlier"])),
            )
            if pairs
        ),
        messages_heading=heading("sections.messages"),
        lines=tuple(_line(message, names, words) for message in messages),
    )


def _customer(view: Mapping[str, Any], words: Words) -> tuple[tuple[str, str], ...]:
    customer = view["customer"]
    return (
        (words.text("labels.name"), customer["name"] or words.text("none")),
        (words.text("labels.phone"), customer["phone_masked"] or words.text("none")),
        (words.text("labels.channel"), words.of("channels", view["channel"])),
        (words.text("labels.tags"), "、".join(view["tags"]) or words.text("none")),
    )


def _brief(view: Mapping[str, Any], words: Words) -> tuple[tuple[str, str], ...]:
    brief, understood = view["brief"], view["brief"]["understood"] or {}
    reasons = "、".join(words.of("reasons", item) for item in brief["reasons"]) or words.text("none")
    heard = "、".join(item["text"] for item in brief["heard"]) or words.text("none")
    return (
        (words.text("labels.reasons"), reasons),
        (words.text("labels.priority"), words.of("priorities", brief["priority"])),
        (words.text("labels.kind"), words.of("kinds", understood.get("kind"))),
        (words.text("labels.product"), words.product(understood.get("product"))),
        (words.text("labels.urgent"), words.text("yes" if understood.get("urgent") else "no")),
        (words.text("labels.emotion"), words.of("emotions", understood.get("emotion"))),
        (words.text("labels.heard"), heard),
    )


def _record(view: Mapping[str, Any], words: Words) -> tuple[tuple[str, str], ...]:
    draft = view["draft"]
    if not draft:
        return ()
    known = tuple((words.field(name), str(value)) for name, value in draft["record"].items())
    missing = "、".join(words.field(name) for name in draft["missing"])
    return (*known, *(((words.text("sections.missing"), missing),) if missing else ()))


def _line(message: Message, names: Mapping[str, str], words: Words) -> Line:
    attachments = tuple(message.payload.get("attachments", ()))
    internal = message.audience is Audience.DESK
    who = words.of("speakers", message.speaker.value)
    if message.agent_id:
        who = f"{who} {names.get(message.agent_id, '')}".strip()
    return Line(
        seq=message.seq,
        speaker=message.speaker.value,
        who=f"{who}（{words.text('internal')}）" if internal else who,
        at=_clock(message.at),
        text="\n".join(part for part in (message.text, *_not_kept(message, words)) if part),
        internal=internal,
        attachments=attachments,
        file_texts=tuple(
            words.text("file", name=item.get("name") or item["blob_id"][:12], media_type=item["media_type"], size=item["size"])
            for item in attachments
        ),
    )


def _not_kept(message: Message, words: Words) -> Iterator[str]:
    for kind in ("withheld", "unopened"):
        if count := message.payload.get(f"{kind}_files"):
            yield words.text(f"files_{kind}", count=count)


def _clock(moment: datetime) -> str:
    return f"{in_shanghai(moment):%Y-%m-%d %H:%M:%S}"


def _day(text: str) -> str:
    return f"{in_shanghai(datetime.fromisoformat(text)):%Y-%m-%d}"
