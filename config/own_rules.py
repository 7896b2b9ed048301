"""A bank's own rules: files of its own in the place of packaged ones of the same name.

They are the same for a whole process and are read by pure functions, which are handed no settings: so where they lie is said
once, at start, before anything is read.
"""

from collections.abc import Callable
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")
REPLACEABLE = frozenset(
    {"queue.yaml", "routing.yaml", "departments.yaml", "calendar.yaml", "sla.yaml", "faq.yaml", "canned.zh-CN.yaml"}
)

_folder: list[Path] = []  # none or one
_kept: list[Callable[[], None]] = []


def read_once(read: Callable[[], T]) -> Callable[[], T]:
    """*read*, done once, and once more when the rules come from elsewhere."""
    cached = cache(read)
    _kept.append(cached.cache_clear)
    return cached


def use_rules_in(folder: Path | None) -> None:
    """Take the files in *folder* from now on; None: the packaged ones alone.

    ``ValueError`` names what may not stand there: a misspelt file would silently change nothing.
    """
    if folder is not None:
        if not folder.is_dir():
            raise ValueError(f"rules_dir: {folder} is not a folder")
        unknown = sorted(path.name for path in folder.iterdir() if not path.name.startswith(".") and path.name not in REPLACEABLE)
        if unknown:
            raise ValueError(f"rules_dir: {', '.join(unknown)} replaces nothing; known are {', '.join(sorted(REPLACEABLE))}")
    wanted = [folder] if folder is not None else []
    if wanted != _folder:
        _folder[:] = wanted
        for forget in _kept:
            forget()


def source_of(name: str) -> Path | Traversable:
    """The file *name* in force."""
    if name in REPLACEABLE and _folder and (_folder[0] / name).is_file():
        return _folder[0] / name
    return files("config") / name
