"""What the desk's pages send, checked field by field."""

import re
from typing import Annotated, Any, Literal, TypeVar

from aiohttp import web
from pydantic import (
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    field_validator,
    model_validator,
)

from config.json_text import parsed
from config.labels import Priority, Product, TicketKind, TicketState
from config.problem import Problem
from handoff.uploads.body import read_small

MAX_SEQ = 2**31 - 1  # what the column holds
MAX_FILED_CHARS = 8000
_PHONE = re.compile(r"\+?\d(?:[\d -]{3,17})\d")

Words = Annotated[str, StringConstraints(strip_whitespace=True, max_length=100)]
ClientId = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z-]{1,36}$")]


class Body(BaseModel):
    """A JSON object without a field that we do not know."""

    model_config = ConfigDict(extra="forbid")


B = TypeVar("B", bound=Body)


class SignIn(Body):
    """Login and password."""

    login: str = Field(min_length=1, max_length=64)
    password: str = Field(min_length=1, max_length=256)


class Text(Body):
    """A reply or a note. Sent again under the same ``client_id`` it is written once."""

    text: str
    client_id: ClientId | None = None


class Reply(Text):
    """A reply. One that tells the outcome may use the last message that the platform allows."""

    outcome: bool = False
    seen: int | None = Field(None, ge=0, le=MAX_SEQ, description="Last message that the page shows: nothing may be said blindly.")


class Reason(Body):
    """Why something is done."""

    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]


class Transfer(Reason):
    """To whom a conversation shall go, and why: a colleague or a skill."""

    agent: Annotated[str, StringConstraints(max_length=64)] | None = None
    skill: Annotated[str, StringConstraints(max_length=64)] | None = None

    @model_validator(mode="after")
    def _one_of_them(self) -> "Transfer":
        if bool(self.agent) == bool(self.skill):
            raise ValueError("agent or skill")
        return self


class Seq(Body):
    """How far somebody has read."""

    seq: int = Field(ge=0, le=MAX_SEQ)


class Presence(Body):
    """Whether somebody takes conversations."""

    presence: Literal["online", "busy", "away"]


class Work(Body):
    """How many conversations somebody may hold, and the skills that they have (none: everything)."""

    capacity: int = Field(ge=0, le=100)
    skills: list[Annotated[str, StringConstraints(max_length=64)]] = Field(max_length=50)


class Record(Body):
    """The fields of the record that an agent may put right; empty means that it is not known."""

    occurred_at: AwareDatetime | None = None
    place: Words = ""
    branch: Words = ""
    machine: Words = ""
    amount_yuan: float | None = Field(None, ge=0, le=1e12, allow_inf_nan=False)
    product_name: Words = ""
    card_tail: Annotated[str, StringConstraints(pattern=r"^(\d{4})?$")] = ""
    staff_name: Words = ""
    person_praised: Words = ""
    app_function: Words = ""


class Filing(Body):
    """A ticket to file. What ``record`` names replaces what the draft holds."""

    kind: TicketKind
    product: Product
    priority: Priority = Priority.NORMAL
    content: str = Field(min_length=1, max_length=MAX_FILED_CHARS)
    demand: str | None = Field(None, max_length=2000)
    phone: str = Field("", max_length=20)
    record: Record | None = None
    client_id: ClientId | None = None

    @field_validator("phone")
    @classmethod
    def _a_number(cls, value: str) -> str:
        if value.strip() and not _PHONE.fullmatch(value.strip()):
            raise ValueError("not a telephone number")
        return value.strip()

    def corrections(self) -> dict[str, Any]:
        """The record's fields as the agent wants them; a value of None removes the field."""
        if self.record is None:
            return {}
        values = {name: getattr(self.record, name) for name in self.record.model_fields_set}
        if values.get("occurred_at"):
            values["occurred_at"] = values["occurred_at"].isoformat()
        return {name: value if value not in ("", None) else None for name, value in values.items()}


class Move(Body):
    """A ticket's next state."""

    to: TicketState
    expected_version: int = Field(ge=1, le=MAX_SEQ)
    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]


async def read_body(request: web.Request, model: type[B]) -> B:
    """The request's JSON as *model*. 422 naming the fields that are wrong, never what stood in them."""
    try:
        return model.model_validate(parsed(await read_small(request)))
    except ValidationError as error:
        fields = sorted({".".join(map(str, item["loc"])) for item in error.errors(include_url=False, include_input=False)})
        raise Problem(422, "bad_request", fields=fields) from None
    except (ValueError, RecursionError):
        raise Problem(422, "bad_request") from None
