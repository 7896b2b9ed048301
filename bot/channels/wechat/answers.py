"""What the platforms' error codes mean for a call, as one table: try later, never, or tell somebody. Pure."""

from datetime import datetime, time, timedelta
from enum import Enum
from typing import NamedTuple

from bot.delivery import ChannelBusy, ChannelRefused, ConsentGone, CustomerUnreachable, WindowShut
from config.clock import in_shanghai

STOPPED_S = 600.0  # how long an account that needs attention is left alone before one more call may show that it was mended


class Do(Enum):
    """What a code asks of the caller."""

    AGAIN = "again"  # later, with back-off
    RENEW = "renew"  # the token: once, then later
    NEXT_MINUTE = "next_minute"  # pause this path
    NEXT_DAY = "next_day"
    NEVER = "never"  # this call will always fail
    UNREACHABLE = "unreachable"  # this customer can't be written to
    WINDOW_SHUT = "window_shut"  # not before the customer writes again
    CONSENT_GONE = "consent_gone"  # the customer took back a subscription
    IGNORE = "ignore"  # as good as done
    STATE = "state"  # the session is in a state that does not allow it: read it again
    ALERT = "alert"  # this call is not permitted: somebody must look
    STOP = "stop"  # no call of this account will work until somebody mends it


class Meaning(NamedTuple):
    """A code's meaning: what to do, and the reason as a stable word."""

    do: Do
    reason: str


MEANINGS: dict[int, Meaning] = {
    -1: Meaning(Do.AGAIN, "platform_busy"),
    40001: Meaning(Do.RENEW, "token_refused"),
    40014: Meaning(Do.RENEW, "token_refused"),
    42001: Meaning(Do.RENEW, "token_refused"),
    45009: Meaning(Do.NEXT_DAY, "daily_quota"),
    45011: Meaning(Do.NEXT_MINUTE, "minute_quota"),
    40013: Meaning(Do.STOP, "account_misconfigured"),
    40125: Meaning(Do.STOP, "account_misconfigured"),
    40243: Meaning(Do.STOP, "account_misconfigured"),
    40164: Meaning(Do.STOP, "address_not_allowed"),
    61004: Meaning(Do.STOP, "address_not_allowed"),
    60020: Meaning(Do.STOP, "address_not_allowed"),
    89503: Meaning(Do.STOP, "address_not_approved"),
    48001: Meaning(Do.ALERT, "api_not_permitted"),
    48004: Meaning(Do.ALERT, "api_blocked"),
    40003: Meaning(Do.UNREACHABLE, "customer_unreachable"),
    43004: Meaning(Do.UNREACHABLE, "customer_unreachable"),
    45015: Meaning(Do.WINDOW_SHUT, "outside_reply_window"),
    45047: Meaning(Do.WINDOW_SHUT, "reply_count_used_up"),
    45002: Meaning(Do.NEVER, "too_long"),
    40004: Meaning(Do.NEVER, "media_refused"),
    40005: Meaning(Do.NEVER, "media_refused"),
    40007: Meaning(Do.NEVER, "media_refused"),
    40037: Meaning(Do.NEVER, "template_refused"),
    41030: Meaning(Do.NEVER, "page_refused"),
    47003: Meaning(Do.NEVER, "template_field_refused"),
    43101: Meaning(Do.CONSENT_GONE, "customer_declined"),
    45072: Meaning(Do.IGNORE, "typing_refused"),
    45080: Meaning(Do.IGNORE, "typing_refused"),
    45081: Meaning(Do.IGNORE, "typing_refused"),
    40058: Meaning(Do.ALERT, "bad_parameter"),  # a mistake of ours
    95000: Meaning(Do.ALERT, "kf_account_refused"),
    95004: Meaning(Do.ALERT, "kf_account_refused"),
    95011: Meaning(Do.ALERT, "kf_mode_refused"),
    95012: Meaning(Do.ALERT, "kf_operator_inactive"),
    95014: Meaning(Do.STATE, "kf_state_refused"),
    95017: Meaning(Do.ALERT, "kf_api_off"),
    95018: Meaning(Do.STATE, "kf_state_refused"),
}


class OutcomeUnknown(Exception):
    """The request went out and no understandable answer came back: the customer may or may not have the message."""


class StateRefused(ChannelRefused):
    """A customer-service session is in a state that does not allow the call."""


def meaning_of(code: object) -> Meaning:
    """What *code* means; an undocumented one never succeeds, under its number, so that a person looks at it."""
    if not isinstance(code, int):
        return Meaning(Do.AGAIN, "not_understood")
    return MEANINGS.get(code) or Meaning(Do.NEVER, f"wechat_{code}")


def error_for(meaning: Meaning, now: datetime) -> ChannelBusy | ChannelRefused:
    """The error that tells the caller what to do about *meaning*."""
    match meaning.do:
        case Do.AGAIN | Do.RENEW:
            return ChannelBusy(None, meaning.reason)
        case Do.NEXT_MINUTE | Do.NEXT_DAY | Do.STOP:
            return ChannelBusy((paused_until(meaning, now) - now).total_seconds(), meaning.reason)
        case Do.UNREACHABLE:
            return CustomerUnreachable(meaning.reason)
        case Do.WINDOW_SHUT:
            return WindowShut(meaning.reason)
        case Do.CONSENT_GONE:
            return ConsentGone(meaning.reason)
        case Do.STATE:
            return StateRefused(meaning.reason)
        case _:
            return ChannelRefused(meaning.reason)


def paused_until(meaning: Meaning, now: datetime) -> datetime:
    """When a call may be tried again after a pause: quotas start anew with the minute, and with the day in Beijing."""
    if meaning.do is Do.NEXT_DAY:
        here = in_shanghai(now)
        return datetime.combine(here.date() + timedelta(days=1), time(), here.tzinfo).astimezone(now.tzinfo)
    return now + timedelta(seconds=60.0 if meaning.do is Do.NEXT_MINUTE else STOPPED_S)
