"""The command line as a whole: whatever goes wrong, one line on standard error and the exit code of the contract.

0 done; 1 the input or the configuration is at fault, or we are, and the line says which; 2 usage; 3 a needed server
does not answer; 130 stopped with Ctrl-C. A fault of ours shows its traceback with AIRSPACE_DEBUG=1.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Sequence
from typing import Any, Final

import typer
from typer.core import TyperGroup

from airspace.commands.ending import STOPPED, endings_of_output, fail, one_line
from airspace.commands.values import Unfit

DEBUG: Final = "AIRSPACE_DEBUG"
NAME: Final = "airspace"
_UNKNOWN: Final = re.compile(r"extra argument.*?(--[a-z][\w-]*)")


class CommandLine(TyperGroup):
    """All commands under one way to end."""

    def main(self, args: Sequence[str] | None = None, prog_name: str | None = None, *_: Any, **__: Any) -> Any:
        """Run a command and leave with its exit code."""
        if hasattr(sys.stdout, "reconfigure"):
            sys.stdout.reconfigure(errors="backslashreplace")  # a name may hold what the terminal's letters cannot say
        words = list(sys.argv[1:] if args is None else args)
        try:
            with endings_of_output(), self.make_context(prog_name or NAME, words) as context:
                self.invoke(context)
                sys.stdout.flush()
            code = 0
        except typer.Exit as ended:
            code = ended.exit_code
        except (KeyboardInterrupt, typer.Abort):
            code = fail("stopped", STOPPED).exit_code
        except Exception as error:
            if hasattr(error, "format_message"):  # typer's own, whatever it calls them
                code = _misused(error)
            elif os.environ.get(DEBUG):
                raise
            else:
                code = _ours(error)
        sys.exit(code)


def _misused(error: Any) -> int:
    """A fault of usage in one line; help that was asked for by saying nothing is help."""
    if type(error).__name__ == "NoArgsIsHelpError":
        sys.stderr.write(error.format_message().strip())  # empty where rich has printed it already
        return int(error.exit_code)
    command = getattr(error.ctx, "command_path", NAME)
    return fail(f"{_said(error)}; see {command} --help", error.exit_code).exit_code


def _said(error: Any) -> str:
    name, example = _name(getattr(error, "param", None)), getattr(getattr(error.ctx, "command", None), "epilog", None)
    whole = f"; {example[0].lower()}{example[1:]}" if example else ""
    if isinstance(error, Unfit):
        before = f"{name} " if name else ""
        return f"{before}{error.text!r}: {error.message}; for example: {_example(error, name)}"
    if type(error).__name__ == "MissingParameter":
        return f"{name} is missing{whole}"
    if isinstance(error, typer.BadParameter) and not name:
        return error.message  # of values.py: it says everything
    told = one_line(error.format_message()).rstrip(".")
    unknown = _UNKNOWN.search(told)  # where numbers may be negative, any option is taken for one at first
    return f"no such option: {unknown[1]}{whole}" if unknown else f"{told[:1].lower()}{told[1:]}{whole}"


def _example(error: Unfit, name: str) -> str:
    return f"{name} {error.example}" if name.startswith("-") else error.example


def _name(param: Any) -> str:
    """As it is typed: --height-m, or FILES."""
    if param is None:
        return ""
    options = [option for option in param.opts if option.startswith("-")]
    return max(options, key=len) if options else str(param.metavar or param.name).upper().rstrip(".")


def _ours(error: Exception) -> int:
    what = one_line(f"{type(error).__name__}: {error}")
    return fail(f"this is a fault of ours, not of what you gave: {what}; {DEBUG}=1 shows where").exit_code
