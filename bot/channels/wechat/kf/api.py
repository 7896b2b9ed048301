"""The calls of WeChat Customer Service that we make (``qyapi.weixin.qq.com``)."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.channels.wechat.answers import OutcomeUnknown
from bot.channels.wechat.caller import Caller
from bot.channels.wechat.kf.address import Address
from bot.channels.wechat.kf.states import State
from bot.channels.wechat.transport import MAX_LONG_ANSWER_BYTES, Answer, File, Upload
from bot.delivery import ChannelBusy, ChannelRefused

MEDIA_GET = "cgi-bin/media/get"
TOO_OFTEN = 45009  # a day's quota elsewhere; WeCom counts by the minute, and reading without a token more strictly
NEEDS_PARTS = 830002  # larger than one answer may be
PART_BYTES = 20 * 1024 * 1024
PAGE_ITEMS = 1000  # the platform's most
CODE_OVER = frozenset({40058})  # everyday: nobody need look at it
TAKEN_BEFORE = frozenset({40058})  # a parameter is refused: of a message that was right the first time, it can only be the id


@dataclass(frozen=True, slots=True)
class Page:
    """Items in their order, and where to go on reading. A page may be empty and still not be the last."""

    items: Sequence[object]
    cursor: str  # "": the platform named none, so we stay where we are
    has_more: bool


class KfApi:
    """Calls of one corporation's application. They raise as ``Caller``'s do."""

    def __init__(self, caller: Caller) -> None:
        self.caller = caller

    async def sync(self, open_kfid: str, cursor: str, token: str) -> Page:
        """What came after *cursor*; without one, the oldest of the last three days. *token* is a callback's, or empty."""
        asked = {"cursor": cursor, "token": token, "limit": PAGE_ITEMS, "voice_format": 0, "open_kfid": open_kfid}
        try:
            answer = await self._post("kf/sync_msg", asked, limit=MAX_LONG_ANSWER_BYTES)
        except ChannelRefused:
            if not token:
                raise
            # A token lasts ten minutes and may be over; without one the platform only counts calls more strictly.
            answer = await self._post("kf/sync_msg", {**asked, "token": ""}, limit=MAX_LONG_ANSWER_BYTES)
        except OutcomeUnknown:
            raise ChannelBusy(None, "not_understood") from None  # reading changes nothing
        return _page(answer)

    async def send(self, to: Address, msgid: str, content: Mapping[str, Any], *, again: bool = False) -> None:
        """Hand one message over. That it is taken does not mean that it arrives: an event tells when it does not.

        *again*: it may have been taken before. The platform takes an id once, and what it refuses for that is there already.
        """
        message = {"touser": to.external_userid, "open_kfid": to.open_kfid, "msgid": msgid, **content}
        await self._post("kf/send_msg", message, understood=TAKEN_BEFORE if again else ())

    async def send_on_event(self, code: str, msgid: str, content: Mapping[str, Any]) -> None:
        """Send the one message that an event's *code* lets through. ``ChannelRefused`` for a code that is used or over."""
        message = {"code": code, "msgid": msgid, **content}
        if (await self._post("kf/send_msg_on_event", message, understood=CODE_OVER)).get("errcode"):
            raise ChannelRefused("code_over")

    async def state(self, of: Address) -> State:
        """In what state the session stands."""
        answer = await self._post("kf/service_state/get", _session(of))
        try:
            return State(int(answer["service_state"]))
        except (KeyError, TypeError, ValueError):
            raise OutcomeUnknown("service_state") from None

    async def move(self, of: Address, state: State, servicer: str = "") -> str:
        """Put the session into *state*; returns the code for one message about it, if the platform gives one."""
        named = {"servicer_userid": servicer} if servicer else {}
        answer = await self._post("kf/service_state/trans", {**_session(of), "service_state": int(state), **named})
        code = answer.get("msg_code", "")
        return code if isinstance(code, str) else ""

    async def upload(self, kind: str, file: Upload) -> str:
        """The media id of a file that is to be sent."""
        answer = await self.caller.call("post", "cgi-bin/media/upload", params={"type": kind}, upload=file)
        media_id = answer.get("media_id")
        if not isinstance(media_id, str):
            raise OutcomeUnknown("media_id")
        return media_id

    async def download(self, media_id: str, limit: int) -> File:
        """A file's bytes and announced type; of one larger than *limit* a little more than that. Large ones come in parts."""
        asked = {"media_id": media_id}
        got = await self.caller.download(MEDIA_GET, asked, limit, understood=(NEEDS_PARTS,))
        if not isinstance(got, dict):
            return got
        content, announced = bytearray(), ""
        while len(content) <= limit:
            begin = len(content)
            part = await self.caller.download(MEDIA_GET, asked, PART_BYTES, part=(begin, begin + PART_BYTES - 1))
            if isinstance(part, dict):
                raise ChannelBusy(None, "not_understood")
            content += part[0]
            announced = part[1]
            if len(part[0]) < PART_BYTES:
                break
        return bytes(content), announced

    async def _post(self, path: str, data: Mapping[str, Any], *, understood: Collection[int] = (), **more: Any) -> Answer:
        answer = await self.caller.call("post", f"cgi-bin/{path}", data=data, understood=(*understood, TOO_OFTEN), **more)
        if answer.get("errcode") == TOO_OFTEN:
            raise ChannelBusy(60.0, "too_often")
        return answer


def _session(of: Address) -> dict[str, str]:
    return {"open_kfid": of.open_kfid, "external_userid": of.external_userid}


def _page(answer: Answer) -> Page:
    items, cursor = answer.get("msg_list"), answer.get("next_cursor")
    return Page(
        items=items if isinstance(items, list) else (),
        cursor=cursor if isinstance(cursor, str) else "",
        has_more=answer.get("has_more") in (1, True, "1"),
    )
