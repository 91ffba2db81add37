"""The peers of the tracker, each in a process of its own; whoever is not installed is ``None`` with the reason.

``AIRSPACE_BENCH_TRACK_PEERS`` names the Python interpreter that has them (filterpy, stonesoup); without it, it is the
one that runs the benchmark. They get the same arrays (bench/track_scenario.py), through files, and one BLAS thread.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from bench.track_scenario import Paths, Scene, load

VARIABLE: Final = "AIRSPACE_BENCH_TRACK_PEERS"
ONE_THREAD: Final = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a peer did, or why there is nothing."""

    report: dict[str, Any] = field(default_factory=dict)
    arrays: dict[str, Any] = field(default_factory=dict)
    reason: str | None = None


class Peer:
    """One peer's process (``module``), started when it is first asked."""

    def __init__(self, module: str) -> None:
        self._module = module
        self._process: subprocess.Popen[str] | None = None
        self._folder = tempfile.TemporaryDirectory(prefix="airspace-bench-")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process is not None:
            self._process.communicate()
        self._folder.cleanup()

    def ask(self, job: str, scene: Scene | Paths, **settings: Any) -> Answer:
        """Let it work a scene."""
        folder = Path(self._folder.name)
        scene.save(folder / "in.npz")
        report = self._answer({"job": job, "file": str(folder / "in.npz"), "out": str(folder / "out.npz"), **settings})
        if "reason" in report:
            return Answer(reason=report["reason"])
        return Answer(report=report, arrays=load(folder / "out.npz"))

    def _answer(self, order: dict[str, Any]) -> dict[str, Any]:
        process = self._process = self._process or self._started()
        if process.stdin is None or process.stdout is None:
            return {"reason": "no pipes"}
        try:
            process.stdin.write(json.dumps(order) + "\n")
            process.stdin.flush()
        except BrokenPipeError:
            return {"reason": self._ended(process)}
        line = process.stdout.readline()
        return dict(json.loads(line)) if line else {"reason": self._ended(process)}

    def _started(self) -> subprocess.Popen[str]:
        command = [os.environ.get(VARIABLE, sys.executable), "-m", self._module]
        with (Path(self._folder.name) / "errors").open("w", encoding="utf-8") as errors:
            return subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                cwd=Path(__file__).resolve().parent.parent,
                env=os.environ | ONE_THREAD,
            )

    def _ended(self, process: subprocess.Popen[str]) -> str:
        """Why: the last thing that it said."""
        process.wait()
        said = (Path(self._folder.name) / "errors").read_text(encoding="utf-8").strip().splitlines()
        return said[-1][:200] if said else f"ended with {process.returncode}"
