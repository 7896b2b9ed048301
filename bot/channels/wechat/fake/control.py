"""The control API under ``/fake``: what people and tests in other processes make the platform's customers do, and see.

Everything is JSON, in and out. It asks for no key: bind it where only those can reach it who may.
"""

import asyncio
import json
import time
from collections.abc import Collection, Mapping
from dataclasses import asdict
from typing import Any

from aiohttp import web

from bot.channels.wechat.fake.calls import Misstep, answer
from bot.channels.wechat.fake.deliveries import Push
from bot.channels.wechat.fake.kf import KfDesk
from bot.channels.wechat.fake.platform import FakeWeChat
from bot.channels.wechat.fake.timing import ForwardClock

PREFIX = "/fake"
MAX_CROWD = 10_000
LOST = ("before", "after")
STEPS = ("errcode", "html", "status", "lost", "wait_s")
CALLBACK_STEPS = ("lost", "wait_s")  # what can happen on the way to a service and back
MAX_WAIT_S = 60


class Control:
    """Serves the control API of *platform*; with a *clock* it can be put forward."""

    def __init__(self, platform: FakeWeChat, clock: ForwardClock | None = None) -> None:
        self._platform = platform
        self._clock = clock

    def add_routes(self, app: web.Application) -> None:
        """Mount it."""
        router = app.router
        router.add_get(f"{PREFIX}/state", self._state)
        router.add_post(f"{PREFIX}/messages", self._message)
        router.add_post(f"{PREFIX}/crowd", self._crowd)
        router.add_post(f"{PREFIX}/redeliver", self._redeliver)
        router.add_post(f"{PREFIX}/verify", self._verify)
        router.add_post(f"{PREFIX}/scan", self._scan)
        router.add_post(f"{PREFIX}/consents", self._consent)
        router.add_post(f"{PREFIX}/media", self._media)
        router.add_post(f"{PREFIX}/kf/{{action}}", self._kf)
        router.add_get(f"{PREFIX}/users/{{user}}", self._user)
        router.add_post(f"{PREFIX}/users/{{user}}", self._change_user)
        router.add_get(f"{PREFIX}/requests", self._requests)
        router.add_post(f"{PREFIX}/missteps", self._missteps)
        router.add_delete(f"{PREFIX}/missteps", self._no_missteps)
        router.add_post(f"{PREFIX}/tokens/{{what}}", self._tokens)
        router.add_post(f"{PREFIX}/settings", self._settings)
        router.add_post(f"{PREFIX}/clock", self._advance)

    # --- customers ---------------------------------------------------------------------------------------------------------

    async def _message(self, request: web.Request) -> web.Response:
        """``{"account", "user", "fields", "together"?, "overlapping"?}``: a message, or an event if the fields say so."""
        asked = await _asked(request)
        account, fields = self._account(asked), _mapping(asked, "fields")
        if fields.get("MsgType") != "event":
            fields = {"MsgId": time.time_ns(), **fields}
        together = _whole(asked, "together", 1)
        push = await self._platform.deliver(
            account, _text(asked, "user"), fields, together=together, overlapping=asked.get("overlapping") is True
        )
        return answer(_told(push))

    async def _crowd(self, request: web.Request) -> web.Response:
        """``{"account", "users", "at_once"?, "fields"}``: that many customers each send that once."""
        asked = await _asked(request)
        account, fields = self._account(asked), _mapping(asked, "fields")
        users, at_once = _whole(asked, "users", 100), asyncio.Semaphore(_whole(asked, "at_once", 32))
        if not 1 <= users <= MAX_CROWD:
            raise _bad(f"users: 1 to {MAX_CROWD}")
        stamp = time.time_ns()

        async def one(number: int) -> tuple[bool, float]:
            async with at_once:
                began = time.perf_counter()
                user = f"o{stamp % 10**15:015d}{number:012d}"
                answered = await self._platform.push(account, user, {"MsgId": stamp + number, **fields})
                return answered, time.perf_counter() - began

        results = await asyncio.gather(*(one(number) for number in range(users)))
        took = sorted(seconds for _, seconds in results)
        return answer(
            {
                "answered": sum(answered for answered, _ in results),
                "p50_ms": round(took[users // 2] * 1000, 1),
                "p99_ms": round(took[min(users - 1, users * 99 // 100)] * 1000, 1),
            }
        )

    async def _redeliver(self, request: web.Request) -> web.Response:
        """``{"push"}``: once more, though it was answered, as when the answer was lost on its way."""
        wanted = _text(await _asked(request), "push")
        push = next((push for push in self._platform.deliveries.pushes if push.id == wanted), None)
        if push is None:
            raise _bad("push: unknown")
        shown = await self._platform.deliveries.copy(self._platform.accounts[push.account], push)
        return answer({**_told(push), "answer": None if shown is None else asdict(shown)})

    async def _verify(self, request: web.Request) -> web.Response:
        """``{"account"}``: as the console checks an address."""
        account = self._account(await _asked(request))
        return answer({"verified": await self._platform.deliveries.verify(self._platform.accounts[account])})

    async def _scan(self, request: web.Request) -> web.Response:
        """``{"account", "user", "ticket"}``."""
        asked = await _asked(request)
        try:
            answered = await self._platform.scan(self._account(asked), _text(asked, "user"), _text(asked, "ticket"))
        except LookupError:
            raise _bad("ticket: no such code, or none any more") from None
        return answer({"answered": answered})

    async def _consent(self, request: web.Request) -> web.Response:
        """``{"account", "user", "template", "accepted"?}``: asked whether one message may come, the customer answers."""
        asked = await _asked(request)
        accepted = asked.get("accepted", True) is True
        answered = await self._platform.consent(
            self._account(asked), _text(asked, "user"), _text(asked, "template"), accepted=accepted
        )
        return answer({"answered": answered})

    async def _media(self, request: web.Request) -> web.Response:
        """A file as the body, its type as Content-Type, ``?name=``, ``?address=``: something that a customer is going to send."""
        content = await request.read()
        name, address = request.query.get("name", "file"), request.query.get("address", "")
        return answer({"media_id": self._platform.files.keep(content, request.content_type, name, address=address)})

    async def _user(self, request: web.Request) -> web.Response:
        """What the customer saw, after the first ``?after=``."""
        user = request.match_info["user"]
        after = int(request.query.get("after", "0"))
        places = [
            (address or account.name, account, f"{address}/{user}" if address else user)
            for account in self._platform.accounts.values()
            for address in account.open_kfids or ("",)
        ]
        left = {place: self._platform.windows.left(account, whom) for place, account, whom in places}
        seen = self._platform.seen.get(user, [])
        following = user in self._platform.followers
        return answer({"following": following, "messages_left": left, "seen": [asdict(one) for one in seen[after:]]})

    async def _change_user(self, request: web.Request) -> web.Response:
        """``{"following"?, "blocking"?, "next_notices_fail"?}``."""
        user, asked, phones = request.match_info["user"], await _asked(request), self._platform.phones
        if "following" in asked:
            (phones.follow if asked["following"] else phones.leave)(user)
        if "blocking" in asked:
            (phones.blocking.add if asked["blocking"] else phones.blocking.discard)(user)
        if "next_notices_fail" in asked:
            self._platform.notices.fails[user] = _whole(asked, "next_notices_fail", 0)
        return answer({})

    # --- 微信客服 ------------------------------------------------------------------------------------------------------------

    async def _kf(self, request: web.Request) -> web.Response:
        """``message``, ``enter``, ``recall``, ``operator`` (moves) or ``operator-message``, with ``open_kfid`` and ``user``."""
        asked, action = await _asked(request), request.match_info["action"]
        desk, user = self._desk(asked), _text(asked, "user")
        ring = asked.get("ring", True) is True
        if action == "message":
            return answer({"msgid": await desk.message(user, _text(asked, "msgtype"), ring=ring, **_mapping(asked, "content"))})
        if action == "enter":
            return answer({"welcome_code": await desk.enter(user, scene=str(asked.get("scene", "")), ring=ring)})
        if action == "recall":
            await desk.recall(user, _text(asked, "msgid"))
            return answer({})
        if action == "operator":
            return answer(
                {"msg_code": await desk.operator_moves(user, _whole(asked, "state", 3), str(asked.get("servicer", "")))}
            )
        if action == "operator-message":
            return answer({"msgid": await desk.operator_says(user, _text(asked, "text"))})
        raise web.HTTPNotFound

    # --- the platform ------------------------------------------------------------------------------------------------------

    async def _state(self, _request: web.Request) -> web.Response:
        platform = self._platform
        accounts = {
            name: {
                "family": account.family,
                "appid": account.appid,
                "callback_url": account.callback_url,
                "sealed": bool(account.aes_key),
            }
            for name, account in platform.accounts.items()
        }
        return answer(
            {
                "now": platform.now().isoformat(),
                "accounts": accounts,
                "calls": dict(platform.calls),
                "users": len(platform.followers),
                "pushes": [_told(push) for push in list(platform.deliveries.pushes)[-20:]],
            }
        )

    async def _requests(self, request: web.Request) -> web.Response:
        """JSON bodies of calls, with ``?path=`` of those only."""
        path = request.query.get("path")
        return answer({"requests": [{"path": at, "body": body} for at, body in self._platform.requests if path in (None, at)]})

    async def _missteps(self, request: web.Request) -> web.Response:
        """``{"path", "steps": [{"errcode"?, "html"?, "status"?, "lost"?, "wait_s"?}]}``: one for each of the next calls."""
        asked = await _asked(request)
        steps = asked.get("steps")
        if not isinstance(steps, list):
            raise _bad("steps: a list")
        path = _text(asked, "path")
        kind, _, account = path.partition("/")
        if kind == "callback" and account not in self._platform.accounts:
            raise _bad(f"path: callback/ and one of {', '.join(self._platform.accounts)}")
        known = CALLBACK_STEPS if kind == "callback" else STEPS
        self._platform.misstep(path, *(_misstep(step, known) for step in steps))
        return answer({"scripted": len(steps)})

    async def _no_missteps(self, _request: web.Request) -> web.Response:
        self._platform.script.clear()
        return answer({})

    async def _tokens(self, request: web.Request) -> web.Response:
        """``expire``: they are out of date; ``forget``: nobody knows them any more."""
        what = request.match_info["what"]
        if what not in ("expire", "forget"):
            raise web.HTTPNotFound
        (self._platform.tokens.expire if what == "expire" else self._platform.tokens.forget)()
        return answer({})

    async def _settings(self, request: web.Request) -> web.Response:
        """``{"latency_s"?, "strict"?}``."""
        asked = await _asked(request)
        if "latency_s" in asked:
            self._platform.api.latency_s = float(asked["latency_s"])
        if "strict" in asked:
            self._platform.windows.strict = asked["strict"] is True
        return answer({"latency_s": self._platform.api.latency_s, "strict": self._platform.windows.strict})

    async def _advance(self, request: web.Request) -> web.Response:
        """``{"advance_s"}``: the platform's clock goes forward; a service that compares times will refuse its pushes then."""
        if self._clock is None:
            raise _bad("this platform's clock can't be put forward")
        self._clock.advance(_whole(await _asked(request), "advance_s", 0))
        return answer({"now": self._platform.now().isoformat()})

    def _account(self, asked: Mapping[str, Any]) -> str:
        name = str(asked.get("account") or next(iter(self._platform.accounts)))
        if name not in self._platform.accounts:
            raise _bad(f"account: one of {', '.join(self._platform.accounts)}")
        return name

    def _desk(self, asked: Mapping[str, Any]) -> KfDesk:
        desk = self._platform.kf.desks.get(_text(asked, "open_kfid"))
        if desk is None:
            raise _bad(f"open_kfid: one of {', '.join(self._platform.kf.desks)}")
        return desk


def _told(push: Push) -> dict[str, Any]:
    shown = None if push.shown is None else asdict(push.shown)
    return {"push": push.id, "user": push.user, "answered": push.answered, "deliveries": push.deliveries, "shown": shown}


def _misstep(step: Any, known: Collection[str]) -> Misstep:
    if not isinstance(step, dict) or step.keys() - set(known):
        raise _bad(f"steps: {', '.join(known)}")
    status, wait_s = _whole(step, "status", 200), step.get("wait_s", 0)
    if not isinstance(wait_s, int | float) or not 0 <= wait_s <= MAX_WAIT_S:
        raise _bad(f"wait_s: 0 to {MAX_WAIT_S} seconds")
    if step.get("lost") not in (None, *LOST):
        raise _bad("lost: before or after")
    return Misstep(
        errcode=step.get("errcode"),
        html=step.get("html") is True or status != 200,  # noqa: PLR2004 -- the platform's own errors come with 200
        status=status,
        lost=step.get("lost"),
        wait_s=float(wait_s),
    )


def _bad(what: str) -> web.HTTPBadRequest:
    return web.HTTPBadRequest(text=json.dumps({"error": what}, ensure_ascii=False), content_type="application/json")


async def _asked(request: web.Request) -> dict[str, Any]:
    try:
        asked = await request.json()
    except ValueError:
        raise _bad("not JSON") from None
    if not isinstance(asked, dict):
        raise _bad("not an object")
    return asked


def _text(asked: Mapping[str, Any], name: str) -> str:
    value = asked.get(name)
    if not isinstance(value, str) or not value:
        raise _bad(f"{name}: a text")
    return value


def _mapping(asked: Mapping[str, Any], name: str) -> dict[str, Any]:
    value = asked.get(name)
    if not isinstance(value, dict):
        raise _bad(f"{name}: an object")
    return value


def _whole(asked: Mapping[str, Any], name: str, otherwise: int) -> int:
    value = asked.get(name, otherwise)
    if not isinstance(value, int) or isinstance(value, bool):
        raise _bad(f"{name}: a whole number")
    return value
