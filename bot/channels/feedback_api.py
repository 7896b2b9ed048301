"""``POST /api/v1/feedback``: feedback from forms, tellers, the hotline, paper and other systems becomes a ticket like any other.

Acknowledged means 201: the ticket is committed then. With an ``Idempotency-Key`` the same request may be sent again and again and
gets the same ticket number; the same key with another body is refused.
"""

from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import structlog
from aiohttp import web
from pydantic import ValidationError

from bot.channels.feedback_files import FeedbackFiles
from bot.channels.feedback_filing import FormFiler, Redact
from bot.channels.feedback_form import FeedbackForm
from bot.channels.form_pass import FormPasses
from bot.message import Attachment
from bot.second_opinion import SecondOpinion
from bot.uploads import FileTaker
from config.catalogue import Catalogue
from config.clock import Clock, in_shanghai
from config.labels import FeedbackChannel, Scope
from config.operations import OBJECT, Operation, described
from config.problem import Problem
from config.settings import Settings
from handoff.api_keys import ApiKeys, bearer
from handoff.tickets.clocks import Clocks
from handoff.tickets.draft import missing_from_group_a
from handoff.tickets.views import day_for_people
from store import attempts, idempotency, tickets
from store.engine import Store, Tx
from store.errors import Conflict
from store.numbers import TicketNumbers
from store.tickets import TicketDraft

log = structlog.get_logger(__name__)

Answer = dict[str, Any]

_EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
_CLOCK_SKEW = timedelta(minutes=5)
_MAX_KEY_CHARS = 200
AN_HOUR = timedelta(hours=1)
HOSTED_CHANNELS = frozenset({FeedbackChannel.WEB_FORM, FeedbackChannel.BRANCH_QR})


class FeedbackApi:
    """Takes structured feedback over HTTP and files it."""

    def __init__(
        self,
        settings: Settings,
        store: Store,
        numbers: TicketNumbers,
        clock: Clock,
        understander: SecondOpinion,
        redact: Redact,
        catalogue: Catalogue | None = None,
        files: FileTaker | None = None,
    ) -> None:
        self._keys = ApiKeys(settings.rest, store, clock)
        self._public_url = (settings.server.public_url or "").rstrip("/")
        self._per_address = settings.web_form.per_address_per_h
        self._passes = FormPasses(store.crypto, clock)
        self._files = FeedbackFiles(files, store.crypto, clock) if files else None
        self._store = store
        self._numbers = numbers
        self._clock = clock
        self._catalogue = catalogue or Catalogue()
        clocks = Clocks.load(settings.desk.opening_hours, open_every_day=settings.desk.open_every_day)
        self._filer = FormFiler(clocks, understander, redact, store.crypto)

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
            answers={201: OBJECT},
            problems=(409, 415, 429),
        )
    )
    async def _post(self, request: web.Request) -> web.Response:
        caller, is_form = await self._caller(request)
        # A form's pass is good for one ticket, however often the button is pressed.
        key = caller if is_form else _idempotency_key(request)
        form = self._parse(await request.read(), request.content_type)
        now = self._clock.now()
        if is_form:
            self._check_hosted(form)
            await self._count(request, now)
        attachments = self._opened(form.uploads, caller)
        received_at = form.received_at or now
        if not _EARLIEST <= received_at <= now + _CLOCK_SKEW:
            raise self._refusal([("received_at", "too_old")])
        await self._numbers.ready(now)
        draft, warnings = await self._filer.draft(form, min(received_at, now), self._numbers.take(now), attachments)
        answer = self._answer(draft, warnings)
        status, body, replayed = await self._file(draft, answer, now, caller=caller, key=key, form=form)
        if not replayed:
            log.info("feedback_filed", ticket_no=draft.no, channel=draft.channel.value, kind=draft.kind.value)
        headers = {"Idempotent-Replayed": "true"} if replayed else {}
        return web.json_response(body, status=status, headers=headers)

    @described(
        Operation(
            "Send a picture or short video that belongs to feedback; the body is the file",
            "feedback",
            access="key",
            scope="feedback:write",
            answers={201: OBJECT},
            problems=(408, 413, 415, 422),
        )
    )
    async def _upload(self, request: web.Request) -> web.Response:
        caller, is_form = await self._caller(request)
        if self._files is None:
            raise Problem(404, "not_found")
        if is_form:
            await self._count(request, self._clock.now())
        return web.json_response(await self._files.take(request, caller), status=201)

    async def _caller(self, request: web.Request) -> tuple[str, bool]:
        """Who sends, and whether it is the hosted form with its pass. Raises 401 and 403 problems."""
        nonce = self._passes.read(bearer(request))
        if nonce is not None:
            return f"form:{nonce}", True
        return (await self._keys.caller(request, Scope.FEEDBACK_WRITE)).name, False

    def _check_hosted(self, form: FeedbackForm) -> None:
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
            raise self._refusal(faults)

    async def _count(self, request: web.Request, now: datetime) -> None:
        """One address sends only so much an hour."""
        bucket, limit = self._store.crypto.hmac("web_form", f"address:{request.remote}"), self._per_address
        if not await self._store.write(lambda tx: attempts.add(tx, bucket, now, AN_HOUR, limit), key=bucket):
            raise Problem(429, "too_many_forms", headers={"Retry-After": "600"})

    def _opened(self, tokens: tuple[str, ...], caller: str) -> tuple[Attachment, ...]:
        found = tuple(self._files.open(token, caller) if self._files else None for token in tokens)
        if not all(found):
            raise self._refusal([("uploads", "upload_unknown")])
        return tuple(item for item in found if item)

    def _parse(self, body: bytes, content_type: str) -> FeedbackForm:
        if content_type != "application/json":
            raise Problem(415, "bad_json", self._catalogue.text("tickets.form.not_json"))
        try:
            return FeedbackForm.model_validate_json(body)
        except ValidationError as error:
            # Without the input: what was typed does not travel back, nor into a log.
            found = error.errors(include_input=False, include_url=False, include_context=False)
            if found[0]["type"] == "json_invalid":
                raise Problem(400, "bad_json", self._catalogue.text("tickets.form.not_json")) from None
            raise self._refusal([(".".join(str(part) for part in item["loc"]), item["type"]) for item in found]) from None

    def _refusal(self, faults: list[tuple[str, str]]) -> Problem:
        errors = [{"field": name, "code": code, "message": self._explain(code)} for name, code in faults]
        return Problem(422, "feedback_refused", self._catalogue.text("tickets.form.refused"), errors=errors)

    def _explain(self, code: str) -> str:
        return self._catalogue.find(f"tickets.form.errors.{code}") or self._catalogue.text("tickets.form.errors.other")

    def _answer(self, draft: TicketDraft, warnings: list[str]) -> Answer:
        due = draft.due_at
        answer: Answer = {
            "ticket_no": draft.no,
            "state": "pending",
            "status": self._catalogue.text("tickets.states.pending"),
            "received_at": _shanghai(draft.received_at),
            "reply_due": _shanghai(due) if due else None,
            "kind": draft.kind.value,
            "product": draft.product,
            "priority": draft.priority.value,
            "missing": list(missing_from_group_a(draft)),
            "message": self._catalogue.text(
                "tickets.form.filed",
                kind=self._catalogue.text(f"tickets.kinds.{draft.kind}"),
                ticket_no=draft.no,
                reply_due=day_for_people(due or draft.received_at, self._catalogue),
            ),
        }
        if self._public_url:
            answer["status_url"] = f"{self._public_url}/s/{tickets.link_token(self._store.crypto, draft.no)}"
        if warnings:
            answer["warnings"] = [{"code": code, "message": self._catalogue.text(f"tickets.form.{code}")} for code in warnings]
        return answer

    async def _file(
        self, draft: TicketDraft, answer: Answer, now: datetime, *, caller: str, key: str, form: FeedbackForm
    ) -> tuple[int, Answer, bool]:
        crypto = self._store.crypto
        row = tickets.sealed_row(crypto, draft)
        key_hash = crypto.hmac("idempotency_key", f"{caller}\n{key}") if key else ""
        body_hash = crypto.hmac("idempotency_body", form.model_dump_json()) if key else ""

        def file(tx: Tx) -> tuple[int, Answer, bool] | Literal["other", "unfinished"]:
            if key_hash:
                seen = idempotency.begin(tx, key_hash, body_hash, now)
                if seen == "other":
                    return "other"
                if seen == "same":
                    known = idempotency.result(tx, key_hash)
                    return (*known, True) if known else "unfinished"
            tickets.insert_sealed(tx, row, filed_by=draft.filed_by, dispatch_rule=draft.dispatch_rule)
            if key_hash:
                idempotency.finish(tx, key_hash, 201, answer)
            return 201, answer, False

        try:
            outcome = await self._store.write(file, key=key_hash)
        except Conflict:
            # The same key came in through another process at the same moment. Its ticket is committed now: this one finds it.
            outcome = await self._store.write(file, key=key_hash)
        if outcome == "other":
            raise Problem(422, "idempotency_key_reused", "This Idempotency-Key was used with another body.")
        if outcome == "unfinished":
            raise Problem(409, "in_progress", "The first request with this Idempotency-Key isn't finished.")
        return outcome


def _idempotency_key(request: web.Request) -> str:
    key = request.headers.get("Idempotency-Key", "").strip()
    if len(key) > _MAX_KEY_CHARS or not key.isprintable():
        raise Problem(400, "idempotency_key_invalid", f"An Idempotency-Key has at most {_MAX_KEY_CHARS} printable characters.")
    return key


def _shanghai(moment: datetime) -> str:
    return in_shanghai(moment).isoformat(timespec="seconds")
