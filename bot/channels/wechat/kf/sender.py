"""One outbox row as messages of WeChat Customer Service, each under an id of its own: a second try shows nothing twice."""

from collections.abc import Sequence
from typing import Any

from bot.channels.wechat.answers import OutcomeUnknown, StateRefused
from bot.channels.wechat.kf.address import Address, address_of
from bot.channels.wechat.kf.api import KfApi
from bot.channels.wechat.kf.messages import Content, buttons_in, contents_of, file_message
from bot.channels.wechat.kf.msgid import msgid_of
from bot.channels.wechat.kf.sessions import Sessions
from bot.channels.wechat.kf.states import OURS, THEIRS
from bot.delivery import ChannelBusy, ChannelRefused, WindowShut
from config.catalogue import Catalogue
from store.blobs import Blobs
from store.model import OutboxRow

MIB = 1024 * 1024
# What the platform lets us upload, by the kind of message that it is sent as.
UPLOADS = {
    "image/jpeg": ("image", "image.jpg", 2 * MIB),
    "image/png": ("image", "image.png", 2 * MIB),
    "audio/amr": ("voice", "voice.amr", 2 * MIB),
    "video/mp4": ("video", "video.mp4", 10 * MIB),
}
AS_FILE = ("file", "", 20 * MIB)
STATE_AGAIN_S = 2.0


class KfSender:
    """Delivers the rows of one corporation."""

    def __init__(self, api: KfApi, blobs: Blobs, sessions: Sessions, catalogue: Catalogue) -> None:
        self._api = api
        self._blobs = blobs
        self._sessions = sessions
        self._catalogue = catalogue

    async def send(self, row: OutboxRow) -> None:
        """Send all of *row*. Raises as ``bot.delivery.Channel`` says."""
        to = address_of(row.customer_external_id)
        files, contents = self._files(row), self._contents(row)
        for n, piece in enumerate([*files, *contents]):
            content = await self._uploaded(piece) if n < len(files) else piece
            try:
                await self._api.send(to, msgid_of(row.conversation_id, row.seq, n), content, again=row.attempts > 1)
            except StateRefused:
                await self._not_in_this_state(row, to)

    def price(self, row: OutboxRow) -> int:
        """How many messages it takes to send *row*."""
        return len(self._files(row)) + len(self._contents(row))

    def _files(self, row: OutboxRow) -> Sequence[dict[str, Any]]:
        files: Sequence[dict[str, Any]] = row.payload.get("attachments", ())
        return files

    def _contents(self, row: OutboxRow) -> list[Content]:
        return contents_of(row.text, buttons_in(row.payload), self._catalogue)

    async def _not_in_this_state(self, row: OutboxRow, to: Address) -> None:
        """The platform lets nobody but its own people speak now: see why, and stop."""
        state = await self._sessions.look(row.conversation_id, to)
        if state is None or state in OURS:
            raise ChannelBusy(STATE_AGAIN_S, "kf_state_refused")
        if state in THEIRS:
            raise ChannelRefused("held_in_wecom")
        raise WindowShut("session_closed")

    async def _uploaded(self, attachment: dict[str, Any]) -> Content:
        kind, name, limit = UPLOADS.get(attachment["media_type"], AS_FILE)
        if attachment["size"] > limit:
            kind, name, limit = AS_FILE
        if attachment["size"] > limit:
            raise ChannelRefused("attachment_not_sendable")
        content = await self._blobs.get(attachment["blob_id"])
        name = name or attachment.get("name") or "file"
        try:
            return file_message(kind, await self._api.upload(kind, (name, content, attachment["media_type"])))
        except OutcomeUnknown:
            raise ChannelBusy(None, "upload_failed") from None  # the customer has seen nothing of it
