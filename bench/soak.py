"""The whole service under a steady load: an in-process source, the real store on the embedded PostgreSQL, one process.

Resident memory is this process's, without PostgreSQL's.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from airspace import app
from airspace.demo import facts
from airspace.model.message import RawMessage
from airspace.model.privacy import Mode, Privacy
from airspace.model.sensor import Sensor
from airspace.service import config
from airspace.service.clock import wall_clock
from airspace.store.embedded import embedded
from bench.workload import START_S, City

RATE_PER_S = 1000
DRONES = 200


@dataclass(frozen=True, slots=True)
class _Delivery:
    messages: tuple[RawMessage, ...]

    async def acknowledge(self) -> None:
        """Nobody waits for it."""


class SteadySource:
    """So many messages a second, ten deliveries a second, told in wall-clock time."""

    name = "steady"

    def __init__(self, rate_per_s: int) -> None:
        self._rate = rate_per_s
        self.sent = 0

    async def deliveries(self) -> AsyncIterator[_Delivery]:
        """For ever; a late wake-up sends what was missed."""
        city, start_s = City(DRONES), wall_clock()
        while True:
            due = int((wall_clock() - start_s) * self._rate)
            now_s = wall_clock()
            messages = tuple(
                RawMessage(payload=_now(city, number % DRONES, number / self._rate, now_s), received_s=now_s)
                for number in range(self.sent, due)
            )
            self.sent = due
            if messages:
                yield _Delivery(messages)
            await asyncio.sleep(0.1)


def _now(city: City, drone: int, second: float, now_s: float) -> bytes:
    """A message of the made-up city, moved to the present."""
    stamped = city.message(drone, second)
    return stamped.replace(str(int((START_S + second) * 1000)).encode(), str(int(now_s * 1000)).encode())


async def soak(folder: Path, seconds: float) -> dict[str, Any]:
    """Resident memory in MB over so many seconds, and what was taken in."""
    source, stop, process = SteadySource(RATE_PER_S), asyncio.Event(), psutil.Process()
    with embedded(folder / "db") as url:
        assembly = app.Assembly(
            url=url,
            privacy=Privacy(mode=Mode.STATISTICS, key=b"bench"),
            rulebook=app.Rulebook([Path(facts.__file__).with_name("zones.json")], []),
            sensors=[Sensor(sensor_id="north", name="north", kind="remote_id")],
            sources=[source],
            channels=[],
            settings=config.Settings(console=config.Console(port=0), gate=config.Gate(rows_per_second=5000.0)),
        )
        running = asyncio.create_task(app.serve(assembly, stop))
        samples: list[float] = []
        start, cpu = time.monotonic(), time.process_time()
        while time.monotonic() - start < seconds and not running.done():
            await asyncio.sleep(min(5.0, seconds / 10))
            samples.append(process.memory_info().rss / 1e6)
        cpu_share = (time.process_time() - cpu) / (time.monotonic() - start)
        stop.set()
        await running
    settled = samples[len(samples) // 3 :] or samples
    return {
        "seconds": round(seconds),
        "rate_per_s": round(source.sent / seconds),
        "rss_first_mb": round(samples[0]),
        "rss_settled_mb": round(settled[0]),
        "rss_last_mb": round(samples[-1]),
        "rss_max_mb": round(max(samples)),
        "growth_mb": round(settled[-1] - settled[0], 1),
        "cpu_share": round(cpu_share, 3),
    }
