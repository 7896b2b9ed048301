"""Files of customers and staff: read within limits, known by their content, scanned, written anew, and only then kept."""

from handoff.uploads.taking import FileTaker

__all__ = ["FileTaker"]
