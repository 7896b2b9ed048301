"""A WeChat platform of our own, for tests and the demo: the same protocol over real HTTP, and it can be told to misbehave.

It serves the API that the service calls (``fake_api``), pushes to the service's callback as WeChat does (signed, sealed, five
seconds' patience, up to three deliveries), and writes down what every customer got to see, in order.
"""

import asyncio
import secrets
from collections.abc import Mapping, Sequence

import aiohttp

from bot.channels.wechat.fake_api import FakeApi, Misstep, Seen
from bot.channels.wechat.fake_pushes import BadAnswer, FakeAccount, signed_request, text_in_answer, to_xml
from config.clock import Clock, SystemClock

__all__ = ["FakeWeChat", "Misstep", "Seen"]

PATIENCE_S = 5.0
DELIVERIES = 3


class FakeWeChat(FakeApi):
    """The platform for *accounts*. Pushes go out through *session*; *clock* ages tokens and dates pushes."""

    def __init__(
        self,
        accounts: Sequence[FakeAccount],
        session: aiohttp.ClientSession,
        clock: Clock | None = None,
        *,
        patience_s: float = PATIENCE_S,
        latency_s: float = 0.0,
    ) -> None:
        super().__init__(accounts, clock or SystemClock(), latency_s=latency_s)
        self._session = session
        self._patience_s = patience_s

    async def message(self, account: str, openid: str, **fields: str | float) -> bool:
        """Push a customer's message (``MsgType="text", Content="你好"``); whether some delivery was answered in time."""
        number = secrets.randbits(62) | 1 << 62
        return await self.push(account, openid, {**fields, "MsgId": fields.get("MsgId", number)})

    async def event(self, account: str, openid: str, event: str, **fields: str | float) -> bool:
        """Push an event such as ``subscribe``."""
        return await self.push(account, openid, {"MsgType": "event", "Event": event, **fields})

    async def push(self, account: str, openid: str, fields: Mapping[str, str | int | float], *, together: int = 1) -> bool:
        """Deliver as WeChat does: again while nobody answers, at most three times; *together* copies of each at once.

        However often it was answered, the customer sees one answer: the first that came in time.
        """
        known = self.accounts[account]
        self.followers.add(openid)
        created_s = int(self._clock.now().timestamp())
        xml = to_xml({"ToUserName": known.original_id, "FromUserName": openid, "CreateTime": created_s, **fields})
        for _ in range(DELIVERIES):
            answers = await asyncio.gather(*(self._deliver(known, openid, xml) for _ in range(together)))
            in_time = [answer for answer in answers if answer is not None]
            if in_time:
                shown = next((answer for answer in in_time if answer.text), None)
                if shown is not None:
                    self._show(openid, shown)
                return True
        self._show(openid, Seen("fault", "unavailable"))
        return False

    async def _deliver(self, account: FakeAccount, openid: str, xml: str) -> Seen | None:
        """What one delivery was answered with (its text may be empty), or None when it wasn't."""
        timestamp, nonce = str(int(self._clock.now().timestamp())), str(secrets.randbelow(10**10))
        query, body = signed_request(account, xml, timestamp, nonce, openid)
        timeout = aiohttp.ClientTimeout(total=self._patience_s)
        headers = {"Content-Type": "text/xml", "User-Agent": "Mozilla/4.0"}
        try:
            async with self._session.post(
                account.callback_url, params=query, data=body.encode(), headers=headers, timeout=timeout
            ) as response:
                if response.status != 200:  # noqa: PLR2004 -- anything else means: again
                    return None
                text = text_in_answer(account, await response.text(), openid=openid, nonce=nonce)
        except BadAnswer as bad:
            return Seen("fault", "fault", str(bad))
        except (aiohttp.ClientError, TimeoutError):
            return None
        return Seen("passive", "text", text or "")
