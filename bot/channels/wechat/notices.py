"""Template and subscription messages: the way to a customer to whom no customer-service message may be sent."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

import structlog

from bot.channels.wechat.client import WeixinApi
from bot.delivery import ChannelBusy, ChannelRefused, ConsentGone
from config.clock import Clock, in_shanghai
from config.settings import Notice
from store import notices
from store.engine import Store
from store.model import OutboxRow
from store.notices import Sent

log = structlog.get_logger(__name__)

# Most characters of a field, by the kind that its name begins with: thing1, phrase2.
MOST_CHARS = {"thing": 20, "character_string": 32, "phrase": 5, "const": 20, "name": 10, "letter": 32, "number": 32, "symbol": 5}
_FIELD = re.compile(r"([a-z_]+?)\d*")
SUMMARY_CHARS = 100

Purpose = Literal["ticket", "message"]


class TemplateNotices:
    """A ``bot.delivery.Detour`` by way of the templates that accounts are configured with."""

    name = "template"

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._accounts: dict[str, tuple[WeixinApi, Mapping[Purpose, Notice]]] = {}

    def register(self, account: str, api: WeixinApi, templates: Mapping[Purpose, Notice]) -> None:
        """Send notices of *account* (such as ``official:main``) with *templates*, by what they are for."""
        self._accounts[account] = (api, templates)

    async def is_preferred(self, row: OutboxRow) -> bool:  # noqa: ARG002 -- as the protocol has it
        """Nobody asks for notices in the place of messages."""
        return False

    async def take(self, row: OutboxRow, reason: str) -> Literal["delivered", "notified"] | None:
        """``delivered`` when it says all of it, ``notified`` when it says that a message waits. Raises ``ChannelBusy``."""
        if reason == "customer_unreachable" or row.account not in self._accounts:
            return None
        api, templates = self._accounts[row.account]
        about = row.payload.get("notice")
        notice = templates.get("ticket" if about else "message")
        if notice is None:
            return None
        if notice.kind == "subscription" and not await self._has_consent(row, notice):
            return None
        try:
            answer = await api.post(_path(notice, row), data=_body(notice, row, self._values(row, about)))
        except ConsentGone:
            await self._store.write(lambda tx: notices.agreed(tx, row.customer_id, notice.template_id, yes=False))
            return None
        except ChannelBusy:
            if notice.kind == "subscription":  # nothing was sent, so the consent stands
                await self._store.write(lambda tx: notices.agreed(tx, row.customer_id, notice.template_id, yes=True))
            raise
        except ChannelRefused as refused:
            log.warning("notice_refused", account=row.account, reason=refused.reason)
            return None
        failed = await self._remember(row, answer)
        if failed:
            return None
        return "delivered" if about else "notified"

    async def _has_consent(self, row: OutboxRow, notice: Notice) -> bool:
        return await self._store.write(lambda tx: notices.use_consent(tx, row.customer_id, notice.template_id))

    async def _remember(self, row: OutboxRow, answer: dict[str, Any]) -> bool:
        """Keep the platform's number, under which it will say what became of the notice. True when it has said: it failed."""
        msgid = str(answer.get("msgid") or "")
        if not msgid:
            return False
        now = self._clock.now()
        sent = Sent(row.conversation_id, row.seq)
        return await self._store.write(lambda tx: notices.sent(tx, row.account, msgid, sent, now)) not in ("", "sent")

    def _values(self, row: OutboxRow, about: Mapping[str, str] | None) -> dict[str, str]:
        at = in_shanghai(datetime.fromisoformat(about["at"]) if about else self._clock.now())
        return {
            "ticket_no": about["ticket_no"] if about else "",
            "state": about["state"] if about else "",
            "summary": (about["summary"] if about else row.text)[:SUMMARY_CHARS],
            "time": f"{at:%Y-%m-%d %H:%M}",
        }


def _path(notice: Notice, row: OutboxRow) -> str:
    if notice.kind == "template":
        return "message/template/send"
    return "message/subscribe/send" if row.account.startswith("mini:") else "message/subscribe/bizsend"


def _body(notice: Notice, row: OutboxRow, values: Mapping[str, str]) -> dict[str, Any]:
    data = {name: {"value": _fitting(name, pattern.format(**values))} for name, pattern in notice.data.items()}
    body: dict[str, Any] = {"touser": row.customer_external_id, "template_id": notice.template_id, "data": data}
    if notice.kind == "template":
        # WeChat sends the same client_msg_id once, so a repeated call is no second notice.
        body["client_msg_id"] = row.client_id
        if notice.url:
            body["url"] = notice.url.format(**values)
    if notice.miniprogram_appid:
        body["miniprogram"] = {"appid": notice.miniprogram_appid, "pagepath": notice.page or ""}
    elif notice.page and notice.kind == "subscription":
        body["page"] = notice.page
    return body


def _fitting(name: str, value: str) -> str:
    """*value* within what the platform takes in a field of that name; refused as a whole otherwise."""
    kind = _FIELD.fullmatch(name)
    most = MOST_CHARS.get(kind.group(1)) if kind else None
    value = " ".join(value.split()) or "-"
    return value if most is None or len(value) <= most else value[: most - 1] + "…"
