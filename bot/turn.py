"""The turn, a plain function: values in, values out, nothing awaited, nobody asked."""

from typing import Any

from bot.dialogue import Dialogue, Outcome
from bot.effects import Facts
from bot.message import Inbound
from intents.understanding import Understanding


def turn(dialogue: Dialogue, state: dict[str, Any], inbound: Inbound, u: Understanding, facts: Facts) -> Outcome:
    """What the conversation becomes and what is to be done about the message *inbound*, understood as *u*."""
    return dialogue.respond(state, inbound, u, facts)
