"""``/api/openapi.json`` and ``/api/docs``: the API described, from its routes and from what stands beside their handlers."""

import re
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

from aiohttp import web

from bot.channels.openapi_schemas import Components
from config.operations import Operation, operation_of
from config.problem import ProblemDetails

PREFIX = "/api/v1/"
STATIC = Path(__file__).parents[1] / "static" / "api_docs"
PROBLEM_TEXTS = {
    400: "the request can't be read",
    401: "not signed in, or no valid key",
    403: "not allowed",
    404: "not there, or not yours to see",
    408: "the body came too slowly",
    409: "not possible in this state, or somebody else was faster",
    413: "too large",
    415: "not a type that is taken",
    422: "well-formed, but the content is wrong",
    429: "too often",
    502: "a platform refused it: `reason` says why",
    503: "busy, or the database is away: try again",
}
SECURITY: dict[str, list[dict[str, list[str]]]] = {
    "staff": [{"session": []}, {"key": []}],
    "key": [{"key": []}],
    "link": [],
    "anybody": [],
}


class ApiDescription:
    """Serves the description. Made once, when the first one asks: by then every part has mounted its routes."""

    def __init__(self) -> None:
        self._document: dict[str, Any] | None = None

    def add_routes(self, app: web.Application) -> None:
        """Mount the document and the page that shows it."""
        app.router.add_get("/api/openapi.json", self._json)
        app.router.add_get("/api/docs", self._page)
        app.router.add_static("/api/docs/assets/", STATIC)

    async def _json(self, request: web.Request) -> web.Response:
        if self._document is None:
            self._document = document(request.app)
        return web.json_response(self._document, headers={"Cache-Control": "no-cache"})

    async def _page(self, _request: web.Request) -> web.FileResponse:
        return web.FileResponse(STATIC / "index.html", headers={"Cache-Control": "no-cache"})


def api_routes(app: web.Application) -> Iterator[tuple[str, str, Operation | None]]:
    """Every route under ``/api/v1/``: method, path template, and what was said of it."""
    for route in app.router.routes():
        if route.resource is None or route.method in ("HEAD", "*"):
            continue
        path = route.resource.canonical
        if path.startswith(PREFIX):
            yield route.method, path, operation_of(route.handler)


def document(app: web.Application) -> dict[str, Any]:
    """The OpenAPI 3.1 description of *app*. Raises ``LookupError`` naming a route that nobody described."""
    paths: dict[str, dict[str, Any]] = {}
    components = Components()
    patterns = _patterns(app)
    for method, path, operation in sorted(api_routes(app), key=lambda item: (item[1], item[0])):
        if operation is None:
            raise LookupError(f"{method} {path}")
        paths.setdefault(path, {})[method.lower()] = _described(path, operation, patterns, components)
    return {
        "openapi": "3.1.0",
        "info": {"title": "huiyin", "version": version("huiyin"), "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"}},
        "paths": paths,
        "components": {
            "schemas": components.schemas,
            "securitySchemes": {
                "session": {"type": "apiKey", "in": "cookie", "name": "huiyin_desk"},
                "key": {"type": "http", "scheme": "bearer"},
            },
        },
    }


def _described(path: str, operation: Operation, patterns: dict[str, str], components: Components) -> dict[str, Any]:
    names = re.findall(r"\{(\w+)\}", path)
    parameters = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string", **_pattern(patterns.get(f"{path}:{name}"))}}
        for name in names
    ]
    parameters += [{"name": name, "in": "query", "schema": schema} for name, schema in operation.query.items()]
    result: dict[str, Any] = {
        "summary": operation.summary,
        "tags": [operation.tag],
        "parameters": parameters,
        "responses": _responses(operation, bool(names), components),
        "security": SECURITY[operation.access],
    }
    if operation.scope:
        result["x-scope"] = operation.scope
    if operation.body is not None:
        result["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": components.refer(operation.body)}},
        }
    return result


def _pattern(pattern: str | None) -> dict[str, str]:
    return {"pattern": f"^{pattern}$"} if pattern else {}


def _patterns(app: web.Application) -> dict[str, str]:
    """The expressions that path parameters must match, by template and name."""
    found = {}
    for resource in app.router.resources():
        expression = resource.get_info().get("pattern")
        for name, pattern in re.findall(r"\(\?P<(\w+)>([^()]+)\)", expression.pattern if expression else ""):
            if pattern != "[^{}/]+":
                found[f"{resource.canonical}:{name}"] = pattern
    return found


def _responses(operation: Operation, has_path_parameters: bool, components: Components) -> dict[str, Any]:
    responses: dict[str, Any] = {}
    for status, answer in operation.answers.items():
        responses[str(status)] = {"description": "done"}
        if answer is not None:
            responses[str(status)]["content"] = {operation.media_type: {"schema": components.refer(answer)}}
    problems = {503, *operation.problems}
    if operation.access in ("staff", "key"):
        problems |= {401, 403}
    if operation.body is not None:
        problems |= {400, 408, 413, 422}
    if operation.query:
        problems |= {400}
    if has_path_parameters:
        problems |= {404}
    content = {"application/problem+json": {"schema": components.refer(ProblemDetails)}}
    for status in sorted(problems):
        responses[str(status)] = {"description": PROBLEM_TEXTS[status], "content": content}
    return responses
