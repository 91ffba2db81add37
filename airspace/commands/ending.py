"""How a command ends when something is wrong: one line says what and where, the exit code says whose fault."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import typer

from airspace.app import INPUT_FAULTS
from airspace.model.ports import ChannelError, StoreUnavailable
from airspace.model.text import safe_text

AT_FAULT: Final = 1
USAGE: Final = 2
NO_SERVER: Final = 3
STOPPED: Final = 130
_LETTERS: Final = 500  # of a line: what a file says of itself may be as long as the file


def fail(message: str, code: int = AT_FAULT) -> typer.Exit:
    """Print one line and return the exit to raise."""
    sys.stderr.write(f"airspace: {one_line(message)}\n")
    return typer.Exit(code)


def one_line(text: str) -> str:
    """A message that may quote what somebody else wrote: no line breaks, nothing a terminal obeys."""
    return safe_text(" ".join(text.split()), _LETTERS) or "no reason was given"


def reason(error: BaseException, file: Path) -> str:
    """What an error says of a file that stands before it already."""
    return told(error).removeprefix(f"{file}: ").removeprefix(f"{file.name}: ")


def told(error: BaseException) -> str:
    """What an error says, without its Python."""
    if isinstance(error, OSError) and error.strerror:
        where = f"{error.filename}: " if error.filename else ""
        return one_line(f"{where}{error.strerror}")
    return one_line(str(error) or type(error).__name__)


@contextmanager
def endings() -> Iterator[None]:
    """Faults of the input or the configuration end with 1, a server that does not answer with 3, each in one line."""
    with endings_of_output():
        try:
            yield
        except BrokenPipeError:
            raise
        except INPUT_FAULTS as error:
            raise fail(told(error)) from error
        except StoreUnavailable as error:
            raise fail(f"the database does not answer: {error}", NO_SERVER) from error
        except ChannelError as error:
            raise fail(str(error), NO_SERVER) from error


@contextmanager
def endings_of_output() -> Iterator[None]:
    """A reader of our output that goes away ends us, and nothing is wrong; an output that takes no more is a fault."""
    try:
        yield
    except BrokenPipeError:
        _into_nowhere()
        raise typer.Exit(0) from None
    except OSError as error:
        raise fail(told(error)) from error


def _into_nowhere() -> None:
    """What is still buffered for the reader that went away is flushed at exit, and may not complain again."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
