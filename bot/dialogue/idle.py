"""What is said to an open question and tells nothing of the matter: a curse, a call, a word too few, 投诉 once more."""

from bot.dialogue import answers, forms
from bot.dialogue import draft as drafts
from bot.dialogue.turn_context import Turn
from config.labels import TicketKind


def take(turn: Turn) -> bool:
    """Answer it, keep what may matter, and put the question again. False when the message tells something."""
    slot = turn.memory.requested_slot or "problem"
    if slot == "phone" and _has_a_landline(turn):
        return True
    is_complaint = forms.draft_of(turn)["kind"] == TicketKind.COMPLAINT
    if slot != "problem":
        return is_complaint and _only_says_so(turn)
    if forms.draft_of(turn)["kind"] == TicketKind.OTHER:
        return _leaves_no_message(turn)
    if answers.will_complain(turn.u.text) and drafts.only_announces(turn.u.text):
        turn.say("utter_is_a_complaint")
        forms.ask(turn)
        return True
    return _only_curses(turn)


def _leaves_no_message(turn: Turn) -> bool:
    u = turn.u
    if u.intent in answers.LEAVES_NOTHING:
        turn.say("utter_nothing_to_cancel")
        turn.memory.close()
        return True
    if _too_little(turn):
        return True
    is_bare = turn.inbound.type == "text" and not answers.has_words(u.text) and not u.entities and not u.is_english
    if is_bare or answers.calls_out(u.text) or answers.only_talks(u):
        turn.say("utter_please_answer")
        return True
    return False


def _has_a_landline(turn: Turn) -> bool:
    """Say that a landline will do, once, to who has nothing else. False for anything else."""
    if turn.memory.failures or "座机" not in turn.u.text or turn.u.first("phone"):
        return False
    turn.memory.failures += 1
    turn.say("utter_landline")
    return True


def _only_curses(turn: Turn) -> bool:
    """Stay calm with a curse that tells nothing, keep it, and ask on. False for anything else."""
    u = turn.u
    if not answers.only_curses(u):
        return False
    draft = forms.draft_of(turn)
    draft["opening"] = f"{draft.get('opening', '')}\n{u.text.strip()}".strip()
    return forms.once_more(turn, "utter_calm")


def _only_says_so(turn: Turn) -> bool:
    """我要投诉, said in the middle of a complaint: so it is, and the question is put again, once. False for anything else."""
    if not (answers.will_complain(turn.u.text) and drafts.only_announces(turn.u.text)):
        return False
    return forms.once_more(turn, "utter_is_a_complaint")


def _too_little(turn: Turn) -> bool:
    """Keep a word that is no message yet, once, and ask for the rest: 修好."""
    text, draft = turn.u.text.strip(), forms.draft_of(turn)
    is_short = len(text) < drafts.SHORTEST_PROBLEM_CHARS and not turn.u.entities and turn.inbound.type == "text"
    if not is_short or "opening" in draft or not answers.has_words(text) or answers.calls_out(text):
        return False
    draft["opening"] = text
    turn.say("utter_noted")
    forms.ask(turn)
    return True
