"""Texts that people see, kept in YAML beside this file and never in code."""

from typing import Any

import yaml

from config.own_rules import source_of


def load_yaml(name: str) -> Any:
    """The parsed content of *name*: the bank's own file of that name, or else the packaged one in ``config/``."""
    text = source_of(name).read_text("utf-8")
    return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))


class Catalogue:
    """Sentences by key, filled in with values: ``text("queue.position", ahead=3)``.

    A missing key or value raises ``KeyError`` at once: a customer must never see a placeholder.
    """

    def __init__(self, name: str = "notices.zh-CN.yaml") -> None:
        self._texts: dict[str, str] = {}
        self._flatten("", load_yaml(name))

    def _flatten(self, prefix: str, node: dict[str, Any]) -> None:
        for key, value in node.items():
            if isinstance(value, dict):
                self._flatten(f"{prefix}{key}.", value)
            else:
                self._texts[f"{prefix}{key}"] = str(value).strip()

    def text(self, key: str, **values: object) -> str:
        """The sentence under *key* with *values* in it."""
        return self._texts[key].format(**values)

    def find(self, key: str) -> str | None:
        """The plain sentence under *key*, if there is one."""
        return self._texts.get(key)
