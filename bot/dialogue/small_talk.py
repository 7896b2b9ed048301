"""Greetings, thanks, goodbyes, and who is talking: answered, and nothing more."""

import re

from bot.dialogue import supplement
from bot.dialogue.turn_context import Turn
from config.labels import Kind
from intents.understanding import Understanding

_THANKS = re.compile(r"谢|感谢|辛苦|多谢|thank|thx|cheers", re.IGNORECASE)
_BYE = re.compile(r"再见|拜拜|回见|bye", re.IGNORECASE)
_WHO = re.compile(
    r"who (?:are|r) (?:you|u)|(?:are|r) (?:you|u) (?:a |an )?(?:bot|robot|human|real|person|machine|ai)|what (?:can|do) you do"
    r"|机器人|真人|你是谁|叫什么|你是人|(?:会|能)(?:做|干)?(?:什么|啥|嘛)|干什么的|有(?:什么|啥)用",
    re.IGNORECASE,
)
_PLEASANTRY = re.compile(
    rf"{_THANKS.pattern}|{_BYE.pattern}|{_WHO.pattern}|你好|您好|在吗|有人|哈喽|hi|hello|hey|good (?:morning|afternoon|evening)"
    r"|早上好|晚上好",
    re.IGNORECASE,
)


def is_pleasantry(u: Understanding) -> bool:
    """Whether the message is a friendly word and no answer to anything."""
    return u.intent == Kind.GREETING_CHITCHAT and bool(_PLEASANTRY.search(u.text))


def answer(turn: Turn, *, greet: bool) -> None:
    """Answer it; what asks, thanks and leaves for nothing is greeted, if *greet*."""
    text = turn.u.text
    if _WHO.search(text):
        turn.say("utter_who_am_i")
    elif _BYE.search(text):
        turn.say("utter_goodbye")
    elif _THANKS.search(text):
        turn.say("utter_thanks")
    elif greet:
        _greet(turn)


def _greet(turn: Turn) -> None:
    own = supplement.open_tickets(turn)
    if own and not turn.memory.greeted:
        state = next(ticket.state for ticket in turn.facts.tickets if ticket.no == own[0])
        name = turn.replies.notices.text(f"tickets.states.{state.value}")
        turn.say("utter_greet_returning", ticket_no=own[0], state=name)
    else:
        turn.say("utter_greet")
    turn.memory.greeted = True
