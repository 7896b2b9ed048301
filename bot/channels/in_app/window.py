"""One open chat window: says hello, takes its messages in order, and reads on whenever the hub wakes it."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass

import structlog
from aiohttp import WSCloseCode

from bot.channels.in_app import earlier, news
from bot.channels.in_app.frames import MAX_CLIENT_ID, Frame, seq_of, text_of
from bot.channels.in_app.hub import Hub
from bot.channels.in_app.identity import Identity, NotBelievable, Visitor
from bot.channels.in_app.line import Line
from bot.channels.in_app.news import News, Place
from bot.channels.in_app.pace import Pace
from bot.channels.in_app.reading import SharedReads
from bot.channels.in_app.uploads import Uploads
from bot.intake import Intake
from bot.message import Attachment, Inbound, MessageType
from config.catalogue import Catalogue, language_of
from config.labels import FeedbackChannel
from config.settings import Settings
from store import following, speaking
from store.customers import external_hmac
from store.engine import Store, Tx
from store.errors import StoreError

log = structlog.get_logger(__name__)

HELLO_WITHIN_S = 20.0
MAX_ATTACHMENTS = 9
TYPING_AGAIN_S = 2.0
LOGIN_OVER = 4401  # close code: come back with a new token
TRY_AGAIN = 1013  # close code: could not be stored; connect again and send what was not acknowledged


@dataclass(frozen=True, slots=True)
class Parts:
    """What every window works with."""

    settings: Settings
    store: Store
    intake: Intake
    identity: Identity
    uploads: Uploads
    catalogue: Catalogue
    hub: Hub
    reads: SharedReads
    pace: Pace


class ChatWindow:
    """Speaks the protocol of ``docs/widget-protocol.md`` over one line."""

    def __init__(self, line: Line, parts: Parts, address: str) -> None:
        """*address*: from where the page speaks, as limits count it."""
        self._line = line
        self._address = address
        self._parts = parts
        self._account = parts.settings.in_app.account
        self._visitor = Visitor("")
        self._language: str | None = None
        self.place = Place()
        self._is_stale = False
        self._is_asking = False
        self._showing: asyncio.Task[None] | None = None
        self._told: Frame | None = None
        # A message is acknowledged before its answer is shown: both take this lock.
        self._lock = asyncio.Lock()
        self._typed_at = 0.0
        self._telling: set[asyncio.Task[None]] = set()
        self.fingerprint = ""
        self.seen = (0, "")

    @property
    def conversation_id(self) -> str | None:
        """The conversation that the window shows."""
        return self.place.conversation_id

    async def run(self) -> None:
        """Serve the line until it closes."""
        try:
            if not await self._greet():
                return
        except StoreError:
            await self.close(TRY_AGAIN)
            return
        self._parts.hub.join(self)
        self.wake()
        try:
            while (frame := await self._line.receive()) is not None:
                await self._parts.pace.keep(self.fingerprint, self._address)
                if not await self._take(frame):
                    break
        except StoreError:
            # Not stored, so not acknowledged. The page reconnects and sends again, in order, what has no answer.
            await self.close(TRY_AGAIN)
        except ConnectionError:
            log.debug("widget_gone")
        finally:
            self._parts.hub.leave(self)
            if self._showing is not None:
                self._showing.cancel()
        await self.close(WSCloseCode.OK)

    async def close(self, code: int) -> None:
        """Close the line; does nothing if it is closed."""
        await self._line.close(code)

    # --- hello -----------------------------------------------------------------------------------------------------------

    async def _greet(self) -> bool:
        """Learn who it is and where they were. False when the line was closed instead."""
        try:
            async with asyncio.timeout(HELLO_WITHIN_S):
                frame = await self._line.receive()
        except TimeoutError:
            frame = None
        if frame is None or frame["type"] != "hello":
            await self.close(WSCloseCode.POLICY_VIOLATION)
            return False
        try:
            credential = self._identify(frame)
        except NotBelievable as error:
            await self._refuse(None, error.code)
            await self.close(LOGIN_OVER)
            return False
        store = self._parts.store
        self.fingerprint = external_hmac(store.crypto, self._account, self._visitor.key)
        wanted = Place(text_of(frame, "conversation", 64), seq_of(frame, "after"))
        start = await store.read(lambda tx: news.start(tx, self._account, self.fingerprint, wanted))
        self.place = start.place
        self._language = start.language
        await self._speak(language_of(frame.get("locale")))
        await self._send(
            {
                "type": "welcome",
                "visitor": credential,
                "name": self._visitor.name,
                "conversation": self.place.conversation_id,
                "after": self.place.seq,
                "holder": start.holder.value,
                "earlier": start.has_earlier,
                "limits": {
                    "text_chars": self._parts.settings.turn.max_text_chars,
                    "image_bytes": self._parts.settings.uploads.max_image_bytes,
                    "video_bytes": self._parts.settings.uploads.max_video_bytes,
                    "video_s": self._parts.settings.uploads.max_video_s,
                    "attachments": MAX_ATTACHMENTS,
                },
            }
        )
        return True

    def _identify(self, hello: Frame) -> str | None:
        """Set the visitor. Returns the token by which an anonymous one is known again, None for a signed customer."""
        identity = self._parts.identity
        token = hello.get("token")
        if token is not None:
            # A login that does not hold is refused, never quietly turned into an anonymous visitor.
            self._visitor = identity.read(token) if isinstance(token, str) else identity.read("")
            if self._visitor.signed_id is None:
                # Somebody's anonymous visit, put into a link: whoever follows it would write where they can read along.
                raise NotBelievable("identity_invalid")
            return None
        known = hello.get("visitor")
        if isinstance(known, str):
            try:
                visitor = identity.read(known)
            except NotBelievable:
                pass
            else:
                if visitor.signed_id is None:
                    self._visitor = visitor
                    return known
        self._visitor, credential = identity.new_visitor()
        return credential

    # --- what the customer sends -----------------------------------------------------------------------------------------

    async def _take(self, frame: Frame) -> bool:
        """Handle one frame. False ends the line."""
        if self._parts.identity.is_over(self._visitor):
            await self._refuse(None, "identity_expired")
            await self.close(LOGIN_OVER)
            return False
        match frame["type"]:
            case "message":
                await self._receive(frame)
            case "resume":
                await self._resume(Place(text_of(frame, "conversation", 64), seq_of(frame, "after")))
            case "locale":
                await self._speak(language_of(frame.get("locale")))
            case "earlier":
                await self._look_back(frame)
            case "typing":
                self._types(on=frame.get("on") is True)
            case "ping":
                await self._send({"type": "pong"})
            case _:
                await self._refuse(None, "bad_frame")
        return True

    async def _speak(self, language: str | None) -> None:
        """What the service says from now on, in the open conversation too, is said in the page's *language*."""
        if language == self._language:
            return
        self._language = language

        def note(tx: Tx) -> None:
            newest = following.own(tx, self._account, self.fingerprint)
            if newest is not None:
                speaking.speak(tx, newest.id, language)

        await self._parts.store.write(note, key=self.fingerprint)

    def _types(self, *, on: bool) -> None:
        """Tell the desk that the customer is writing, not too often, and once that they have stopped."""
        now = asyncio.get_running_loop().time()
        is_news = now - self._typed_at >= TYPING_AGAIN_S if on else self._typed_at > 0
        if self.conversation_id is not None and is_news:
            self._typed_at = now if on else 0.0
            self._parts.hub.types(self.conversation_id, on=on)

    def agent_types(self, name: str, *, on: bool) -> None:
        """Show the customer that a person is writing. Lost on the way, nothing is missing."""
        if not self._line.closed:
            task = asyncio.create_task(self._send_if_open({"type": "typing", "on": on, "agent": name}))
            self._telling.add(task)
            task.add_done_callback(self._telling.discard)

    async def _send_if_open(self, frame: Frame) -> None:
        with suppress(ConnectionError):
            await self._send(frame)

    async def _receive(self, frame: Frame) -> None:
        client_id = text_of(frame, "client_id", MAX_CLIENT_ID)
        text, payload, tokens = frame.get("text", ""), frame.get("payload"), frame.get("uploads", [])
        if client_id is None or not isinstance(text, str) or not isinstance(tokens, list) or len(tokens) > MAX_ATTACHMENTS:
            await self._refuse(client_id, "bad_frame")
            return
        attachments = tuple([await self._parts.uploads.open(token, self._visitor) for token in tokens])
        if not all(attachments):
            await self._refuse(client_id, "upload_unknown")
            return
        inbound = self._inbound(client_id, text, payload, tuple(item for item in attachments if item))
        async with self._lock:
            receipt = await self._parts.intake.receive(inbound)
            if receipt.status == "rejected":
                await self._refuse(client_id, receipt.reason)
                return
            await self._send(
                {
                    "type": "ack",
                    "client_id": client_id,
                    "conversation": receipt.conversation_id,
                    "seq": receipt.seq,
                    "status": receipt.status,
                }
            )
        self._parts.hub.speaks(self.fingerprint, receipt.conversation_id)

    def _inbound(self, client_id: str, text: str, payload: object, attachments: tuple[Attachment, ...]) -> Inbound:
        visitor = self._visitor
        return Inbound(
            account=self._account,
            channel=FeedbackChannel.IN_APP,
            customer=visitor.key,
            text=text,
            # Windows make their own ids: with the customer's key in it, one customer's cannot collide with another's.
            message_id=self._parts.store.crypto.hmac("in_app_message", f"{visitor.key}\0{client_id}"),
            type=_type_of(attachments),
            attachments=attachments,
            payload={"button": payload} if isinstance(payload, str) else {},
            signed_customer=visitor.signed_id,
            signed_name=visitor.name,
            signed_phone=visitor.phone,
            language=self._language,
        )

    async def _resume(self, wanted: Place) -> None:
        """The page missed something: send again from where it says."""
        async with self._lock:
            before = self.conversation_id
            start = await self._parts.store.read(lambda tx: news.start(tx, self._account, self.fingerprint, wanted))
            self.place = start.place
            self._parts.hub.shows(self, before)
        self.wake()

    async def _look_back(self, frame: Frame) -> None:
        """The customer wants to see what was said before. Whatever happens to that, the chat goes on."""
        conversation, before = text_of(frame, "conversation", 64), seq_of(frame, "before")
        if conversation is None:
            await self._refuse(None, "bad_frame")
            return
        place = Place(conversation, before)
        try:
            found = await self._parts.store.read(lambda tx: earlier.read(tx, self._account, self.fingerprint, place))
        except StoreError:
            await self._refuse(None, "earlier")
        else:
            await self._send(found)

    # --- what the customer is shown --------------------------------------------------------------------------------------

    def wake(self) -> None:
        """Read on and show what is new. Idle windows have no task."""
        self._is_stale = True
        if not self._is_asking:
            self._ask()

    def _ask(self) -> None:
        self._is_stale, self._is_asking = False, True
        self._parts.reads.ask(self)

    def show(self, found: News | None) -> None:
        """Send what was read for this window: at once if nothing is in the way."""
        if found is None or self._line.closed:
            self._is_asking = False
        elif found.origin != self.place:
            self._ask()  # the page went elsewhere meanwhile
        elif not self._lock.locked() and self._line.offer(found.parcel(self._told)):
            self._stand(found)
        else:
            self._showing = asyncio.create_task(self._show_in_turn(found))

    async def _show_in_turn(self, found: News) -> None:
        try:
            async with self._lock:
                if found.origin != self.place:
                    self._ask()
                    return
                for frame in found.parcel(self._told).frames:
                    await self._send(frame)
                self._stand(found)
        except ConnectionError:
            log.debug("widget_gone")

    def _stand(self, found: News) -> None:
        """What was *found* has been sent: this window is further now."""
        before = self.conversation_id
        self.place, self.seen, self._told = found.place, found.seen, found.state or self._told
        if before != self.conversation_id:
            self._parts.hub.shows(self, before)
        if found.more or self._is_stale:
            self._ask()
        else:
            self._is_asking = False

    async def _refuse(self, client_id: str | None, code: str) -> None:
        catalogue = self._parts.catalogue.speaking(self._language)
        text = catalogue.text(f"in_app.refused.{code}", limit=self._parts.settings.turn.max_text_chars)
        await self._send({"type": "error", "client_id": client_id, "code": code, "text": text})

    async def _send(self, frame: Frame) -> None:
        await self._line.send(frame)


def _type_of(attachments: tuple[Attachment, ...]) -> MessageType:
    if not attachments:
        return "text"
    return "video" if any(item.media_type.startswith("video/") for item in attachments) else "image"
