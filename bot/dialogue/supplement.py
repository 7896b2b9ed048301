"""What a customer adds to a ticket that is filed already: announced (补充：…), or said right after it was filed."""

import re
from datetime import timedelta

from bot.dialogue.turn_context import Turn
from config.labels import OPEN_TICKET_STATES, DialogueAct, Kind, Product
from store.model import Ticket

SUPPLEMENT = "supplement"
STILL_ABOUT_IT = timedelta(minutes=30)  # from filing on; what comes later is taken for something new
LEAST_CHARS = 4
_ANNOUNCED = re.compile(
    r"^(?i:(?:(?:i|i'd) (?:also |just )?(?:want|would like|like|need) to )?(?:also )?add"
    r"(?: (?:something|this|that|to (?:it|my ticket)|more))*[:,\s]+)"
    r"|^(?:我)?(?:要|想|再)?补充(?:一下|一点|点)?[:：,，\s]*"
)
_WORDS = re.compile(r"[\u4e00-\u9fff]{2}|[A-Za-z]{2,}[^\w]+[A-Za-z]{2,}")
_ALSO = re.compile(r"\s*(?:还有|另外|对了|哦对|而且|当时|忘了说|刚才忘)")
_TELLS = frozenset({Kind.COMPLAINT, Kind.SUGGESTION, Kind.PRAISE})
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


def adds_to_it(turn: Turn) -> bool:
    """还有 当时排了一个多小时队, of the same business as the ticket just filed, is more of it. False for anything else."""
    u, newest = turn.u, _just_filed(turn)
    same = newest is not None and (u.product is Product.OTHER or u.product == newest.product)
    if newest is None or not same or not _ALSO.match(u.text) or u.intent not in _TELLS:
        return False
    turn.memory.ticket_no = newest.no
    add(turn)
    return True


def goes_on(turn: Turn) -> bool:
    """Take scraps that follow a ticket just filed as belonging to it, and say so. False when the message is something else."""
    u, newest = turn.u, _just_filed(turn)
    if newest is None:
        return False
    if len(u.text.strip()) < LEAST_CHARS or not _WORDS.search(u.text) or (u.understood and u.intent not in _GOES_ON):
        return False
    if u.intent == Kind.OTHER and not u.entities and not u.is_english:
        return False
    turn.memory.ticket_no = newest.no
    add(turn)
    return True


def _just_filed(turn: Turn) -> Ticket | None:
    newest = next((ticket for ticket in turn.facts.tickets if ticket.state in OPEN_TICKET_STATES), None)
    return newest if newest and turn.facts.now - newest.received_at <= STILL_ABOUT_IT else None


def open_tickets(turn: Turn) -> list[str]:
    """Numbers of the customer's own tickets that are not done with, newest first."""
    return [ticket.no for ticket in turn.facts.tickets if ticket.state in OPEN_TICKET_STATES]
