"""Reads what a callback answered, as strictly as WeChat: what it would not understand is a fault that the customer sees."""

import json
from collections.abc import Callable, Mapping
from typing import Any
from xml.etree import ElementTree as ET

from bot.channels.wechat.fake.accounts import FakeAccount
from bot.channels.wechat.fake.phones import Seen
from bot.channels.wechat.fake.sealing import BadAnswer, sign, unseal

MAX_TEXT_BYTES = 2048
MAX_ARTICLES = 1  # a user's message is answered by one
NOTHING = ("", "success")

Values = Mapping[str, Any]
Reader = Callable[[Values], Seen]


def read_answer(account: FakeAccount, body: str, *, openid: str, nonce: str) -> Seen | None:
    """What the customer sees, None for ``success`` or an empty answer. Raises ``BadAnswer`` for a fault."""
    if body in NOTHING:
        return None
    if account.family == "kf":
        raise BadAnswer("a company's callback has nothing to say")
    values = _opened(account, _parsed(account, body), nonce)
    if _text(values, "ToUserName") != openid or _text(values, "FromUserName") != account.original_id:
        raise BadAnswer("addresses")
    if not str(_number(values, "CreateTime")).isdecimal():
        raise BadAnswer("shape")
    kind = _text(values, "MsgType")
    if account.family == "mini" and kind != "transfer_customer_service":
        raise BadAnswer("a Mini Program is answered through the API")
    reader = _READERS.get(kind)
    if reader is None:
        raise BadAnswer("shape")
    return reader(values)


def text_in_answer(account: FakeAccount, body: str, *, openid: str, nonce: str) -> str | None:
    """The text that the customer sees, None for ``success``, an empty answer or an answer without text."""
    seen = read_answer(account, body, openid=openid, nonce=nonce)
    return seen.text or None if seen is not None else None


def _parsed(account: FakeAccount, body: str) -> Values:
    if account.body_format == "json":
        try:
            values = json.loads(body)
        except ValueError as error:
            raise BadAnswer("json") from error
        if not isinstance(values, dict):
            raise BadAnswer("json")
        return values
    return _xml(body)


def _xml(body: str) -> Values:
    try:
        root = ET.fromstring(body)  # noqa: S314 -- the answer of the service under test, which is ours
    except ET.ParseError as error:
        raise BadAnswer("xml") from error
    if root.tag != "xml":
        raise BadAnswer("xml")
    return _children(root)


def _children(parent: ET.Element) -> Values:
    values: dict[str, Any] = {}
    for child in parent:
        if child.tag in values and child.tag != "item":
            raise BadAnswer(child.tag)
        value: Any = _children(child) if len(child) else child.text or ""
        values[child.tag] = [*values.get("item", []), value] if child.tag == "item" else value
    return values


def _opened(account: FakeAccount, values: Values, nonce: str) -> Values:
    """What is inside of the envelope; the values themselves where pushes are plain."""
    if account.aes_key is None or (account.compatible and "Encrypt" not in values):
        return values
    ciphertext, timestamp = _text(values, "Encrypt"), str(_number(values, "TimeStamp"))
    if str(_number(values, "Nonce")) != nonce:
        raise BadAnswer("nonce")
    if _text(values, "MsgSignature") != sign(account.token, timestamp, nonce, ciphertext):
        raise BadAnswer("signature")
    return _parsed(account, unseal(account, ciphertext))


def _text(values: Values, name: str) -> str:
    value = values.get(name)
    if not isinstance(value, str):
        raise BadAnswer(name)
    return value


def _number(values: Values, name: str) -> str | int:
    value = values.get(name)
    if not isinstance(value, str | int):
        raise BadAnswer(name)
    return value


def _within(values: Values, name: str) -> Values:
    value = values.get(name)
    if not isinstance(value, Mapping):
        raise BadAnswer(name)
    return value


def _text_answer(values: Values) -> Seen:
    content = _text(values, "Content")
    if not content or len(content.encode()) > MAX_TEXT_BYTES:
        raise BadAnswer("length")
    return Seen("passive", "text", content)


def _file_answer(element: str, kind: str) -> Reader:
    def read(values: Values) -> Seen:
        inside = _within(values, element)
        media_id = _text(inside, "MediaId")
        if not media_id:
            raise BadAnswer("MediaId")
        return Seen("passive", kind, media_id=media_id, data=inside)

    return read


def _music_answer(values: Values) -> Seen:
    return Seen("passive", "music", media_id=_text(_within(values, "Music"), "ThumbMediaId"), data=_within(values, "Music"))


def _news_answer(values: Values) -> Seen:
    articles = _within(values, "Articles").get("item", [])
    if str(_number(values, "ArticleCount")) != str(len(articles)) or not 1 <= len(articles) <= MAX_ARTICLES:
        raise BadAnswer("Articles")
    return Seen("passive", "news", _text(articles[0], "Title"), data={"articles": articles})


def _transfer(values: Values) -> Seen:
    """The conversation goes to WeChat's own desk; the customer sees nothing of that."""
    inside = values.get("TransInfo")
    return Seen("passive", "transfer_customer_service", data=inside if isinstance(inside, Mapping) else {})


_READERS: Mapping[str, Reader] = {
    "text": _text_answer,
    "image": _file_answer("Image", "image"),
    "voice": _file_answer("Voice", "voice"),
    "video": _file_answer("Video", "video"),
    "music": _music_answer,
    "news": _news_answer,
    "transfer_customer_service": _transfer,
}
