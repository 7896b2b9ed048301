"""WeChat customer service (微信客服): what a company calls, and what its customers and operators do."""

import re
import secrets
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from bot.channels.wechat.fake.accounts import FakeAccount
from bot.channels.wechat.fake.calls import KF, ApiError, Call, Endpoint
from bot.channels.wechat.fake.kf_log import MOST_ITEMS, KfLog
from bot.channels.wechat.fake.kf_state import BOT, ENDED, NEW, OPERATOR, KfSessions
from bot.channels.wechat.fake.phones import Phones, Seen
from bot.channels.wechat.fake.reading import MAX_TEXT_BYTES
from bot.channels.wechat.fake.windows import Windows
from config.clock import Clock

OWN_ID = re.compile(r"[0-9a-zA-Z_\-]{1,32}")
MAX_MENU_ITEMS = 10
CUSTOMER, SYSTEM, SERVICER = 3, 4, 5
FAIL_TOO_LATE, FAIL_TOO_MANY, FAIL_REFUSED = 4, 6, 10
FILES = frozenset({"image", "voice", "video", "file"})
TYPES = FILES | {"text", "link", "miniprogram", "msgmenu", "location", "business_card", "ca_link"}
EVENT_TYPES = frozenset({"text", "msgmenu"})  # what a code lets through

Bell = Callable[[FakeAccount, str, str], Awaitable[Any]]  # company, account, token: push "something new"


class KfDesk:
    """One customer-service account of *company*. *ring* pushes its callback."""

    def __init__(self, company: FakeAccount, open_kfid: str, phones: Phones, windows: Windows, clock: Clock, ring: Bell) -> None:
        self.company = company
        self.open_kfid = open_kfid
        self.log = KfLog(open_kfid, clock)
        self.sessions = KfSessions(clock, frozenset({"zhangsan", "lisi"}))
        self._phones = phones
        self._windows = windows
        self._ring = ring
        self._own_ids: set[str] = set()

    # --- customers and operators ---------------------------------------------------------------------------------------------

    async def message(self, user: str, msgtype: str, *, ring: bool = True, **content: Any) -> str:
        """*user* sends a message (``"text", content="你好"``); returns its msgid. Without *ring* no callback says so."""
        self.sessions.wrote(user)
        self._phones.follow(user)
        self._windows.opened_by(self.company, f"{self.open_kfid}/{user}", {"MsgType": msgtype})
        return await self.item(user, {"msgtype": msgtype, msgtype: content}, CUSTOMER, ring=ring)

    async def enter(self, user: str, *, scene: str = "", scene_param: str = "", ring: bool = True) -> str:
        """*user* opens the chat; returns the welcome code, ``""`` when none is due."""
        code = self.sessions.welcome_code(user)
        self._phones.follow(user)
        about = {"scene": scene, "scene_param": scene_param, **({"welcome_code": code} if code else {})}
        await self.event(user, "enter_session", ring=ring, **about)
        return code

    async def operator_moves(self, user: str, state: int, servicer: str = "", *, change_type: int = 1) -> str:
        """An operator takes, passes on or ends the conversation in WeCom; returns the code for one message about it."""
        code = self.sessions.set(user, state, servicer)
        await self.event(user, "session_status_change", change_type=change_type, new_servicer_userid=servicer, msg_code=code)
        return code

    async def operator_says(self, user: str, text: str) -> str:
        """An operator answers in WeCom; the company is told."""
        self._phones.show(user, Seen("service", "text", text))
        values = {"msgtype": "text", "text": {"content": text}, "servicer_userid": self.sessions.sessions[user].servicer}
        return await self.item(user, values, SERVICER)

    async def recall(self, user: str, msgid: str) -> None:
        """*user* takes a message back."""
        await self.event(user, "user_recall_msg", recall_msgid=msgid)

    async def event(self, user: str, event_type: str, *, ring: bool = True, **about: Any) -> str:
        """An event about *user*; both ids stand inside of it."""
        inside = {"event_type": event_type, "open_kfid": self.open_kfid, "external_userid": user, **about}
        msgid = self.log.add({"origin": SYSTEM, "msgtype": "event", "event": inside})
        if ring:
            await self.ring()
        return msgid

    async def item(self, user: str, values: Mapping[str, Any], origin: int, *, ring: bool = True) -> str:
        """Any item at all, as it stands."""
        base = {"open_kfid": self.open_kfid, "external_userid": user, "origin": origin}
        msgid = self.log.add({**base, **values})
        if ring:
            await self.ring()
        return msgid

    async def ring(self) -> None:
        """Tell the company that there is something new."""
        await self._ring(self.company, self.open_kfid, self.log.new_token())

    # --- the company -------------------------------------------------------------------------------------------------------

    def read(self, call: Call) -> dict[str, Any]:
        """``sync_msg``."""
        limit = call.body.get("limit", MOST_ITEMS)
        if not isinstance(limit, int) or not 1 <= limit <= MOST_ITEMS or call.body.get("voice_format", 0) not in (0, 1):
            raise ApiError(40058, "limit")
        return self.log.read(call.text("cursor"), call.text("token"), limit)

    async def send(self, call: Call) -> dict[str, Any]:
        """``send_msg``: accepted is not delivered; what fails is told in an event."""
        user, seen = call.text("touser"), _shown(call, TYPES)
        if user not in self._phones.followers:
            raise ApiError(40003)
        if self.sessions.sessions[user].state not in (NEW, BOT):
            raise ApiError(95018)
        msgid = self._own_id(call)
        fail_type = self._fail_type(user)
        if fail_type:
            await self.event(user, "msg_send_fail", fail_msgid=msgid, fail_type=fail_type)
        else:
            self._phones.show(user, seen)
        return {"errcode": 0, "errmsg": "ok", "msgid": msgid}

    def send_on_event(self, call: Call) -> dict[str, Any]:
        """``send_msg_on_event``: one message for a code."""
        seen = _shown(call, EVENT_TYPES)
        msgid = self._own_id(call)
        self._phones.show(self.sessions.use(call.text("code")), seen)
        return {"errcode": 0, "errmsg": "ok", "msgid": msgid}

    def _fail_type(self, user: str) -> int:
        if user in self._phones.blocking:
            return FAIL_REFUSED
        key = f"{self.open_kfid}/{user}"
        try:
            self._windows.use(self.company, key)
        except ApiError as error:
            return FAIL_TOO_MANY if error.code == 45047 else FAIL_TOO_LATE  # noqa: PLR2004 -- used up
        return 0

    def _own_id(self, call: Call) -> str:
        given = call.body.get("msgid") or secrets.token_urlsafe(24)
        if not isinstance(given, str) or not OWN_ID.fullmatch(given) or given in self._own_ids:
            raise ApiError(40058, "msgid")
        self._own_ids.add(given)
        return given


class KfApi:
    """``kf/...`` for all customer-service accounts."""

    def __init__(self) -> None:
        self.desks: dict[str, KfDesk] = {}

    def endpoints(self) -> list[Endpoint]:
        """What a company calls."""
        return [
            Endpoint("POST", "kf/sync_msg", self._sync, KF),
            Endpoint("POST", "kf/send_msg", self._send, KF),
            Endpoint("POST", "kf/send_msg_on_event", self._send_on_event, KF),
            Endpoint("POST", "kf/service_state/get", self._state, KF),
            Endpoint("POST", "kf/service_state/trans", self._move, KF),
            Endpoint("POST", "kf/account/list", self._accounts, KF),
        ]

    def _desk(self, call: Call) -> KfDesk:
        desk = self.desks.get(call.text("open_kfid"))
        if desk is None or desk.company.name != call.account.name:
            raise ApiError(95004 if call.text("open_kfid") else 95000)
        return desk

    async def _sync(self, call: Call) -> dict[str, Any]:
        return self._desk(call).read(call)

    async def _send(self, call: Call) -> dict[str, Any]:
        return await self._desk(call).send(call)

    async def _send_on_event(self, call: Call) -> dict[str, Any]:
        """The code says which account and customer it is about."""
        code = call.text("code")
        for desk in self.desks.values():
            if desk.company.name == call.account.name and desk.sessions.knows(code):
                return desk.send_on_event(call)
        raise ApiError(40058, "code")

    async def _state(self, call: Call) -> dict[str, Any]:
        session = self._desk(call).sessions.sessions[_user(call)]
        servicer = {"servicer_userid": session.servicer} if session.state == OPERATOR else {}
        return {"errcode": 0, "errmsg": "ok", "service_state": session.state, **servicer}

    async def _move(self, call: Call) -> dict[str, Any]:
        state = call.body.get("service_state")
        if not isinstance(state, int) or not NEW <= state <= ENDED:
            raise ApiError(40058, "service_state")
        code = self._desk(call).sessions.move(_user(call), state, call.text("servicer_userid"))
        return {"errcode": 0, "errmsg": "ok", **({"msg_code": code} if code else {})}

    async def _accounts(self, call: Call) -> dict[str, Any]:
        offset, limit = call.body.get("offset", 0), call.body.get("limit", 100)
        if not isinstance(offset, int) or not isinstance(limit, int) or offset < 0 or not 1 <= limit <= 100:  # noqa: PLR2004
            raise ApiError(40058, "limit")
        mine = [desk.open_kfid for desk in self.desks.values() if desk.company.name == call.account.name]
        listed = [
            {"open_kfid": name, "name": name, "avatar": "", "manage_privilege": True} for name in mine[offset : offset + limit]
        ]
        return {"errcode": 0, "errmsg": "ok", "account_list": listed}


def _user(call: Call) -> str:
    user = call.text("external_userid")
    if not user:
        raise ApiError(40003)
    return user


def _shown(call: Call, types: frozenset[str]) -> Seen:
    """The message in *call* as the phone shows it. Raises ``ApiError``."""
    kind = call.text("msgtype")
    inside = call.body.get(kind)
    if kind not in types or not isinstance(inside, Mapping):
        raise ApiError(40008)
    if kind == "text":
        text = inside.get("content")
        if not isinstance(text, str) or not text:
            raise ApiError(44004)
        if len(text.encode()) > MAX_TEXT_BYTES:
            raise ApiError(45002)
        return Seen("service", "text", text)
    if kind == "msgmenu":
        return _menu(inside)
    if kind in FILES:
        return Seen("service", kind, media_id=str(inside.get("media_id", "")))
    return Seen("service", kind, str(inside.get("title", "")), data=dict(inside))


def _menu(inside: Mapping[str, Any]) -> Seen:
    items = inside.get("list", [])
    if not isinstance(items, list) or len(items) > MAX_MENU_ITEMS:
        raise ApiError(95008)
    choices = []
    for item in items:
        kind = item.get("type") if isinstance(item, Mapping) else None
        content = item.get(kind) if kind in ("click", "view", "miniprogram", "text") else None
        if not isinstance(content, Mapping) or not isinstance(content.get("content"), str):
            raise ApiError(95009)
        choices.append((str(content.get("id", "")), content["content"]))
    head, tail = str(inside.get("head_content", "")), str(inside.get("tail_content", ""))
    return Seen("service", "msgmenu", head, tuple(choices), tail)
