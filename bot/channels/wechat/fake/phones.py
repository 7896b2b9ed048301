"""What customers have on their phones: whom they follow, what they saw, and whom they blocked."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class Seen:
    """Something on a customer's phone.

    ``via``: answered in the response, sent by the API (a customer-service message, a notice from a template), or WeChat's own
    fault notice.
    """

    via: Literal["passive", "service", "notice", "fault"]
    type: str
    text: str = ""
    choices: tuple[tuple[str, str], ...] = ()  # of a menu: id and text
    tail: str = ""
    media_id: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)  # what other types carry, as it was sent


Listener = Callable[[str, Seen], None]


class Phones:
    """All customers of the platform, by openid or external user id."""

    def __init__(self) -> None:
        self.seen: dict[str, list[Seen]] = defaultdict(list)
        self.followers: set[str] = set()
        self.left: set[str] = set()  # followed once, and do no longer
        self.blocking: set[str] = set()  # they follow and receive nothing
        self._listeners: list[Listener] = []

    def show(self, user: str, seen: Seen) -> None:
        """*seen* appears on *user*'s phone."""
        self.seen[user].append(seen)
        for listener in list(self._listeners):
            listener(user, seen)

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Call *listener* with everything that a customer gets to see; returns how to stop."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def follow(self, user: str) -> None:
        """*user* follows the account, or writes to it, which needs the same."""
        self.followers.add(user)
        self.left.discard(user)

    def leave(self, user: str) -> None:
        """*user* follows no longer."""
        self.followers.discard(user)
        self.left.add(user)
