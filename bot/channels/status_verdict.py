"""On their ticket's page customers say whether the answer solved it (if not, it is worked again) and how content they were."""

from aiohttp import web
from pydantic import Field

from bot.channels.status_looks import ONE, UNKNOWN, Look, Looks, ShownTicket, Version, look
from config.labels import TicketState
from config.operations import LANGUAGE, Operation, described
from handoff.bodies import Body, read_body
from handoff.rating import SCORES
from handoff.tickets.sealing import sealed_originals
from handoff.tickets.verdict import may_rate, may_reopen, times_reopened
from intents.understanding import Redacted
from store import ratings, tickets
from store.engine import Tx
from store.model import Ticket


class Verdict(Body):
    """Whether the answer solved it. ``reason``: what it did not solve; needed when it did not."""

    version: Version
    resolved: bool = Field(strict=True)
    reason: str | None = None


class GivenRating(Body):
    """How content the customer is, and why."""

    score: int = Field(ge=min(SCORES), le=max(SCORES), strict=True)
    comment: str | None = None


class Verdicts:
    """The two things that a customer says after the answer."""

    def __init__(self, looks: Looks) -> None:
        self._looks = looks

    def add_routes(self, app: web.Application) -> None:
        """Mount them below the ticket."""
        app.router.add_post(f"{ONE}/verdict", self._judge)
        app.router.add_post(f"{ONE}/rating", self._rate)

    @described(
        Operation(
            "Say whether the answer solved it; if not, the ticket is worked again",
            "status",
            access="link",
            body=Verdict,
            headers=LANGUAGE,
            answers={200: ShownTicket},
            problems={404: UNKNOWN, 409: ("moved_on", "cannot_confirm", "reopen_over"), 422: ("empty", "too_long")},
        )
    )
    async def _judge(self, request: web.Request) -> web.Response:
        """``version`` is the one the customer saw: nobody agrees to an answer that is another one by now."""
        body = await read_body(request, Verdict)
        looks = self._looks.speaking(request)
        fingerprint = looks.fingerprint(request)
        found = await looks.found(fingerprint)
        if body.resolved:
            return await _confirm(looks, fingerprint, found, body.version)
        return await _reopen(looks, fingerprint, found, body.version, looks.words(body.reason or ""))

    @described(
        Operation(
            "Rate how the ticket was handled",
            "status",
            access="link",
            body=GivenRating,
            headers=LANGUAGE,
            answers={200: ShownTicket},
            problems={404: UNKNOWN, 409: ("cannot_rate",), 422: ("empty", "too_long")},
        )
    )
    async def _rate(self, request: web.Request) -> web.Response:
        """The first score is kept, and so is the first word why."""
        looks, body = self._looks.speaking(request), await read_body(request, GivenRating)
        comment = looks.words(body.comment).text if body.comment else None
        fingerprint, now = looks.fingerprint(request), looks.clock.now()
        no = (await looks.found(fingerprint)).ticket.no
        subject = ratings.of_ticket(no)

        def rate(tx: Tx) -> Look | str | None:
            current = look(tx, fingerprint)
            if current is not None and not may_rate(current.ticket):
                return "cannot_rate"
            ratings.ask(tx, subject, now, conversation_id=None, agent_id=None)
            ratings.answer(tx, ratings.Rating(subject, body.score, comment), now)
            return look(tx, fingerprint)

        outcome = await looks.store.write(rate, key=no)
        return looks.answer(looks.done(outcome, {"cannot_rate": 409}))


async def _confirm(looks: Looks, fingerprint: str, found: Look, version: int) -> web.Response:
    if found.ticket.state is TicketState.RESOLVED:
        return looks.answer(found)
    no, now = found.ticket.no, looks.clock.now()

    def confirm(tx: Tx) -> Look | str | None:
        moved = tickets.move(
            tx,
            no,
            TicketState.RESOLVED,
            expected_version=version,
            actor="customer",
            role="customer",
            now=now,
            detail={"from": "status_page"},
        )
        return look(tx, fingerprint) if isinstance(moved, Ticket) else _refusal(moved, "cannot_confirm")

    outcome = await looks.store.write(confirm, key=no)
    return looks.answer(looks.done(outcome, {"moved_on": 409, "cannot_confirm": 409}))


async def _reopen(looks: Looks, fingerprint: str, found: Look, version: int, why: Redacted) -> web.Response:
    ticket, now, clocks = found.ticket, looks.clock.now(), looks.clocks
    no = ticket.no
    detail = {
        "reason": why.text,
        "from": "status_page",
        "due_before": ticket.due_at.isoformat() if ticket.due_at else None,
        **sealed_originals(looks.store.crypto, no, f"reopened.{version}", (why,)),
    }
    due_at = clocks.internal_due(now, ticket.priority)

    def reopen(tx: Tx) -> Look | str | None:
        current = look(tx, fingerprint)
        if current is None:
            return None
        if current.ticket.version == version and not may_reopen(current.ticket, current.history, clocks, now):
            return "reopen_over"
        moved = tickets.move(
            tx,
            no,
            TicketState.IN_PROGRESS,
            expected_version=version,
            actor="customer",
            role="customer",
            now=now,
            detail={**detail, "reopened": times_reopened(current.history) + 1},
            due_at=due_at,
        )
        return look(tx, fingerprint) if isinstance(moved, Ticket) else _refusal(moved, "reopen_over")

    outcome = await looks.store.write(reopen, key=no)
    reopened = looks.done(outcome, {"moved_on": 409, "reopen_over": 409})
    return looks.answer(reopened, has_secret=why.has_secret)


def _refusal(moved: str, illegal: str) -> str | None:
    return {"stale": "moved_on", "illegal": illegal}.get(moved)
