"""The customer's answer to the question how content they were: a score, and perhaps a word why."""

import re

from bot.dialogue.turn_context import Turn
from bot.effects import RateService
from config.labels import DialogueAct, Kind

COMMENT = "rate_comment"
CONTENT_FROM = 4
_PAYLOAD = re.compile(r"/?rate_([1-5])")
_SCORE = re.compile(r"([1-5一二三四五])\s*(?:[分星]|stars?)?[。.!！]*")
_NUMERALS = {"一": 1, "二": 2, "三": 3, "四": 4, "五": 5}
# What is said instead of a word why is a matter of its own; it is kept as the word and answered as the matter.
_MATTERS = frozenset({Kind.COMPLAINT, Kind.SUGGESTION, Kind.ENQUIRY, Kind.TICKET_STATUS})


def take(turn: Turn) -> bool:
    """Take the message as such an answer. False when it is none; a question that was passed over is not put again."""
    memory = turn.memory
    if memory.form == COMMENT:
        return _comment(turn)
    score = _score(turn)
    if memory.rate is None:
        if score is None or not _PAYLOAD.fullmatch(str(turn.inbound.payload.get("button", ""))):
            return False
        turn.say("utter_rated_before")
        return True
    if score is None:
        memory.rate = None
        return False
    turn.effects.append(RateService(memory.rate, score=score))
    if score >= CONTENT_FROM:
        memory.rate = None
        turn.say("utter_rated_high")
    else:
        memory.form = COMMENT
        turn.say("utter_rated_low")
    return True


def _score(turn: Turn) -> int | None:
    pressed = _PAYLOAD.fullmatch(str(turn.inbound.payload.get("button", ""))) or _PAYLOAD.fullmatch(turn.u.intent)
    if pressed:
        return int(pressed.group(1))
    said = _SCORE.fullmatch(turn.u.text.strip())
    return _NUMERALS.get(said.group(1)) or int(said.group(1)) if said else None


def _comment(turn: Turn) -> bool:
    memory, u = turn.memory, turn.u
    subject, memory.rate, memory.form = memory.rate, None, None
    if subject is None or u.intent in (DialogueAct.SKIP, DialogueAct.DENY, DialogueAct.CANCEL):
        turn.say("utter_rated_done")
        return True
    turn.effects.append(RateService(subject, comment=u.text))
    if u.understood and u.intent in _MATTERS:
        return False
    turn.say("utter_rated_comment")
    return True
