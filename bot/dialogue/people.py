"""The ways to a person: asked for, urgent, not understood; and what happens when nobody is there."""

import re
from dataclasses import replace

from bot.dialogue import draft as drafts
from bot.dialogue import forms
from bot.dialogue.turn_context import Turn
from config.labels import Emotion, EscalationSign, HandoffReason, Kind, Product, TicketKind
from config.queueing import queueing
from intents.normalise import normalise
from intents.urgency import urgent_reasons

# Money is leaving right now: a person at once, before any question.
_AT_ONCE = frozenset(
    {
        "stolen_funds",
        "unauthorised_debit",
        "unknown_transaction",
        "scam",
        "code_given_away",
        "wrong_transfer",
        "identity_misused",
        "account_taken_over",
        "model",
    }
)
_FELT = {Emotion.ANGRY: "utter_sorry_angry", Emotion.DISTRESSED: "utter_sorry_distressed"}
_STRONG = frozenset(_FELT)

# Told bit by bit: the block first, and what the money is needed for when nobody seems to hurry.
_NEEDED_NOW = frozenset({"funds_blocked_in_emergency", "deadline_today"})
_BLOCKED = re.compile(r"(?:冻结|冻住|锁)了|被(?:冻结|冻|限制|管控|锁)|涉诈|风控|管控|非柜面|只收不付")
_BLOCK = re.compile(r"(?i:\b(?:block|freeze|stop the)\b)|冻结|挂失|止付|锁(?:卡|住|定)|停(?:掉|了)?.{0,2}卡|拦截|追回")
_NO_THEFT = frozenset({Product.MOBILE_APP, Product.BRANCH_SERVICE, Product.HOTLINE, Product.LOAN})


def somebody_there(turn: Turn) -> bool:
    """Whether a person can take over now."""
    return turn.facts.open_now and turn.facts.agents_on_duty > 0


def hand_off(turn: Turn, reason: HandoffReason) -> None:
    """Put the customer through, or let them leave a message when nobody is there."""
    memory = turn.memory
    _keep_what_was_told(turn, reason)
    if somebody_there(turn):
        turn.run("action_hand_off", handoff_reason=reason.value)
        memory.failures = 0
        memory.queue_notices = 0
        return
    draft = memory.draft
    if draft and draft["record"].get("problem"):
        turn.say(_nobody(turn, "utter_no_agent_with_draft"), opening_hours=turn.facts.opening_hours)
        forms.read_back(turn)
        return
    turn.say(_nobody(turn, "utter_no_agent"), opening_hours=turn.facts.opening_hours)
    _leave_message(turn)


def _keep_what_was_told(turn: Turn, reason: HandoffReason) -> None:
    """Put what brings a person in to what was told before: it is promised that nothing has to be said twice."""
    draft, u = turn.memory.draft, turn.u
    only_asks = reason in (HandoffReason.ASKED, HandoffReason.URGENT) or turn.inbound.payload.get("button")
    if draft and draft["record"].get("problem") and not only_asks and drafts.says_something(u.text):
        drafts.take_entities(draft, u.entities, overwrite=False)
        drafts.take_product(draft, u)
        drafts.tell(draft, u.text)


def _nobody(turn: Turn, response: str) -> str:
    """*response* for when nobody is there: in opening hours it does not tell the hours, that would sound like mockery."""
    return f"{response}_{'busy' if turn.facts.open_now else 'closed'}"


def _leave_message(turn: Turn) -> drafts.Draft:
    """Take the next message as one that is left for people."""
    memory = turn.memory
    memory.close()
    draft = memory.draft = drafts.start(TicketKind.OTHER, turn.u, turn.inbound, turn.facts)
    draft["record"].pop("problem", None)
    draft.pop("opening", None)
    memory.form = drafts.FORMS[TicketKind.OTHER]
    memory.requested_slot = "problem"
    return draft


def advise(turn: Turn) -> None:
    """Say what protects the customer's money right now; once a conversation."""
    if turn.memory.advised:
        return
    turn.memory.advised = True
    reasons = turn.u.urgent_reasons
    # Nothing was stolen: where the app fails somebody who needs money or has to pay today, nobody has to block a card.
    is_late = reasons == ("deadline_today",)
    is_need = is_late or (reasons == ("model",) and turn.u.product in _NO_THEFT)
    told = turn.memory.draft["record"].get("problem", "") if turn.memory.draft else ""
    has_stakes = EscalationSign.HARDSHIP in turn.u.escalation_signs
    if "funds_blocked_in_emergency" in reasons or (is_need and has_stakes):
        turn.say("utter_safety_funds")
    elif (is_late or reasons == ("model",)) and _BLOCKED.search(f"{told}\n{turn.u.text}"):
        turn.say("utter_safety_blocked")
    elif is_need:
        turn.say("utter_safety_other")
    elif reasons == ("model",) and turn.u.product is Product.ATM_SELFSERVICE:
        turn.say("utter_safety_short")
    elif reasons and reasons[0] == "machine_kept":
        turn.say("utter_safety_machine")
    elif reasons and reasons[0] == "identity_misused":
        turn.say("utter_safety_identity")
    elif reasons and reasons[0] == "wrong_transfer":
        turn.say("utter_safety_transfer")
    else:
        turn.say("utter_safety_money")


def hear_together(turn: Turn) -> None:
    """Raise the alarm that this message makes only with what was told before: 卡被冻结了, and then 老婆在医院要交押金."""
    told = turn.memory.draft["record"].get("problem") if turn.memory.draft else None
    if not told or turn.u.urgent or turn.inbound.type != "text":
        return
    together = _NEEDED_NOW.intersection(urgent_reasons(normalise(f"{told} {turn.u.text}")))
    if together and together.isdisjoint(urgent_reasons(normalise(told))):
        turn.u = replace(turn.u, urgent=True, urgent_reasons=tuple(sorted(together)))


def urgent(turn: Turn) -> None:
    """An urgent report, heard in any state: advice first, then a person or the short form."""
    memory, u = turn.memory, turn.u
    was_advised = memory.advised
    advise(turn)
    if was_advised:
        # Advice is given once; what is told after it is heard all the same.
        turn.say("utter_cannot_block" if _BLOCK.search(u.text) else "utter_noted")
    if memory.draft is None or memory.draft["kind"] != TicketKind.COMPLAINT:
        memory.close()
        memory.draft = drafts.start(TicketKind.COMPLAINT, u, turn.inbound, turn.facts)
    else:
        drafts.take_entities(memory.draft, u.entities, overwrite=False)
        drafts.tell(memory.draft, u.text)
    draft = memory.draft
    draft["urgent"] = True
    drafts.take_product(draft, u)
    if not draft["record"].get("problem"):
        drafts.tell(draft, u.text)
    draft["missing"] = drafts.missing(draft, 0)
    if not _AT_ONCE.isdisjoint(u.urgent_reasons) and somebody_there(turn):
        hand_off(turn, HandoffReason.URGENT)
        return
    if was_advised and memory.requested_slot is not None:
        # Who is robbed does not look for a telephone number: ask twice, then read back what there is.
        memory.failures += 1
        if memory.failures >= forms.MAX_FAILURES and forms.leave_open(turn):
            return
    if not was_advised and u.emotion in _FELT:
        turn.say(_FELT[u.emotion])
    forms.go_on(turn)


def in_danger(turn: Turn) -> bool:
    """Answer somebody who speaks of ending a life, their own or another's: calmly, a person at once. False when nobody does."""
    if not turn.u.in_danger:
        return False
    care(turn)
    draft = turn.memory.draft
    if draft is not None:
        draft["urgent"] = True
    if somebody_there(turn) or (draft and draft["record"].get("problem")):
        hand_off(turn, HandoffReason.EMOTION)
        return True
    turn.say(_nobody(turn, "utter_care_nobody"), opening_hours=turn.facts.opening_hours)
    _leave_message(turn).update(urgent=True, opening=turn.u.text)
    return True


def care(turn: Turn) -> None:
    """Say what somebody in such a state needs to hear."""
    is_own_life = EscalationSign.SELF_HARM in turn.u.escalation_signs
    turn.say("utter_care_self_harm" if is_own_life else "utter_care_threat")
    turn.memory.cared = True


def by_policy(turn: Turn) -> bool:
    """Put through whoever says what the bank's own rules give to a person. False when nothing does, or nobody is there."""
    if queueing().policy_signs.isdisjoint(turn.u.escalation_signs) or not somebody_there(turn):
        return False
    hand_off(turn, HandoffReason.POLICY)
    return True


def by_emotion(turn: Turn) -> bool:
    """Put an angry or distressed customer through at once, where the bank wants that and somebody is there."""
    if turn.facts.on_emotion != "go" or turn.u.emotion not in _STRONG or not somebody_there(turn):
        return False
    hand_off(turn, HandoffReason.EMOTION)
    return True


def offer(turn: Turn) -> None:
    """Tell an angry or distressed customer that a person may take over; once a conversation, and only if one is there."""
    wanted = turn.facts.on_emotion == "offer" and turn.u.emotion in _STRONG and not turn.memory.person_offered
    if wanted and somebody_there(turn):
        turn.memory.person_offered = True
        turn.say("utter_offer_person")


def not_understood(turn: Turn) -> None:
    """Say so and ask again; the second time in a row a person takes over, or what can be left open is left open."""
    if _misunderstood_again(turn):
        return
    memory = turn.memory
    if memory.form == forms.CONFIRM:
        turn.say("utter_change_not_understood")
    elif memory.form is None:
        if not turn.u.understood and drafts.says_something(turn.u.text):
            memory.misheard = turn.u.text
        turn.say("utter_out_of_scope" if turn.u.understood and turn.u.intent == Kind.OTHER else "utter_not_understood")
    elif not forms.said_why(turn):
        turn.say("utter_did_not_follow")
        forms.ask(turn)


def scolded(turn: Turn) -> None:
    """The customer scolds the bot: it is the bot's fault, and a person is offered; the second time in a row one takes over."""
    if _misunderstood_again(turn):
        return
    turn.say("utter_sorry_bot")
    if turn.memory.form in forms.ASKING:
        forms.ask(turn)


def _misunderstood_again(turn: Turn) -> bool:
    memory = turn.memory
    memory.failures += 1
    if memory.failures < forms.MAX_FAILURES:
        return False
    if somebody_there(turn) or not forms.leave_open(turn):
        hand_off(turn, HandoffReason.NOT_UNDERSTOOD)
    return True
