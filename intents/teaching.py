"""Misunderstood messages out for labelling, and labelled ones in as training data of the bank's own."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, TextIO

import yaml

from config.labels import Kind, Product

LABELS = ("kind", "product", "urgent")
_KINDS = frozenset(kind.value for kind in Kind)
_PRODUCTS = frozenset(product.value for product in Product)


def to_label(text: str, understanding: Mapping[str, Any]) -> str:
    """One line for a person to fill in: the words, the guess, and empty labels."""
    guess = {name: understanding.get(name) for name in LABELS}
    return json.dumps({"text": text, "guess": guess, "kind": None, "product": None, "urgent": None}, ensure_ascii=False)


class NotLabelled(ValueError):
    """A line cannot be used; the message says which and why."""


def labelled(source: TextIO) -> list[dict[str, Any]]:
    """The lines that carry labels; those whose ``kind`` was left empty are passed over.

    Raises ``NotLabelled`` naming the first line with a label that is none, or that is no JSON object.
    """
    found = []
    for number, line in enumerate(source, start=1):
        if not line.strip():
            continue
        try:
            item = json.loads(line)
        except (ValueError, RecursionError):
            raise NotLabelled(f"line {number}: not JSON") from None
        if not isinstance(item, dict) or not isinstance(item.get("text"), str) or not item["text"].strip():
            raise NotLabelled(f"line {number}: needs an object with a text")
        if item.get("kind") is None:
            continue
        if item["kind"] not in _KINDS:
            raise NotLabelled(f"line {number}: kind is none of {', '.join(sorted(_KINDS))}")
        if item.get("product") not in _PRODUCTS:
            raise NotLabelled(f"line {number}: product is none of {', '.join(sorted(_PRODUCTS))}")
        urgent = item.get("urgent")
        if not isinstance(urgent, bool | None) or (item["kind"] == Kind.URGENT_REPORT and urgent is False):
            raise NotLabelled(f"line {number}: urgent must be true, false or null, and true for an urgent report")
        found.append(item)
    return found


def write_examples(items: Iterable[Mapping[str, Any]], path: Path, *, author: str) -> None:
    """Write *items* as a Rasa 3.1 training file in a style named ``own``."""
    groups: dict[tuple[str, str, bool], list[str]] = {}
    for item in items:
        urgent = bool(item.get("urgent")) or item["kind"] == Kind.URGENT_REPORT
        groups.setdefault((item["kind"], item["product"], urgent), []).append(" ".join(item["text"].split()))
    nlu = [
        {
            "intent": kind,
            "metadata": {"product": product, "urgent": urgent, "style": "own", "author": author},
            "examples": [{"text": text} for text in texts],
        }
        for (kind, product, urgent), texts in groups.items()
    ]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump({"version": "3.1", "nlu": nlu}, allow_unicode=True, sort_keys=False), "utf-8")
