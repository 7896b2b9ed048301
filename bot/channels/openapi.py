"""``/api/openapi.json`` and ``/api/docs``: the API described, from its routes and from what stands beside their handlers."""

import asyncio
import inspect
import re
from collections.abc import Iterator, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

from aiohttp import web

from bot.channels.openapi_operation import Described
from bot.channels.openapi_schemas import Components
from config.catalogue import load_yaml
from config.operations import Operation, operation_of
from store.events import EVENTS, SentEvent

PREFIX = "/api/v1/"
STATIC = Path(__file__).parents[1] / "static" / "api_docs"


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
            # Half a second of work: nobody else waits for it.
            self._document = await asyncio.to_thread(document, request.app)
        return web.json_response(self._document, headers={"Cache-Control": "no-cache"})

    async def _page(self, _request: web.Request) -> web.FileResponse:
        return web.FileResponse(STATIC / "index.html", headers={"Cache-Control": "no-cache"})


def api_routes(app: web.Application) -> Iterator[tuple[str, str, Operation | None]]:
    """Every route under ``/api/v1/``: method, path template, and what was said of it."""
    for method, path, handler in _handlers(app):
        yield method, path, operation_of(handler)


def _handlers(app: web.Application) -> Iterator[tuple[str, str, object]]:
    for route in app.router.routes():
        if route.resource is None or route.method in ("HEAD", "*"):
            continue
        path = route.resource.canonical
        if path.startswith(PREFIX):
            yield route.method, path, route.handler


def document(app: web.Application) -> dict[str, Any]:
    """The OpenAPI 3.1 description of *app*. Raises ``LookupError`` naming a route that nobody described."""
    components, words = Components(), load_yaml("api.yaml")
    described = Described(components, _patterns(app), words["samples"])
    paths: dict[str, dict[str, Any]] = {}
    for method, path, handler in sorted(_handlers(app), key=lambda item: (item[1], item[0])):
        operation = operation_of(handler)
        if operation is None:
            raise LookupError(f"{method} {path}")
        told = inspect.getdoc(handler) or ""
        paths.setdefault(path, {})[method.lower()] = described.operation(method, path, operation, told)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "huiyin",
            "version": version("huiyin"),
            "summary": words["summary"],
            "description": words["description"],
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "tags": [{"name": name, "description": told} for name, told in words["tags"].items()],
        "paths": paths,
        "webhooks": _webhooks(components, words["topics"], words["posted"]),
        "components": {
            "schemas": components.schemas,
            "securitySchemes": {
                "session": {"type": "apiKey", "in": "cookie", "name": "huiyin_desk", "description": words["session"]},
                "key": {"type": "http", "scheme": "bearer", "description": words["key"]},
            },
        },
    }


def _webhooks(components: Components, told: Mapping[str, str], headers: Mapping[str, str]) -> dict[str, Any]:
    """What we send to addresses that asked for it, by topic, and the *headers* that come with it."""
    text = {"type": "string"}
    parameters = [
        {"name": name, "in": "header", "required": True, "description": said, "schema": text} for name, said in headers.items()
    ]
    envelope = components.refer(SentEvent)
    found = {}
    for topic, data in EVENTS.items():
        schema = {"allOf": [envelope], "properties": {"topic": {"const": topic.value}, "data": components.refer(data)}}
        found[topic.value] = {
            "post": {
                "operationId": f"on_{topic.value.replace('.', '_')}",
                "summary": told[topic.value],
                "tags": ["webhooks"],
                "parameters": parameters,
                "requestBody": {"required": True, "content": {"application/json": {"schema": schema}}},
                "responses": {"2XX": {"description": "Taken. Anything else, a redirect too, is told again later."}},
            }
        }
    return found


def _patterns(app: web.Application) -> dict[str, str]:
    """The expressions that path parameters must match, by template and name."""
    found = {}
    for resource in app.router.resources():
        expression = resource.get_info().get("pattern")
        for name, pattern in re.findall(r"\(\?P<(\w+)>([^()]+)\)", expression.pattern if expression else ""):
            if pattern != "[^{}/]+":
                found[f"{resource.canonical}:{name}"] = pattern
    return found
