"""The one text that fits into WeChat's own response, made of as many whole replies as it holds. Pure."""

import re
from collections.abc import Sequence

from bot.message import Button, Outbound
from config.catalogue import Catalogue
from config.speakable import speakable

MAX_TEXT_BYTES = 2048  # of UTF-8
_SENTENCE_END = re.compile(r"(?<=[。！？!?；;…\n])|(?<=\.)(?=\s)")
_CLAUSE_END = re.compile(r"(?<=[，,、：:\s])")


def clean(text: str) -> str:
    """*text* without characters that break XML or JSON consumers; line ends as one character."""
    return speakable(text.replace("\r\n", "\n"))


def with_numbers(text: str, buttons: Sequence[Button], catalogue: Catalogue) -> str:
    """*text* with its quick replies as numbered lines: WeChat's response has no buttons."""
    if not buttons:
        return text
    lines = "\n".join(catalogue.text("wechat.choice", number=n, title=button.title) for n, button in enumerate(buttons, 1))
    return f"{text}\n{catalogue.text('wechat.choose')}\n{lines}" if text else f"{catalogue.text('wechat.choose')}\n{lines}"


def merged(replies: Sequence[Outbound], catalogue: Catalogue) -> tuple[str, list[int]]:
    """The text to answer with and the numbers of the replies in it; the rest, from the first that doesn't fit, goes by the API.

    A reply is never cut: its row is either answered or sent. Replies with files go by the API as well.
    """
    parts: list[str] = []
    seqs: list[int] = []
    for n, reply in enumerate(replies):
        # Numbers are answered by the last question only, so earlier buttons are not offered again.
        buttons = reply.buttons if n == len(replies) - 1 else ()
        part = clean(with_numbers(reply.text, buttons, catalogue)).strip()
        if reply.attachments or len("\n\n".join([*parts, part]).encode()) > MAX_TEXT_BYTES:
            break
        if part:
            parts.append(part)
        seqs.append(reply.seq)
    return "\n\n".join(parts), seqs


def in_pieces(text: str, limit: int = MAX_TEXT_BYTES) -> list[str]:
    """*text* in pieces of at most *limit* bytes, parted at sentence ends; together they say all of it."""
    pieces: list[str] = []
    room = ""
    for sentence in _fitting(clean(text), limit):
        if room and len((room + sentence).encode()) > limit:
            pieces.append(room)
            room = sentence
        else:
            room += sentence
    return [piece.strip("\n") for piece in [*pieces, room] if piece.strip()]


def _fitting(text: str, limit: int) -> list[str]:
    """Sentences; one that is too long by itself is parted at clauses, and a clause at characters."""
    fitting: list[str] = []
    for sentence in _SENTENCE_END.split(text):
        if len(sentence.encode()) <= limit:
            fitting.append(sentence)
            continue
        for clause in _CLAUSE_END.split(sentence):
            fitting.extend([clause] if len(clause.encode()) <= limit else _by_characters(clause, limit))
    return fitting


def _by_characters(text: str, limit: int) -> list[str]:
    pieces, start, size = [], 0, 0
    for n, character in enumerate(text):
        width = len(character.encode())
        if size + width > limit:
            pieces.append(text[start:n])
            start, size = n, 0
        size += width
    return [*pieces, text[start:]]


def reply_xml(text: str, *, customer: str, us: str, created_s: int) -> str:
    """A passive text reply from us to the customer."""
    return _answer("text", f"<Content>{_cdata(text)}</Content>", customer, us, created_s)


def transfer_xml(*, customer: str, us: str, created_s: int, operator: str | None = None) -> str:
    """The answer that passes the customer on to WeChat's own desk, to *operator* if one is named."""
    to = f"<TransInfo><KfAccount>{_cdata(operator)}</KfAccount></TransInfo>" if operator else ""
    return _answer("transfer_customer_service", to, customer, us, created_s)


def _answer(kind: str, inside: str, customer: str, us: str, created_s: int) -> str:
    # The library's own writes values into CDATA as they are, drops the operator, and costs five times as much.
    return (
        f"<xml><ToUserName>{_cdata(customer)}</ToUserName><FromUserName>{_cdata(us)}</FromUserName>"
        f"<CreateTime>{created_s}</CreateTime><MsgType><![CDATA[{kind}]]></MsgType>{inside}</xml>"
    )


def _cdata(text: str) -> str:
    """*text* in a CDATA section: what would end it is parted over two of them."""
    parted = clean(text).replace("]]>", "]]]]><![CDATA[>")
    return f"<![CDATA[{parted}]]>"
