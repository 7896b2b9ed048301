"""``POST /api/v1/feedback``: feedback from forms, tellers, the hotline, paper and other systems becomes a ticket like any other.

Acknowledged means 201: the ticket is committed then. With an ``Idempotency-Key`` the same request may be sent again and again and
gets the same ticket number; the same key with another body is refused.
"""

from dataclasses import asdict
from datetime import datetime, timedelta

from aiohttp import web

from bot.channels.feedback_files import FeedbackFiles, TakenFile
from bot.channels.form_pass import FormPasses
from config.addresses import household
from config.answers import as_sent
from config.clock import Clock
from config.labels import FeedbackChannel, Scope
from config.operations import FILE, LANGUAGE, Operation, described
from config.problem import Problem
from config.settings import Settings
from handoff.api_keys import ApiKeys, bearer
from handoff.feedback.filing import REFUSED, FeedbackFiling, Receipt
from handoff.feedback.form import FeedbackForm
from handoff.feedback.sent_again import IDEMPOTENT, idempotency_key
from handoff.uploads.body import read_small
from handoff.uploads.taking import FILE_REFUSALS, FileTaker
from store import attempts
from store.engine import Store

AN_HOUR = timedelta(hours=1)
HOSTED_CHANNELS = frozenset({FeedbackChannel.WEB_FORM, FeedbackChannel.BRANCH_QR})


class FeedbackApi:
    """Takes structured feedback over HTTP."""

    def __init__(
        self,
        settings: Settings,
        store: Store,
        clock: Clock,
        filing: FeedbackFiling,
        files: FileTaker | None = None,
    ) -> None:
        self._keys = ApiKeys(settings.rest, store, clock)
        self._per_address = settings.web_form.per_address_per_h
        self._passes = FormPasses(store.crypto, clock)
        self._files = FeedbackFiles(files, store.crypto, clock) if files else None
        self._store = store
        self._clock = clock
        self._filing = filing

    def add_routes(self, app: web.Application) -> None:
        """Mount the endpoint."""
        app.router.add_post("/api/v1/feedback", self._post)
        if self._files is not None:
            app.router.add_post("/api/v1/feedback/uploads", self._upload)

    @described(
        Operation(
            "File feedback of any channel",
            "feedback",
            access="key",
            scope="feedback:write",
            body=FeedbackForm,
            refused_as=REFUSED,
            headers={**IDEMPOTENT, **LANGUAGE},
            answers={201: Receipt},
            problems={
                400: ("bad_json", "idempotency_key_invalid"),
                401: ("form_over",),
                409: ("in_progress",),
                415: ("bad_json",),
                422: ("idempotency_key_reused",),
                429: ("too_many_forms",),
            },
        )
    )
    async def _post(self, request: web.Request) -> web.Response:
        caller, is_form = await self._caller(request)
        # A form's pass is good for one ticket, however often the button is pressed.
        key = caller if is_form else idempotency_key(request)
        filing = self._filing.speaking(request.headers.get("Accept-Language"))
        form = filing.parse(await read_small(request), request.content_type)
        if is_form:
            _check_hosted(form, filing)
            await self._count(request, self._clock.now())
        attachments = await self._opened(form.uploads, caller, filing)
        filed = await filing.file(form, caller=caller, key=key, attachments=attachments)
        headers = {"Idempotent-Replayed": "true"} if filed.replayed else {}
        return web.json_response(filed.answer, status=filed.status, headers=headers)

    @described(
        Operation(
            "Send a picture or short video that belongs to feedback; the body is the file",
            "feedback",
            access="key",
            scope="feedback:write",
            body=FILE,
            body_type="application/octet-stream",
            answers={201: TakenFile},
            problems={**FILE_REFUSALS, 401: ("form_over",), 429: ("too_many_forms", "too_many")},
        )
    )
    async def _upload(self, request: web.Request) -> web.Response:
        caller, is_form = await self._caller(request)
        if self._files is None:
            raise Problem(404, "not_found")
        if is_form:
            await self._count(request, self._clock.now())
        return web.json_response(as_sent(await self._files.take(request, caller)), status=201)

    async def _caller(self, request: web.Request) -> tuple[str, bool]:
        """Who sends, and whether it is the hosted form with its pass. Raises 401 and 403 problems."""
        nonce = self._passes.read(bearer(request))
        if nonce is not None:
            return f"form:{nonce}", True
        return (await self._keys.caller(request, Scope.FEEDBACK_WRITE)).name, False

    async def _count(self, request: web.Request, now: datetime) -> None:
        """One address sends only so much an hour."""
        bucket, limit = self._store.crypto.hmac("web_form", f"address:{household(request.remote)}"), self._per_address
        if not await self._store.write(lambda tx: attempts.add(tx, bucket, now, AN_HOUR, limit), key=bucket):
            raise Problem(429, "too_many_forms", headers={"Retry-After": "600"})

    async def _opened(self, tokens: tuple[str, ...], caller: str, filing: FeedbackFiling) -> tuple[dict[str, object], ...]:
        found = [await self._files.open(token, caller) if self._files else None for token in tokens]
        if not all(found):
            raise filing.refusal([("uploads", "upload_unknown")])
        return tuple(asdict(item) for item in found if item)


def _check_hosted(form: FeedbackForm, filing: FeedbackFiling) -> None:
    """In front of a form nobody says whom the bank knows them as, how urgent it is, or that staff wrote it."""
    faults = [("channel", "literal_error")] if form.channel not in HOSTED_CHANNELS else []
    staff_only = {
        "customer.reference": form.customer.reference,
        "registered_by": form.registered_by,
        "received_at": form.received_at,
        "escalation_signs": form.escalation_signs or None,
        "urgent": form.urgent,
    }
    faults += [(name, "extra_forbidden") for name, value in staff_only.items() if value is not None]
    if faults:
        raise filing.refusal(faults)
