"""One outbox row as customer-service messages of a Mini Program: no menus there, but cards that open its own pages."""

import asyncio
import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from bot.channels.wechat.client import WeixinApi
from bot.channels.wechat.passive import in_pieces, with_numbers
from bot.channels.wechat.sender import Sender, Step, bound, upload_image
from bot.message import Button
from config.catalogue import Catalogue
from config.clock import Clock
from config.settings import MiniProgram, TicketCard
from store.blobs import Blobs
from store.model import OutboxRow
from store.ticket_number import is_ticket_number

MEDIA_LASTS = timedelta(days=2)  # the platform keeps an upload for three
_NUMBER = re.compile(r"FB\d{14}[0-9A-Z]", re.ASCII)
_LINK = re.compile(r"https?://\S+/s/[0-9A-Za-z_\-]+", re.ASCII)


class MiniSender(Sender):
    """Delivers rows of one Mini Program."""

    def __init__(self, account: MiniProgram, api: WeixinApi, blobs: Blobs, clock: Clock, catalogue: Catalogue) -> None:
        super().__init__(api, blobs)
        self._card = account.ticket_card
        self._clock = clock
        self._catalogue = catalogue
        self._picture: tuple[str, datetime] | None = None  # media id and until when

    def words(self, row: OutboxRow) -> list[Step]:
        """The text with its quick replies as numbered lines, then a card for the ticket that it names."""
        to = row.customer_external_id
        buttons: Sequence[Button] = [Button(item["title"], item["payload"]) for item in row.payload.get("buttons", ())]
        pieces = in_pieces(with_numbers(row.text, buttons, self._catalogue))
        return [*(bound(self._api.message.send_text, to, piece) for piece in pieces), *self._cards(row, to)]

    def _cards(self, row: OutboxRow, to: str) -> list[Step]:
        card, ticket_no = self._card, ticket_named_in(row.text)
        if card is None or ticket_no is None:
            return []
        if card.page and card.image:
            return [bound(self._send_page, to, card, ticket_no)]
        link = _LINK.search(row.text)
        return [bound(self._send_link, to, card, ticket_no, link.group())] if link else []

    async def _send_page(self, to: str, card: TicketCard, ticket_no: str) -> None:
        page = {
            "title": self._title(ticket_no),
            "pagepath": (card.page or "").format(ticket_no=ticket_no),
            "thumb_media_id": await self._uploaded(card.image or Path()),
        }
        await self._send_card(to, "miniprogrampage", page)

    async def _send_link(self, to: str, card: TicketCard, ticket_no: str, url: str) -> None:
        words = {"title": self._title(ticket_no), "description": self._catalogue.text("wechat.ticket_card.about")}
        await self._send_card(to, "link", {**words, "url": url, "thumb_url": card.image_url or ""})

    async def _send_card(self, to: str, kind: str, inside: dict[str, str]) -> None:
        await self._api.post("message/custom/send", data={"touser": to, "msgtype": kind, kind: inside})

    def _title(self, ticket_no: str) -> str:
        return self._catalogue.text("wechat.ticket_card.title", ticket_no=ticket_no)

    async def _uploaded(self, path: Path) -> str:
        now = self._clock.now()
        if self._picture is None or self._picture[1] <= now:
            data = await asyncio.to_thread(path.read_bytes)
            media_type = "image/png" if path.suffix.lower() == ".png" else "image/jpeg"
            self._picture = (await upload_image(self._api, data, media_type), now + MEDIA_LASTS)
        return self._picture[0]


def ticket_named_in(text: str) -> str | None:
    """The one ticket that *text* names; None for none or for several."""
    named = {number for number in _NUMBER.findall(text) if is_ticket_number(number)}
    return named.pop() if len(named) == 1 else None
