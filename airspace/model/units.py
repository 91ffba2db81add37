"""Units at the edge. Inside, everything is metres, metres a second, degrees, UTC epoch seconds."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

METRES_PER_FOOT: Final = 0.3048


def rfc3339(time_s: float) -> str:
    """UTC with milliseconds, as every output line writes a time: ``2026-05-01T18:30:00.000Z``."""
    whole_ms = round(time_s * 1000)
    moment = datetime.fromtimestamp(whole_ms // 1000, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{whole_ms % 1000:03d}Z"


def epoch_s(text: str) -> float:
    """Epoch seconds of an RFC 3339 text; a text without an offset is refused with ValueError."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text!r} has no UTC offset")
    return moment.timestamp()
