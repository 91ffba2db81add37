"""A flood beside one real drone: ``python -m bench.flood [--quick] [--seconds 60] [--rate 10000] [--json FILE]``.

The whole service in one process, its embedded PostgreSQL beside it, with the gate's own defaults. One sensor brings
10,000 ghost detections a second as DroneScout JSON: half of them invented anew each time, half of a swarm of a thousand
that flies well. From the flood's first second on a real drone tells of itself once a second, and half-way it flies into
a prohibited zone. Measured: how long after its first message inside its alert stands in the outbox, how many of its
messages were stored, resident memory of this process (without PostgreSQL's), and what was dropped for which cause.

Late counts from when a message was due, so a service that holds its source back is late too.
"""

from __future__ import annotations

import asyncio
import base64
import json
import struct
import tempfile
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import psutil
import psycopg

from airspace import app
from airspace.model.message import RawMessage
from airspace.model.privacy import Mode, Privacy
from airspace.model.sensor import Sensor
from airspace.service import config
from airspace.service.clock import wall_clock
from airspace.simulation import encoder
from airspace.store.embedded import embedded
from bench.report import Row, finish, options

SERIAL: Final = "9ZZZ8REAL00001"
CENTRE: Final = (52.3144, 4.9419)
RADIUS_M: Final = 500.0
SPEED_M_S: Final = 15.0
SWARM: Final = 1000
REACH_DEG: Final = 0.06
SETTLE_SHARE: Final = 1 / 3  # of the run, before memory is compared: tracks and identities fill up first
ALERT_WITHIN_S: Final = 5.0
FLAT_MB: Final = 40.0
_SERIAL_AT, _PLACE_AT, _TIME_AT = 3 + 2, 3 + 25 + 5, 3 + 25 + 21  # in a pack of Basic ID, Location
_M_PER_DEG: Final = 111_300.0


@dataclass(frozen=True, slots=True)
class _Delivery:
    messages: tuple[RawMessage, ...]

    async def acknowledge(self) -> None:
        """Nobody waits for it."""


class Air:
    """What is in the air: ghosts by the thousand, and one drone."""

    def __init__(self, enters_after_s: float) -> None:
        self._random = np.random.default_rng(7)
        self._invented = 0
        self._swarm = self._random.uniform(-REACH_DEG, REACH_DEG, (SWARM, 2)) + CENTRE
        self._course = self._random.uniform(-1, 1, (SWARM, 2)) * 10.0 / _M_PER_DEG  # up to 10 m/s
        self._starts_m = RADIUS_M + SPEED_M_S * enters_after_s
        self._pack = encoder.pack(
            [
                encoder.basic_id(SERIAL, id_type=1, ua_type=2),
                encoder.location(
                    status=2,
                    track_deg=180.0,
                    speed_m_s=SPEED_M_S,
                    vertical_speed_m_s=0.0,
                    latitude_deg=CENTRE[0],
                    longitude_deg=CENTRE[1],
                    height_m=60.0,
                    horizontal_accuracy_m=10.0,
                    vertical_accuracy_m=10.0,
                    time_s=0.0,
                ),
            ]
        )

    def drone(self, second: float, now_s: float) -> RawMessage:
        """From the north, straight for the middle of the zone, to the other side and on."""
        north_m = self._starts_m - SPEED_M_S * second
        return self.message(SERIAL, CENTRE[0] + north_m / _M_PER_DEG, CENTRE[1], now_s)

    def ghosts(self, n: int, second: float, now_s: float) -> list[RawMessage]:
        """Every second one of them is of the swarm."""
        made = []
        fresh = self._random.uniform(-REACH_DEG, REACH_DEG, (n, 2)) + CENTRE
        for number, place in enumerate(fresh.tolist()):
            self._invented += 1
            if number % 2:
                member = (self._invented // 2) % SWARM
                flown = (self._swarm[member] + self._course[member] * second).tolist()
                made.append(self.message(f"9ZZZ8SWARM{member:04d}", flown[0], flown[1], now_s))
            else:
                made.append(self.message(f"9ZZZ9{self._invented:09d}", place[0], place[1], now_s))
        return made

    def message(self, serial: str, latitude_deg: float, longitude_deg: float, now_s: float) -> RawMessage:
        """What the sensor tells of it."""
        level_dbm = -40 - self._invented // SWARM % 50  # no two messages of one moment are the same
        pack = bytearray(self._pack)
        pack[_SERIAL_AT : _SERIAL_AT + len(serial)] = serial.encode()
        struct.pack_into("<ii", pack, _PLACE_AT, round(latitude_deg * 1e7), round(longitude_deg * 1e7))
        struct.pack_into("<H", pack, _TIME_AT, int(now_s % 3600 * 10))
        address = _four_bytes(serial)
        payload = (
            b'{"protocol":1.0,"data":{"sensor ID":"mast","RSSI":%d,"channel":6,"timestamp":%d,'
            b'"MAC address":"02:00:%02X:%02X:%02X:%02X","type":"WiFi beacon","UASdata":"%b"}}'
        ) % (level_dbm, int(now_s * 1000), *address, base64.b64encode(pack))
        return RawMessage(payload=payload, received_s=now_s)


def _four_bytes(serial: str) -> bytes:
    """The same for the same serial, in every run."""
    return (int.from_bytes(serial.encode(), "little") % 0xFFFFFFFB).to_bytes(4, "little")


class FloodSource:
    """The flood, fifty deliveries a second; a late wake-up sends what was missed."""

    name = "flood"

    def __init__(self, air: Air, rate_per_s: float, seconds: float) -> None:
        self._air = air
        self._rate = rate_per_s
        self._seconds = seconds
        self.ghosts = self.drone = 0
        self.start_s = 0.0
        self.late_s = 0.0

    async def deliveries(self) -> AsyncIterator[_Delivery]:
        """Until its time is over, then silence."""
        self.start_s = wall_clock()
        while True:
            now_s = wall_clock()
            second = min(now_s - self.start_s, self._seconds)
            due = int(second * self._rate) - self.ghosts
            for first in range(0, due, 1000):
                messages = self._air.ghosts(min(1000, due - first), second, now_s)
                self.ghosts += len(messages)
                yield _Delivery(tuple(messages))
            if second >= self.drone < self._seconds:
                self.late_s = max(self.late_s, wall_clock() - self.start_s - self.drone)
                yield _Delivery((self._air.drone(float(self.drone), now_s),))
                self.drone += 1
            await asyncio.sleep(0.02)


def zone_file(folder: Path) -> Path:
    """A prohibited circle."""
    feature = {
        "identifier": "FLOOD1",
        "country": "NLD",
        "name": "flood",
        "type": "COMMON",
        "restriction": "PROHIBITED",
        "reason": ["SENSITIVE"],
        "applicability": [{"permanent": "YES"}],
        "zoneAuthority": [{"name": "bench", "purpose": "INFORMATION"}],
        "geometry": [
            {
                "uomDimensions": "M",
                "lowerLimit": 0,
                "lowerVerticalReference": "AGL",
                "upperLimit": 500.0,
                "upperVerticalReference": "AGL",
                "horizontalProjection": {
                    "type": "Circle",
                    "center": [CENTRE[1], CENTRE[0]],
                    "radius": RADIUS_M,
                },
            }
        ],
    }
    file = folder / "zones.json"
    file.write_text(json.dumps({"title": "flood", "features": [feature]}), encoding="utf-8")
    return file


async def flood(folder: Path, seconds: float, rate_per_s: float) -> dict[str, Any]:
    """One run; what was measured."""
    enters_after_s = float(int(seconds / 2))
    source = FloodSource(Air(enters_after_s), rate_per_s, seconds)
    stop, process = asyncio.Event(), psutil.Process()
    with embedded(folder / "db") as url:
        assembly = app.Assembly(
            url=url,
            privacy=Privacy(mode=Mode.ENFORCEMENT, key=b"bench"),
            rulebook=app.Rulebook([zone_file(folder)], []),
            sensors=[Sensor(sensor_id="mast", name="mast", kind="remote_id")],
            sources=[source],
            channels=[],
            settings=config.Settings(console=config.Console(port=0)),
        )
        running = asyncio.create_task(app.serve(assembly, stop))
        samples: list[float] = []
        alert_s: float | None = None
        cpu_s = time.process_time()
        async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
            while not running.done() and (not source.start_s or wall_clock() - source.start_s < seconds + 2.0):
                await asyncio.sleep(0.1)
                samples.append(process.memory_info().rss / 1e6)
                if alert_s is None and source.drone > enters_after_s:
                    alert_s = await _alert(connection)
            measured = await _stored(connection)
        cpu_s = time.process_time() - cpu_s
        ran_s = wall_clock() - source.start_s
        stop.set()
        await running
    settled = samples[int(len(samples) * SETTLE_SHARE) :]
    entered_s = source.start_s + enters_after_s + 1.0  # on the border itself is not yet inside
    return measured | {
        "seconds": round(seconds, 1),
        "offered": source.ghosts,
        "offered_per_s": round(source.ghosts / seconds),
        "source_held_back_s": round(max(0.0, source.late_s), 2),
        "drone_messages": source.drone,
        "alert_after_s": None if alert_s is None else round(alert_s - entered_s, 2),
        "rss_first_mb": round(samples[0]),
        "rss_settled_mb": round(settled[0]),
        "rss_last_mb": round(samples[-1]),
        "rss_max_mb": round(max(samples)),
        "growth_mb": round(settled[-1] - settled[0], 1),
        "cpu_share": round(cpu_s / ran_s, 2),
    }


async def _alert(connection: psycopg.AsyncConnection[Any]) -> float | None:
    """When the drone's alert was seen in the outbox, None before it is there."""
    try:
        cursor = await connection.execute(
            "select 1 from outbox where line->>'uas_id' = %s and line->>'kind' = 'zone'", (SERIAL,)
        )
    except psycopg.errors.UndefinedTable:
        return None
    return wall_clock() if await cursor.fetchone() else None


async def _stored(connection: psycopg.AsyncConnection[Any]) -> dict[str, Any]:
    drone = await connection.execute("select count(*) from detection where uas_id = %s", (SERIAL,))
    rows = await connection.execute("select count(*) from detection")
    drops = await connection.execute("select reason, sum(n)::bigint from reject_count group by 1 order by 1")
    alerts = await connection.execute("select count(*) from alert")
    return {
        "drone_stored": (await drone.fetchone() or (0,))[0],
        "stored": (await rows.fetchone() or (0,))[0],
        "dropped": dict(await drops.fetchall()),
        "alerts": (await alerts.fetchone() or (0,))[0],
    }


def main() -> None:
    """Run it and print what was measured."""
    parser = options(__doc__ or "")
    parser.add_argument("--seconds", type=float, default=None, help="length of the flood (60; quick: 20)")
    parser.add_argument("--rate", type=float, default=10_000.0, help="ghost detections a second")
    arguments = parser.parse_args()
    seconds = arguments.seconds or (20.0 if arguments.quick else 60.0)
    with tempfile.TemporaryDirectory(prefix="airspace-flood-") as folder:
        run = asyncio.run(flood(Path(folder), seconds, arguments.rate))
    print(json.dumps(run, indent=1))
    accounted = run["stored"] + sum(run["dropped"].values())
    sent = run["offered"] + run["drone_messages"]
    checks = {
        f"{arguments.rate:,.0f} ghosts a second were offered": run["offered_per_s"] >= 0.98 * arguments.rate,
        "alert of the real drone in the outbox within 5 s": run["alert_after_s"] is not None
        and run["alert_after_s"] <= ALERT_WITHIN_S,
        "the real drone was tracked: nine of ten of its messages stored": run["drone_stored"]
        >= 0.9 * run["drone_messages"],
        "every message is stored or counted": accounted == sent,
        "resident memory flat": run["growth_mb"] < FLAT_MB,
    }
    row = Row(
        case="whole service under a flood",
        size=SWARM,
        batch=0,
        rate_per_cpu_s=run["offered"] / max(1e-9, run["cpu_share"] * run["seconds"]),
        accuracy={name: run[name] for name in ("alert_after_s", "drone_stored", "drone_messages", "dropped")},
    )
    finish("flood", [row], checks, arguments.json, flood=run)


if __name__ == "__main__":
    main()
