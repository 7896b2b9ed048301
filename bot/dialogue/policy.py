"""What the bot does with a message: the order of decision, from what may never be missed to what may wait."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib.resources import files
from typing import Any

import yaml

from bot.actions.people import place_in_queue
from bot.dialogue import answers, asides, forms, idle, matters, people, questions, rating, received, small_talk, supplement
from bot.dialogue import draft as drafts
from bot.dialogue.memory import Memory
from bot.dialogue.turn_context import Turn
from bot.dialogue.voice import Voice, voices
from bot.effects import Effect, Facts, FileTicket, Say, TicketQuery
from bot.message import Inbound
from config.labels import DialogueAct, Emotion, HandoffReason, Kind, Product, TicketKind
from intents.understanding import Understanding

CONFIRM_WITHDRAW = "confirm_withdraw"
CHOOSE_WITHDRAW = "choose_withdraw"
STATUS_PHONE = "status_phone"
RESUME = "resume"
_LAST4 = re.compile(r"(?<!\d)(\d{4})(?!\d)")
_TICKET_NO = re.compile(r"fb\d{14}[0-9a-z]", re.IGNORECASE)
_STOP_WAITING = re.compile(
    r"(?i:leave the queue|stop waiting)|取消排队|不等了|不排了|不用(?:转)?人工了|不用等|先不转|不转了|退出排队|取消人工"
)
_NO_NUMBER = re.compile(
    r"(?:工单|受理|登记|单|编)号.{0,4}(?:不记得|记不|忘|没有|没了|找不|丢|不知道|不晓得)|(?:不记得|记不得|忘了?|没有|没记|找不到|不知道|不晓得|丢了).{0,4}(?:工单|受理|登记|单|编)号"
    r"|(?i:\b(?:don'?t|do not) (?:have|know|remember)\b.{0,15}\b(?:ticket|number)|\blost (?:the|my) (?:ticket )?number)"
    r"|^(?:我)?(?:都|也)?(?:没有?|不知道|忘了?|哪有|不记得|没)(?:什么|这个)?(?:工单|受理|单|编)?号码?[了啊呀的吗\s。.!！]*$"
    r"|^(?:还是|怎么|都|又)*查不(?:到|出来?)[了吗呢啊?？!！。\s]*$|明明(?:都)?(?:投诉|登记|反映|提交)过"
)
_FILES_COMPLAINT = re.compile(r"\s*(?:你好|您好)?[，,\s]*(?:我)?(?:要|想|得|必须)(?:要|去)?(?:投诉|举报)")
_FILE_IT = re.compile(
    r"(?:帮我|给我|你|都|一起|那|就|重新|再)*(?:登记|记下|记录|提交|报上去)(?:下来|一下|下)?[吧呗了啊\s。.!！]*(?:[我，,][^?？吗]{0,8})?"
)
_COMPLAINS_ALL_THE_SAME = re.compile(
    r"\s*(?:不行|不对|算了|那)?[，,\s]*(?:还是|我?还要|我?要|必须|得)(?:去)?(?:投诉|登记|反映|说)"
)
_BEREAVED = re.compile(r"(?:去世|过世|病逝|离世|不在人世)(?!证明)")
_LEAVE_MESSAGE = re.compile(r"留言|留个话|(?i:leave a message)")
SURE_CANCEL = 0.6
_LONG_ENOUGH = 10  # characters; less than this is an answer to something, not a matter of its own
_ENGLISH_WISH = 50  # characters; I want to talk to a real person please
_A_LINE = 20  # characters; what is longer tells more than that a number is lost
NOTICE_EVERY = 5  # messages between two notices about the queue


@dataclass(frozen=True, slots=True)
class Outcome:
    """The conversation's new memory and what the turn brings about, in order."""

    state: dict[str, Any]
    effects: tuple[Effect, ...]


@dataclass(frozen=True, slots=True)
class QueuedOutcome(Outcome):
    """What a message of somebody who waits brings about."""

    cancel: bool = False
    leave_message: bool = False
    raise_urgent: bool = False


class Dialogue:
    """The bot's side of a conversation: rules, forms, replies. Holds nothing of any conversation."""

    def __init__(self, voices: Mapping[str | None, Voice], rules: list[dict[str, Any]]) -> None:
        self._voices = voices
        self.runner = voices[None].runner  # Rasa servers speak Chinese
        self._rules = {rule["steps"][0]["intent"]: rule["steps"][1]["action"] for rule in rules}

    @classmethod
    def load(cls) -> "Dialogue":
        """The packaged dialogue."""
        folder = files("bot.dialogue")
        domain = yaml.safe_load((folder / "domain.yml").read_text("utf-8"))
        rules = yaml.safe_load((folder / "rules.yml").read_text("utf-8"))["rules"]
        return cls(voices(domain), rules)

    def expecting(self, state: dict[str, Any]) -> str | None:
        """The slot that the customer was just asked for, so that bare digits are judged right."""
        return "phone_last4" if state.get("form") == STATUS_PHONE else state.get("requested_slot")

    def apology(self, key: str, language: str | None, **values: str) -> str:
        """What the system says when the bot itself fails."""
        return self._voices[language].replies.text(f"utter_{key}", **values)

    def ticket_query(self, state: dict[str, Any], u: Understanding) -> TicketQuery | None:
        """Number and phone ending, when the message (or it with what was asked before) gives both."""
        number = u.first("ticket_no")
        ticket_no = str(number.value) if number else state.get("ticket_no") if state.get("form") == STATUS_PHONE else None
        if not ticket_no:
            return None
        phone = u.first("phone")
        rest = _TICKET_NO.sub(" ", u.text)
        last4 = str(phone.value)[-4:] if phone else (match.group(1) if (match := _LAST4.search(rest)) else None)
        return TicketQuery(ticket_no, last4) if last4 else None

    def respond(self, state: dict[str, Any], inbound: Inbound, u: Understanding, facts: Facts) -> Outcome:
        """The turn: decide, act, and remember. Pure."""
        memory = Memory.of(state)
        u = _with_button(u, _chosen(memory.offered, inbound, u))
        turn = Turn(memory, inbound, u, facts, self._voices[inbound.language])
        if facts.privacy_notice_due:
            turn.notice("utter_privacy_notice")
        if facts.has_secret:
            turn.say("utter_secret_warning")
        if u.understood and (u.intent in _MATTERS or (not memory.understood and u.intent in set(Kind))):
            memory.note(u)
        if u.escalation_signs:
            memory.hear(u)
        if memory.form is None and memory.draft is None:
            matters.set_aside(turn)
        self._decide(turn)
        if any(isinstance(effect, FileTicket) for effect in turn.effects):
            matters.offer(turn)
        return _outcome(turn)

    def tells_place(self, state: dict[str, Any]) -> bool:
        """Whether somebody who waits is told their place in the queue when they write now."""
        return bool(state.get("queue_notices", 0) % NOTICE_EVERY == 0)

    def while_queued(self, state: dict[str, Any], inbound: Inbound, u: Understanding, facts: Facts) -> QueuedOutcome:
        """System notices for somebody who waits; the bot itself keeps silent."""
        memory = Memory.of(state)
        turn = Turn(memory, inbound, u, facts, self._voices[inbound.language])
        if facts.has_secret:
            turn.notice("utter_secret_warning")
        if u.escalation_signs:
            memory.hear(u)
        cancel = bool(_STOP_WAITING.search(u.text)) or u.intent == DialogueAct.CANCEL
        leave = not cancel and bool(_LEAVE_MESSAGE.search(u.text))
        if cancel:
            turn.notice("utter_left_queue")
        elif leave:
            turn.notice("utter_ask_message_form_problem")
            memory.close()
            memory.draft = drafts.start(TicketKind.OTHER, u, inbound, facts)
            memory.draft["record"].pop("problem", None)
            memory.form, memory.requested_slot = drafts.FORMS[TicketKind.OTHER], "problem"
        else:
            if u.in_danger and not memory.cared:
                people.care(turn)
            elif u.urgent and not memory.advised:
                people.advise(turn)
            is_told = self.tells_place(state)
            if is_told and facts.queues_elsewhere:
                turn.notice("utter_waiting_elsewhere")
            elif is_told:
                turn.notice("utter_waiting", queue=place_in_queue(turn.replies.text, facts.queue_length, facts.pace))
            memory.queue_notices += 1
        effects = tuple(replace(effect, system=True) if isinstance(effect, Say) else effect for effect in turn.effects)
        return QueuedOutcome(memory.state(), effects, cancel, leave, u.urgent or u.in_danger)

    # --- the order of decision -------------------------------------------------------------------------------------------

    def _decide(self, turn: Turn) -> None:
        people.hear_together(turn)
        memory, u = turn.memory, turn.u
        if people.in_danger(turn):
            return
        if u.urgent and not forms.is_just_an_answer(turn):
            people.urgent(turn)
            return
        only_wishes = u.wants_person and len(u.text) <= (_ENGLISH_WISH if u.is_english else _LONG_ENOUGH)
        says_all = drafts.says_something(u.text) and not only_wishes
        leaving_message = memory.form == drafts.FORMS[TicketKind.OTHER] and says_all
        # 你们的客服, said to what happened: it has to be more than likely that a person is wanted.
        is_likely = u.intent == Kind.HUMAN_REQUEST and (u.understood or memory.form is None)
        asks_for_person = u.wants_person or (is_likely and not answers.declines_offer(u, memory.requested_slot))
        if asks_for_person and not leaving_message:
            people.hand_off(turn, HandoffReason.ASKED)
            return
        if people.by_policy(turn) or people.by_emotion(turn):
            return
        if turn.inbound.type != "text" and received.take(turn):
            return
        if rating.take(turn) or asides.take(turn):
            return
        if memory.form is None:
            self._at_rest(turn)
            return
        people.offer(turn)
        if not self._answer(turn):
            people.not_understood(turn)

    def _answer(self, turn: Turn) -> bool:
        """Take the message as an answer to what was asked, or as a word between. False when it is neither."""
        memory, u = turn.memory, turn.u
        if memory.form in _SIDE_QUESTIONS:
            return self._side_question(turn)
        # 不用联系我 resembles 不用了: to drop all that was told, it has to be said plainly.
        is_sure = u.intent == DialogueAct.CANCEL and u.confidence >= SURE_CANCEL
        agrees = memory.form == forms.CONFIRM and answers.nothing_to_change(u.text)
        is_cancel = is_sure and not agrees and not answers.declines_offer(u, memory.requested_slot)
        is_settled = memory.form is not None and not agrees and answers.is_settled(u.text)
        if is_cancel or is_settled or (u.intent == DialogueAct.WITHDRAW and not supplement.open_tickets(turn)):
            memory.back_to, memory.form = memory.form, forms.CONFIRM_CANCEL
            turn.say("utter_confirm_settled" if is_settled else "utter_confirm_cancel")
            return True
        if u.intent == DialogueAct.WITHDRAW:
            self._withdraw(turn)
            return True
        if not agrees and self._digression(turn):
            forms.ask(turn)
            return True
        if memory.form == forms.CONFIRM:
            return forms.answer_confirm(turn)
        return idle.take(turn) or forms.answer_slot(turn)

    def _digression(self, turn: Turn) -> bool:
        """A question or a greeting in the middle of a form is answered; the open question is put again."""
        memory, u = turn.memory, turn.u
        if not u.understood:
            return False
        if u.intent == Kind.ENQUIRY and answers.asks(u.text) and (answer := turn.faq.answer(u.text)) and not u.first("phone"):
            if memory.requested_slot == "problem":
                return False
            turn.say("utter_faq", answer=answer)
            return True
        if u.intent == Kind.TICKET_STATUS and memory.requested_slot != "problem" and _asks_for_status(turn):
            turn.run("action_ticket_status")
            return True
        if small_talk.is_pleasantry(u) and not u.entities:
            small_talk.answer(turn, greet=False)
            return True
        return False

    # --- nothing is open -------------------------------------------------------------------------------------------------

    def _at_rest(self, turn: Turn) -> None:
        memory, u = turn.memory, turn.u
        if memory.draft is not None:
            memory.form = RESUME
            turn.say("utter_resume_draft", problem=_short(memory.draft["record"].get("problem", "")))
            return
        if questions.follow_up(turn):
            return
        if _NO_NUMBER.search(u.text) and u.first("ticket_no") is None and len(u.text) <= _A_LINE:
            turn.say("utter_no_number")
            return
        if supplement.announced(turn) or supplement.adds_to_it(turn):
            return
        if _FILE_IT.fullmatch(u.text.strip()):
            forms.open_form(turn, TicketKind.COMPLAINT)
            return
        if u.intent in (DialogueAct.INFORM, DialogueAct.CORRECT) and supplement.goes_on(turn):
            return
        kind = drafts.ticket_kind_of(Kind(u.intent)) if u.intent in set(Kind) else None
        if u.intent == Kind.ENQUIRY and _FILES_COMPLAINT.match(u.text) and not answers.asks(u.text):
            kind = TicketKind.COMPLAINT  # 我想投诉你们一个员工 asks nothing
        if u.intent in (DialogueAct.INFORM, DialogueAct.CORRECT) and len(u.text) >= _LONG_ENOUGH:
            # Nothing was asked, so this is no answer: it tells a matter in the tone of one.
            kind = drafts.ticket_kind_of(u.kind) or (TicketKind.COMPLAINT if u.product is not Product.OTHER else None)
        if u.understood and kind is not None and not answers.hardly_praise(u):
            memory.failures = 0
            self._sympathise(turn, kind)
            forms.open_form(turn, kind)
            return
        action = self._rules.get(u.intent) if u.understood else None
        if action == "utter_greet" and memory.matters:
            memory.failures = 0
            matters.offer(turn)
        elif action == "utter_greet":
            memory.failures = 0
            small_talk.answer(turn, greet=True)
        elif action == "action_ticket_status":
            memory.failures = 0
            self._status(turn)
        elif action == "action_withdraw_ticket":
            memory.failures = 0
            self._withdraw(turn)
        elif action == "action_answer_faq":
            questions.answer(turn)
        elif u.understood and u.intent in (DialogueAct.CANCEL, DialogueAct.DENY, DialogueAct.AFFIRM, DialogueAct.SKIP):
            turn.say("utter_nothing_to_cancel")
        elif len(u.text) >= _LONG_ENOUGH and drafts.says_something(u.text) and u.kind is Kind.COMPLAINT:
            self._sympathise(turn, TicketKind.COMPLAINT)
            forms.open_form(turn, TicketKind.COMPLAINT)
        elif answer := turn.faq.answer(u.text):
            turn.say("utter_faq", answer=answer)
        elif supplement.goes_on(turn):
            return
        elif u.first("phone") and (not answers.holds_more(u) or "查" in u.text):
            turn.say("utter_no_number")  # a telephone number alone opens no ticket to anybody
        elif not questions.touches_the_bank(turn):
            people.not_understood(turn)

    def _sympathise(self, turn: Turn, kind: TicketKind) -> None:
        if kind is TicketKind.COMPLAINT:
            emotion = turn.u.emotion
            name = {Emotion.ANGRY: "angry", Emotion.DISTRESSED: "distressed"}.get(emotion, "complaint")
            name = "loss" if _BEREAVED.search(turn.u.text) else name
            turn.say(f"utter_sorry_{name}")
            people.offer(turn)
        else:
            turn.say(f"utter_thanks_{kind.value}")

    def _status(self, turn: Turn) -> None:
        if questions.about_an_application(turn):
            return
        number = turn.u.first("ticket_no")
        looked_up = self.ticket_query(turn.memory.state(), turn.u) is not None
        own = {ticket.no for ticket in turn.facts.tickets}
        turn.run("action_ticket_status", looked_up=looked_up)
        if number and number.value not in own and not turn.facts.lookup and not looked_up and not turn.facts.lookup_blocked:
            turn.memory.form = STATUS_PHONE
            turn.memory.ticket_no = str(number.value)
        elif number is None and not own and drafts.says_something(turn.u.text):
            turn.memory.misheard = turn.u.text  # should it be filed anew, this belongs to it

    def _withdraw(self, turn: Turn) -> None:
        memory = turn.memory
        own = supplement.open_tickets(turn)
        named = turn.u.first("ticket_no")
        if named and named.value in own:
            own = [str(named.value)]
        if not own:
            turn.say("utter_nothing_to_withdraw")
        elif len(own) > 1:
            memory.back_to, memory.form = memory.form, CHOOSE_WITHDRAW
            turn.say("utter_which_withdraw")
            turn.run("action_ticket_status")
        else:
            memory.back_to, memory.form, memory.ticket_no = memory.form, CONFIRM_WITHDRAW, own[0]
            turn.say("utter_confirm_withdraw", ticket_no=own[0])

    # --- questions of ours beside the forms ------------------------------------------------------------------------------

    def _side_question(self, turn: Turn) -> bool:
        memory, u = turn.memory, turn.u
        yes, no = u.intent == DialogueAct.AFFIRM, u.intent in (DialogueAct.DENY, DialogueAct.CANCEL, DialogueAct.SKIP)
        match memory.form:
            case forms.CONFIRM_CANCEL if _FILE_IT.fullmatch(u.text.strip()) or _COMPLAINS_ALL_THE_SAME.match(u.text):
                return self._confirm_cancel(turn, yes=False, no=True)
            case forms.CONFIRM_CANCEL:
                drops = yes or u.intent in (DialogueAct.CANCEL, DialogueAct.WITHDRAW) or answers.is_settled(u.text)
                return self._confirm_cancel(turn, yes=drops, no=u.intent == DialogueAct.DENY)
            case "confirm_withdraw":
                return self._confirm_withdraw(turn, yes=yes or u.intent == DialogueAct.WITHDRAW, no=no)
            case "choose_withdraw":
                memory.form = memory.back_to
                self._withdraw(turn)
                return True
            case "status_phone":
                self._status(turn)
                memory.form = memory.ticket_no = None
                return True
            case supplement.SUPPLEMENT:
                supplement.add(turn)
                return True
            case "resume" | "offer_filing":
                return self._take_up_draft(turn, yes=yes, no=no)
            case matters.OFFER_MATTER:
                if not matters.answer_offer(turn):
                    matters.set_aside(turn)
                    self._at_rest(turn)
                return True
        return False

    def _confirm_cancel(self, turn: Turn, *, yes: bool, no: bool) -> bool:
        memory = turn.memory
        if yes:
            turn.say("utter_cancelled")
            memory.close()
            return True
        memory.form, memory.back_to = memory.back_to, None
        if no:
            turn.say("utter_go_on")
            forms.ask(turn)
            return True
        if memory.form == forms.CONFIRM and answers.nothing_to_change(turn.u.text):
            forms.ask(turn)  # 谢谢 agrees to a read-back, but here another question was asked
            return True
        # Something else was said: it answers the question before.
        return self._answer(turn)

    def _confirm_withdraw(self, turn: Turn, *, yes: bool, no: bool) -> bool:
        memory = turn.memory
        number, memory.form, memory.back_to = memory.ticket_no, memory.back_to, None
        if yes and number in supplement.open_tickets(turn):
            turn.run("action_withdraw_ticket")
        else:
            turn.say("utter_kept", ticket_no=number)
        memory.ticket_no = None
        if memory.form:
            forms.ask(turn)
        elif not yes and not no:
            self._at_rest(turn)
        return True

    def _take_up_draft(self, turn: Turn, *, yes: bool, no: bool) -> bool:
        memory = turn.memory
        if (yes or _FILE_IT.fullmatch(turn.u.text.strip())) and memory.draft is not None:
            turn.say("utter_go_on")
            forms.go_on(turn)
            return True
        asked_before = memory.draft if memory.form == questions.OFFER_FILING else None
        if asked_before and questions.gather(turn, asked_before):
            return True
        unanswered = memory.failures
        memory.close()
        memory.failures = unanswered if asked_before else 0
        if asked_before and not no:
            memory.misheard = asked_before["record"].get("problem")  # what was asked belongs to what is told now
        if no:
            turn.say("utter_nothing_to_cancel")
        elif turn.u.intent == Kind.ENQUIRY and asked_before is not None:
            questions.answer(turn, asked_before)
        else:
            self._at_rest(turn)
        return True


# What a conversation is about; a greeting or the wish for a person does not change it.
_MATTERS = frozenset({Kind.URGENT_REPORT, Kind.COMPLAINT, Kind.SUGGESTION, Kind.PRAISE, Kind.ENQUIRY})
_SIDE_QUESTIONS = frozenset(
    {
        forms.CONFIRM_CANCEL,
        CONFIRM_WITHDRAW,
        CHOOSE_WITHDRAW,
        STATUS_PHONE,
        questions.OFFER_FILING,
        RESUME,
        supplement.SUPPLEMENT,
        matters.OFFER_MATTER,
    }
)


def _asks_for_status(turn: Turn) -> bool:
    """Whether a chase in the middle of a form can mean a ticket: 都登记 means the form."""
    return questions.is_about_tickets(turn) and not _FILE_IT.fullmatch(turn.u.text.strip())


def _chosen(offered: list[dict[str, str]], inbound: Inbound, u: Understanding) -> str | None:
    """The payload of the button that the message presses: by payload, by title or by its number; only if it was offered."""
    pressed, text = inbound.payload.get("button"), u.text.strip().rstrip("。.、 ")
    for number, button in enumerate(offered, 1):
        if pressed == button["payload"] or text in (button["title"], str(number)):
            return button["payload"]
    return None


def _with_button(u: Understanding, payload: str | None) -> Understanding:
    if payload is None:
        return u
    intent = payload.removeprefix("/")
    kind = Kind(intent) if intent in set(Kind) else u.kind
    return replace(u, intent=intent, confidence=1.0, understood=True, kind=kind, wants_person=intent == Kind.HUMAN_REQUEST)


def _outcome(turn: Turn) -> Outcome:
    says = [effect for effect in turn.effects if isinstance(effect, Say)]
    turn.memory.offered = [{"title": b.title, "payload": b.payload} for b in says[-1].buttons] if says else []
    return Outcome(turn.memory.state(), tuple(turn.effects))


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 30 else line[:29] + "…"  # noqa: PLR2004 -- a line on a phone
