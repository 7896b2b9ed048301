"""Collecting a record: ask only for what is missing, take answers in any order, read back, file."""

from bot.actions.forms import MAX_PLACE_CHARS, like_a_time
from bot.dialogue import answers
from bot.dialogue import draft as drafts
from bot.dialogue.turn_context import Turn
from bot.effects import Say
from config.catalogue import ENGLISH
from config.labels import DialogueAct, Kind, Product, TicketKind

CONFIRM = "confirm"
CONFIRM_CANCEL = "confirm_cancel"
MAX_FAILURES = 2
AT_STAKE = frozenset({Product.SECURITY_FRAUD.value, Product.DEBIT_CARD.value, Product.CREDIT_CARD.value})
MOST_ENGLISH_CHANGE = 80  # characters; what is longer tells more of the matter
LAST_DAY = 31  # of a month: a bare number up to it may tell when
# An answer to these is the whole message, whatever else it holds.
_TOLD_FREELY = frozenset({"problem", "demand"})
# What else answers a question.
_FILLED_BY = {
    "place": frozenset({"place", "branch"}),
    "person_praised": frozenset({"person_praised", "staff_name", "branch", "place"}),
}
_NO_VALUES = frozenset({DialogueAct.AFFIRM, DialogueAct.DENY, DialogueAct.CANCEL, DialogueAct.WITHDRAW})
_GOES_ON = frozenset(
    {
        Kind.COMPLAINT,
        Kind.URGENT_REPORT,
        Kind.PRAISE,
        Kind.SUGGESTION,
        Kind.ENQUIRY,
        Kind.TICKET_STATUS,
        Kind.OTHER,
        DialogueAct.INFORM,
    }
)
_PUTS_RIGHT = frozenset({DialogueAct.CORRECT, DialogueAct.INFORM, DialogueAct.DENY})
ASKING = frozenset({CONFIRM, *drafts.KINDS})  # the forms whose question can be put again


def open_form(turn: Turn, kind: TicketKind) -> None:
    """Start a draft of *kind* from this message and ask for the first thing that is missing."""
    turn.memory.close()
    draft = turn.memory.draft = drafts.start(kind, turn.u, turn.inbound, turn.facts)
    drafts.begin_with(draft, turn.memory.misheard, turn.facts.now)
    turn.memory.misheard = turn.memory.answered = None
    turn.memory.form = drafts.FORMS[kind]
    go_on(turn)


def go_on(turn: Turn) -> None:
    """Ask for what is missing, or read back."""
    memory = turn.memory
    draft = draft_of(turn)
    missing = drafts.missing(draft, memory.asked)
    draft["missing"] = missing
    if not missing:
        if draft["kind"] == TicketKind.OTHER:
            file(turn)
            return
        read_back(turn)
        return
    if memory.requested_slot != missing[0]:
        memory.asked += missing[0] != "problem"
        memory.failures = 0
    memory.form = drafts.FORMS[TicketKind(draft["kind"])]
    memory.requested_slot = missing[0]
    ask(turn)


def ask_again(turn: Turn) -> None:
    """Put the open question once more; beside the forms, only say that the answer is awaited."""
    if turn.memory.form in ASKING:
        ask(turn)
    else:
        turn.say("utter_please_answer")


def said_why(turn: Turn) -> bool:
    """Whether the check of a slot has said already in this turn what is wrong with the answer."""
    why = {turn.replies.text("utter_bad_phone"), turn.replies.text("utter_bad_time")}
    return any(isinstance(effect, Say) and effect.text in why for effect in turn.effects)


def leave_open(turn: Turn) -> bool:
    """Leave the open question unanswered and go on. False when it is one that must be answered."""
    slot = turn.memory.requested_slot
    if turn.memory.form not in drafts.KINDS or slot is None:
        return False
    if slot == "problem":
        # It could not be made sense of; people will. Better their riddle than nothing.
        if draft_of(turn)["kind"] == TicketKind.OTHER or not answers.has_words(turn.u.text):
            return False
        drafts.tell(draft_of(turn), turn.u.text)
        turn.say("utter_noted")
        go_on(turn)
        return True
    draft_of(turn)["asked"][slot] = "skipped"
    turn.say("utter_left_open")
    go_on(turn)
    return True


def ask(turn: Turn) -> None:
    """Put the open question (again)."""
    memory = turn.memory
    slot, form = memory.requested_slot, memory.form
    if memory.form == CONFIRM:
        read_back(turn)
        return
    if slot == "occurred_at" and "place" in drafts.missing(draft_of(turn), 0):
        slot = "when_and_where"
    turn.say(f"utter_ask_{form}_{slot}")


def read_back(turn: Turn) -> None:
    """Tell the record and ask whether it is right."""
    turn.memory.form = CONFIRM
    turn.memory.requested_slot = None
    turn.memory.failures = 0
    turn.say("utter_readback", record=turn.replies.record(draft_of(turn)))


def file(turn: Turn) -> None:
    """File the draft as it was read back."""
    draft = {**draft_of(turn), "confirmed_text": turn.replies.record(draft_of(turn))}
    draft["signs"] = turn.memory.understood["escalation_signs"] if turn.memory.understood else []
    turn.run("action_file_ticket", draft=draft)
    turn.memory.close()


def answer_confirm(turn: Turn) -> bool:
    """Take the answer to a read-back. False when it was none."""
    memory, u = turn.memory, turn.u
    if u.intent == DialogueAct.AFFIRM or answers.nothing_to_change(u.text):
        file(turn)
        return True
    if _turns_into_complaint(turn):
        return True
    # 短信费一个月才两块吧 names another sum, and puts no sum right.
    puts_right = answers.corrects(u) or u.intent in _PUTS_RIGHT or not answers.holds_more(u)
    puts_right = puts_right or (u.is_english and len(u.text) <= MOST_ENGLISH_CHANGE)
    changed = drafts.correct(draft_of(turn), u) if puts_right else drafts.restate(draft_of(turn), u)
    if changed:
        memory.failures = 0
        turn.say("utter_updated")
        read_back(turn)
        return True
    if answers.wants_no_contact(u.text):
        draft_of(turn)["contact_phone"] = None
        turn.say("utter_updated")
        read_back(turn)
        return True
    if u.intent == draft_of(turn)["kind"] and drafts.only_announces(u.text):
        turn.say("utter_known_already")  # 我要投诉！ is what the read-back says
        read_back(turn)
        return True
    if u.intent == DialogueAct.DENY:
        turn.say("utter_ask_what_to_change")
        return True
    if u.intent == DialogueAct.CORRECT:
        memory.failures += 1
        if memory.failures >= MAX_FAILURES:
            return False
        turn.say("utter_change_not_understood")
        return True
    if answers.is_demand(u) and _wants_besides(turn):
        turn.say("utter_noted")
        read_back(turn)
        return True
    if u.entities and not answers.holds_more(turn.u):
        turn.say("utter_known_already")
        read_back(turn)
        return True
    if (u.intent in _GOES_ON or not u.understood) and drafts.says_something(u.text, least=drafts.SHORTEST_PROBLEM_CHARS):
        _add_to_problem(turn)
        turn.say(_noted(turn))
        read_back(turn)
        return True
    return False


def _turns_into_complaint(turn: Turn) -> bool:
    """Make a complaint of a draft that was read back as something else, when the customer says 投诉. False when they do not."""
    draft, u = draft_of(turn), turn.u
    if draft["kind"] == TicketKind.COMPLAINT or not answers.will_complain(u.text):
        return False
    draft["kind"] = TicketKind.COMPLAINT.value
    drafts.take_entities(draft, u.entities, overwrite=False)
    if not drafts.only_announces(u.text):
        drafts.tell(draft, u.text)
    turn.memory.failures = 0
    turn.say("utter_updated")
    go_on(turn)
    return True


def _wants_besides(turn: Turn) -> bool:
    """Put what the customer wants to what they wanted before. False when it is the same."""
    record, text = draft_of(turn)["record"], turn.u.text.strip()
    before = record.get("demand", "")
    if text in before or (before and answers.only_hurries(text)):
        return False
    record["demand"] = f"{before}；{text}" if before else text
    return True


def _noted(turn: Turn) -> str:
    """What is said to what was told besides: a question is not answered by that, and it is said so."""
    asks = turn.u.intent in (Kind.ENQUIRY, Kind.TICKET_STATUS) and answers.asks(turn.u.text)
    if asks and draft_of(turn)["urgent"] and draft_of(turn)["product"] in AT_STAKE:
        return "utter_cannot_block"  # who is being robbed and asks what to do
    return "utter_noted_question" if asks else "utter_noted"


def answer_slot(turn: Turn) -> bool:
    """Take the answer to the open question, and whatever else the message tells. False when nothing fits."""
    memory, u, draft = turn.memory, turn.u, draft_of(turn)
    slot = memory.requested_slot or "problem"
    if u.intent == DialogueAct.AFFIRM and slot != "problem" and not answers.declines(u, slot):
        if not u.is_english and not answers.only_agrees(u.text) and answers.has_words(u.text):
            _add_to_problem(turn)
        return once_more(turn, "utter_go_on")  # 好, said to a question that needs more than a yes
    if answers.declines(u, slot):
        draft["asked"][slot] = "skipped"
        if slot == "occurred_at":
            draft["asked"]["place"] = "skipped"
        go_on(turn)
        return True
    if slot not in ("occurred_at", "problem") and drafts.tells_only_when(u.text) and drafts.take_vague_time(draft, u.text):
        go_on(turn)
        return True
    names_sum = slot != "problem" and drafts.names_a_sum(u.text)
    corrects = answers.corrects(u) and not (u.is_english and slot == "problem")  # 300 instead of 500 tells the matter
    changed = drafts.correct(draft, u) if corrects or names_sum else []
    if changed and _FILLED_BY.get(slot, frozenset({slot})).isdisjoint(changed):
        turn.say("utter_updated")
        go_on(turn)
        return True
    changed += drafts.take_entities(draft, u.entities, overwrite=corrects)
    if drafts.take_location(draft, turn.inbound):
        changed.append("place")
    if not changed and ((slot == "occurred_at" and _named_place(turn)) or (slot != "problem" and _named_sum(turn))):
        go_on(turn)
        return True
    may_tell = slot != "problem" and (not changed or (slot == "demand" and slot not in changed))
    if may_tell and _told_more(turn, slot):
        return True
    if slot == "demand" and "demand" in changed and answers.holds_more(turn.u):
        changed.remove("demand")  # 要求退保 赔礼道歉 is all wanted, not its first half alone
    tells_more = slot in _TOLD_FREELY and (answers.holds_more(u) or "opening" in draft)
    is_filled = not _FILLED_BY.get(slot, frozenset({slot})).isdisjoint(changed)
    if is_filled or ((not changed or tells_more) and _take_text(turn, slot)):
        draft["asked"][slot] = "answered"
        if slot == "occurred_at":
            _place_beside(turn)
            _sum_beside(turn)
        if slot not in _TOLD_FREELY and answers.tells_besides(u):
            _add_to_problem(turn)
        go_on(turn)
        return True
    if changed:
        if answers.tells_more(turn.u):
            _add_to_problem(turn)
        if drafts.missing(draft, memory.asked)[:1] == [slot]:
            turn.say("utter_noted")
        go_on(turn)
        return True
    return slot == "problem" and _kept_scrap(turn)


def _kept_scrap(turn: Turn) -> bool:
    """Keep a word or two that the matter begins with, and ask on: 你们的客服, 柜员, 小王."""
    text, draft = turn.u.text.strip(), draft_of(turn)
    is_word = answers.has_words(text) or (turn.inbound.language == ENGLISH and answers.is_english_word(text))
    if draft["kind"] == TicketKind.OTHER or not is_word or turn.u.intent in _NO_VALUES:
        return False
    turn.memory.failures += 1
    if turn.memory.failures >= MAX_FAILURES:
        return leave_open(turn)
    draft["opening"] = f"{draft.get('opening', '')}\n{text}".strip()
    turn.say("utter_noted")
    ask(turn)
    return True


def _named_sum(turn: Turn) -> bool:
    """Take a bare number for the sum, where none was told yet: 5000 is neither a wish nor a telephone number."""
    said, record = answers.bare_sum(turn.u.text), draft_of(turn)["record"]
    may_be_time = turn.memory.requested_slot == "occurred_at" and said is not None and said <= LAST_DAY
    if said is None or may_be_time or record.get("amount_yuan"):
        return False
    record["amount_yuan"] = said
    turn.say("utter_noted")
    return True


def once_more(turn: Turn, response: str) -> bool:
    """Say *response* and put the question once more; the second time leave it. False when it is one that must be answered."""
    turn.memory.failures += 1
    if turn.memory.failures >= MAX_FAILURES:
        return leave_open(turn)
    turn.say(response)
    ask(turn)
    return True


def _place_beside(turn: Turn) -> None:
    """Take a place that stands beside the time and no list holds: 昨天下午 建国门那台."""
    draft = draft_of(turn)
    if "place" in drafts.missing(draft, 0) and (where := answers.place_beside(turn.u)):
        draft["record"]["place"] = where


def _sum_beside(turn: Turn) -> None:
    """Take a bare number beside the time for the sum: 5号 3500."""
    said, record = answers.bare_sum(answers.beside_values(turn.u)), draft_of(turn)["record"]
    if said is not None and said > LAST_DAY and not record.get("amount_yuan"):
        record["amount_yuan"] = said


def _named_place(turn: Turn) -> bool:
    """Take where it was, said to when and where: 国贸那个机子."""
    text, draft = turn.u.text.strip(), draft_of(turn)
    names_one = answers.names_a_place(text) or answers.may_be_a_name(turn.u)
    if "place" not in drafts.missing(draft, 0) or not names_one or len(text) > MAX_PLACE_CHARS:
        return False
    draft["record"]["place"] = text
    turn.say("utter_noted")
    return True


def _told_more(turn: Turn, slot: str) -> bool:
    """Take more of the matter, told instead of an answer; the question is put once more and then left."""
    if not answers.goes_on(turn.u, slot):
        return False
    wanted, record = turn.u.first("demand"), draft_of(turn)["record"]
    only_wants = wanted is None and slot != "demand" and not record.get("demand") and answers.is_demand(turn.u)
    if wanted is not None and slot != "demand":
        record["demand"] = wanted.value
    if only_wants:
        record["demand"] = turn.u.text
    elif wanted is None or answers.holds_more(turn.u):
        _add_to_problem(turn)
    turn.memory.failures += 1
    if turn.memory.failures >= MAX_FAILURES:
        draft_of(turn)["asked"][slot] = "skipped"
    if answers.wants_no_contact(turn.u.text):
        draft_of(turn)["asked"]["phone"] = "skipped"
    turn.say(_noted(turn))
    go_on(turn)
    return True


def is_just_an_answer(turn: Turn) -> bool:
    """Whether an alarming message only answers what was asked, or agrees to the read-back."""
    memory = turn.memory
    if memory.form == CONFIRM and turn.u.intent == DialogueAct.AFFIRM:
        return True
    if answers.is_bare_value(turn.u):
        return True
    return memory.form in ASKING and answers.raises_no_alarm(turn.u, memory.requested_slot)


def _take_text(turn: Turn, slot: str) -> bool:
    """Use the message itself as the value of *slot*, if it can be one."""
    u, draft = turn.u, draft_of(turn)
    text = u.text.strip()
    if not text or turn.inbound.type != "text" or u.intent in _NO_VALUES:
        return False
    if slot == "problem":
        together = f"{draft.get('opening', '')}{text}"
        if draft["kind"] != TicketKind.ENQUIRY and draft["kind"] != TicketKind.OTHER and not drafts.says_something(together):
            return False
        drafts.tell(draft, text)
        drafts.take_product(draft, u)
        return True
    if slot == "demand":
        draft["record"]["demand"] = text
        return True
    if slot == "phone" and u.entities and u.first("phone") is None:
        return False  # a time, a sum: known already, and no number that was mistyped
    if slot == "occurred_at" and like_a_time(beside := answers.beside_values(u)):
        text = beside  # 上午 of 上午 东风路支行
    said = turn.run("validate_complaint_form", requested_slot=slot, **{slot: text}) if slot != "person_praised" else {slot: text}
    value = said.get(slot)
    if not value:
        return False
    if slot == "phone":
        draft["contact_phone"] = value
    else:
        draft["record"][slot] = value
    return True


def _add_to_problem(turn: Turn) -> None:
    drafts.take_entities(draft_of(turn), turn.u.entities, overwrite=False)
    drafts.take_vague_time(draft_of(turn), turn.u.text)
    drafts.take_product(draft_of(turn), turn.u)
    if not drafts.only_announces(turn.u.text):
        drafts.tell(draft_of(turn), turn.u.text)


def draft_of(turn: Turn) -> drafts.Draft:
    """The draft that is being filled. Raises ``RuntimeError`` where there is none."""
    draft = turn.memory.draft
    if draft is None:
        raise RuntimeError("a form is open without a draft")
    return draft
