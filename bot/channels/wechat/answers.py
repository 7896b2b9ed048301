"""What WeChat's error codes mean for a message: try later, or never. Codes as documented for the Official Account."""

from bot.delivery import ChannelBusy, ChannelRefused

TOKEN_REFUSED = frozenset({40001, 40014, 42001})

MINUTE_S, DAY_S = 60.0, 24 * 3600.0

# Seconds to wait; None: the back-off of delivery.
_BUSY: dict[int, tuple[float | None, str]] = {
    -1: (None, "platform_busy"),
    45009: (DAY_S / 4, "daily_quota"),
    45011: (MINUTE_S, "minute_quota"),
    # The customer may get five messages for each of theirs. Their next message opens the way again.
    45047: (10 * MINUTE_S, "reply_count_used_up"),
}
_REFUSED: dict[int, str] = {
    40003: "customer_unreachable",
    43004: "customer_unreachable",
    45015: "outside_reply_window",
    45002: "too_long",
    40004: "media_refused",
    40005: "media_refused",
    40007: "media_refused",
    40037: "template_refused",
    41030: "template_refused",
    43101: "customer_declined",
    47003: "template_refused",
}
# Nothing that we send will get through until somebody changes the configuration or asks Tencent.
ALERTS: dict[int, str] = {
    40013: "account_misconfigured",
    40125: "account_misconfigured",
    40243: "account_misconfigured",
    40164: "address_not_allowed",
    61004: "address_not_allowed",
    89503: "address_not_allowed",
    48001: "api_not_permitted",
    48004: "api_not_permitted",
}


class OutcomeUnknown(Exception):
    """The request went out and no understandable answer came back: the customer may or may not have the message."""


def error_for(code: int) -> ChannelBusy | ChannelRefused:
    """The error that stands for *code*; an undocumented one is refused under its number, so that a person looks at it."""
    if code in _BUSY:
        wait_s, reason = _BUSY[code]
        return ChannelBusy(wait_s, reason)
    if code in TOKEN_REFUSED:
        return ChannelBusy(None, "token_refused")
    return ChannelRefused(_REFUSED.get(code) or ALERTS.get(code) or f"wechat_{code}")
