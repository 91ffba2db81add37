"""Times of notices. A time needs its UTC offset: an hour written by hand in Amsterdam would be two hours off in summer.

Nothing is guessed; what a time that cannot be read would look like is said, with the writer's own day and hour where
they can be told.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from airspace.model.units import epoch_s
from geofences.formats.notice_words import quoted

_LOCAL: Final = ZoneInfo("Europe/Amsterdam")
_EXAMPLE: Final = "2026-11-30T19:00:00+01:00"
_DUTCH: Final = re.compile(
    r"(\d{1,2})\s*[-/. ]\s*(\d{1,2})\s*[-/. ]\s*(\d{4})(?:[ T,]+(?:om\s+)?(\d{1,2})[:.h](\d{2})(?:[:.](\d{2}))?)?"
)
_NAIVE: Final = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:[ T](\d{2}):(\d{2})(?::(\d{2}))?(?:[.,]\d+)?)?")
_DAY_NUMBER: Final = re.compile(r"[1-9]\d{4}(?:[.,]\d+)?")
_ZERO_DAY: Final = datetime(1899, 12, 30)  # noqa: DTZ001 -- a spreadsheet's days have no offset
_SECONDS_OF_DAY: Final = 86_400


def moment_s(word: str, field: str) -> float:
    """Epoch seconds of an RFC 3339 time; ValueError names the field and shows how to write it."""
    try:
        return epoch_s(word.strip())
    except (ValueError, OverflowError) as error:
        raise ValueError(f"{field}: {quoted(word)} is no RFC 3339 time with its offset{_like(word.strip())}") from error


def maybe_moment_s(word: str | None, field: str) -> float | None:
    """The same where it may be absent."""
    return moment_s(word, field) if word and word.strip() else None


def _like(word: str) -> str:
    try:
        local = _written(word)
    except (ValueError, OverflowError):
        local = None
    if local is None:
        return f": write it as {_EXAMPLE}"
    return f": write it as {local.replace(tzinfo=_LOCAL).isoformat()}, if it is Amsterdam time"


def _written(word: str) -> datetime | None:
    """The day and hour that a person most likely means, for an example only."""
    if found := _DUTCH.fullmatch(word):
        day, month, year, hour, minute, second = (int(part or 0) for part in found.groups())
        return datetime(year, month, day, hour, minute, second)  # noqa: DTZ001
    if found := _NAIVE.fullmatch(word):
        year, month, day, hour, minute, second = (int(part or 0) for part in found.groups())
        return datetime(year, month, day, hour, minute, second)  # noqa: DTZ001
    if _DAY_NUMBER.fullmatch(word):  # what a spreadsheet counts in days
        seconds = round(float(word.replace(",", ".")) * _SECONDS_OF_DAY)
        return _ZERO_DAY + timedelta(seconds=seconds)
    return None
