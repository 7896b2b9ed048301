"""What goes over the socket, as values. Pure."""

import json
from datetime import UTC, datetime
from typing import Any

from store.model import Message

MAX_CLIENT_ID = 64


def parse(text: str) -> dict[str, Any] | None:
    """The frame in *text*: a JSON object with a ``type``, or None."""
    try:
        frame = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return frame if isinstance(frame, dict) and isinstance(frame.get("type"), str) else None


def text_of(frame: dict[str, Any], name: str, limit: int) -> str | None:
    """The string under *name* if it is one of 1 to *limit* characters."""
    value = frame.get(name)
    return value if isinstance(value, str) and 0 < len(value) <= limit else None


def seq_of(frame: dict[str, Any], name: str) -> int:
    """The sequence number under *name*, 0 if there is none."""
    value = frame.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**31 else 0


def message_frame(message: Message, prev: int, agent_names: dict[str, str]) -> dict[str, Any]:
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
