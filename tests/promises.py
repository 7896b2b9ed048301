"""Real answers, held against what the API's description promises of them: no field more, none less, none of another type."""

import copy
import json
import re
from collections.abc import Iterator
from typing import Any

import jsonschema_rs
from aiohttp.web import Application

from bot.channels.openapi import document

COMPONENTS = "#/components/schemas/"


class Promises:
    """What a described API says that it answers."""

    def __init__(self, described: dict[str, Any]) -> None:
        self.document = closed(described)
        self._validators: dict[str, Any] = {}
        self._routes = [
            (method.upper(), re.compile(re.sub(r"\{\w+\}", "[^/]+", path)), operation)
            for path, methods in self.document["paths"].items()
            for method, operation in methods.items()
        ]

    def operation(self, method: str, path: str) -> dict[str, Any]:
        """What is said of the endpoint that answers *path*. A word in a path goes before a place for any."""
        fitting = [operation for its, pattern, operation in self._routes if its == method and pattern.fullmatch(path)]
        assert fitting, f"{method} {path} is not described"
        return min(fitting, key=lambda item: len(item["parameters"]))

    def answers(self, method: str, path: str, status: int) -> dict[str, Any]:
        """The content that *status* promises: schemas by media type."""
        responses = self.operation(method, path)["responses"]
        assert str(status) in responses, f"{method} {path}: {status} is not declared, only {sorted(responses)}"
        return {kind: said["schema"] for kind, said in responses[str(status)].get("content", {}).items()}

    def check(self, method: str, path: str, status: int, content_type: str, body: bytes) -> None:
        """Fails when the answer is not what was promised."""
        content = self.answers(method, path, status)
        if not content:
            assert body == b"", f"{method} {path}: {status} promises nothing, and {len(body)} bytes came"
            return
        schema = content.get(content_type, content.get("*/*"))
        assert schema is not None, f"{method} {path}: {status} came as {content_type}, promised is {sorted(content)}"
        if content_type.endswith("json"):
            wrong = self.faults(schema, json.loads(body))
            assert not wrong, f"{method} {path} {status}: " + "; ".join(wrong)

    def faults(self, schema: dict[str, Any], value: Any) -> list[str]:
        """What is wrong with *value*."""
        key = json.dumps(schema, sort_keys=True)
        if key not in self._validators:
            whole = {**schema, "components": self.document["components"]}
            self._validators[key] = jsonschema_rs.Draft202012Validator(whole, validate_formats=True)
        return [
            f"{'/'.join(map(str, error.instance_path))}: {error.message}" for error in self._validators[key].iter_errors(value)
        ]

    # --- how much of it was seen -----------------------------------------------------------------------------------------

    def branches(self, schema: dict[str, Any], name: str = "") -> Iterator[str]:
        """Everything that *schema* leaves open, each by where it is left open: a field there or not, null or not, a list with items."""
        if "$ref" in schema:
            component = schema["$ref"].removeprefix(COMPONENTS)
            yield from self.branches(self.document["components"]["schemas"][component], component)
            return
        for n, option in enumerate(schema.get("anyOf", ())):
            yield f"{name}|{_option(option, n)}"
            yield from self.branches(option, f"{name}|{_option(option, n)}")
        for field, inner in schema.get("properties", {}).items():
            yield f"{name}.{field}"
            if field not in schema.get("required", ()):
                yield f"{name}.{field} left out"
            yield from self.branches(inner, f"{name}.{field}")
        for kind, mark in (("items", "[]"), ("additionalProperties", "{}")):
            if isinstance(schema.get(kind), dict):
                yield f"{name}{mark}"
                yield from self.branches(schema[kind], f"{name}{mark}")

    def taken(self, schema: dict[str, Any], value: Any, name: str = "") -> Iterator[str]:
        """Which of ``branches`` *value* takes."""
        if "$ref" in schema:
            component = schema["$ref"].removeprefix(COMPONENTS)
            yield from self.taken(self.document["components"]["schemas"][component], value, component)
            return
        for n, option in enumerate(schema.get("anyOf", ())):
            if not self.faults(option, value):
                yield f"{name}|{_option(option, n)}"
                yield from self.taken(option, value, f"{name}|{_option(option, n)}")
        for field, inner in schema.get("properties", {}).items() if isinstance(value, dict) else ():
            if field in value:
                yield f"{name}.{field}"
                yield from self.taken(inner, value[field], f"{name}.{field}")
            else:
                yield f"{name}.{field} left out"
        if isinstance(schema.get("items"), dict) and isinstance(value, list):
            for item in value:
                yield f"{name}[]"
                yield from self.taken(schema["items"], item, f"{name}[]")
        if isinstance(schema.get("additionalProperties"), dict) and isinstance(value, dict):
            for item in value.values():
                yield f"{name}{{}}"
                yield from self.taken(schema["additionalProperties"], item, f"{name}{{}}")


def _option(schema: dict[str, Any], n: int) -> str:
    return schema.get("$ref", "").removeprefix(COMPONENTS) or str(schema.get("type", n))


def closed(described: dict[str, Any]) -> dict[str, Any]:
    """*described*, with no room in any answer for a field that it does not name.

    The description that is served leaves it: programs are to bear a field that a later version adds.
    """

    def close(node: Any) -> None:
        if isinstance(node, dict):
            if "properties" in node and "allOf" not in node:
                node.setdefault("additionalProperties", False)
            for inner in node.values():
                close(inner)
        elif isinstance(node, list):
            for inner in node:
                close(inner)

    whole = copy.deepcopy(described)
    close(whole)
    return whole


_KNOWN: dict[frozenset[tuple[str, str]], Promises] = {}


def promises_of(app: Application) -> Promises:
    """Those of *app*. Making a description takes a moment, and most tests run the same endpoints."""
    routes = frozenset((route.method, route.resource.canonical) for route in app.router.routes() if route.resource)
    if routes not in _KNOWN:
        _KNOWN[routes] = Promises(document(app))
    return _KNOWN[routes]
