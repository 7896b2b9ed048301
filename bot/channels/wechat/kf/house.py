"""Our side of WeChat Customer Service: what messages and events are handed to."""

from dataclasses import dataclass
from typing import Protocol

from bot.delivery import Delivery
from bot.intake import Also
from bot.message import Inbound, Receipt
from config.catalogue import Catalogue
from config.clock import Clock
from store.bell import Bell
from store.engine import Store


class Intake(Protocol):
    """What takes messages in: ``bot.intake.Intake`` in the service."""

    async def receive(self, inbound: Inbound, also: Also | None = None) -> Receipt:
        """Store and answer one message."""
        ...


@dataclass(frozen=True, slots=True)
class House:
    """What all corporations share here."""

    intake: Intake
    delivery: Delivery
    store: Store
    bell: Bell
    clock: Clock
    catalogue: Catalogue
    max_text_chars: int
