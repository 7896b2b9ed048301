"""One endpoint as OpenAPI describes it: what it takes, what it answers, and every word it may refuse with."""

import re
from collections.abc import Iterator
from typing import Any

from bot.channels.openapi_examples import Examples
from bot.channels.openapi_schemas import Components
from config.operations import Operation, Schema
from config.problem import ProblemDetails

PROBLEM_TEXTS = {
    400: "The request can't be read.",
    401: "Not signed in, or no valid key.",
    403: "Not allowed.",
    404: "Not there, or not yours to see.",
    408: "The body came too slowly.",
    409: "Not possible in this state, or somebody else was faster.",
    413: "Too large.",
    415: "Not a type that is taken.",
    422: "Well-formed, but the content is wrong.",
    429: "Too often; `Retry-After` says when again.",
    502: "A platform refused it.",
    503: "Busy, or something that is needed is away: send it again after `Retry-After`.",
}
DONE = {
    200: "Done.",
    201: "Done: it is stored.",
    204: "Done; there is nothing to tell.",
    206: "The part that `Range` asked for.",
    416: "Nothing is there where `Range` asks.",
}
JSON = "application/json"


class Described:
    """Describes operations; their shapes go to *components*."""

    def __init__(self, components: Components, patterns: dict[str, str], samples: dict[str, Any]) -> None:
        """*patterns*: the expressions that path parameters must match, by template and name."""
        self._components = components
        self._patterns = patterns
        self._examples = Examples(components.schemas, samples)

    def operation(self, method: str, path: str, operation: Operation, told: str) -> dict[str, Any]:
        """*told* is what its handler says of itself."""
        result: dict[str, Any] = {
            "operationId": f"{method.lower()}_{_words(path)}",
            "summary": operation.summary,
            **({"description": told} if told else {}),
            "tags": [operation.tag],
            "parameters": list(self._parameters(path, operation)),
            "responses": self._responses(method, path, operation),
            "security": _security(operation),
        }
        if operation.scope:
            result["x-scope"] = str(operation.scope)
        if operation.body is not None:
            result["requestBody"] = {"required": True, "content": {operation.body_type: self._shown(operation.body)}}
        return result

    def _parameters(self, path: str, operation: Operation) -> Iterator[dict[str, Any]]:
        for name in re.findall(r"\{(\w+)\}", path):
            pattern = self._patterns.get(f"{path}:{name}")
            text = {"type": "string", **({"pattern": f"^{pattern}$"} if pattern else {})}
            yield {"name": name, "in": "path", "required": True, "schema": text}
        for place, named in (("query", operation.query), ("header", operation.headers)):
            for name, schema in named.items():
                said = {"description": schema["description"]} if "description" in schema else {}
                yield {"name": name, "in": place, **said, "schema": schema}

    def _responses(self, method: str, path: str, operation: Operation) -> dict[str, Any]:
        responses: dict[str, Any] = {}
        for status, answer in operation.answers.items():
            responses[str(status)] = {"description": DONE[status]}
            if answer is not None:
                others = {kind: {"schema": schema} for kind, schema in operation.or_as.items()}
                responses[str(status)]["content"] = {operation.media_type: self._shown(answer), **others}
        for status, titles in sorted(problems_of(method, path, operation).items()):
            responses[str(status)] = {
                "description": f"{PROBLEM_TEXTS[status]} Titles: {', '.join(f'`{title}`' for title in titles)}.",
                "content": {"application/problem+json": {"schema": self._problem(titles)}},
            }
        return responses

    def _shown(self, shape: type | Schema) -> dict[str, Any]:
        schema = self._components.refer(shape)
        return {"schema": schema, **({"example": self._examples.of(schema)} if "$ref" in schema else {})}

    def _problem(self, titles: tuple[str, ...]) -> Schema:
        return {"allOf": [self._components.refer(ProblemDetails)], "properties": {"title": {"enum": list(titles)}}}


def problems_of(method: str, path: str, operation: Operation) -> dict[int, tuple[str, ...]]:
    """The titles of problems that the endpoint may refuse with, by status: what follows from its nature, and its own."""
    found: dict[int, list[str]] = {503: ["busy", "unavailable"]}

    def add(status: int, *titles: str) -> None:
        found[status] = list(dict.fromkeys((*found.get(status, ()), *titles)))

    if operation.access == "staff":
        add(401, "sign_in_needed", *(["api_key_required"] if operation.scope else []))
        add(
            403, *(["scope_missing"] if operation.scope else ["session_needed"]), *([] if method == "GET" else ["foreign_origin"])
        )
    if operation.access == "key":
        add(401, "api_key_required")
        add(403, "scope_missing")
    if "{" in path:
        add(404, "not_found")
    if operation.query:
        add(400, "bad_request")
    if operation.body is not None and operation.body_type == JSON:
        add(408, "body_slow")
        add(413, "too_large")
        add(422, operation.refused_as)
    if method != "GET":
        add(415, "encoded_body")
    for status, titles in operation.problems.items():
        add(status, *titles)
    return {status: tuple(titles) for status, titles in found.items()}


def _security(operation: Operation) -> list[dict[str, list[str]]]:
    """Any one of these is enough. Without a scope no key opens it."""
    key: dict[str, list[str]] = {"key": [str(operation.scope)] if operation.scope else []}
    if operation.access == "staff":
        return [{"session": []}, *([key] if operation.scope else [])]
    return [key] if operation.access == "key" else []


def _words(path: str) -> str:
    return "_".join(re.findall(r"[a-z]+", path.removeprefix("/api/v1/")))
