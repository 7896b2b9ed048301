"""What the platform tells of a session in WeChat Customer Service: every event of ``sync_msg``. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from bot.channels.wechat.kf.values import Malformed, number, word

MAX_ID_CHARS = 128
MAX_CODE_CHARS = 512
MAX_SCENE_CHARS = 256


class Change(IntEnum):
    """How the state of a session changed."""

    TAKEN = 1  # from the queue
    PASSED_ON = 2  # to another servicer
    ENDED = 3
    TAKEN_AGAIN = 4  # an ended or passed-on session was picked up again


@dataclass(frozen=True, slots=True)
class Entered:
    """A customer opened the chat. With a ``code`` we may greet them, once and within 20 seconds."""

    scene: str
    scene_param: str
    code: str


@dataclass(frozen=True, slots=True)
class SendFailed:
    """What the API took was not delivered after all; ``reason`` is our word for the platform's number."""

    msgid: str
    reason: str


@dataclass(frozen=True, slots=True)
class Recalled:
    """A message was taken back, by the customer or by the servicer who wrote it."""

    msgid: str
    by_servicer: bool


@dataclass(frozen=True, slots=True)
class SessionChanged:
    """A session was taken, passed on or ended in WeCom. ``code`` lets one more message through."""

    change: Change
    servicer: str
    code: str


@dataclass(frozen=True, slots=True)
class ServicerStatus:
    """A servicer began or stopped to take customers."""

    servicer: str
    on_duty: bool


@dataclass(frozen=True, slots=True)
class Refusal:
    """A servicer refuses this customer's messages, or takes them again."""

    servicer: str
    refuses: bool


Event = Entered | SendFailed | Recalled | SessionChanged | ServicerStatus | Refusal

FAIL_REASONS = {
    1: "kf_account_deleted",
    2: "kf_application_closed",
    4: "outside_reply_window",
    5: "session_closed",
    6: "reply_count_used_up",
    7: "kf_channels_unbound",
    8: "kf_company_unverified",
    9: "kf_channels_unbound",
    10: "customer_declined",
    11: "kf_nobody_signed_in",
    12: "message_type_forbidden",
    13: "message_type_forbidden",
}
# After these nothing more gets through before the customer writes again.
SHUTTING = frozenset({"outside_reply_window", "session_closed", "reply_count_used_up"})


def event_of(inside: Mapping[str, Any]) -> tuple[str, Event | None]:
    """The event's name for counting, and what it means; None for one that is not known. Raises ``Malformed``."""
    kind = word(inside, "event_type", limit=64, required=True).strip().lower()
    reader = _READERS.get(kind)
    return (kind, reader(inside)) if reader is not None else ("other", None)


def _entered(inside: Mapping[str, Any]) -> Entered:
    return Entered(
        scene=word(inside, "scene", limit=MAX_SCENE_CHARS).strip(),
        scene_param=word(inside, "scene_param", limit=MAX_SCENE_CHARS * 4).strip(),
        code=word(inside, "welcome_code", limit=MAX_CODE_CHARS).strip(),
    )


def _send_failed(inside: Mapping[str, Any]) -> SendFailed:
    kind = number(inside, "fail_type", required=False)
    return SendFailed(word(inside, "fail_msgid", limit=MAX_ID_CHARS, required=True), FAIL_REASONS.get(kind, f"kf_fail_{kind}"))


def _recalled(by_servicer: bool) -> Callable[[Mapping[str, Any]], Recalled]:
    return lambda inside: Recalled(word(inside, "recall_msgid", limit=MAX_ID_CHARS, required=True), by_servicer)


def _session_changed(inside: Mapping[str, Any]) -> SessionChanged:
    try:
        change = Change(number(inside, "change_type"))
    except ValueError:
        raise Malformed from None
    servicer = word(inside, "new_servicer_userid", limit=MAX_ID_CHARS) or word(inside, "old_servicer_userid", limit=MAX_ID_CHARS)
    return SessionChanged(change, servicer, word(inside, "msg_code", limit=MAX_CODE_CHARS).strip())


def _servicer_status(inside: Mapping[str, Any]) -> ServicerStatus:
    return ServicerStatus(word(inside, "servicer_userid", limit=MAX_ID_CHARS, required=True), number(inside, "status") == 1)


def _refusal(inside: Mapping[str, Any]) -> Refusal:
    return Refusal(word(inside, "servicer_userid", limit=MAX_ID_CHARS), number(inside, "reject_switch") == 1)


_READERS: dict[str, Callable[[Mapping[str, Any]], Event]] = {
    "enter_session": _entered,
    "msg_send_fail": _send_failed,
    "user_recall_msg": _recalled(False),
    "servicer_recall_msg": _recalled(True),
    "session_status_change": _session_changed,
    "servicer_status_change": _servicer_status,
    "reject_customer_msg_switch_change": _refusal,
}
