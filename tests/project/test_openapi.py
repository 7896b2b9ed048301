"""The API's description is complete: whoever adds an endpoint says what it promises."""

import pytest
from aiohttp.test_utils import TestServer
from making_services import settings_for
from promises import Promises

from bot.app import make_app
from bot.channels.openapi import api_routes, document
from config.labels import Topic


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


def nodes(node, place=""):
    """Every object of a document, with where it stands."""
    if isinstance(node, dict):
        yield place, node
    inner = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for name, value in inner:
        yield from nodes(value, f"{place}/{name}")


async def test_every_object_names_its_fields_and_what_is_open_says_so(app):
    described = document(app)
    vague = [
        place
        for place, node in nodes(described)
        if node.get("type") == "object" and not {"properties", "additionalProperties"} & set(node)
    ]
    assert vague == []
    said_to_be_open = {place for place, node in nodes(described) if node.get("additionalProperties") is True}
    assert said_to_be_open == {
        f"/components/schemas/{name}" for name in ("TicketRecord", "TicketStep/properties/detail", "SentEvent/properties/data")
    }


async def test_every_answer_that_has_words_for_programs_has_a_shape(app):
    for path, methods in document(app)["paths"].items():
        for method, operation in methods.items():
            for status, answer in operation["responses"].items():
                for kind, said in answer.get("content", {}).items():
                    assert said["schema"], (method, path, status, kind)
                    if kind == "application/json":
                        assert "$ref" in said["schema"], (method, path, status)


async def test_every_refusal_names_its_titles_and_every_body_says_what_it_is(app):
    for path, methods in document(app)["paths"].items():
        for method, operation in methods.items():
            for status, answer in operation["responses"].items():
                if int(status) >= 400 and "content" in answer:
                    titles = answer["content"]["application/problem+json"]["schema"]["properties"]["title"]["enum"]
                    assert titles and len(set(titles)) == len(titles), (method, path, status)
            content = operation.get("requestBody", {}).get("content", {})
            for kind, said in content.items():
                assert kind == "application/octet-stream" or "$ref" in said["schema"], (method, path)


async def test_every_group_says_what_it_is_for_and_every_operation_has_a_name_of_its_own(app):
    described = document(app)
    operations = [operation for methods in described["paths"].values() for operation in methods.values()]
    assert {tag for operation in operations for tag in operation["tags"]} == {tag["name"] for tag in described["tags"]}
    names = [operation["operationId"] for operation in operations]
    assert sorted(names) == sorted(set(names))
    assert set(described["webhooks"]) == set(Topic)


async def test_a_key_opens_what_names_a_scope_and_nothing_else(app):
    for path, methods in document(app)["paths"].items():
        for method, operation in methods.items():
            keys = [way["key"] for way in operation["security"] if "key" in way]
            assert keys == ([[operation["x-scope"]]] if "x-scope" in operation else []), (method, path)


async def test_every_example_is_what_it_is_an_example_of(app):
    promises, wrong = Promises(document(app)), []
    for place, node in nodes(promises.document["paths"]):
        if "example" in node:
            wrong += [f"{place}: {fault}" for fault in promises.faults(node["schema"], node["example"])]
    assert wrong == []


async def test_every_example_of_a_body_is_taken(app):
    described = document(app)
    for method, path, operation in api_routes(app):
        if isinstance(operation.body, type):
            content = described["paths"][path][method.lower()]["requestBody"]["content"]["application/json"]
            operation.body.model_validate(content["example"])
