"""One outbox row as messages of WeChat Customer Service, within the platform's limits. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

from bot.channels.wechat.passive import in_pieces
from bot.message import Button
from config.catalogue import Catalogue

MAX_TEXT_BYTES = 2048
MAX_HEAD_BYTES = 1024
MAX_CHOICES = 10
MAX_CHOICE_BYTES = 128

Content = dict[str, Any]


def text_message(text: str) -> Content:
    """A text as it stands."""
    return {"msgtype": "text", "text": {"content": text}}


def file_message(kind: str, media_id: str) -> Content:
    """A file that was uploaded."""
    return {"msgtype": kind, kind: {"media_id": media_id}}


def contents_of(text: str, buttons: Sequence[Button], catalogue: Catalogue) -> list[Content]:
    """*text* in as few messages as hold all of it, its quick replies as items of a menu under the last one."""
    if not buttons:
        return [text_message(piece) for piece in in_pieces(text, MAX_TEXT_BYTES)]
    if not _fit(buttons):
        lines = [text, *(catalogue.text("wechat.choice", number=n, title=each.title) for n, each in enumerate(buttons, 1))]
        return [text_message(piece) for piece in in_pieces("\n".join(lines), MAX_TEXT_BYTES)]
    *before, last = in_pieces(text, MAX_TEXT_BYTES) or [""]
    *middle, head = in_pieces(last, MAX_HEAD_BYTES) or [""]
    return [*(text_message(piece) for piece in [*before, *middle]), menu_message(head, buttons)]


def menu_message(head: str, buttons: Sequence[Button]) -> Content:
    """A menu: pressing an item sends its title as text, with our payload as its id."""
    items = [{"type": "click", "click": {"id": each.payload or each.title, "content": each.title}} for each in buttons]
    return {"msgtype": "msgmenu", "msgmenu": {"head_content": head, "list": items}}


def buttons_in(payload: Mapping[str, Any]) -> list[Button]:
    """The quick replies in a message's payload."""
    return [Button(item["title"], item["payload"]) for item in payload.get("buttons", ())]


def one_message(text: str, buttons: Sequence[Button], catalogue: Catalogue) -> Content | None:
    """All of it in a single message, as an event's code lets through; None when it does not fit."""
    contents = contents_of(text, buttons, catalogue)
    if len(contents) > 1 and buttons:
        contents = contents_of(text, (), catalogue)  # without quick replies there is more room
    return contents[0] if len(contents) == 1 else None


def _fit(buttons: Sequence[Button]) -> bool:
    longest = max(len(word.encode()) for each in buttons for word in (each.title, each.payload))
    return len(buttons) <= MAX_CHOICES and longest <= MAX_CHOICE_BYTES
