"""What lets the hosted form send feedback: a pass made when the page opens, signed, good for one ticket and some hours."""

import secrets
from datetime import timedelta

from config.clock import Clock
from config.problem import Problem
from store.crypto import Crypto

PREFIX = "f:"
PURPOSE = "feedback_form"
VALID_FOR = timedelta(hours=12)  # somebody may fetch a receipt from the other room


class FormPasses:
    """Makes and checks them."""

    def __init__(self, crypto: Crypto, clock: Clock) -> None:
        self._crypto = crypto
        self._clock = clock

    def new(self) -> str:
        """A pass for one ticket."""
        until = int((self._clock.now() + VALID_FOR).timestamp())
        return PREFIX + self._crypto.sign(PURPOSE, f"{secrets.token_hex(16)}.{until}")

    def read(self, offered: str) -> str | None:
        """Which pass it is, None if it is none at all. Raises a 401 problem for a forged or outlived one."""
        if not offered.startswith(PREFIX):
            return None
        text = self._crypto.verify(PURPOSE, offered.removeprefix(PREFIX))
        nonce, _, until = (text or "").partition(".")
        if text is None or int(until) < self._clock.now().timestamp():
            raise Problem(401, "form_over")
        return nonce
