"""Our own ids for what we send: made of the outbox row, and read back when the platform says that one did not arrive. Pure.

At most 32 characters of ``[0-9a-zA-Z_-]``, unique for an address; the same row gets the same ids on every try, so a second try
of what arrived is refused by the platform instead of being shown twice.
"""

import base64
import binascii
import re
from typing import NamedTuple

MAX_CHARS = 32
_ID_CHARS = 22  # 16 bytes of a conversation's id in base64
_SHAPE = re.compile(r"([0-9A-Za-z_-]{22})([0-9a-f]{1,6})-([0-9a-f]{1,2})", re.ASCII)


class Sent(NamedTuple):
    """A message of ours: which row, and which of the messages that the row was sent as."""

    conversation_id: str
    seq: int
    piece: int


def msgid_of(conversation_id: str, seq: int, piece: int) -> str:
    """The id under which a piece of that row is sent. ``ValueError`` for an id or number that is none of ours."""
    if not (0 < seq < 16**6 and 0 <= piece < 16**2):
        raise ValueError("a number out of range")
    raw = bytes.fromhex(conversation_id)
    if len(raw) != 16:  # noqa: PLR2004 -- how long our ids are
        raise ValueError("not an id of a conversation")
    return f"{base64.urlsafe_b64encode(raw).decode()[:_ID_CHARS]}{seq:x}-{piece:x}"


def sent_of(msgid: str) -> Sent | None:
    """What was sent under *msgid*; None if it is none of ours."""
    found = _SHAPE.fullmatch(msgid)
    if found is None:
        return None
    try:
        raw = base64.urlsafe_b64decode(found[1] + "==")
    except binascii.Error:
        return None
    return Sent(raw.hex(), int(found[2], 16), int(found[3], 16))
