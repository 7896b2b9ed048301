"""The chat inside the bank's own app and website. Read ``channel`` first; ``docs/widget-protocol.md`` tells what is spoken."""

from bot.channels.in_app.channel import InAppChannel

__all__ = ["InAppChannel"]
