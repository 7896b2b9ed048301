"""An error that a caller is told about, as RFC 9457 describes it. Raised anywhere, rendered by one middleware."""

from typing import Any


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
