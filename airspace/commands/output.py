"""Lines of JSON to files and to standard output."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

from airspace.model.lines import time_text
from airspace.model.message import Reject

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
