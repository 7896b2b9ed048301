"""Collecting a record: ask only for what is missing, take answers in any order, read back, file."""

import re

from bot.actions.forms import like_a_time
from bot.dialogue import draft as drafts
from bot.dialogue.turn_context import Turn
from config.labels import DialogueAct, Product, TicketKind
from intents.understanding import Understanding

CONFIRM = "confirm"
CONFIRM_CANCEL = "confirm_cancel"
MAX_FAILURES = 2
_NO = frozenset({DialogueAct.SKIP, DialogueAct.DENY})
# An answer to these is the whole message, whatever else it holds.
_TOLD_FREELY = frozenset({"problem", "demand"})
_WORDS = re.compile(r"[\u4e00-\u9fff]{2}")
_DIGIT = re.compile(r"\d")
_FILLERS = re.compile(r"开始|发生|时候|[那这就是在的了吧啊呢呀哦嗯对大概应该好像左右门口附近号电话手机我个，。,.！!？?\s]")
_KNOWS_NOT = re.compile(r"\s*(?:我)?(?:也)?不(?:晓得|知道|清楚|明白)(?:到底)?(?:是)?(?:什么|啥|为什么|为啥|怎么|哪).{1,}")
# To what is offered, no cancelling of what was told.
_NOT_NEEDED = re.compile(r"\s*(?:都)?不(?:用|需要|必)(?:了)?[\s，,。.!！]*(?:谢谢|谢了|多谢)?[\s。.!！]*")
_OFFERS = frozenset({"demand", "phone"})
_ANSWERS = {"occurred_at": ("occurred_at", "place", "branch"), "place": ("place", "branch", "machine"), "phone": ("phone",)}
_NO_CONTACT = re.compile(r"(?:不用|不要|别|不必|不需要|无需|不想|不愿)(?:你们)?(?:再|给我)?(?:联系|打|回|留|找|来电)")
_NO_VALUES = frozenset({DialogueAct.AFFIRM, DialogueAct.DENY, DialogueAct.CANCEL, DialogueAct.WITHDRAW})
_NO_WORDS = re.compile(r"(?:没有?|不(?:想|愿|方便|要|留|提供|知道|清楚|记得|用)|跳过|算了|无所谓|随便|记不清|忘了|保密).{0,12}")


def open_form(turn: Turn, kind: TicketKind) -> None:
    """Start a draft of *kind* from this message and ask for the first thing that is missing."""
    turn.memory.close()
    turn.memory.draft = drafts.start(kind, turn.u, turn.inbound, turn.facts)
    turn.memory.form = drafts.FORMS[kind]
    go_on(turn)


def go_on(turn: Turn) -> None:
    """Ask for what is missing, or read back."""
    memory = turn.memory
    draft = _draft(turn)
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


def ask(turn: Turn) -> None:
    """Put the open question (again)."""
    memory = turn.memory
    slot, form = memory.requested_slot, memory.form
    if memory.form == CONFIRM:
        read_back(turn)
        return
    if slot == "occurred_at" and "place" in drafts.missing(_draft(turn), 0):
        slot = "when_and_where"
    turn.say(f"utter_ask_{form}_{slot}")


def read_back(turn: Turn) -> None:
    """Tell the record and ask whether it is right."""
    turn.memory.form = CONFIRM
    turn.memory.requested_slot = None
    turn.memory.failures = 0
    turn.say("utter_readback", record=turn.replies.record(_draft(turn)))


def file(turn: Turn) -> None:
    """File the draft as it was read back."""
    draft = {**_draft(turn), "confirmed_text": turn.replies.record(_draft(turn))}
    draft["signs"] = (turn.memory.understood or {}).get("escalation_signs", [])
    turn.run("action_file_ticket", draft=draft)
    turn.memory.close()


def answer_confirm(turn: Turn) -> bool:
    """Take the answer to a read-back. False when it was none."""
    memory, u = turn.memory, turn.u
    if u.intent == DialogueAct.AFFIRM:
        file(turn)
        return True
    changed = drafts.correct(_draft(turn), u)
    if changed:
        memory.failures = 0
        turn.say("utter_updated")
        read_back(turn)
        return True
    if _NO_CONTACT.search(u.text):
        _draft(turn)["contact_phone"] = None
        turn.say("utter_updated")
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
    if u.intent in ("complaint", "inform", "urgent_report") and drafts.says_something(u.text):
        _add_to_problem(turn)
        turn.say("utter_noted")
        read_back(turn)
        return True
    return False


def answer_slot(turn: Turn) -> bool:
    """Take the answer to the open question, and whatever else the message tells. False when nothing fits."""
    memory, u, draft = turn.memory, turn.u, _draft(turn)
    slot = memory.requested_slot or "problem"
    if _declines(u, slot):
        draft["asked"][slot] = "skipped"
        if slot == "occurred_at":
            draft["asked"]["place"] = "skipped"
        go_on(turn)
        return True
    if slot not in ("occurred_at", "problem") and drafts.tells_only_when(u.text) and drafts.take_vague_time(draft, u.text):
        go_on(turn)
        return True
    if u.intent == DialogueAct.CORRECT and (changed := drafts.correct(draft, u)) and slot not in changed:
        turn.say("utter_updated")
        go_on(turn)
        return True
    changed = drafts.take_entities(draft, u.entities, overwrite=u.intent == DialogueAct.CORRECT)
    if drafts.take_location(draft, turn.inbound):
        changed.append("place")
    if not changed and slot != "problem" and _told_more(turn, slot):
        return True
    if (
        slot in changed
        or (slot == "place" and "branch" in changed)
        or ((not changed or (slot in _TOLD_FREELY and _has_more_words(turn))) and _take_text(turn, slot))
    ):
        draft["asked"][slot] = "answered"
        go_on(turn)
        return True
    if changed:
        if _has_more_words(turn):
            _add_to_problem(turn)
        go_on(turn)
        return True
    return False


def _told_more(turn: Turn, slot: str) -> bool:
    """Take more of the matter, told instead of an answer; the question is put once more and then left."""
    if not _is_more(turn.u, slot):
        return False
    wanted = turn.u.first("demand")
    if wanted is not None and slot == "phone":
        _draft(turn)["record"]["demand"] = wanted.value
    else:
        _add_to_problem(turn)
    turn.memory.failures += 1
    if turn.memory.failures >= MAX_FAILURES:
        _draft(turn)["asked"][slot] = "skipped"
    turn.say("utter_noted")
    go_on(turn)
    return True


def _is_more(u: Understanding, slot: str) -> bool:
    """Whether the message goes on with the matter: 苹果手机 is no time, 退钱 no phone number."""
    if slot == "demand":
        return bool(_KNOWS_NOT.match(u.text))
    if u.intent == "complaint" and drafts.says_something(u.text):
        return True
    if u.intent in set(DialogueAct) - {DialogueAct.INFORM, DialogueAct.CORRECT} or not _WORDS.search(u.text):
        return False
    if slot == "occurred_at":
        return not like_a_time(u.text) and not _DIGIT.search(u.text)
    return slot == "phone" and not _DIGIT.search(u.text)


def _has_more_words(turn: Turn) -> bool:
    """Whether the message holds more than the values that were found in it."""
    left = turn.u.text
    for item in turn.u.entities:
        left = left.replace(turn.u.text[item.start : item.end], "")
    return bool(_WORDS.search(_FILLERS.sub("", left)))


def _take_text(turn: Turn, slot: str) -> bool:
    """Use the message itself as the value of *slot*, if it can be one."""
    u, draft = turn.u, _draft(turn)
    text = u.text.strip()
    if not text or turn.inbound.type != "text" or u.intent in _NO_VALUES:
        return False
    if slot == "problem":
        if draft["kind"] in (TicketKind.COMPLAINT, TicketKind.SUGGESTION, TicketKind.PRAISE) and not drafts.says_something(text):
            return False
        draft["record"]["problem"] = text
        if draft["product"] == "other" or u.product_confidence > 0.5:  # noqa: PLR2004 -- more likely than not
            draft["product"] = u.product.value
        return True
    if slot == "demand":
        draft["record"]["demand"] = text
        return True
    said = turn.run("validate_complaint_form", requested_slot=slot, **{slot: text}) if slot != "person_praised" else {slot: text}
    value = said.get(slot)
    if not value:
        return False
    if slot == "phone":
        draft["contact_phone"] = value
    else:
        draft["record"][slot] = value
    return True


def is_offer_declined(turn: Turn) -> bool:
    """不用了 said to 您希望怎样处理: nothing is wanted there, and the rest is still to be filed."""
    slot, text = turn.memory.requested_slot, turn.u.text
    return slot in _OFFERS and bool(_NOT_NEEDED.fullmatch(text) or (slot == "phone" and _NO_CONTACT.search(text)))


def is_just_an_answer(turn: Turn) -> bool:
    """No net caught anything, and the message holds what was asked for: 人民广场那台机器 今早八点多."""
    if turn.memory.form == CONFIRM and turn.u.intent == DialogueAct.AFFIRM:
        return True
    asked = turn.memory.requested_slot
    fitting = _ANSWERS.get(asked or "", ())
    return turn.u.urgent_reasons == ("model",) and any(turn.u.first(entity) for entity in fitting)


def _declines(u: Understanding, slot: str) -> bool:
    if slot == "problem":
        return False
    if slot in _OFFERS and _NOT_NEEDED.fullmatch(u.text):
        return True
    if slot == "phone" and _NO_CONTACT.search(u.text) and not u.first("phone"):
        return True
    return u.intent in _NO or (not u.entities and bool(_NO_WORDS.fullmatch(u.text.strip())))


def _add_to_problem(turn: Turn) -> None:
    record = _draft(turn)["record"]
    drafts.take_entities(_draft(turn), turn.u.entities, overwrite=False)
    drafts.take_vague_time(_draft(turn), turn.u.text)
    if _draft(turn)["product"] == Product.OTHER:
        _draft(turn)["product"] = turn.u.product.value
    if turn.u.text not in record.get("problem", ""):
        record["problem"] = f"{record.get('problem', '')}\n{turn.u.text}".strip()


def _draft(turn: Turn) -> drafts.Draft:
    draft = turn.memory.draft
    if draft is None:
        raise RuntimeError("a form is open without a draft")
    return draft
