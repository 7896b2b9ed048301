"""The hosted feedback form: one page for apps that want no chat, and behind a branch's QR code with the branch known.

Its pass lets it post to ``/api/v1/feedback`` like any other program; what a customer may not say of themself is refused there.
"""

from pathlib import Path
from typing import Annotated

from aiohttp import web
from pydantic import Field
from typing_extensions import TypedDict

from bot.channels.form_pass import FormPasses
from config.catalogue import Catalogue
from config.clock import Clock
from config.labels import Product, TicketKind
from config.operations import Operation, Whole, described
from config.settings import Settings
from store.engine import Store

STATIC = Path(__file__).parents[1] / "static" / "feedback"


class FormLimits(TypedDict):
    """How much the form takes."""

    text_chars: Whole
    image_bytes: Whole
    video_bytes: Whole


FormStart = TypedDict(
    "FormStart",
    {
        "pass": Annotated[str, Field(description="Sent as `Authorization: Bearer` with form and files; for one ticket")],
        "kinds": dict[TicketKind, str],
        "products": dict[Product, str],
        "limits": FormLimits,
    },
)
FormStart.__doc__ = "What the hosted form starts with; kinds and products with their Chinese names."


class FeedbackPage:
    """The page and what it starts with."""

    def __init__(self, settings: Settings, store: Store, clock: Clock, catalogue: Catalogue) -> None:
        self._settings = settings
        self._passes = FormPasses(store.crypto, clock)
        self._catalogue = catalogue
        self._products = Catalogue("readback.zh-CN.yaml")

    def add_routes(self, app: web.Application) -> None:
        """Mount them."""
        app.router.add_get("/feedback/", self._page)
        app.router.add_static("/feedback/assets/", STATIC)
        app.router.add_get("/api/v1/feedback/form", self._start)

    async def _page(self, _request: web.Request) -> web.FileResponse:
        return web.FileResponse(
            STATIC / "index.html", headers={"Cache-Control": "no-cache", "Content-Type": "text/html; charset=utf-8"}
        )

    @described(
        Operation(
            "What the hosted form starts with: a pass for one ticket, kinds and products by name",
            "feedback",
            access="anybody",
            answers={200: FormStart},
        )
    )
    async def _start(self, _request: web.Request) -> web.Response:
        uploads = self._settings.uploads
        body: FormStart = {
            "pass": self._passes.new(),
            "kinds": {kind: self._catalogue.text(f"tickets.kinds.{kind}") for kind in TicketKind if kind != TicketKind.OTHER},
            "products": {product: self._products.text(f"products.{product}") for product in Product},
            "limits": {
                "text_chars": self._settings.turn.max_text_chars,
                "image_bytes": uploads.max_image_bytes,
                "video_bytes": uploads.max_video_bytes,
            },
        }
        return web.json_response(body, headers={"Cache-Control": "no-store"})
