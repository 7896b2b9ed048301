"""The agents' desk: its page, its API and its socket, put together."""

from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from aiohttp import web

from config.catalogue import Catalogue
from config.clock import Clock
from config.settings import Settings
from handoff.absence import Absences
from handoff.accounts_api import AccountsApi
from handoff.api import DeskApi
from handoff.assigner import Assigner
from handoff.auth import Auth
from handoff.bulk_api import BulkApi
from handoff.canned_api import CannedApi
from handoff.drafting_api import DraftingApi
from handoff.endpoints import Looks
from handoff.export_api import ExportApi
from handoff.feedback.filing import FeedbackFiling
from handoff.files_api import FilesApi
from handoff.filing import FilingDesk
from handoff.holding import Holdings
from handoff.lists_api import ListsApi
from handoff.offers import Offers
from handoff.passing import Passing
from handoff.passing_api import PassingApi
from handoff.registering_api import OpenUpload, RegisteringApi
from handoff.saved_views_api import SavedViewsApi
from handoff.search_api import SearchApi
from handoff.service import Service
from handoff.session_api import SessionApi
from handoff.silence import Silences
from handoff.socket import DeskSocket
from handoff.staff_api import StaffApi
from handoff.supervision_api import SupervisionApi
from handoff.tagging import Tagging
from handoff.tags_api import TagsApi
from handoff.ticket_api import TicketApi
from handoff.tickets.clocks import Clocks
from handoff.unattended import Unattended
from handoff.unmasking_api import UnmaskingApi
from handoff.uploads.taking import FileTaker
from handoff.webhook_api import WebhookApi
from store.bell import Bell
from store.blobs import Blobs
from store.engine import Store
from store.numbers import TicketNumbers


@dataclass(frozen=True, slots=True)
class Incoming:
    """How files come in: taken from a request's body, or opened by the token of an earlier upload."""

    taker: FileTaker
    opened: OpenUpload


class Desk:
    """Everything under ``/desk/`` and ``/api/v1/desk``."""

    def __init__(
        self,
        settings: Settings,
        store: Store,
        blobs: Blobs,
        bell: Bell,
        clock: Clock,
        catalogue: Catalogue,
        numbers: TicketNumbers,
        feedback: FeedbackFiling,
        incoming: Incoming,
    ) -> None:
        clocks = Clocks.load(settings.desk.opening_hours, open_every_day=settings.desk.open_every_day)
        auth = Auth(settings, store, clock)
        holdings = Holdings(store, bell, catalogue)
        service = Service(settings, store, clock, catalogue, holdings)
        filing = FilingDesk(store, clock, catalogue, numbers, clocks, holdings)
        looks = Looks(store, clock)
        passing = Passing(settings, store, bell, clock, catalogue, holdings)
        tagging = Tagging(store, bell, clock)
        self.absences = Absences(settings, store, bell, clock, catalogue)
        self.silences = Silences(settings, store, bell, clock, catalogue)
        self.unattended = Unattended(settings, store, bell, clock, catalogue, clocks)
        self.assigner = Assigner(settings, store, bell, clock, catalogue)
        self.offers = Offers(store, bell, clock, catalogue)
        self.socket = DeskSocket(settings, store, bell, clock, auth, self.offers, looks)
        self._parts = (
            self.socket,
            SessionApi(store, bell, clock, catalogue, auth, self.absences),
            DeskApi(store, clock, catalogue, auth, service, filing, looks),
            PassingApi(auth, passing),
            BulkApi(auth, service, passing, tagging, catalogue),
            TagsApi(store, auth, tagging),
            ExportApi(store, blobs, clock, catalogue, auth),
            UnmaskingApi(store, clock, catalogue, auth),
            SupervisionApi(settings, store, clock, catalogue, auth),
            StaffApi(settings, store, bell, clock, catalogue, auth),
            AccountsApi(store, bell, clock, catalogue, auth),
            RegisteringApi(auth, feedback, catalogue, incoming.opened),
            TicketApi(store, clock, catalogue, auth, looks),
            SearchApi(store, clock, catalogue, auth, looks),
            ListsApi(store, clock, auth),
            FilesApi(store, blobs, clock, catalogue, auth, holdings, looks, incoming.taker),
            DraftingApi(store, clock, auth),
            CannedApi(store, clock, catalogue, auth),
            SavedViewsApi(store, clock, catalogue, auth),
            WebhookApi(store, clock, auth),
        )

    def add_routes(self, app: web.Application) -> None:
        """Mount page, API and socket."""
        folder = Path(str(files("handoff") / "static" / "desk"))

        async def page(_request: web.Request) -> web.StreamResponse:
            return web.FileResponse(folder / "index.html", headers={"Cache-Control": "no-cache"})

        async def to_page(_request: web.Request) -> web.StreamResponse:
            raise web.HTTPFound("/desk/")

        for part in self._parts:
            part.add_routes(app)
        app.router.add_get("/desk", to_page)
        app.router.add_get("/desk/", page)
        app.router.add_static("/desk/static/", folder)
