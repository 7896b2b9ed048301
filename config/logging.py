"""Structured logs: events with fields, without personal data. JSON for machines, columns for a developer's eyes."""

import json
import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

from config.seldom import Seldom
from config.settings import Logging

# A net below the rule that nobody logs texts: whatever looks like a card, ID or phone number never leaves.
_LONG_NUMBER = re.compile(r"\d[\d -]{8,}\d")
SHORTEST_NUMBER = 10
# Made once: ``json.dumps`` makes another for every line that is not ASCII alone.
_ENCODER = json.JSONEncoder(ensure_ascii=False, default=repr)


def _without_numbers(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for key, value in event.items():
        if isinstance(value, str) and len(value) >= SHORTEST_NUMBER and key not in ("timestamp", "ticket_no"):
            event[key] = _LONG_NUMBER.sub("[number]", value)
    return event


def _frames_only(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Where an exception came from and of what class it is; never its text or local values, which may quote a customer."""
    info = event.pop("exc_info", None)
    if info is True:
        info = sys.exc_info()
    error = info[1] if isinstance(info, tuple) else info
    if isinstance(error, BaseException):
        frames, trace = [], error.__traceback__
        while trace is not None:
            code = trace.tb_frame.f_code
            frames.append(f"{code.co_filename.rsplit('/', 2)[-1]}:{trace.tb_lineno} {code.co_name}")
            trace = trace.tb_next
        event["error"] = type(error).__name__
        event["frames"] = frames[-8:]
    return event


def _as_json(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> str:
    return _ENCODER.encode(event)


class _StrangersMistakes(logging.Filter):
    """What is no HTTP at all is a mistake that strangers may make as often as they like: it gets one line a second."""

    def __init__(self) -> None:
        super().__init__()
        self._seldom = Seldom(1)

    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        if error is None or type(error).__module__ != "aiohttp.http_exceptions":
            return True
        held_back = self._seldom(type(error).__name__)
        if held_back is None:
            return False
        # The library's line would quote the address of whoever sent it.
        record.msg, record.args = f"not_http; {held_back} more like this", ()
        record.exc_info = None
        record.levelno, record.levelname = logging.WARNING, "WARNING"
        return True


def configure(settings: Logging) -> None:
    """Send every log line, ours and the libraries', through the same processors to standard error."""
    level = logging.getLevelNamesMapping()[settings.level.upper()]
    shared: list[Any] = [
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _frames_only,
        _without_numbers,
    ]
    renderer: Any = _as_json if settings.format == "json" else structlog.dev.ConsoleRenderer()
    structlog.configure(
        processors=[*shared, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared, processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer]
        )
    )
    logging.getLogger("aiohttp.server").addFilter(_StrangersMistakes())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(max(level, logging.WARNING))
