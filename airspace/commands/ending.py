"""How a command ends when something is wrong: one line says what and where, the exit code says whose fault."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import typer

from airspace.app import INPUT_FAULTS
from airspace.model.ports import ChannelError, StoreUnavailable

AT_FAULT: Final = 1
NO_SERVER: Final = 3


def fail(message: str, code: int = AT_FAULT) -> typer.Exit:
    """Print one line and return the exit to raise."""
    sys.stderr.write(f"airspace: {message}\n")
    return typer.Exit(code)


@contextmanager
def endings() -> Iterator[None]:
    """Faults of the input or the configuration end with 1, a server that does not answer with 3, each in one line."""
    try:
        yield
    except BrokenPipeError:  # the reader of our output went away: nothing is wrong
        sys.stderr.close()
        raise typer.Exit(0) from None
    except OSError as error:
        raise fail(f"{error.filename}: {error.strerror}" if error.filename else str(error.strerror or error)) from error
    except INPUT_FAULTS as error:
        raise fail(str(error)) from error
    except StoreUnavailable as error:
        raise fail(f"the database does not answer: {' '.join(str(error).split())}", NO_SERVER) from error
    except ChannelError as error:
        raise fail(str(error), NO_SERVER) from error
