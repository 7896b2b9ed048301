"""One outbox row as customer-service messages: pictures, then the text in pieces, its quick replies as a menu to tap."""

from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Any

from bot.channels.wechat.client import WeixinApi
from bot.channels.wechat.passive import in_pieces
from bot.delivery import ChannelBusy, ChannelRefused
from store.blobs import Blobs
from store.model import OutboxRow

SENDABLE_IMAGES = {"image/jpeg": "image.jpg", "image/png": "image.png", "image/gif": "image.gif", "image/bmp": "image.bmp"}
MAX_IMAGE_BYTES = 10 * 1024 * 1024
REMEMBERED_ROWS = 1000

Step = Callable[[], Awaitable[Any]]


class Sender:
    """Delivers rows of one account."""

    def __init__(self, api: WeixinApi, blobs: Blobs) -> None:
        self._api = api
        self._blobs = blobs
        # WeChat takes no id of ours, so a row that failed half-way is continued, not begun again.
        self._done: OrderedDict[str, int] = OrderedDict()

    def price(self, row: OutboxRow) -> int:
        """How many customer-service messages it takes to send what of *row* has not been sent yet."""
        return len(self._steps(row)) - self._done.get(row.client_id, 0)

    async def send(self, row: OutboxRow) -> None:
        """Send what of *row* has not been sent yet. Raises as ``bot.delivery.Channel`` says."""
        steps = self._steps(row)
        done = self._done.get(row.client_id, 0)
        for n, step in enumerate(steps[done:], done + 1):
            await step()
            self._done[row.client_id] = n
            while len(self._done) > REMEMBERED_ROWS:
                self._done.popitem(last=False)
        self._done.pop(row.client_id, None)

    def _steps(self, row: OutboxRow) -> list[Step]:
        to = row.customer_external_id
        return [*(bound(self._image, to, item) for item in row.payload.get("attachments", ())), *self.words(row)]

    def words(self, row: OutboxRow) -> list[Step]:
        """The text in pieces, its quick replies as a menu under the last one."""
        to = row.customer_external_id
        buttons = row.payload.get("buttons", ())
        pieces = in_pieces(row.text)
        plain, last = (pieces[:-1], pieces[-1:]) if buttons else (pieces, [])
        steps: list[Step] = [bound(self._api.message.send_text, to, piece) for piece in plain]
        if buttons:
            steps.append(bound(self._menu, to, last[0] if last else "", buttons))
        return steps

    async def _menu(self, to: str, text: str, buttons: list[dict[str, str]]) -> None:
        items = [{"id": str(n), "content": button["title"]} for n, button in enumerate(buttons, 1)]
        menu = {"head_content": text, "list": items, "tail_content": ""}
        await self._api.post("message/custom/send", data={"touser": to, "msgtype": "msgmenu", "msgmenu": menu})

    async def _image(self, to: str, attachment: dict[str, Any]) -> None:
        if attachment["media_type"] not in SENDABLE_IMAGES or attachment["size"] > MAX_IMAGE_BYTES:
            raise ChannelRefused("attachment_not_sendable")
        data = await self._blobs.get(attachment["blob_id"])
        await self._api.message.send_image(to, await upload_image(self._api, data, attachment["media_type"]))


async def upload_image(api: WeixinApi, data: bytes, media_type: str) -> str:
    """The media id of a picture that is to be sent. ``ChannelBusy`` where it is not known: the customer saw nothing of it."""
    try:
        uploaded = await api.media.upload("image", (SENDABLE_IMAGES[media_type], data, media_type))
    except Exception as error:
        if isinstance(error, ChannelBusy | ChannelRefused):
            raise
        raise ChannelBusy(None, "upload_failed") from None
    media_id: str = uploaded["media_id"]
    return media_id


def bound(call: Callable[..., Awaitable[Any]], *args: object) -> Step:
    """One step of sending, to be taken later."""
    return lambda: call(*args)
