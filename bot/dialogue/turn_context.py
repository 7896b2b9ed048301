"""One turn under way: what came in, what is remembered, and what has been said so far."""

from dataclasses import dataclass, field
from typing import Any

from bot.actions.facts_json import facts_to_json
from bot.dialogue.catalogue import Replies
from bot.dialogue.faq import Faq
from bot.dialogue.memory import Memory
from bot.dialogue.voice import Voice
from bot.effects import Effect, Facts, Say
from bot.message import Inbound
from intents.understanding import Understanding


@dataclass(slots=True)
class Turn:
    """Collects the effects of one turn."""

    memory: Memory
    inbound: Inbound
    u: Understanding
    facts: Facts
    voice: Voice
    effects: list[Effect] = field(default_factory=list)

    @property
    def replies(self) -> Replies:
        """What can be said, in the language of the conversation."""
        return self.voice.replies

    @property
    def faq(self) -> Faq:
        """The answers to frequent questions, in the language of the conversation."""
        return self.voice.faq

    def say(self, name: str, **values: Any) -> None:
        """Say the response *name*."""
        self.effects.append(self.replies.say(name, **values))

    def notice(self, name: str, **values: Any) -> None:
        """Say it as the system, not as the bot."""
        self.effects.append(self.replies.say(name, system=True, **values))

    def run(self, action: str, **slots: Any) -> dict[str, Any]:
        """Run the action *action*; its words and effects are this turn's. Returns the slots that it set."""
        uttered, events = self.voice.runner.run(action, self._tracker(slots))
        for item in uttered:
            if item.effect is not None:
                self.effects.append(item.effect)
            elif item.response is not None:
                self.say(item.response, **(item.values or {}))
            elif item.text is not None:
                self.effects.append(Say(item.text, custom=item.custom or {}))
            elif item.custom:
                self._attach(item.custom)
        return events

    def _attach(self, custom: dict[str, Any]) -> None:
        """A card without words belongs to the words before it."""
        last = self.effects[-1] if self.effects else None
        if isinstance(last, Say):
            self.effects[-1] = Say(last.text, last.buttons, {**last.custom, **custom}, last.system)

    def _tracker(self, slots: dict[str, Any]) -> dict[str, Any]:
        memory, u = self.memory, self.u
        return {
            "sender_id": self.inbound.customer,
            "slots": {
                "draft": memory.draft,
                "understood": memory.understood,
                "ticket_no": memory.ticket_no,
                "matters": [matter["text"] for matter in memory.matters],
                **slots,
            },
            "latest_message": {
                "text": u.text,
                "intent": {"name": u.intent, "confidence": u.confidence},
                "entities": [
                    {"entity": item.entity, "value": item.value, "start": item.start, "end": item.end} for item in u.entities
                ],
                "metadata": {"facts": facts_to_json(self.facts)},
            },
            "events": [{"event": "slot", "name": name, "value": value, "timestamp": None} for name, value in slots.items()],
            "latest_event_time": 0,
            "followup_action": None,
            "paused": False,
            "latest_input_channel": self.inbound.channel.value,
            "active_loop": {"name": memory.form} if memory.form else {},
            "latest_action_name": "action_listen",
        }
