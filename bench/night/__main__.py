"""The night shift: ``python -m bench.night [--case NAME] [--quick] [--json FILE]``.

Each case breaks something round a whole service, with a real database and a real Mosquitto beside it, and says what was
lost, what was told, and when: ``backlog`` and ``backlog_here`` (backlog.py, a minute each) and ``soak`` (soak.py, an
hour; quick: seven minutes).
"""

from __future__ import annotations

import asyncio
import json
import tempfile
from collections.abc import Callable, Coroutine
from functools import partial
from pathlib import Path
from typing import Any, Final

from bench.night import backlog, soak
from bench.report import Row, finish, options

Run = tuple[dict[str, Any], dict[str, bool]]
Case = Callable[[Path, bool], Coroutine[Any, Any, Run]]

CASES: Final[dict[str, Case]] = {
    "backlog": partial(backlog.case, here=False),
    "backlog_here": partial(backlog.case, here=True),
    "soak": soak.case,
}


def main() -> None:
    """Run the named cases, or all, and print what was measured."""
    parser = options(__doc__ or "")
    parser.add_argument("--case", choices=sorted(CASES), action="append", help="one or more; else all")
    arguments = parser.parse_args()
    rows: list[Row] = []
    checks: dict[str, bool] = {}
    runs: dict[str, dict[str, Any]] = {}
    for name in arguments.case or sorted(CASES):
        with tempfile.TemporaryDirectory(prefix="airspace-night-") as folder:
            run, passed = asyncio.run(CASES[name](Path(folder), arguments.quick))
        print(json.dumps({name: run}, indent=1))
        runs[name] = run
        checks |= {f"{name}: {check}": held for check, held in passed.items()}
        rows.append(Row(case=name, size=run["messages"], batch=0, rate_per_cpu_s=run["messages"] / run["cpu_s"]))
    finish("night", rows, checks, arguments.json, runs=runs)


if __name__ == "__main__":
    main()
