"""Who serves a customer of a customer-service account: five states, the moves between them, and codes for one message."""

import secrets
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.channels.wechat.fake.calls import ApiError
from config.clock import Clock

NEW, BOT, QUEUE, OPERATOR, ENDED = range(5)
# From a state to those that the API may bring about. Documented: NEW to 2 and 3, BOT to 2 and 3, QUEUE to 3, OPERATOR to another
# operator or 4. The others are observed, not documented.
MOVES = {NEW: {BOT, QUEUE, OPERATOR, ENDED}, BOT: {QUEUE, OPERATOR, ENDED}, QUEUE: {OPERATOR, ENDED}, OPERATOR: {OPERATOR, ENDED}}
DOCUMENTED = {NEW: {QUEUE, OPERATOR}, BOT: {QUEUE, OPERATOR}, QUEUE: {OPERATOR}, OPERATOR: {OPERATOR, ENDED}}
WELCOME_LASTS = timedelta(seconds=20)
WELCOME_APART = timedelta(hours=48)
WAITING_CODE_LASTS = timedelta(hours=48)
ENDING_CODE_LASTS = timedelta(seconds=20)


@dataclass(slots=True)
class Session:
    """One customer at one account."""

    state: int = NEW
    servicer: str = ""
    last_message: datetime | None = None
    last_welcome: datetime | None = None


@dataclass(frozen=True, slots=True)
class _Code:
    user: str
    until: datetime


@dataclass(slots=True)
class KfSessions:
    """All customers of one account, and the codes that were given out for them."""

    clock: Clock
    servicers: frozenset[str]
    strict_moves: bool = False
    sessions: dict[str, Session] = field(default_factory=lambda: defaultdict(Session))
    _codes: dict[str, _Code] = field(default_factory=dict)

    def wrote(self, user: str) -> Session:
        """*user* wrote: an ended conversation begins anew."""
        session = self.sessions[user]
        if session.state == ENDED:
            session.state, session.servicer = NEW, ""
        session.last_message = self.clock.now()
        return session

    def welcome_code(self, user: str) -> str:
        """A code for one welcome, ``""`` when *user* wrote, or was welcomed, within 48 hours."""
        session, now = self.sessions[user], self.clock.now()
        if any(moment is not None and now - moment < WELCOME_APART for moment in (session.last_message, session.last_welcome)):
            return ""
        session.last_welcome = now
        return self._code(user, WELCOME_LASTS)

    def move(self, user: str, state: int, servicer: str) -> str:
        """The API moves *user*; returns the code for one message about it. Raises ``ApiError``."""
        session = self.sessions[user]
        allowed = (DOCUMENTED if self.strict_moves else MOVES).get(session.state, set())
        if session.state == ENDED:
            raise ApiError(95013)
        if state not in allowed or (state == OPERATOR == session.state and servicer == session.servicer):
            raise ApiError(95016)
        if state == OPERATOR and servicer not in self.servicers:
            raise ApiError(95014)
        session.state, session.servicer = state, servicer if state == OPERATOR else ""
        if state == BOT:
            return ""
        return self._code(user, ENDING_CODE_LASTS if state == ENDED else WAITING_CODE_LASTS)

    def set(self, user: str, state: int, servicer: str = "") -> str:
        """An operator moves *user* in WeCom; returns the code that the event about it carries."""
        session = self.sessions[user]
        session.state, session.servicer = state, servicer
        return self._code(user, ENDING_CODE_LASTS if state == ENDED else WAITING_CODE_LASTS)

    def use(self, code: str) -> str:
        """The customer whom *code* lets one message through to. Raises ``ApiError`` for one used, out of date or made up."""
        known = self._codes.pop(code, None)
        if known is None or known.until <= self.clock.now():
            raise ApiError(40058, "code")
        return known.user

    def knows(self, code: str) -> bool:
        """Whether *code* is of this account and not used yet."""
        return code in self._codes

    def _code(self, user: str, lasts: timedelta) -> str:
        code = secrets.token_urlsafe(32)
        self._codes[code] = _Code(user, self.clock.now() + lasts)
        return code
