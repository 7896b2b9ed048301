"""Checks what customers put into the slots of the complaint form."""

import re
from typing import Any

from rasa_sdk import FormValidationAction, Tracker
from rasa_sdk.executor import CollectingDispatcher

from intents.english import in_letters
from intents.english_values import speaks_of_time

_PHONE = re.compile(r"(?:\+?86)?(1[3-9]\d{9}|0\d{9,11})")
_LIKE_A_TIME = re.compile(
    r"(?:[\d一二三四五六七八九十今去前明本这上下半几数]|[一二两三四五六七八九十\d]个多?)个?[年月日周]|\d\s*[号点时]|小时|分钟|[一二三四五六七八九十]\s*[号点]|"
    r"天|周[一二三四五六日末]|星期|礼拜|早上|晚上|上午|下午|中午|凌晨|半夜|昨|今|刚才|刚刚|\d[:：]\d|"
    r"(?<![\d\u4e00-\u9fff ])\d{1,2}\.\d{1,2}(?!\d)|^\s*\d{1,4}\.\d|最近|上次|前阵"
)
MAX_PLACE_CHARS = 60


def like_a_time(text: str) -> bool:
    """Whether *text* at least speaks of a time."""
    return bool(_LIKE_A_TIME.search(text)) or (in_letters(text) and speaks_of_time(text))


class ValidateComplaintForm(FormValidationAction):
    """A slot that does not fit becomes None, with a sentence that says why."""

    def name(self) -> str:
        """The action's name in the domain."""
        return "validate_complaint_form"

    def validate_phone(self, value: Any, dispatcher: CollectingDispatcher, _tracker: Tracker, _domain: Any) -> dict[str, Any]:
        """A mobile number or a landline with its area code."""
        match = _PHONE.fullmatch(re.sub(r"[\s\-()（）]", "", str(value)))
        if match is None:
            dispatcher.utter_message(response="utter_bad_phone")
            return {"phone": None}
        return {"phone": match.group(1)}

    def validate_occurred_at(
        self, value: Any, dispatcher: CollectingDispatcher, _tracker: Tracker, _domain: Any
    ) -> dict[str, Any]:
        """An ISO moment from an entity, or words that at least speak of a time."""
        if not like_a_time(str(value)):
            dispatcher.utter_message(response="utter_bad_time")
            return {"occurred_at": None}
        return {"occurred_at": value}

    def validate_place(self, value: Any, _dispatcher: CollectingDispatcher, _tracker: Tracker, _domain: Any) -> dict[str, Any]:
        """Anything short enough to be a place."""
        return {"place": value if len(str(value)) <= MAX_PLACE_CHARS else None}
