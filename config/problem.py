"""An error that a caller is told about, as RFC 9457 describes it. Raised anywhere, rendered by one middleware."""

from typing import Annotated, Any, NotRequired

from pydantic import Field
from typing_extensions import TypedDict


class FieldFault(TypedDict):
    """A field of a feedback form that is wrong: the stable word for how, and a sentence for people."""

    field: str
    code: str
    message: str


class ProblemDetails(TypedDict):
    """Why a request was refused (RFC 9457). What stands beside ``detail`` comes with some of the titles alone."""

    type: Annotated[str, Field(description="`urn:huiyin:problem:` and the title")]
    title: Annotated[str, Field(description="A stable word for programs")]
    status: int
    detail: NotRequired[Annotated[str, Field(description="A sentence for people")]]
    fields: NotRequired[Annotated[list[str], Field(description="bad_request: which are wrong, never what stood in them")]]
    errors: NotRequired[Annotated[list[FieldFault], Field(description="feedback_refused: each field and what is wrong with it")]]
    seqs: NotRequired[Annotated[list[int], Field(description="unseen: the messages that must be read first")]]
    agent: NotRequired[Annotated[dict[str, str], Field(description="taken: who has it, by id and name")]]
    missing: NotRequired[Annotated[list[str], Field(description="incomplete: the fields of the record that are not there yet")]]
    reason: NotRequired[Annotated[str, Field(description="wechat_refused: what WeChat said")]]
    accounts: NotRequired[Annotated[list[str], Field(description="no_such_account: those there are")]]


class Problem(Exception):
    """Ends a request with *status* and a JSON body of type ``application/problem+json``.

    ``code`` is a stable word for programs (``stale``, ``not_holder``); ``detail`` a sentence for people, never with personal
    data in it; ``extra`` further members of the body; ``headers`` such as ``Retry-After``.
    """

    def __init__(self, status: int, code: str, detail: str = "", *, headers: dict[str, str] | None = None, **extra: Any) -> None:
        super().__init__(f"{status} {code}")
        self.status = status
        self.code = code
        self.detail = detail
        self.headers = headers or {}
        self.extra = extra
