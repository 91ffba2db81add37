"""Tracks and receivers for the tests of the signs: rows by name into a State, with the radio beside it.

What the picture does around the signs, without its identities, flights and events: a track is whatever has one name.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from airspace.model.detection import Detections, Rows, Transport
from airspace.model.track import Remark, rounds
from airspace.tracking import motion, plausibility, sighting
from airspace.tracking.columns import State, keep_latest, known
from tests.airspace.rows import ARENA, START_S, rows

Place = tuple[float, float]
NORTH_M, EAST_M = 111_270.0, 68_200.0  # metres in a degree at the ArenA, near enough


def place(north_m: float = 0.0, east_m: float = 0.0, origin: Place = ARENA) -> Place:
    return origin[0] + north_m / NORTH_M, origin[1] + east_m / EAST_M


def at(north_m: float = 0.0, east_m: float = 0.0) -> dict[str, float]:
    latitude_deg, longitude_deg = place(north_m, east_m)
    return {"latitude_deg": latitude_deg, "longitude_deg": longitude_deg}


class Sky:
    """Up to ``room`` tracks; receivers by name, those of ``receivers`` at a known place."""

    def __init__(self, receivers: Mapping[str, Place] | None = None, room: int = 256) -> None:
        self.state = State.store(room)
        self.radio = plausibility.Radio()
        self._slots: dict[Hashable, int] = {}
        self._sensors: dict[str, int] = {}
        self._seq = 0
        for name, (latitude_deg, longitude_deg) in (receivers or {}).items():
            self.radio.placed(self._sensor(name), latitude_deg, longitude_deg)

    def hear(self, *each: dict[str, Any], tick_s: float | None = None) -> Sky:
        """Rows, one after the other; then a tick."""
        return self.take(rows(*each), tick_s=tick_s)

    def take(self, found: Detections, names: Sequence[Hashable] | None = None, tick_s: float | None = None) -> Sky:
        named = found.uas_id.tolist() if names is None else names
        slots = np.array([self._slots.setdefault(name, len(self._slots)) for name in named], dtype=np.intp)
        sensor = np.array([self._sensor(name) for name in found.sensor.tolist()], dtype=np.int64)
        seq = self._seq + np.arange(len(found))
        self._seq += len(found)
        for turn in rounds(slots):
            self._turn(slots[turn], found.take(turn), seq[turn], sensor[turn])
        if tick_s is not None:
            self._tick(tick_s)
        return self

    def remarks(self, name: Hashable) -> Remark:
        return Remark(int(self.state.remarks[self._slots[name]]))

    def suspect(self, name: Hashable) -> bool:
        return bool(self.state.suspect[self._slots[name]])

    @property
    def all_remarks(self) -> list[int]:
        return [int(self.state.remarks[slot]) for slot in self._slots.values()]

    def _sensor(self, name: str) -> int:
        return self._sensors.setdefault(name, len(self._sensors))

    def _turn(self, slots: Rows, found: Detections, seq: np.ndarray, sensor: np.ndarray) -> None:
        self.state.number[slots] = slots + 1
        block = self.state.gather(slots)
        sighting.hear(block, found, seq, sensor)
        sighting.name(block, found)
        skew_s = found.received_s - found.time_s
        keep_latest(block.skew_s, skew_s)
        fix_time_s = np.where(np.abs(skew_s) <= plausibility.MAX_SKEW_S, found.time_s, found.received_s)
        placed = known(found.latitude_deg)
        fixed = placed & ~(fix_time_s <= block.fix_time_s)
        np.copyto(block.gap_s, fix_time_s - block.fix_time_s, where=fixed)
        where = found.latitude_deg, found.longitude_deg
        fixes = plausibility.Fixes(*where, found.time_s, found.counter, sensor, fixed, rows=found)
        plausibility.remark(block, fixes)
        plausibility.judge(block)
        motion.observe(block, *where, motion.sigma_m(found.horizontal_accuracy_m), fixed)
        sighting.place(block, found, fix_time_s, fixed)
        sighting.describe(block, found, sighting.located(found, placed) & ~(fix_time_s < block.fix_time_s))
        sighting.confirm(block)
        self.radio.hear(block, found, sensor)
        self.state.scatter(slots, block)

    def _tick(self, tick_s: float) -> None:
        self.state.remarks |= plausibility.at_tick(self.state, tick_s, self.radio)
        plausibility.judge(self.state)


def message(second: float, north_m: float = 0.0, east_m: float = 0.0, **more: Any) -> dict[str, Any]:
    """A position message of one drone, sent so many seconds after the start."""
    received_s = START_S + second
    return {"uas_id": "9ZZZ1A", "received_s": received_s, "height_m": 60.0} | at(north_m, east_m) | more


@dataclass(frozen=True, kw_only=True)
class Emitter:
    """Something that sends once a second: what it claims, and where it really is (there, if nothing else is said)."""

    uas_id: str = "9ZZZ1A"
    claims: Callable[[float], tuple[float, float]]  # second -> metres north and east of the ArenA
    really: Callable[[float], tuple[float, float]] | None = None
    height_m: float = 60.0
    power_dbm: float = -82.0  # heard at 1 km
    transport: Transport = Transport.WIFI_BEACON
    more: Callable[[float], dict[str, Any]] = lambda _second: {}


@dataclass(frozen=True, kw_only=True)
class Air:
    """Receivers and what they hear. ``shadow_db(receiver, emitter, north_m, east_m)`` is lost on the way."""

    receivers: Mapping[str, tuple[float, float]]  # metres north and east of the ArenA
    emitters: Sequence[Emitter]
    exponent: float = 2.7
    sensitivity_dbm: float = -93.0
    fading_db: float = 4.0
    loss: float = 0.1
    deaf: Callable[[str, Emitter, float], bool] = lambda _receiver, _emitter, _second: False
    shadow_db: Callable[[str, Emitter, float, float], float] = lambda _receiver, _emitter, _north_m, _east_m: 0.0
    moving: Mapping[str, Callable[[float], tuple[float, float]]] = field(default_factory=dict)
    seed: int = 1

    def sky(self) -> Sky:
        """Its receivers; the moving ones say themselves where they are."""
        return Sky({name: place(*where) for name, where in self.receivers.items() if name not in self.moving})

    def play(self, seconds: int, sky: Sky | None = None) -> Sky:
        rng = np.random.default_rng(self.seed)
        sky = sky or self.sky()
        for second in range(seconds):
            heard = [row for emitter in self.emitters for row in self._reports(emitter, second, rng)]
            if heard:
                sky.hear(*heard, tick_s=START_S + second + 1.0)
            else:
                sky.take(rows(), tick_s=START_S + second + 1.0)
        return sky

    def _reports(self, emitter: Emitter, second: float, rng: np.random.Generator) -> Iterator[dict[str, Any]]:
        claim = emitter.claims(second)
        true = (emitter.really or emitter.claims)(second)
        for name, where in self.receivers.items():
            stands = self.moving.get(name, lambda _second, where=where: where)(second)
            far_km = max(0.01, np.hypot(np.hypot(true[0] - stands[0], true[1] - stands[1]), emitter.height_m) / 1000.0)
            lost_db = 10.0 * self.exponent * np.log10(far_km) + self.shadow_db(name, emitter, *true)
            level_dbm = emitter.power_dbm - lost_db + rng.normal(0.0, self.fading_db)
            if rng.random() < self.loss or level_dbm < self.sensitivity_dbm or self.deaf(name, emitter, second):
                continue
            said = {
                "uas_id": emitter.uas_id,
                "sensor": name,
                "rssi_dbm": round(level_dbm),
                "height_m": emitter.height_m,
                "transport": emitter.transport,
            }
            own = place(*stands)
            said |= {"sensor_latitude_deg": own[0], "sensor_longitude_deg": own[1]} if name in self.moving else {}
            yield message(second, *claim) | said | emitter.more(second)
