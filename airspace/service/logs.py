"""What the service writes down: one line an event, with level and UTC time; JSON for journals, words at a terminal.

Lines of libraries go the same way, so that nothing is without a time or over two lines. What comes from outside can be
repeated a thousand times a second: of one event a few lines a minute are written, the rest is counted.
"""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Callable
from pathlib import Path
from traceback import extract_tb
from typing import Any, Final

import structlog

LINES_A_MINUTE: Final = 20  # of one event
MINUTE_S: Final = 60.0
MOST_EVENTS: Final = 1000
MOST_FRAMES: Final = 12
_SYSLOG: Final = {"critical": 2, "error": 3, "warning": 4, "info": 6, "debug": 7}

Event = dict[str, Any]


class Throttle(logging.Filter):
    """Lets ``LINES_A_MINUTE`` of one event pass; the first line of a later minute says how many were left out."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._monotonic = monotonic
        self._began_s = monotonic()
        self._lines: dict[tuple[int, str], int] = {}
        self._left_out: dict[tuple[int, str], int] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the line is written."""
        if self._monotonic() - self._began_s >= MINUTE_S or len(self._lines) > MOST_EVENTS:
            self._left_out = {key: n - LINES_A_MINUTE for key, n in self._lines.items() if n > LINES_A_MINUTE}
            self._lines, self._began_s = {}, self._monotonic()
        event: Any = record.msg
        key = (record.levelno, str(event.get("event") if isinstance(event, dict) else event)[:100])
        self._lines[key] = self._lines.get(key, 0) + 1
        left_out = self._left_out.pop(key, 0)
        if left_out and isinstance(event, dict):
            record.msg = event | {"left_out_before": left_out}
        elif left_out:
            record.msg = f"{event} ({left_out} like it left out before)"
        return self._lines[key] <= LINES_A_MINUTE


def set_up(level: str = "info", *, terminal: bool | None = None) -> None:
    """Everything that is logged from here on goes to standard error in one form."""
    at_terminal = sys.stderr.isatty() if terminal is None else terminal
    shared: list[Any] = [
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.stdlib.PositionalArgumentsFormatter(),
        _with_frames,
    ]
    form: list[Any] = (
        [structlog.dev.ConsoleRenderer(colors=True)]
        if at_terminal
        else [_with_priority, structlog.processors.JSONRenderer()]
    )
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(Throttle())
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared, processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *form]
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    set_level(level)
    for noisy in ("uvicorn", "uvicorn.error", "httpx", "httpcore"):
        logging.getLogger(noisy).handlers = []
        logging.getLogger(noisy).propagate = True
        logging.getLogger(noisy).setLevel(logging.WARNING)


def set_level(level: str) -> None:
    """From here on only lines of this level and above: debug, info, warning, error."""
    logging.getLogger().setLevel(level.upper())


def _with_frames(_logger: object, _method: str, event: Event) -> Event:
    """Where an exception came from, without its message and without any value: these may be somebody's."""
    told = event.pop("exc_info", None)
    error = sys.exc_info()[1] if told is True else told[1] if isinstance(told, tuple) else told
    if not isinstance(error, BaseException):
        return event
    frames = extract_tb(error.__traceback__)[-MOST_FRAMES:]
    return event | {
        "error": type(error).__name__,
        "frames": [f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames],
    }


def _with_priority(_logger: object, _method: str, event: Event) -> Event:
    """Journals take syslog's numbers."""
    return event | {"priority": _SYSLOG.get(str(event.get("level")), _SYSLOG["info"])}
