"""What the bot says and does: rules, forms and replies in Rasa's formats, and the small engine that follows them. Pure."""

from bot.dialogue.policy import Dialogue, Outcome, QueuedOutcome

__all__ = ["Dialogue", "Outcome", "QueuedOutcome"]
