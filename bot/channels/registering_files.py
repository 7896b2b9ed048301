"""Scans of paper forms and letters that staff register at the desk: taken in like customers' files, before the form itself."""

from aiohttp import web

from bot.channels.feedback_files import FeedbackFiles, TakenFile
from config.answers import as_sent
from config.operations import FILE, Operation, described
from handoff.auth import Auth
from handoff.endpoints import BASE, signed_in
from handoff.registering_api import caller_of
from handoff.uploads.taking import FILE_REFUSALS
from store.model import Agent


class RegisteringFiles:
    """Takes files from whoever is signed in at the desk; they alone can add them to a form."""

    def __init__(self, auth: Auth, files: FeedbackFiles) -> None:
        self._auth = auth
        self._files = files

    def add_routes(self, app: web.Application) -> None:
        """Mount the endpoint."""
        app.router.add_post(f"{BASE}/feedback/uploads", signed_in(self._auth, self._take))

    @described(
        Operation(
            "Send a scan or picture that belongs to feedback being registered; the body is the file",
            "feedback",
            scope="tickets:write",
            body=FILE,
            body_type="application/octet-stream",
            answers={201: TakenFile},
            problems=FILE_REFUSALS,
        )
    )
    async def _take(self, request: web.Request, agent: Agent) -> web.StreamResponse:
        return web.json_response(as_sent(await self._files.take(request, caller_of(agent))), status=201)
