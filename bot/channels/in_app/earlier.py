"""What was said before what a window shows, a page at a time and from the newest backwards, for the customer it belongs to."""

from dataclasses import dataclass
from typing import Any

from bot.channels.in_app.frames import Frame, message_frame
from bot.channels.in_app.news import Place, names_of
from store import following, looking_back
from store.engine import Tx
from store.model import Message

PAGE = 40  # messages
PAGE_CHARS = 32 * 1024  # and so much text; a message longer than that comes alone
PAGE_CONVERSATIONS = 10  # in which they are looked for: each is a query
BEHIND_ALL = 2**31 - 1  # no message has that number


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Messages in a row of one conversation, the newest first."""

    conversation_id: str
    messages: tuple[Message, ...]


def read(tx: Tx, account: str, fingerprint: str, before: Place) -> Frame:
    """The page before that message of that conversation, as a frame: its stretches in reading order, and ``next``.

    ``next`` is the place before which the next page begins, None where nothing is left. Before a conversation that is not the
    customer's there is nothing, as before one that does not exist.
    """
    stretches, next_ = _walk(tx, account, fingerprint, before)
    tickets = looking_back.tickets_filed_in(tx, [stretch.conversation_id for stretch in stretches])
    names = names_of(tx, {message.agent_id for stretch in stretches for message in stretch.messages})
    return {
        "type": "earlier",
        "stretches": [
            {
                "conversation": stretch.conversation_id,
                "tickets": list(tickets.get(stretch.conversation_id, ())),
                "messages": [_shown(message, names) for message in reversed(stretch.messages)],
            }
            for stretch in reversed(stretches)
        ],
        "next": next_ and {"conversation": next_.conversation_id, "before": next_.seq},
    }


def _walk(tx: Tx, account: str, fingerprint: str, before: Place) -> tuple[list[_Stretch], Place | None]:
    """The stretches of one page, the newest first, and the place up to which it came, None at the very beginning."""
    shown = following.own(tx, account, fingerprint, before.conversation_id) if before.conversation_id else None
    if shown is None:
        return [], None
    past = looking_back.conversations_before(tx, account, fingerprint, shown, PAGE_CONVERSATIONS + 1)
    ahead = (Place(shown.id, before.seq), *(Place(id_, BEHIND_ALL) for id_ in past[:PAGE_CONVERSATIONS]))
    stretches: list[_Stretch] = []
    reached, room, chars = before, PAGE, PAGE_CHARS
    for place in ahead:
        assert place.conversation_id is not None  # noqa: S101 -- made above
        found = looking_back.messages_before(tx, place.conversation_id, place.seq, room + 1)
        taken = _fitting(found, room, chars, is_first=not stretches)
        if taken:
            stretches.append(_Stretch(place.conversation_id, taken))
            reached = Place(place.conversation_id, taken[-1].seq)
            room -= len(taken)
            chars -= sum(len(message.text) for message in taken)
        if len(taken) < len(found):
            return stretches, reached
    return stretches, Place(ahead[-1].conversation_id, 1) if len(past) > PAGE_CONVERSATIONS else None


def _fitting(found: tuple[Message, ...], room: int, chars: int, *, is_first: bool) -> tuple[Message, ...]:
    """As many of *found* as there is room for; the first of a page always."""
    count = 0
    for message in found[:room]:
        chars -= len(message.text)
        if chars < 0 and (count or not is_first):
            break
        count += 1
    return found[:count]


def _shown(message: Message, names: dict[str, str]) -> dict[str, Any]:
    """The message as its customer saw it. What could be tapped then is over, the question how content they were too."""
    return {**message_frame(message, 0, names)["message"], "prev": None, "buttons": []}
