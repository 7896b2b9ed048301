"""Examples of requests and answers, made from what is described of them: they can't say anything that it doesn't."""

from collections.abc import Mapping
from typing import Any

MOMENT = "2026-11-23T02:00:00Z"
COMPONENTS = "#/components/schemas/"


class Examples:
    """Makes them of *samples*: values by ``Schema.field`` or by field; where there is none, of what the field takes."""

    def __init__(self, schemas: Mapping[str, Any], samples: Mapping[str, Any]) -> None:
        self._schemas = schemas
        self._samples = samples

    def of(self, schema: Mapping[str, Any], name: str = "", field: str = "") -> Any:
        """A value that *schema* takes; *field* of the schema *name*."""
        for key in (f"{name}.{field}", field):
            if key in self._samples:
                return self._samples[key]
        if "$ref" in schema:
            name = schema["$ref"].removeprefix(COMPONENTS)
            return self._samples[name] if name in self._samples else self.of(self._schemas[name], name)
        for part in ("anyOf", "oneOf"):
            if part in schema:
                return self.of(schema[part][0], name, field)
        if "const" in schema or schema.get("enum"):
            return schema.get("const", schema.get("enum", [None])[0])
        return self._plain(schema, name)

    def _plain(self, schema: Mapping[str, Any], name: str) -> Any:
        match schema.get("type"):
            case "object" if "properties" in schema:
                return {key: self.of(inner, name, key) for key, inner in schema["properties"].items() if _told(schema, key)}
            case "object":
                inner, keys = schema.get("additionalProperties"), schema.get("propertyNames", {})
                key = self.of(keys) if keys else self._samples["id"]
                return {key: self.of(inner)} if isinstance(inner, dict) else {}
            case "array" if "prefixItems" in schema:
                return [self.of(item) for item in schema["prefixItems"]]
            case "array":
                return [self.of(schema.get("items", {}), name)]
            case "integer" | "number":
                return max(1, schema.get("minimum", 1))
            case "boolean":
                return schema.get("default", True)
            case "null":
                return None
        return MOMENT if schema.get("format") == "date-time" else schema.get("default", "…")


def _told(schema: Mapping[str, Any], field: str) -> bool:
    """Whether an example has that field: those that must be there."""
    return field in schema.get("required", ())
