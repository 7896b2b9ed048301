"""The way in. Read ``receive`` first; ``plan`` says what is written, ``facts`` what a turn is told."""

from bot.intake.receive import Also, Intake

__all__ = ["Also", "Intake"]
