"""Questions: answered where there is an answer, and else gathered until they are filed or a person takes them."""

import re

from bot.dialogue import answers, people, small_talk
from bot.dialogue import draft as drafts
from bot.dialogue.turn_context import Turn
from bot.effects import Say
from config.labels import DialogueAct, HandoffReason, Kind, Product, TicketKind

OFFER_FILING = "offer_filing"
LIKELY_PRODUCT = 0.5
LEAST_SCRAP = 3  # characters that belong to the question before: 签证用
SHORT_CHARS = 8  # a question this short may be about the one before: 会上征信吗
MOST_UNANSWERED = 2  # questions that the bot has no answer to, one after the other; the next one goes to a person
_AND_THAT = re.compile(r"(?:那|那么)?[^，,。！!？?]{1,8}呢[?？\s]*")  # 信用卡的呢
# What is applied for elsewhere, and what is filed here.
_APPLICATION = re.compile(
    r"申请|审核|审批|批(?:了|下|没)|放款|下卡|办卡|寄|快递|贷|借款|额度|进件|入网|开户|材料|证明|电话确认|确认电话|回访|积分|礼品|征信|销户"
)
_TICKET = re.compile(r"工单|投诉|反馈|反映|建议|登记|举报|表扬|单号|编号|受理号|查(?:一下)?进度")
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
    said = next((effect.text for effect in turn.effects[before:] if isinstance(effect, Say)), "")
    told_before = said == memory.told and answers.asks_anew(turn.u.text, memory.answered or "")
    if not told_before and said != turn.replies.text("utter_no_answer"):
        memory.answered, memory.told, memory.failures = turn.u.text, said, 0
        return
    memory.failures = memory.failures + 1 if asked_before else 0
    if told_before or asked_before:
        turn.effects[before:] = []
        turn.say("utter_answer_no_help" if told_before else "utter_no_answer_again")
    memory.draft = asked_before or _new_draft(turn)
    drafts.tell(memory.draft, turn.u.text)
    memory.form = OFFER_FILING


def is_about_tickets(turn: Turn) -> bool:
    """Whether who asks after something can mean a ticket: they have one, give a number, or name it."""
    return bool(turn.facts.tickets or turn.u.first("ticket_no") or turn.facts.lookup or _TICKET.search(turn.u.text))


def about_an_application(turn: Turn) -> bool:
    """Say that the bot does not see applications, and offer to pass the question on. False when it is about no application."""
    text = turn.u.text
    if not _APPLICATION.search(text) or _TICKET.search(text) or turn.u.first("ticket_no"):
        return False
    turn.memory.draft = _new_draft(turn)
    drafts.tell(turn.memory.draft, text)
    turn.memory.form = OFFER_FILING
    turn.say("utter_status_application")
    return True


def touches_the_bank(turn: Turn) -> bool:
    """Offer to file what asks for nothing and yet is of the bank, or of the question just answered. False for anything else."""
    u = turn.u
    names_one = bool(u.entities) or (u.product is not Product.OTHER and u.product_confidence >= LIKELY_PRODUCT)
    is_plain = not u.understood or u.intent in _SCRAPS or answers.hardly_praise(u)
    goes_on = turn.memory.answered is not None and is_plain and not small_talk.is_pleasantry(u)
    tells = u.intent == Kind.OTHER and u.understood and names_one
    least = LEAST_SCRAP if goes_on else drafts.MIN_PROBLEM_CHARS
    if not (tells or goes_on) or not drafts.says_something(u.text, least=least):
        return False
    turn.memory.draft = _new_draft(turn)
    drafts.tell(turn.memory.draft, u.text)
    turn.memory.form = OFFER_FILING
    turn.say("utter_noted_offer")
    return True


def follow_up(turn: Turn) -> bool:
    """Answer 信用卡的呢 in the light of the question that was answered before. False when the message is nothing such."""
    memory, text = turn.memory, turn.u.text.strip()
    is_short = turn.u.intent == Kind.ENQUIRY and len(text) <= SHORT_CHARS and turn.faq.answer(text) is None
    and_that = bool(_AND_THAT.fullmatch(text))
    if memory.answered is None or not (and_that or is_short):
        return False
    own = turn.faq.answer(text)
    found = own or turn.faq.answer(f"{memory.answered} {text}")
    if found is None or (found == memory.told and not and_that):
        return False
    memory.answered, memory.told = text if own else f"{memory.answered} {text}", found
    turn.say("utter_faq", answer=found)
    return True


def gather(turn: Turn, asked: drafts.Draft) -> bool:
    """Put a scrap to the questions that we offered to file, or answer a pleasantry; the offer stands. False for anything else."""
    u = turn.u
    if _AND_THAT.fullmatch(u.text.strip()):
        answer(turn, asked)
        return True
    if small_talk.is_pleasantry(u):
        before = len(turn.effects)
        small_talk.answer(turn, greet=False)
        if len(turn.effects) == before:
            turn.say("utter_please_answer")  # 在吗
        return True
    chases = u.intent == Kind.TICKET_STATUS and not is_about_tickets(turn)
    if (u.understood and u.intent not in _SCRAPS and not chases and not answers.hardly_praise(u)) or not (
        answers.has_words(u.text) or u.entities
    ):
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
