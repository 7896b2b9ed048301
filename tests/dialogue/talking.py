"""One customer talking to the bot: the real understanding and the real dialogue, facts made up."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.dialogue import Dialogue
from bot.effects import Effect, Facts, FileTicket, Say
from bot.message import Inbound
from bot.turn import turn
from config.labels import FeedbackChannel, Priority
from intents.redact import redact
from intents.understander import Understander

NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
NUMBER = "FB202611230000017"
FACTS = Facts(
    now=NOW,
    next_ticket_no=NUMBER,
    reply_due={priority: NOW + timedelta(days=7) for priority in Priority},
    agents_on_duty=1,
    opening_hours="工作日 9:00-18:00",
)

ALWAYS_OPEN = replace(FACTS, agents_on_duty=0, open_now=True, opening_hours="每天 0:00-24:00")


class Chat:
    """One customer talking to the bot."""

    def __init__(self, parts: tuple[Dialogue, Understander], facts: Facts = FACTS, language: str | None = None) -> None:
        self.dialogue, self.understander = parts
        self.language = language
        self.facts = facts
        self.state: dict[str, Any] = {}
        self.effects: tuple[Effect, ...] = ()

    def say(self, text: str, **changes: Any) -> str:
        inbound = Inbound(
            "in_app:main", FeedbackChannel.IN_APP, "u", text, payload=changes.pop("payload", {}), language=self.language
        )
        expecting = self.dialogue.expecting(self.state)
        redacted = redact(text, expecting=expecting)
        u = self.understander.understand(redacted, NOW, expecting=expecting)
        facts = replace(self.facts, has_secret=redacted.has_secret, **changes)
        outcome = turn(self.dialogue, self.state, inbound, u, facts)
        self.state, self.effects = outcome.state, outcome.effects
        if (filed := self.did(FileTicket)) and filed.contact_phone:
            self.facts = replace(self.facts, known_phone=filed.contact_phone)  # as the store remembers it
        return "\n".join(effect.text for effect in self.effects if isinstance(effect, Say))

    def did(self, kind: type) -> Any:
        return next((effect for effect in self.effects if isinstance(effect, kind)), None)


def said_all(chat: Chat, *lines: str) -> str:
    answer = ""
    for line in lines:
        answer = chat.say(line)
    return answer


def record(chat: Chat) -> dict:
    return chat.state["draft"]["record"]
