"""The bell: "conversation 7 has news up to seq 45". It carries nothing that may not be lost; who hears it reads the database."""

import asyncio
import json
import secrets
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import structlog

log = structlog.get_logger(__name__)

CHANNEL = "huiyin:bell"
QUEUE = "queue"  # topics beside conversation ids
AGENTS = "agents"
TYPING = "typing"  # a signal of both sides of a conversation
RECONNECT_S = 1.0


@dataclass(frozen=True, slots=True)
class News:
    """Something new up to *seq* in a conversation, or in the topic of that name."""

    conversation_id: str
    seq: int


@dataclass(frozen=True, slots=True)
class Signal:
    """Something that is true for a moment and stored nowhere: who looks at a conversation, who types in it."""

    kind: str
    conversation_id: str
    detail: Mapping[str, Any]
    is_ours: bool = True  # it was said in this process


Listener = Callable[[News], None]
SignalListener = Callable[[Signal], None]


class Bell:
    """Rings inside this process; with a Redis URL also in all others. A ring may be lost: listeners poll as well."""

    def __init__(self) -> None:
        self._listeners: dict[int, Listener] = {}
        self._signal_listeners: list[SignalListener] = []
        self._next_key = 0
        self._redis: Any = None
        self._id = secrets.token_hex(8)  # our own rings come back from Redis and are told by this
        self._outgoing: asyncio.Queue[str] = asyncio.Queue(maxsize=10_000)
        self._tasks: list[asyncio.Task[None]] = []

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Call *listener* (it must not block) at every ring, until the returned function is called."""
        key = self._next_key
        self._next_key += 1
        self._listeners[key] = listener
        return lambda: self._listeners.pop(key, None) and None

    def ring(self, conversation_id: str, seq: int = 0) -> None:
        """Tell everybody. Call it after the commit; it never raises and never waits."""
        self._hear(News(conversation_id, seq))
        if self._redis is not None:
            with suppress(asyncio.QueueFull):  # a lost ring delays news until the next poll, no more
                self._outgoing.put_nowait(json.dumps([self._id, conversation_id, seq]))

    def on_signal(self, listener: SignalListener) -> None:
        """Call *listener* (it must not block) at every signal."""
        self._signal_listeners.append(listener)

    def signal(self, kind: str, conversation_id: str, **detail: Any) -> None:
        """Tell everybody what is true for a moment. Like a ring it never raises, never waits, and may be lost."""
        self._hear_signal(Signal(kind, conversation_id, detail))
        if self._redis is not None:
            with suppress(asyncio.QueueFull):
                self._outgoing.put_nowait(json.dumps([self._id, conversation_id, {"kind": kind, **detail}]))

    def _hear_signal(self, signal: Signal) -> None:
        for listener in self._signal_listeners:
            try:
                listener(signal)
            except Exception:
                log.exception("bell_listener_failed")

    def _hear(self, news: News) -> None:
        for listener in list(self._listeners.values()):
            try:
                listener(news)
            except Exception:
                log.exception("bell_listener_failed")

    async def connect(self, redis_url: str) -> None:
        """Ring through Redis as well. Redis may be away: rings stay local until it is back."""
        import redis.asyncio

        self._redis = redis.asyncio.from_url(redis_url, socket_connect_timeout=2)
        self._tasks = [
            asyncio.create_task(self._publish()),
            asyncio.create_task(self._listen()),
        ]

    async def _publish(self) -> None:
        while True:
            text = await self._outgoing.get()
            try:
                await self._redis.publish(CHANNEL, text)
            except Exception:  # noqa: BLE001 -- Redis carries only what may be lost
                log.warning("bell_publish_failed")

    async def _listen(self) -> None:
        while True:
            try:
                async with self._redis.pubsub() as pubsub:
                    await pubsub.subscribe(CHANNEL)
                    async for message in pubsub.listen():
                        self._receive(message)
            except Exception:  # noqa: BLE001 -- keep listening whatever Redis does
                log.warning("bell_connection_lost")
            await asyncio.sleep(RECONNECT_S)

    def _receive(self, message: dict[str, Any]) -> None:
        if message.get("type") != "message":
            return
        with suppress(ValueError, TypeError):
            sender, conversation_id, what = json.loads(message["data"])
            if sender == self._id:
                return
            if isinstance(what, dict):
                self._hear_signal(Signal(str(what.pop("kind", "")), str(conversation_id), what, is_ours=False))
            else:
                self._hear(News(str(conversation_id), int(what)))

    async def close(self) -> None:
        """Stop listening."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._redis is not None:
            await self._redis.aclose()
