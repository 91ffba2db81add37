"""Lines of JSON to files and to standard output."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, Final

import msgspec

from airspace.model.lines import time_text
from airspace.model.message import Reject, Unread

MOST_FIELDS_NAMED: Final = 12
_ENCODER = msgspec.json.Encoder()


class Lines:
    """A stream of JSON lines."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self.count = 0

    def write(self, line: Any) -> None:
        """One line."""
        self._stream.write(_ENCODER.encode(line) + b"\n")
        self.count += 1


@contextmanager
def lines(path: Path | None, *, default_stdout: bool = False) -> Iterator[Lines | None]:
    """Lines into a file; without one, to standard output if that is the default, else None."""
    if path is not None:
        with path.open("wb") as stream:
            yield Lines(stream)
    elif default_stdout:
        yield Lines(sys.stdout.buffer)
        sys.stdout.buffer.flush()
    else:
        yield None


def reject_line(reject: Reject) -> dict[str, Any]:
    """What is told of a refused message: never its bytes, which may hold what nobody may keep."""
    return {
        "reason": reject.reason.value,
        "detail": reject.detail,
        "place": reject.place,
        "received": time_text(reject.received_s),
        "sensor": reject.sensor,
    }


class UnreadCounts:
    """What sensors said and no format reads: one line a sensor, however long the recording."""

    def __init__(self) -> None:
        self._of: dict[str, Counter[str]] = {}

    def add(self, told: tuple[Unread, ...]) -> None:
        """Count some."""
        for one in told:
            self._of.setdefault(one.sensor, Counter())[one.what] += one.count

    def summary(self) -> list[str]:
        """A line for each sensor, its fields most first."""
        return [f"  not read of sensor {sensor}: {_named(counts)}" for sensor, counts in self._of.items()]


def _named(counts: Counter[str]) -> str:
    named = ", ".join(f"{what} ({count} x)" for what, count in counts.most_common(MOST_FIELDS_NAMED))
    more = len(counts) - MOST_FIELDS_NAMED
    return f"{named} and {more} more" if more > 0 else named


class RejectCounts:
    """Refused messages by reason, with the first place of each."""

    def __init__(self) -> None:
        self.by_reason: Counter[str] = Counter()
        self._first: dict[str, str] = {}

    def add(self, rejects: tuple[Reject, ...]) -> None:
        """Count some."""
        for reject in rejects:
            self.by_reason[reject.reason.value] += 1
            self._first.setdefault(reject.reason.value, f"{reject.place}: {reject.detail}")

    def summary(self) -> list[str]:
        """A line for each reason, most first."""
        return [
            f"  refused {count} x {reason}, first at {self._first[reason]}"
            for reason, count in self.by_reason.most_common()
        ]
