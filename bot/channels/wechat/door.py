"""The door of a callback: a request is let in only when it is signed, fresh, small and sealed for us. Parses nothing.

The same for Official Accounts, Mini Programs and WeChat Customer Service; they differ in modes, and in what an
address check gives back.
"""

import asyncio
from dataclasses import dataclass
from typing import Any

import aiohttp
from aiohttp import web

from bot.channels.wechat.signing import Envelope, Rejected, check_age, check_signature, encrypted_part, parameters
from config.clock import Clock
from config.settings import MiniProgram, OfficialAccount, WeChat


@dataclass(frozen=True, slots=True)
class Let:
    """What a push proved to be: its body in clear, and what an answer must be sealed with."""

    body: bytes
    timestamp: str
    nonce: str
    sealed: bool


class Door:
    """Believes or refuses what comes to one account's callback. Refusing raises ``Rejected``."""

    def __init__(
        self, token: str, envelope: Envelope | None, limits: WeChat, clock: Clock, *, accept_plain: bool = False
    ) -> None:
        """Without *envelope* pushes come in plain; *accept_plain* takes both."""
        self.envelope = envelope
        self._token = token
        self._limits = limits
        self._clock = clock
        self._accept_plain = accept_plain

    def echo(self, query: Any) -> str:
        """What the console wants back when it checks the address of an Official Account or a Mini Program, in any mode."""
        offered, timestamp, nonce, echo = parameters(query, "signature", "timestamp", "nonce", "echostr")
        self._check_age(timestamp)
        check_signature(self._token, offered, timestamp, nonce)
        return echo

    def sealed_echo(self, query: Any) -> str:
        """What WeCom's console wants back: the text inside the ``echostr``."""
        offered, timestamp, nonce = parameters(query, "msg_signature", "timestamp", "nonce")
        (echo,) = parameters(query, "echostr", limit=4096)
        self._check_age(timestamp)
        if self.envelope is None:
            raise Rejected("not_in_encrypted_mode")
        # Base64 has no blank: where one stands, a plus was sent unescaped. The signature covers what was meant.
        return self.envelope.open(echo.replace(" ", "+"), offered, timestamp, nonce)

    async def let_in(self, request: web.Request) -> Let:
        """The body of a push, in clear. Nothing is parsed before its signature is checked."""
        offered, timestamp, nonce, msg_signature, encrypt_type = parameters(
            request.query, "signature", "timestamp", "nonce", "msg_signature", "encrypt_type"
        )
        sealed = encrypt_type == "aes" or bool(msg_signature)
        if sealed and self.envelope is None:
            raise Rejected("not_in_encrypted_mode")
        if not sealed and self.envelope is not None and not self._accept_plain:
            raise Rejected("plain_not_accepted", 403)
        if not sealed or offered:
            # In encrypted mode it covers no body and proves little, but a wrong one is cheap to turn away.
            check_signature(self._token, offered, timestamp, nonce)
        self._check_age(timestamp)
        body = await self._body(request)
        if sealed:
            ciphertext = encrypted_part(body)
            if ciphertext is None or self.envelope is None:
                raise Rejected("bad_envelope")
            body = self.envelope.open(ciphertext, msg_signature, timestamp, nonce).encode()
        return Let(body, timestamp, nonce, sealed)

    def answer(self, let: Let, text: str) -> str:
        """*text* as the answer to a push: sealed when the push was."""
        return self.envelope.seal(text, let.timestamp, let.nonce) if let.sealed and self.envelope is not None else text

    def _check_age(self, timestamp: str) -> None:
        check_age(timestamp, self._clock.now().timestamp(), self._limits.clock_skew_s)

    async def _body(self, request: web.Request) -> bytes:
        limit = self._limits.max_body_bytes
        if (request.content_length or 0) > limit:
            raise Rejected("too_large", 413)
        # Nearly all bodies come with their heads, and there is nothing to wait for.
        body = request.content.read_nowait() if request.content.is_eof() else await self._arriving(request.content, limit)
        if len(body) > limit:
            raise Rejected("too_large", 413)
        return body

    async def _arriving(self, content: aiohttp.StreamReader, limit: int) -> bytes:
        """What arrives in time, up to the first chunk beyond *limit*: a chunked body announces no length."""
        body = bytearray()
        try:
            async with asyncio.timeout(self._limits.body_within_s):
                async for chunk in content.iter_chunked(16 * 1024):
                    body += chunk
                    if len(body) > limit:
                        break
        except TimeoutError:
            raise Rejected("too_slow", 408) from None
        return bytes(body)


def door_of(account: OfficialAccount | MiniProgram, wechat: WeChat, clock: Clock) -> Door:
    """The door of a configured account. ``ValueError`` for a wrong EncodingAESKey."""
    token = account.token.get_secret_value()
    envelope = Envelope(token, account.aes_key.get_secret_value(), account.appid) if account.aes_key is not None else None
    return Door(token, envelope, wechat, clock, accept_plain=account.accept_plain)
