"""What a customer adds to a ticket that is filed already: announced (补充：…), or said right after it was filed."""

import re
from datetime import timedelta

from bot.dialogue.turn_context import Turn
from config.labels import OPEN_TICKET_STATES, DialogueAct, Kind

SUPPLEMENT = "supplement"
STILL_ABOUT_IT = timedelta(minutes=30)  # from filing on; what comes later is taken for something new
LEAST_CHARS = 4
_ANNOUNCED = re.compile(r"^(?:我)?(?:要|想|再)?补充(?:一下|一点|点)?[:：,，\s]*")
_WORDS = re.compile(r"[\u4e00-\u9fff]{2}")
_GOES_ON = frozenset({DialogueAct.INFORM, DialogueAct.CORRECT, Kind.OTHER})


def announced(turn: Turn) -> bool:
    """补充：… to the newest open ticket. False when the message announces nothing, or there is no ticket."""
    match, own = _ANNOUNCED.match(turn.u.text), open_tickets(turn)
    if match is None or not own:
        return False
    memory = turn.memory
    memory.ticket_no = own[0]
    if len(turn.u.text[match.end() :].strip()) > 1 or turn.inbound.attachments or turn.inbound.pending_media:
        add(turn)
    else:
        memory.form = SUPPLEMENT
        turn.say("utter_ask_supplement", ticket_no=own[0])
    return True


def add(turn: Turn) -> None:
    """Put the message's words to the ticket that the question was about."""
    turn.run("action_supplement_ticket")
    turn.memory.close()


def goes_on(turn: Turn) -> bool:
    """Take scraps that follow a ticket just filed as belonging to it, and say so. False when the message is something else."""
    u, newest = turn.u, next((ticket for ticket in turn.facts.tickets if ticket.state in OPEN_TICKET_STATES), None)
    if newest is None or turn.facts.now - newest.received_at > STILL_ABOUT_IT:
        return False
    if len(u.text.strip()) < LEAST_CHARS or not _WORDS.search(u.text) or (u.understood and u.intent not in _GOES_ON):
        return False
    if u.intent == Kind.OTHER and not u.entities:
        return False
    turn.memory.ticket_no = newest.no
    add(turn)
    return True


def open_tickets(turn: Turn) -> list[str]:
    """Numbers of the customer's own tickets that are not done with, newest first."""
    return [ticket.no for ticket in turn.facts.tickets if ticket.state in OPEN_TICKET_STATES]
