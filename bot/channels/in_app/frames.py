"""What goes over the line, as values. Pure."""

from datetime import UTC, datetime
from typing import Any

from config.json_text import parsed
from store.model import Message

Frame = dict[str, Any]

MAX_CLIENT_ID = 64
NONSENSE: Frame = {"type": "nonsense"}


def parse(text: str) -> Frame:
    """The frame in *text*, ``NONSENSE`` if there is none."""
    try:
        return as_frame(parsed(text))
    except (ValueError, RecursionError):
        return NONSENSE


def as_frame(value: object) -> Frame:
    """*value* if it is an object with a ``type``, else ``NONSENSE``."""
    return value if isinstance(value, dict) and isinstance(value.get("type"), str) else NONSENSE


def text_of(frame: Frame, name: str, limit: int) -> str | None:
    """The string under *name* if it is one of 1 to *limit* characters."""
    value = frame.get(name)
    return value if isinstance(value, str) and 0 < len(value) <= limit else None


def seq_of(frame: Frame, name: str) -> int:
    """The sequence number under *name*, 0 if there is none."""
    value = frame.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**31 else 0


def message_frame(message: Message, prev: int, agent_names: dict[str, str]) -> Frame:
    """A message as its customer is shown it; ``prev`` is the number of the one before it that they see."""
    payload = message.payload
    where = f"/widget/files/{message.conversation_id}/{message.seq}"
    return {
        "type": "message",
        "message": {
            "conversation": message.conversation_id,
            "seq": message.seq,
            "prev": prev,
            "speaker": message.speaker.value,
            "type": message.type,
            "text": message.text,
            "at": _utc(message.at),
            "buttons": payload.get("buttons", []),
            "attachments": [
                {"url": f"{where}/{n}", "media_type": item["media_type"], "name": item.get("name", ""), "size": item["size"]}
                for n, item in enumerate(payload.get("attachments", []))
            ],
            "custom": payload.get("custom", {}),
            "agent": {"id": message.agent_id, "name": agent_names.get(message.agent_id, "")} if message.agent_id else None,
            "delivery": message.delivery,
        },
    }


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
