"""The API's description is complete: whoever adds an endpoint says what it promises."""

import pytest
from aiohttp.test_utils import TestServer
from making_services import settings_for

from bot.app import make_app
from bot.channels.openapi import api_routes, document


@pytest.fixture
async def app(tmp_path):
    async with TestServer(await make_app(settings_for(tmp_path), background=False)) as server:
        yield server.app


async def test_every_endpoint_of_the_api_is_described_beside_its_handler(app):
    routes = list(api_routes(app))
    assert len(routes) > 20
    # Put @described(Operation(...)) from config.operations on the handler.
    assert [f"{method} {path}" for method, path, operation in routes if operation is None] == []


async def test_every_reference_in_the_description_leads_somewhere_and_no_two_endpoints_say_the_same(app):
    described = document(app)
    schemas = described["components"]["schemas"]

    def references(node):
        if isinstance(node, dict):
            yield from ([node["$ref"]] if "$ref" in node else [])
            for value in node.values():
                yield from references(value)
        elif isinstance(node, list):
            for value in node:
                yield from references(value)

    assert {ref for ref in references(described) if ref.removeprefix("#/components/schemas/") not in schemas} == set()
    summaries = [operation["summary"] for methods in described["paths"].values() for operation in methods.values()]
    assert sorted(summaries) == sorted(set(summaries))
