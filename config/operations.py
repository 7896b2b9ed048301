"""What an endpoint promises to programs, said beside its handler. The API's description (OpenAPI) is made from these."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, Field, GetPydanticSchema, WithJsonSchema

Access = Literal["staff", "key", "link", "anybody"]  # signed-in staff or their API key; API key; who holds a ticket's link
Schema = Mapping[str, Any]
H = TypeVar("H", bound=Callable[..., Any])
_MARK = "__operation__"

Problems = Mapping[int, tuple[str, ...]]  # titles of problems by status
FILE: Schema = {"type": "string", "format": "binary"}
LANGUAGE: Mapping[str, Schema] = {
    "Accept-Language": {"type": "string", "description": "zh-CN or en: what people read in the answer is in that language."}
}
TEXT: Schema = {"type": "string"}
WHOLE: Schema = {"type": "integer", "minimum": 0}

# What answers are made of. They are typed dicts: the type checker holds the code that makes them against what is promised.
Moment = Annotated[str, Field(json_schema_extra={"format": "date-time"})]
Whole = Annotated[int, Field(ge=0)]
OpenObject = Annotated[dict[str, Any], Field(json_schema_extra={"additionalProperties": True})]


def kept_as(shape: Any) -> GetPydanticSchema:
    """For what is stored as JSON and told as it was stored: it is described as the *shape* that its maker gives it."""
    return GetPydanticSchema(lambda _source, handler: handler(shape))


def one_of(*words: str) -> WithJsonSchema:
    """For a word out of a few."""
    return WithJsonSchema({"type": "string", "enum": [str(word) for word in words]})


@dataclass(frozen=True, slots=True)
class Operation:
    """One endpoint: what it is for, who may use it, what it takes and answers."""

    summary: str
    tag: str
    access: Access = "staff"
    scope: str = ""  # what an API key must be allowed; empty: no key is enough
    body: type[BaseModel] | Schema | None = None
    body_type: str = "application/json"
    refused_as: str = "bad_request"  # the title of the problem when the body is not as described
    query: Mapping[str, Schema] = field(default_factory=dict)
    headers: Mapping[str, Schema] = field(default_factory=dict)
    answers: Mapping[int, type | Schema | None] = field(default_factory=lambda: {200: None})  # None: no content
    media_type: str = "application/json"
    or_as: Mapping[str, Schema] = field(default_factory=dict)  # other types that the answer may have, as the caller wishes
    problems: Problems = field(default_factory=dict)  # beyond those that follow from access, body and path


def described(operation: Operation) -> Callable[[H], H]:
    """Marks a handler with what it promises."""

    def mark(handler: H) -> H:
        setattr(handler, _MARK, operation)
        return handler

    return mark


def operation_of(handler: object) -> Operation | None:
    """What *handler* promises, if it was said; found through wrappers made with ``functools.wraps`` too."""
    found = getattr(handler, _MARK, None)
    return found if isinstance(found, Operation) else None
