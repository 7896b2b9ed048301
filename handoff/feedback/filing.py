"""From a form in a request to a ticket in the database, whoever sent it. Sent again under the same key it is the same ticket."""

from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, Self

import structlog
from pydantic import ValidationError

from config.answers import as_sent
from config.catalogue import Catalogue
from config.clock import Clock, in_shanghai
from config.labels import Priority, TicketKind, TicketState
from config.problem import Problem
from config.settings import Settings
from handoff.feedback.drafting import FormFiler, Redact, Understands
from handoff.feedback.form import FeedbackForm
from handoff.tickets.clocks import Clocks
from handoff.tickets.draft import missing_from_group_a
from handoff.tickets.views import day_for_people
from store import idempotency, tickets
from store.engine import Store, Tx
from store.errors import Conflict
from store.numbers import TicketNumbers
from store.tickets import TicketDraft

log = structlog.get_logger(__name__)

Answer = dict[str, Any]  # a ``Receipt`` as it was sent, and is sent again under the same key

REFUSED = "feedback_refused"  # the title of the problem that names each field
_EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
_CLOCK_SKEW = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Caution:
    """Something the sender should know, or pass on."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """What is told of feedback that was filed. Moments are Shanghai time with its offset."""

    ticket_no: str
    state: TicketState
    status: str  # the state in the customer's words
    received_at: str
    reply_due: str | None
    kind: TicketKind
    product: str
    priority: Priority
    missing: tuple[str, ...]  # what the standard record still lacks
    message: str  # a sentence for the customer
    status_url: str | None = None
    warnings: tuple[Caution, ...] | None = None


@dataclass(frozen=True, slots=True)
class Filed:
    """What the sender is told; ``replayed`` when it had been filed under this key before."""

    status: int
    answer: Answer
    replayed: bool


class FeedbackFiling:
    """Checks forms and files them."""

    def __init__(
        self,
        settings: Settings,
        store: Store,
        numbers: TicketNumbers,
        clock: Clock,
        understander: Understands,
        redact: Redact,
        catalogue: Catalogue,
    ) -> None:
        self._public_url = (settings.server.public_url or "").rstrip("/")
        self._store = store
        self._numbers = numbers
        self._clock = clock
        self.catalogue = catalogue
        clocks = Clocks.load(settings.desk.opening_hours, open_every_day=settings.desk.open_every_day)
        self._filer = FormFiler(clocks, understander, redact, store.crypto)

    def speaking(self, accept_language: str | None) -> Self:
        """The same for a sender who names these languages; what was filed is kept as it was written."""
        other = copy(self)
        other.catalogue = self.catalogue.asked_for(accept_language)
        return other

    async def file(
        self,
        form: FeedbackForm,
        *,
        caller: str,
        key: str = "",
        attachments: Sequence[Mapping[str, object]] = (),
        filed_by: str | None = None,
    ) -> Filed:
        """File *form* with its files. Returns when the ticket is committed.

        *key* is the sender's own for this form; *filed_by* the agent's id where one of the desk filed it.
        """
        now = self._clock.now()
        received_at = form.received_at or now
        if not _EARLIEST <= received_at <= now + _CLOCK_SKEW:
            raise self.refusal([("received_at", "too_old")])
        await self._numbers.ready(now)
        draft, warnings = await self._filer.draft(form, min(received_at, now), self._numbers.take(now), attachments)
        draft = replace(draft, filed_by=filed_by or draft.filed_by)
        answer = self._answer(draft, warnings)
        status, body, replayed = await self._commit(draft, answer, now, caller=caller, key=key, form=form)
        if not replayed:
            log.info("feedback_filed", ticket_no=draft.no, channel=draft.channel.value, kind=draft.kind.value)
        return Filed(status, body, replayed)

    def parse(self, body: bytes, content_type: str) -> FeedbackForm:
        """The form in *body*. Raises a problem that names every field that is wrong, and never what was typed."""
        if content_type != "application/json":
            raise Problem(415, "bad_json", self.catalogue.text("tickets.form.not_json"))
        try:
            return FeedbackForm.model_validate_json(body)
        except ValidationError as error:
            # Without the input: what was typed does not travel back, nor into a log.
            found = error.errors(include_input=False, include_url=False, include_context=False)
            if found[0]["type"] == "json_invalid":
                raise Problem(400, "bad_json", self.catalogue.text("tickets.form.not_json")) from None
            raise self.refusal([(".".join(str(part) for part in item["loc"]), item["type"]) for item in found]) from None

    def refusal(self, faults: list[tuple[str, str]]) -> Problem:
        """The problem that names fields, each with the code of its fault."""
        errors = [{"field": name, "code": code, "message": self._explain(code)} for name, code in faults]
        return Problem(422, REFUSED, self.catalogue.text("tickets.form.refused"), errors=errors)

    def _kind(self, kind: TicketKind) -> str:
        """The kind as it stands within a sentence: in English without its capital letter."""
        return self.catalogue.find(f"tickets.form.kinds_within.{kind}") or self.catalogue.text(f"tickets.kinds.{kind}")

    def _explain(self, code: str) -> str:
        return self.catalogue.find(f"tickets.form.errors.{code}") or self.catalogue.text("tickets.form.errors.other")

    def _answer(self, draft: TicketDraft, warnings: list[str]) -> Answer:
        due = draft.due_at
        link = f"{self._public_url}/s/{tickets.link_token(self._store.crypto, draft.no)}" if self._public_url else None
        cautions = tuple(Caution(code, self.catalogue.text(f"tickets.form.{code}")) for code in warnings)
        receipt = Receipt(
            ticket_no=draft.no,
            state=TicketState.PENDING,
            status=self.catalogue.text("tickets.states.pending"),
            received_at=_shanghai(draft.received_at),
            reply_due=_shanghai(due) if due else None,
            kind=draft.kind,
            product=draft.product,
            priority=draft.priority,
            missing=tuple(missing_from_group_a(draft)),
            message=self.catalogue.text(
                "tickets.form.filed",
                kind=self._kind(draft.kind),
                ticket_no=draft.no,
                reply_due=day_for_people(due or draft.received_at, self.catalogue),
            ),
            status_url=link,
            warnings=cautions or None,
        )
        return as_sent(receipt)

    async def _commit(
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


def _shanghai(moment: datetime) -> str:
    return in_shanghai(moment).isoformat(timespec="seconds")
