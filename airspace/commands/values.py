"""What an option or argument may be: text to value. A fault names the value, what is asked, and an example of it.

Which option it was is known to whoever runs the command: usage.py puts it in front. A value that no option could take
is a fault of usage (exit code 2); a file that is not there, or a folder that cannot be written to, one of the input
(1).
"""

from __future__ import annotations

import errno
import math
import os
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any, Final

import typer

from airspace.commands.ending import AT_FAULT, USAGE
from airspace.model.units import epoch_s

STDIN: Final = Path("-")
_MOMENT: Final = "2026-05-01T18:30:00Z"
_DAY: Final = "2026-05-01"
_SHOWN: Final = 60  # letters of a value; what is longer was no value


class Unfit(typer.BadParameter):
    """A value that cannot be taken; ``example`` is one that can."""

    def __init__(self, text: str, what: str, example: str, code: int = USAGE) -> None:
        super().__init__(what)
        self.text = text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."
        self.example = example
        self.exit_code = code


def number(lowest: float, highest: float, of: str, example: str) -> Callable[[str | float], float]:
    """A number from ``lowest`` to ``highest``; never NaN, which is in no order with either."""

    def parse(text: str | float) -> float:
        try:
            value = float(text)
        except ValueError as error:
            raise Unfit(str(text), f"not a number of {of}", example) from error
        if not lowest <= value <= highest or math.isinf(value):
            raise Unfit(str(text), f"{of} go from {lowest:g} to {highest:g}", example)
        return value

    return parse


def whole(lowest: int, highest: int, of: str, example: str) -> Callable[[str | int], int]:
    """A whole number from ``lowest`` to ``highest``."""

    def parse(text: str | int) -> int:
        try:
            value = int(text)
        except ValueError as error:
            raise Unfit(str(text), f"not a whole number of {of}", example) from error
        if not lowest <= value <= highest:
            raise Unfit(str(text), f"{of} go from {lowest} to {highest}", example)
        return value

    return parse


def word(*words: str) -> Callable[[str], str]:
    """One of some words, in capitals or not."""

    def parse(text: str) -> str:
        if str(text).lower() not in words:
            raise Unfit(str(text), f"not one of {', '.join(words)}", words[0])
        return str(text).lower()

    return parse


def moment(text: str) -> str:
    """RFC 3339, as it was written."""
    try:
        epoch_s(text)
    except (ValueError, OverflowError) as error:
        lacks = "no UTC offset" if "offset" in str(error) else "not a time (RFC 3339)"
        raise Unfit(text, f"{lacks}: say the day, the hour and how far from UTC it is", _MOMENT) from error
    return text


def day(text: str) -> date:
    """A calendar day."""
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Unfit(text, "not a day of the calendar (YYYY-MM-DD)", _DAY) from error


def in_order(first: Any, last: Any, first_text: object, last_text: object) -> None:
    """A time from --from to --to, whatever both are."""
    if last < first:
        raise typer.BadParameter(
            f"--from {first_text} lies after --to {last_text}; for example: --from {last_text} --to {first_text}"
        )


def source(example: str, *, stdin: bool = False) -> Callable[[str | Path], Path]:
    """A file that is there and may be read; with ``stdin`` also ``-``, for standard input."""

    def parse(text: str | Path) -> Path:
        path = Path(text)
        if not (stdin and path == STDIN):
            _refuse(path, _unreadable(path), example)
        return path

    return parse


def target(example: str) -> Callable[[str | Path], Path]:
    """A file that can be made or written over."""

    def parse(text: str | Path) -> Path:
        path = Path(text)
        _refuse(path, _unwritable(path), example)
        return path

    return parse


def folder(example: str) -> Callable[[str | Path], Path]:
    """A folder that is there, or can be made."""

    def parse(text: str | Path) -> Path:
        path = Path(text)
        if path.exists() and not path.is_dir():
            _refuse(path, "it is a file, and a folder is asked for", example)
        return path

    return parse


def apart(sources: Sequence[tuple[str, Path]], targets: Sequence[tuple[str, Path | None]]) -> None:
    """Nothing is written over what is read, nor over something else that is written; standard input is read once."""
    if sum(path == STDIN for _, path in sources) > 1:
        raise typer.BadParameter(
            "'-' is standard input, which can be read once; for example: airspace decode - < heard.jsonl"
        )
    taken = list(sources)
    for option, path in targets:
        if path is None:
            continue
        for other, there in taken:
            if _is_same(path, there):
                raise typer.BadParameter(
                    f"{option} {str(path)!r} would write over {other}; for example: {option} other-{path.name}"
                )
        taken.append((option, path))


def _refuse(path: Path, fault: str | None, example: str) -> None:
    if fault is not None:
        raise Unfit(str(path), fault, example, AT_FAULT)


def _unreadable(path: Path) -> str | None:
    """Nothing is opened: a pipe can be opened once."""
    try:
        if path.is_dir():
            return os.strerror(errno.EISDIR)
        if not path.exists():
            return os.strerror(errno.ENOENT)
    except (OSError, ValueError) as error:  # a name that no file can have
        return _words(error)
    return None if os.access(path, os.R_OK) else os.strerror(errno.EACCES)


def _unwritable(path: Path) -> str | None:
    try:
        if path.is_dir():
            return os.strerror(errno.EISDIR)
        if not path.parent.is_dir():
            return f"there is no folder {path.parent}"
        there = path.exists()
    except (OSError, ValueError) as error:
        return _words(error)
    return None if os.access(path if there else path.parent, os.W_OK) else os.strerror(errno.EACCES)


def _words(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error)


def _is_same(one: Path, other: Path) -> bool:
    """Two names of one file; a device takes what several write."""
    if one.exists() and other.exists():
        return one.is_file() and one.samefile(other)
    return one.absolute() == other.absolute()
