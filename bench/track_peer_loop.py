"""A peer's process: orders in, reports out, one JSON line each, and the CPU seconds that an order may cost.

Runs in the interpreter that has the peer, which needs numpy besides and nothing of ours but this folder.
"""

from __future__ import annotations

import itertools
import json
import signal
import sys
import time
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from bench.report import rate
from bench.track_scenario import Numbers

Order = dict[str, Any]
Job = Callable[[Order], dict[str, Any]]


class OutOfTimeError(Exception):
    """The CPU seconds of an order are spent."""


def serve(jobs: dict[str, Job]) -> None:
    """Answer until the input ends."""
    for line in sys.stdin:
        print(json.dumps(_answer(jobs, json.loads(line))), flush=True)


def _answer(jobs: dict[str, Job], order: Order) -> dict[str, Any]:
    end_s = time.process_time() + order["budget_s"]

    def look(*_: object) -> None:
        if time.process_time() > end_s:
            raise OutOfTimeError

    signal.signal(signal.SIGALRM, look)
    signal.setitimer(signal.ITIMER_REAL, 1.0, 1.0)  # a timer of CPU time would make Linux count that by ticks of 4 ms
    try:
        return jobs[order["job"]](order)
    except OutOfTimeError:
        return {"reason": f"not done within {order['budget_s']:g} CPU seconds"}
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0.0)


def laps(
    order: Order, xy: Numbers, turn: Callable[[Numbers], int], means: Callable[[], Iterable[Numbers]]
) -> dict[str, Any]:
    """A fix for every track a second: the states after some seconds for comparison, then the rate."""
    for second in range(1, order["compared_s"] + 1):
        turn(xy[second])
    np.savez(order["out"], mean=np.array(list(means())))
    fixes = itertools.cycle([*xy[order["compared_s"] + 1 :], *xy[: order["compared_s"] + 1]])
    return {"rate_per_cpu_s": rate(lambda: turn(next(fixes)), order["least_s"], order["runs"])}


def first_variances(order: Order) -> Numbers:
    """Of x, y, vx, vy after a first fix."""
    return np.repeat([order["sigma_m"] ** 2, order["first_speed_sigma_m_s"] ** 2], 2)
