"""That something goes on, for whoever waits: a line on standard error after a second, gone when it is done.

Only where standard error is a terminal: nothing of it reaches a pipe or a file. Nor where data run over the same
terminal on standard output: they show by themselves that something goes on.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock, Timer
from typing import Final

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

AFTER_S: Final = 1.0  # what is done sooner says so itself

Advance = Callable[[float, str], object]
"""How far it is, in the unit of the total, and a few words for beside the bar."""


@contextmanager
def progress(what: str, total: float | None = None, *, data_on_stdout: bool = False) -> Iterator[Advance]:
    """Show ``what`` while the body runs; ``total`` is how much there is to do, None where nobody knows."""
    if not sys.stderr.isatty() or (data_on_stdout and sys.stdout.isatty()):
        yield _nothing
        return
    bar = _Bar(what, total)
    try:
        yield bar.advance
    finally:
        bar.stop()


def _nothing(_done: float, _words: str) -> None:
    """Nobody looks."""


class _Bar:
    """Rich's, begun late, so that what is quick shows nothing."""

    def __init__(self, what: str, total: float | None) -> None:
        columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[words]}"))
        console = Console(stderr=True, markup=False)
        self._progress = Progress(*columns, TimeElapsedColumn(), console=console, transient=True)
        self._task = self._progress.add_task(what, total=total, words="")
        self._lock = Lock()
        self._stopped = False
        self._timer = Timer(AFTER_S, self._start)
        self._timer.daemon = True
        self._timer.start()

    def advance(self, done: float, words: str) -> None:
        """The state of the work."""
        self._progress.update(self._task, completed=done, words=words)

    def _start(self) -> None:
        with self._lock:
            if not self._stopped:
                self._progress.start()

    def stop(self) -> None:
        """Take the line away."""
        self._timer.cancel()
        with self._lock:
            self._stopped = True
            self._progress.stop()
