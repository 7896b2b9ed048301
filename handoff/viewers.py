"""Who looks at which conversation at this moment, and who is writing a reply. Kept by every process, told by signals."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from config.clock import Clock
from store.bell import TYPING, Bell, Signal
from store.model import Agent

VIEWING = "viewing"
SEEN_FOR = timedelta(seconds=15)  # said again every few seconds while a page shows it
TYPES_FOR = timedelta(seconds=6)  # said again while somebody types


@dataclass(slots=True)
class _Look:
    name: str
    until: datetime
    types_until: datetime | None = None


class Viewers:
    """The board of all desks; *tell* hears a conversation whose viewers changed."""

    def __init__(self, bell: Bell, clock: Clock, tell: Callable[[str], None]) -> None:
        self._bell = bell
        self._clock = clock
        self._tell = tell
        self._board: dict[str, dict[str, _Look]] = {}
        bell.on_signal(self._hear)

    def look(self, agent: Agent, conversation_id: str) -> None:
        """The agent's page shows the conversation; say it again before ``SEEN_FOR`` is over."""
        self._bell.signal(VIEWING, conversation_id, agent=agent.id, name=agent.name, on=True)

    def leave(self, agent: Agent, conversation_id: str) -> None:
        """The agent's page shows something else, or is gone."""
        self._bell.signal(VIEWING, conversation_id, agent=agent.id, name=agent.name, on=False)

    def types(self, agent: Agent, conversation_id: str, *, on: bool) -> None:
        """The agent writes a reply, or has stopped."""
        self._bell.signal(TYPING, conversation_id, by="agent", agent=agent.id, name=agent.name, on=on)

    def of(self, conversation_id: str) -> list[dict[str, Any]]:
        """Who looks at it now, by name."""
        now = self._clock.now()
        looks = self._board.get(conversation_id, {})
        return sorted(
            (
                {"id": agent_id, "name": look.name, "replying": look.types_until is not None and now < look.types_until}
                for agent_id, look in looks.items()
                if now < look.until
            ),
            key=lambda item: str(item["name"]),
        )

    def sweep(self) -> None:
        """Forget whoever has not been heard of; tell of those who stopped typing without a word."""
        now = self._clock.now()
        for conversation_id, looks in list(self._board.items()):
            gone = [agent_id for agent_id, look in looks.items() if now >= look.until]
            stopped = [look for look in looks.values() if look.types_until is not None and now >= look.types_until]
            for agent_id in gone:
                del looks[agent_id]
            for look in stopped:
                look.types_until = None
            if not looks:
                del self._board[conversation_id]
            if gone or stopped:
                self._tell(conversation_id)

    def _hear(self, signal: Signal) -> None:
        if signal.kind == VIEWING:
            self._viewing(signal.conversation_id, signal.detail["agent"], signal.detail["name"], on=signal.detail["on"])
        elif signal.kind == TYPING and signal.detail["by"] == "agent":
            self._typing(signal.conversation_id, signal.detail["agent"], on=signal.detail["on"])

    def _viewing(self, conversation_id: str, agent_id: str, name: str, *, on: bool) -> None:
        looks = self._board.setdefault(conversation_id, {})
        known = looks.get(agent_id)
        if on:
            until = self._clock.now() + SEEN_FOR
            if known is not None:
                known.until = until
                return
            looks[agent_id] = _Look(name, until)
        elif known is not None:
            del looks[agent_id]
        if not looks:
            del self._board[conversation_id]
        self._tell(conversation_id)

    def _typing(self, conversation_id: str, agent_id: str, *, on: bool) -> None:
        known = self._board.get(conversation_id, {}).get(agent_id)
        if known is None:
            return
        was, known.types_until = known.types_until, self._clock.now() + TYPES_FOR if on else None
        if (was is None) == on:
            self._tell(conversation_id)
