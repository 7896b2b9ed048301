"""Questions: answered where there is an answer, and else gathered until they are filed or a person takes them."""

import re

from bot.dialogue import answers, people, small_talk
from bot.dialogue import draft as drafts
from bot.dialogue.turn_context import Turn
from bot.effects import Say
from config.labels import DialogueAct, HandoffReason, Kind, TicketKind

OFFER_FILING = "offer_filing"
MOST_UNANSWERED = 2  # questions that the bot has no answer to, one after the other; the next one goes to a person
_AND_THAT = re.compile(r"(?:那|那么)?[^，,。！!？?]{1,8}呢[?？\s]*")  # 信用卡的呢
_SCRAPS = frozenset({DialogueAct.INFORM, DialogueAct.CORRECT, Kind.OTHER, Kind.GREETING_CHITCHAT})


def answer(turn: Turn, asked_before: drafts.Draft | None = None) -> None:
    """Answer the question; without an answer keep it with those of *asked_before*, and offer to file them."""
    memory = turn.memory
    if asked_before and memory.failures >= MOST_UNANSWERED:
        drafts.tell(asked_before, turn.u.text)
        memory.draft = asked_before
        people.hand_off(turn, HandoffReason.NOT_UNDERSTOOD)
        return
    before = len(turn.effects)
    turn.run("action_answer_faq")
    said = turn.effects[before:]
    if not (said and isinstance(said[-1], Say) and said[-1].text == turn.replies.text("utter_no_answer")):
        memory.answered, memory.failures = turn.u.text, 0
        return
    memory.failures = memory.failures + 1 if asked_before else 0
    if asked_before:
        turn.effects[before:] = []
        turn.say("utter_no_answer_again")
    memory.draft = asked_before or _new_draft(turn)
    drafts.tell(memory.draft, turn.u.text)
    memory.form = OFFER_FILING


def follow_up(turn: Turn) -> bool:
    """Answer 信用卡的呢 in the light of the question that was answered before. False when the message is nothing such."""
    asked, text = turn.memory.answered, turn.u.text.strip()
    if asked is None or not _AND_THAT.fullmatch(text) or (found := turn.faq.answer(f"{asked} {text}")) is None:
        return False
    turn.say("utter_faq", answer=found)
    return True


def gather(turn: Turn, asked: drafts.Draft) -> bool:
    """Put a scrap to the questions that we offered to file, or answer a pleasantry; the offer stands. False for anything else."""
    u = turn.u
    if small_talk.is_pleasantry(u):
        small_talk.answer(turn, greet=False)
        return True
    if (u.understood and u.intent not in _SCRAPS) or not (answers.has_words(u.text) or u.entities):
        return False
    if answers.holds_more(u):
        drafts.tell(asked, u.text)
    drafts.take_entities(asked, u.entities, overwrite=False)
    turn.say("utter_noted_offer")
    return True


def _new_draft(turn: Turn) -> drafts.Draft:
    memory = turn.memory
    draft = drafts.start(TicketKind.ENQUIRY, turn.u, turn.inbound, turn.facts)
    drafts.begin_with(draft, memory.misheard or memory.answered, turn.facts.now)
    memory.misheard = memory.answered = None
    return draft
