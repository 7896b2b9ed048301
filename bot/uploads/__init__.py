"""Files from strangers: read within limits, known by their content, scanned, written anew, and only then kept."""

from bot.uploads.taking import FileTaker

__all__ = ["FileTaker"]
