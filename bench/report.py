"""What every benchmark prints: a table for people and, last, one line of JSON. Rates are per CPU second."""

from __future__ import annotations

import argparse
import json
import platform
import subprocess
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from airspace.service.memory import keep_freed_memory


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One case. ``ratio`` is ours over the peer's, both measured in this run."""

    case: str
    size: int
    batch: int
    rate_per_cpu_s: float
    peer: str | None = None
    peer_version: str | None = None
    peer_rate_per_cpu_s: float | None = None
    ratio: float | None = None
    accuracy: dict[str, Any] = field(default_factory=dict)


def options(doc: str) -> argparse.ArgumentParser:
    """The options that every benchmark has; memory is kept as the service keeps it."""
    keep_freed_memory()
    parser = argparse.ArgumentParser(description=doc)
    parser.add_argument("--quick", action="store_true", help="end within 60 s")
    parser.add_argument("--json", type=Path, help="write the JSON line to this file too")
    return parser


def rate(work: Callable[[], int], least_s: float = 0.5, runs: int = 3) -> float:
    """Items per CPU second, the best of some runs; ``work`` does some items and says how many."""
    best = 0.0
    for _ in range(runs):
        done, start = 0, time.process_time()
        while time.process_time() - start < least_s:
            done += work()
        best = max(best, done / (time.process_time() - start))
    return best


def finish(name: str, rows: list[Row], checks: dict[str, bool], file: Path | None, **more: Any) -> None:
    """Print the table and the line."""
    print(f"{'case':44} {'size':>6} {'batch':>6} {'per CPU s':>12} {'ratio':>8}  peer")
    for row in rows:
        ratio = "" if row.ratio is None else f"{row.ratio:.1f}"
        print(f"{row.case:44} {row.size:6} {row.batch:6} {row.rate_per_cpu_s:12,.0f} {ratio:>8}  {row.peer or ''}")
    for check, passed in checks.items():
        print(f"{'ok' if passed else 'FAILS'}: {check}")
    line = json.dumps(
        {
            "bench": name,
            "commit": _commit(),
            "cpu": _cpu(),
            "python": platform.python_version(),
            "rows": [asdict(row) for row in rows],
            "checks": checks,
            **more,
        }
    )
    if file is not None:
        file.write_text(line + "\n", encoding="utf-8")
    print(line)


def _commit() -> str | None:
    done = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False)
    return done.stdout.strip() or None


def _cpu() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next(
        (line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), platform.processor()
    )
