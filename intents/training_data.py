"""Reads Rasa 3.1 training files: examples with their intent, entities and metadata."""

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml

NLU_FOLDER = Path(str(files("intents") / "nlu"))
_ANNOTATION = re.compile(r"\[(?P<text>[^\]]+)\](?:\((?P<name>[^):]+)(?::(?P<value>[^)]*))?\)|(?P<braces>\{[^}]*\}))")


@dataclass(frozen=True, slots=True)
class Example:
    """One utterance as one person might say it."""

    text: str  # without annotations
    intent: str
    product: str | None
    urgent: bool | None
    style: str
    author: str


def read_examples(folder: Path = NLU_FOLDER) -> tuple[Example, ...]:
    """Every example of every file, in the order of the files' names. Raises ``ValueError`` naming the file and what is wrong."""
    return tuple(example for path in sorted(folder.glob("*.yml")) for example in read_file(path))


def read_file(path: Path) -> Iterator[Example]:
    """The examples of one file."""
    data = yaml.load(path.read_text("utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    if not isinstance(data, dict) or str(data.get("version")) != "3.1":
        raise ValueError(f"{path.name}: not a Rasa 3.1 file")
    for item in data.get("nlu") or ():
        if "intent" in item:
            yield from _examples(path, item)


def _examples(path: Path, item: Mapping[str, Any]) -> Iterator[Example]:
    common = item.get("metadata") or {}
    listed = item.get("examples")
    entries: list[Any]
    if isinstance(listed, str):
        entries = [{"text": line.strip()[1:].strip()} for line in listed.splitlines() if line.strip().startswith("-")]
    else:
        entries = list(listed or ())
    for entry in entries:
        text = plain_text(str(entry["text"]).strip())
        if not text:
            raise ValueError(f"{path.name}: an empty example under {item['intent']}")
        metadata = {**common, **(entry.get("metadata") or {})}
        yield Example(
            text=text,
            intent=str(item["intent"]),
            product=metadata.get("product"),
            urgent=metadata.get("urgent"),
            style=metadata.get("style", path.stem),
            author=metadata.get("author", "unknown"),
        )


def plain_text(annotated: str) -> str:
    """*annotated* with every ``[text](entity)`` replaced by its text."""
    return _ANNOTATION.sub(lambda match: match.group("text"), annotated)


def fingerprint(*folders: Path) -> str:
    """Of the training files in *folders* (default: the packaged ones). A model remembers what it was trained on."""
    digest = hashlib.sha256()
    for folder in folders or (NLU_FOLDER,):
        for path in sorted(folder.glob("*.yml")):
            digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()
