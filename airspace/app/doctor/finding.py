"""What the doctor says of a part."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """As it is printed."""

    OK = "ok"
    WARN = "warn"
    FAIL = "FAIL"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One line: a part, how it is, and how to mend it. ``server``: the fault is one that does not answer, not ours."""

    part: str
    state: State
    text: str
    remedy: str | None = None
    server: bool = False


def ok(part: str, text: str) -> Finding:
    """Nothing to do."""
    return Finding(part=part, state=State.OK, text=text)


def warn(part: str, text: str, remedy: str) -> Finding:
    """The service runs, but not as well as it could."""
    return Finding(part=part, state=State.WARN, text=text, remedy=remedy)


def fail(part: str, text: str, remedy: str, *, server: bool = False) -> Finding:
    """The service does not start, or this part does not work."""
    return Finding(part=part, state=State.FAIL, text=text, remedy=remedy, server=server)
