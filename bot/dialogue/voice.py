"""One language that the bot speaks: its sentences, its answers to frequent questions, and the actions that speak in it."""

from dataclasses import dataclass
from typing import Any

from bot.actions import all_actions
from bot.actions.runner import ActionRunner
from bot.dialogue.catalogue import Replies
from bot.dialogue.faq import Faq
from config.catalogue import ENGLISH


@dataclass(frozen=True, slots=True)
class Voice:
    """What a turn speaks with."""

    replies: Replies
    faq: Faq
    runner: ActionRunner


def voices(domain: dict[str, Any]) -> dict[str | None, Voice]:
    """The voice for each language that a conversation may have; under None the Chinese one."""
    return {language: _voice(domain, language) for language in (None, ENGLISH)}


def _voice(domain: dict[str, Any], language: str | None) -> Voice:
    replies, faq = Replies(language), Faq(language)
    actions = all_actions(replies.notices, replies.text, faq.answer)
    return Voice(replies, faq, ActionRunner(actions, {**domain, "responses": replies.responses}))
