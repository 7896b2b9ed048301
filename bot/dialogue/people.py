"""The ways to a person: asked for, urgent, not understood; and what happens when nobody is there."""

from bot.dialogue import draft as drafts
from bot.dialogue import forms
from bot.dialogue.turn_context import Turn
from bot.effects import Say
from config.labels import Emotion, EscalationSign, HandoffReason, Product, TicketKind
from config.queueing import queueing

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
_STRONG = frozenset({Emotion.ANGRY, Emotion.DISTRESSED})


_NO_THEFT = frozenset({Product.MOBILE_APP, Product.BRANCH_SERVICE, Product.HOTLINE, Product.LOAN})


def somebody_there(turn: Turn) -> bool:
    """Whether a person can take over now."""
    return turn.facts.open_now and turn.facts.agents_on_duty > 0


def hand_off(turn: Turn, reason: HandoffReason) -> None:
    """Put the customer through, or let them leave a message when nobody is there."""
    memory = turn.memory
    if somebody_there(turn):
        turn.run("action_hand_off", handoff_reason=reason.value)
        memory.failures = 0
        memory.queue_notices = 0
        return
    draft = memory.draft
    if draft and draft["record"].get("problem"):
        turn.say("utter_no_agent_with_draft", opening_hours=turn.facts.opening_hours)
        forms.read_back(turn)
        return
    turn.say("utter_no_agent_busy" if turn.facts.open_now else "utter_no_agent_closed", opening_hours=turn.facts.opening_hours)
    _leave_message(turn)


def _leave_message(turn: Turn) -> drafts.Draft:
    """Take the next message as one that is left for people."""
    memory = turn.memory
    memory.close()
    draft = memory.draft = drafts.start(TicketKind.OTHER, turn.u, turn.inbound, turn.facts)
    draft["record"].pop("problem", None)
    memory.form = drafts.FORMS[TicketKind.OTHER]
    memory.requested_slot = "problem"
    return draft


def advise(turn: Turn) -> None:
    """Say what protects the customer's money right now; once a conversation."""
    if turn.memory.advised:
        return
    turn.memory.advised = True
    reasons = turn.u.urgent_reasons
    # No net caught anything: where the app fails somebody who needs money, nobody has to block a card.
    is_need = reasons == ("model",) and turn.u.product in _NO_THEFT
    has_stakes = EscalationSign.HARDSHIP in turn.u.escalation_signs
    if "funds_blocked_in_emergency" in reasons or (is_need and has_stakes):
        turn.say("utter_safety_funds")
    elif is_need:
        turn.say("utter_safety_other")
    elif reasons and reasons[0] == "machine_kept":
        turn.say("utter_safety_machine")
    elif reasons and reasons[0] == "wrong_transfer":
        turn.say("utter_safety_transfer")
    else:
        turn.say("utter_safety_money")


def urgent(turn: Turn) -> None:
    """An urgent report, heard in any state: advice first, then a person or the short form."""
    memory, u = turn.memory, turn.u
    advise(turn)
    if memory.draft is None or memory.draft["kind"] != TicketKind.COMPLAINT:
        memory.close()
        memory.draft = drafts.start(TicketKind.COMPLAINT, u, turn.inbound, turn.facts)
    else:
        drafts.take_entities(memory.draft, u.entities, overwrite=False)
        problem = memory.draft["record"].get("problem", "")
        if u.text not in problem:
            memory.draft["record"]["problem"] = f"{problem}\n{u.text}".strip()
    draft = memory.draft
    draft["urgent"] = True
    draft["product"] = u.product.value if draft["product"] == "other" else draft["product"]
    draft["record"].setdefault("problem", u.text)
    draft["missing"] = drafts.missing(draft, 0)
    if not _AT_ONCE.isdisjoint(u.urgent_reasons) and somebody_there(turn):
        hand_off(turn, HandoffReason.URGENT)
        return
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
    turn.say("utter_care_nobody", opening_hours=turn.facts.opening_hours)
    _leave_message(turn)["urgent"] = True
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
    """Say so; the second time in a row a person takes over."""
    memory = turn.memory
    memory.failures += 1
    if memory.failures >= forms.MAX_FAILURES:
        hand_off(turn, HandoffReason.NOT_UNDERSTOOD)
        return
    if memory.form:
        # A slot's own check may have said already what is wrong with the answer.
        if not any(isinstance(effect, Say) and "跳过" in effect.text for effect in turn.effects):
            turn.say("utter_not_understood" if memory.form != forms.CONFIRM else "utter_change_not_understood")
        return
    turn.say("utter_not_understood")
