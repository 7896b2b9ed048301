"""Shapes of bodies and answers as JSON Schema, put beside the paths and referred to."""

from typing import Any

from pydantic import BaseModel, TypeAdapter
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode
from typing_extensions import override

from config.operations import Schema

REF = "#/components/schemas/{model}"


class _Plain(GenerateJsonSchema):
    """Without a title for every field: it only repeats the name."""

    @override
    def field_title_should_be_set(self, schema: Any) -> bool:
        return False


class Components:
    """The schemas of a description, each once."""

    def __init__(self) -> None:
        self.schemas: dict[str, Any] = {}
        self._known: dict[type, Schema] = {}

    def refer(self, shape: type | Schema) -> Schema:
        """*shape* as a schema. Raises ``LookupError`` when two different shapes have one name."""
        if not isinstance(shape, type):
            return shape
        if shape not in self._known:
            self._known[shape] = self._made(shape)
        return self._known[shape]

    def _made(self, shape: type) -> Schema:
        mode: JsonSchemaMode = "validation" if issubclass(shape, BaseModel) else "serialization"
        made = TypeAdapter(shape).json_schema(ref_template=REF, mode=mode, schema_generator=_Plain)
        for name, schema in {**made.pop("$defs", {}), shape.__name__: made}.items():
            if self.schemas.setdefault(name, schema) != schema:
                raise LookupError(name)
        return {"$ref": REF.format(model=shape.__name__)}
