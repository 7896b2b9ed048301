"""What can go wrong with storing, by what the caller can do about it.

StoreError
├── StoreBusy          nothing was done; try again in a moment
├── StoreUnavailable   the outcome is not known; try again with the same unique key
├── Conflict           a unique key is taken; load again and decide anew
├── Stale              something moved on since it was loaded; load again and decide anew
└── WrongKeys          the key ring does not open this database
"""


class StoreError(Exception):
    """The root of all errors of the store."""


class StoreBusy(StoreError):
    """More writes are waiting than we accept."""


class StoreUnavailable(StoreError):
    """The database is away, or went away during the commit."""


class Conflict(StoreError):
    """Another writer holds the unique key already."""


class Stale(StoreError):
    """Part of the write no longer fits; all of it was rolled back."""


class WrongKeys(StoreError):
    """The key ring does not open this database."""
