"""Answers as dataclasses: what is sent and what the API's description says of it are made from the same one."""

from dataclasses import MISSING, Field, asdict, fields
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


def as_sent(answer: "DataclassInstance") -> dict[str, Any]:
    """*answer* as JSON has it. What has a default and is at it is left out, as its description allows."""
    left_out = {field.name for field in fields(answer) if _is_at_default(field, getattr(answer, field.name))}
    return {name: value for name, value in asdict(answer).items() if name not in left_out}


def _is_at_default(field: "Field[Any]", value: object) -> bool:
    return field.default is not MISSING and value == field.default
