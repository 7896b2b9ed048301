"""Around every request: one place that measures, logs without personal data, renders problems and sets security headers."""

import errno
import json
import time

import structlog
from aiohttp import web
from aiohttp.typedefs import Handler, Middleware
from multidict import CIMultiDict

from bot.measures import Measures
from bot.stalled import Stalled
from bot.turnstile import Turnstile
from config.addresses import TrustedProxies
from config.catalogue import Catalogue
from config.problem import Problem
from config.seldom import Seldom
from store.errors import StoreBusy, StoreError

log = structlog.get_logger(__name__)

SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; connect-src 'self'; object-src 'none'; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}
REFUSALS_LOGGED_A_SECOND = 5  # of each route and kind
QUIET_ROUTES = frozenset({"/livez", "/readyz", "/metrics"})
CACHED_ROUTES = frozenset({"/static", "/widget/assets", "/widget/bank"})
CACHED_FOR_S = 3600
UNMATCHED = "unmatched"
STRANGERS = ("/wechat/", UNMATCHED)  # where anybody may knock: refusals there are answered a few at a time


PROBLEM_TYPE = "application/problem+json"
KEPT_PROBLEMS = 200


class Problems:
    """Problems as RFC 9457 JSON. One that says nothing of its own looks the same each time, and is written once."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._written: dict[tuple[int, str, str], tuple[bytes, CIMultiDict[str]]] = {}

    def response(self, problem: Problem, accept_language: str | None) -> web.Response:
        """The answer; its detail is a sentence in the caller's language where the raiser gave none and we have one."""
        catalogue = self._catalogue.asked_for(accept_language)
        if problem.detail or problem.extra or problem.headers:
            headers = CIMultiDict({"Content-Type": PROBLEM_TYPE + "; charset=utf-8", **SECURITY_HEADERS, **problem.headers})
            return web.Response(body=_body(problem, catalogue), status=problem.status, headers=headers)
        key = problem.status, problem.code, catalogue.language
        written = self._written.get(key)
        if written is None:
            written = (
                _body(problem, catalogue),
                CIMultiDict({"Content-Type": PROBLEM_TYPE + "; charset=utf-8", **SECURITY_HEADERS}),
            )
            if len(self._written) < KEPT_PROBLEMS:
                self._written[key] = written
        body, headers = written
        return web.Response(body=body, status=problem.status, headers=headers)


def _body(problem: Problem, catalogue: Catalogue) -> bytes:
    body = {"type": f"urn:huiyin:problem:{problem.code}", "title": problem.code, "status": problem.status, **problem.extra}
    detail = catalogue.says(problem.detail) or catalogue.find(f"problem.{problem.code}")
    if detail:
        body["detail"] = detail
    return json.dumps(body).encode()


def as_problem(error: Exception) -> Problem:
    """What to tell the caller of an error that is not a problem yet."""
    if isinstance(error, StoreBusy):
        return Problem(503, "busy", headers={"Retry-After": "1"})
    if isinstance(error, StoreError):
        return Problem(503, "unavailable", headers={"Retry-After": "2"})
    if isinstance(error, OSError) and error.errno == errno.ENAMETOOLONG:
        return Problem(404, "not_found")  # a path that no file can have
    return Problem(500, "internal")


def seen_through(proxies: TrustedProxies, request: web.Request) -> web.Request:
    """*request* as it left the customer: with their address, and by https if they came by it, where a proxy of ours says so."""
    if not proxies.trusts(request.remote):
        return request
    client = proxies.client(request.remote, request.headers.getall("X-Forwarded-For", ()))
    scheme = request.headers.get("X-Forwarded-Proto", "").rpartition(",")[2].strip().lower()
    return request.clone(remote=client or "", scheme=scheme if scheme in ("http", "https") else request.scheme)


def _is_encoded(request: web.Request) -> bool:
    """Whether a body is to be unpacked. A GET has none that anybody reads, whatever its header says."""
    return request.method not in ("GET", "HEAD") and request.headers.get("Content-Encoding", "identity").lower() != "identity"


NO_PROXIES = TrustedProxies(())


def edge(
    catalogue: Catalogue, measures: Measures, proxies: TrustedProxies = NO_PROXIES, stalled: Stalled | None = None
) -> Middleware:
    """The one middleware. *stalled* is told of every connection."""
    refused = Seldom(REFUSALS_LOGGED_A_SECOND)
    problems = Problems(catalogue)
    turnstile = Turnstile()

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        started = time.perf_counter()
        if stalled is not None:
            stalled.note(request.transport)
        resource = request.match_info.route.resource
        route = resource.canonical if resource is not None else UNMATCHED
        code = None
        languages = request.headers.get("Accept-Language")
        try:
            if _is_encoded(request):
                raise Problem(415, "encoded_body")  # nobody sends us any, and a small body may inflate to a huge one
            if "%00" in request.raw_path:  # no text of ours holds one, and PostgreSQL would seem to be away
                raise Problem(404, "not_found") if "%00" in request.raw_path.partition("?")[0] else Problem(400, "bad_request")
            response = await handler(seen_through(proxies, request) if proxies else request)
            if not response.prepared:
                _dress(response, route)
        except Problem as problem:
            code = problem.code
            response = problems.response(problem, languages)
        except web.HTTPException as error:
            response = _http_error(error, problems, languages)
        except Exception as error:
            shown = as_problem(error)
            if shown.status == 500:  # noqa: PLR2004 -- the one that is our fault
                log.exception("request_failed", route=route)
            response = problems.response(shown, languages)
        took = time.perf_counter() - started
        if response.status != 101:  # noqa: PLR2004 -- a socket's lifetime is no time to answer
            measures.observe(route, response.status, took)
        if route not in QUIET_ROUTES:
            _log(request.method, route, response.status, took, code, refused)
        if 400 <= response.status < 500 and route.startswith(STRANGERS):  # noqa: PLR2004 -- the caller's fault
            passed = await turnstile.passed()
            if not passed and request.transport is not None:
                request.transport.abort()
        return response

    return middleware


def _dress(response: web.StreamResponse, route: str) -> None:
    """What every answer carries unless its handler said otherwise. Problems are written with it."""
    for name, value in SECURITY_HEADERS.items():
        response.headers.setdefault(name, value)
    if route in CACHED_ROUTES:
        response.headers.setdefault("Cache-Control", f"public, max-age={CACHED_FOR_S}")


def _log(method: str, route: str, status: int, took_s: float, code: str | None, refused: Seldom) -> None:
    """One line a request; of refusals, which cost a stranger nothing, a few a second with the number of the others."""
    more: dict[str, str | int] = {}
    if code is not None:
        more["code"] = code
    if 400 <= status < 500:  # noqa: PLR2004 -- the caller's fault
        held_back = refused((route, status, code))
        if held_back is None:
            return
        if held_back:
            more["more_like_this"] = held_back
    log.info("request", method=method, route=route, status=status, ms=round(took_s * 1000, 1), **more)


HTTP_CODES = {404: "not_found", 405: "method_not_allowed", 413: "too_large"}


def _http_error(error: web.HTTPException, problems: Problems, accept_language: str | None) -> web.StreamResponse:
    if error.status < 400:  # noqa: PLR2004 -- a redirect is an answer, not a problem
        return web.Response(status=error.status, headers={**SECURITY_HEADERS, **error.headers})
    allow = {"Allow": error.headers["Allow"]} if "Allow" in error.headers else {}
    return problems.response(Problem(error.status, HTTP_CODES.get(error.status, "bad_request"), headers=allow), accept_language)
