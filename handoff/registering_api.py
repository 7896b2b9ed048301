"""``POST /api/v1/desk/feedback``: staff write down what a customer says at the counter, by phone, or on paper."""

from collections.abc import Awaitable, Callable, Mapping

from aiohttp import web

from config.catalogue import Catalogue
from config.labels import FeedbackChannel
from config.operations import Operation, described
from config.problem import Problem
from handoff import policy
from handoff.auth import Auth
from handoff.endpoints import BASE, signed_in
from handoff.feedback.filing import REFUSED, FeedbackFiling, Receipt
from handoff.feedback.form import FeedbackForm
from handoff.feedback.sent_again import IDEMPOTENT, idempotency_key
from handoff.uploads.body import read_small
from store.model import Agent

# What somebody else writes down; where customers write themselves, nobody does it in their name.
REGISTERED = frozenset(
    {
        FeedbackChannel.HOTLINE,
        FeedbackChannel.HOTLINE_VOICE,
        FeedbackChannel.COUNTER,
        FeedbackChannel.PAPER_FORM,
        FeedbackChannel.SUGGESTION_BOX,
        FeedbackChannel.EMAIL,
        FeedbackChannel.REGULATOR,
    }
)

OpenUpload = Callable[[str, str], Awaitable[Mapping[str, object] | None]]  # token and who sent it; None when it is not theirs


def caller_of(agent: Agent) -> str:
    """As whom members of staff send files and forms."""
    return f"desk:{agent.id}"


class RegisteringApi:
    """Takes a form from whoever is signed in, and puts their name to it."""

    def __init__(self, auth: Auth, filing: FeedbackFiling, catalogue: Catalogue, open_upload: OpenUpload) -> None:
        self._open_upload = open_upload
        self._auth = auth
        self._filing = filing
        self._catalogue = catalogue

    def add_routes(self, app: web.Application) -> None:
        """Mount the endpoint."""
        app.router.add_post(f"{BASE}/feedback", signed_in(self._auth, self._post))

    @described(
        Operation(
            "Register feedback that a customer told, wrote on paper or sent elsewhere",
            "feedback",
            scope="tickets:write",
            body=FeedbackForm,
            refused_as=REFUSED,
            headers=IDEMPOTENT,
            answers={201: Receipt},
            problems={
                400: ("bad_json", "idempotency_key_invalid"),
                403: ("not_allowed",),
                409: ("in_progress",),
                415: ("bad_json",),
                422: ("idempotency_key_reused",),
            },
        )
    )
    async def _post(self, request: web.Request, agent: Agent) -> web.StreamResponse:
        if not policy.takes_conversations(agent):
            raise Problem(403, "not_allowed", self._catalogue.sentence("desk.problem.not_allowed"))
        key = idempotency_key(request)
        form = self._filing.parse(await read_small(request), request.content_type)
        faults = [("channel", "literal_error")] if form.channel not in REGISTERED else []
        faults += [("registered_by", "extra_forbidden")] if form.registered_by else []
        files = [await self._open_upload(token, caller_of(agent)) for token in form.uploads]
        faults += [("uploads", "upload_unknown")] if not all(files) else []
        if faults:
            raise self._filing.refusal(faults)
        signed = form.model_copy(update={"registered_by": agent.login})
        attachments = [file for file in files if file]
        filed = await self._filing.file(signed, caller=caller_of(agent), key=key, attachments=attachments, filed_by=agent.id)
        return web.json_response(filed.answer, status=filed.status)
