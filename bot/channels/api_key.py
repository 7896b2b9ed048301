"""Who may call the endpoints for programs: a key in ``Authorization: Bearer`` or, as Rasa's clients send it, in ``?token=``."""

import hashlib
import hmac

from aiohttp import web

from config.problem import Problem
from config.settings import RestChannel


class ApiKeys:
    """Checks keys in constant time: how long a refusal takes tells nothing about the keys."""

    def __init__(self, settings: RestChannel) -> None:
        self._open = settings.open
        self._digests = tuple(_digest(key.get_secret_value()) for key in settings.api_keys)

    def caller(self, request: web.Request) -> str:
        """A stable name for whoever calls, from their key. Raises a 401 problem when the key is missing or wrong.

        The name tells two callers apart (their idempotency keys don't meet) and gives nothing of the key away.
        """
        offered = _offered(request)
        if offered:
            digest = _digest(offered)
            # Every key is compared, also after a match.
            matches = [hmac.compare_digest(digest, known) for known in self._digests]
            if any(matches):
                return hashlib.sha256(b"caller" + digest).hexdigest()[:16]
        if self._open:
            return "open"
        raise Problem(
            401,
            "api_key_required",
            "An API key is needed: send it as Authorization: Bearer <key>.",
            headers={"WWW-Authenticate": "Bearer"},
        )


def _offered(request: web.Request) -> str:
    scheme, _, value = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer" and value.strip():
        return value.strip()
    return request.query.get("token", "")


def _digest(key: str) -> bytes:
    # Digests are equally long, so comparing them tells nothing about the length of a key.
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).digest()
