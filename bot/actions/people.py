"""Actions that bring a person in, or answer in a person's place."""

from collections.abc import Callable
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from bot.actions.effects_json import effect_to_json
from bot.actions.tickets import facts_of
from bot.effects import HandOff
from config.labels import Emotion, EscalationSign, HandoffReason, Priority, TicketKind
from config.queueing import queueing
from handoff.waiting import LONG_MINUTES, Pace

# A life may depend on it.
_DANGERS = frozenset({EscalationSign.SELF_HARM, EscalationSign.THREAT})


class ActionHandOff(Action):
    """Puts the conversation into the queue with what a person needs to know at once."""

    def __init__(self, text: Callable[..., str]) -> None:
        self._text = text

    def name(self) -> str:
        """The action's name in the domain."""
        return "action_hand_off"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, _domain: Any) -> list[dict[str, Any]]:
        """Reads the slots ``handoff_reason``, ``draft`` and ``matters``; what was understood goes along."""
        facts = facts_of(tracker)
        reason = HandoffReason(tracker.get_slot("handoff_reason") or HandoffReason.ASKED)
        draft = tracker.get_slot("draft") or {}
        understood = tracker.get_slot("understood") or {}
        in_danger = not _DANGERS.isdisjoint(understood.get("escalation_signs", ()))
        urgent = reason is HandoffReason.URGENT or in_danger or bool(understood.get("urgent")) or bool(draft.get("urgent"))
        brief = {
            "reasons": _reasons(reason, understood, draft, urgent=urgent),
            "understood": understood,
            "summary": (draft.get("record") or {}).get("problem", ""),
            "missing": draft.get("missing", []),
            "matters": tracker.get_slot("matters") or [],
        }
        skill = queueing().skill_for(understood)
        effect = HandOff(reason, Priority.URGENT if urgent else Priority.NORMAL, skill, brief)
        dispatcher.utter_message(json_message=effect_to_json(effect))
        ahead = 0 if urgent else facts.get("queue_length", 0)
        queue = place_in_queue(self._text, ahead, Pace(**facts["pace"]) if facts.get("pace") else None)
        name = {
            HandoffReason.URGENT: "utter_handoff_urgent",
            HandoffReason.NOT_UNDERSTOOD: "utter_handoff_not_understood",
            HandoffReason.EMOTION: "utter_handoff_emotion",
            HandoffReason.POLICY: "utter_handoff_policy",
        }.get(reason, "utter_handoff")
        if in_danger and reason is HandoffReason.EMOTION:
            name = "utter_handoff_care"
        if facts.get("queues_elsewhere"):
            queue = self._text("utter_queue_elsewhere")
            name = "utter_handoff_elsewhere" if name == "utter_handoff" else name
        dispatcher.utter_message(response=name, queue=queue)
        return []


def place_in_queue(text: Callable[..., str], ahead: int, pace: Pace | None) -> str:
    """Who is ahead, and about how long it takes; said to be unknown when it is."""
    place = text("utter_queue_ahead", ahead=ahead) if ahead else text("utter_queue_next")
    if pace is None:
        return place + text("utter_wait_unknown")
    minutes = pace.minutes(ahead)
    return place + (text("utter_wait_long") if minutes > LONG_MINUTES else text("utter_wait_about", minutes=minutes))


def _reasons(reason: HandoffReason, understood: dict[str, Any], draft: dict[str, Any], *, urgent: bool) -> list[str]:
    """Why a person is needed: what led here first, and what else speaks for one."""
    also = {
        HandoffReason.URGENT: urgent,
        HandoffReason.EMOTION: understood.get("emotion") in (Emotion.ANGRY, Emotion.DISTRESSED),
        HandoffReason.COMPLAINT: draft.get("kind") == TicketKind.COMPLAINT,
    }
    return list(dict.fromkeys([reason.value, *(name.value for name, holds in also.items() if holds)]))


class ActionAnswerFaq(Action):
    """Answers a frequent question; says so when it has no answer."""

    def __init__(self, answer: Callable[[str], str | None]) -> None:
        self._answer = answer

    def name(self) -> str:
        """The action's name in the domain."""
        return "action_answer_faq"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, _domain: Any) -> list[dict[str, Any]]:
        """The question is the latest message."""
        answer = self._answer(tracker.latest_message.get("text") or "")
        if answer is None:
            dispatcher.utter_message(response="utter_no_answer")
        else:
            dispatcher.utter_message(response="utter_faq", answer=answer)
        return []
