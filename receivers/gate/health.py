"""How each registered sensor does: last row, heartbeat, what it says of itself, rate, clock, what of it was refused."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np

from airspace.model.detection import Detections, Flag
from airspace.model.lives import PRESENT_S, Lives
from airspace.model.log import Heartbeat, Working
from airspace.model.message import RejectReason, Unread
from airspace.model.sensor import Sensor, SensorHealth
from airspace.model.track import Booleans
from receivers.gate.clocks import Clocks

RATE_OVER_S: Final = 60.0
MOST_UNREAD: Final = 32  # names of fields kept for a sensor
OTHERS: Final = "other fields"
ABSURD_FOR_S: Final = 60.0


@dataclass(slots=True)
class _Health:
    heard_s: float | None = None  # when it lived last, by its rows
    heartbeat_s: float | None = None  # by its heartbeats
    said_s: float = -math.inf  # when it said what it last said of its work
    noise_floor_dbm: float | None = None
    working: Working = Working.UNSAID
    says: str | None = None
    detail: str | None = None
    not_understood: str | None = None
    rows_per_s: float = 0.0
    counted_s: float = 0.0
    refused: Counter[RejectReason] = field(default_factory=Counter)
    unread: Counter[str] = field(default_factory=Counter)
    absurd_s: float = -math.inf  # when rows of no possible time were last refused

    def count(self, rows: int, lived_s: float | None, now_s: float) -> None:
        """An average that forgets; ``lived_s`` is when it lived by these rows, None where they do not say."""
        self.rows_per_s = self.rate(now_s) + rows / RATE_OVER_S
        self.counted_s = now_s
        if lived_s is not None:
            self.heard_s = lived_s if self.heard_s is None else max(lived_s, self.heard_s)
            self._is_there(lived_s)

    def beat(self, beat: Heartbeat, lived_s: float) -> None:
        """It lived, said how it does, or that it goes."""
        if beat.working is not Working.AWAY:
            self.heartbeat_s = lived_s if self.heartbeat_s is None else max(lived_s, self.heartbeat_s)
            self._is_there(lived_s)
        if lived_s < self.said_s:
            return
        if beat.working is not Working.UNSAID:
            self.said_s = lived_s
            self.working, self.says, self.not_understood = beat.working, beat.says, None
        self.detail = beat.detail or self.detail
        self.not_understood = beat.unclear or self.not_understood
        if beat.noise_floor_dbm is not None:
            self.noise_floor_dbm = beat.noise_floor_dbm

    def _is_there(self, lived_s: float) -> None:
        """Who is heard since is not away; who is blind stays so until it says otherwise."""
        if self.working is Working.AWAY and lived_s >= self.said_s:
            self.working, self.says = Working.UNSAID, None

    def rate(self, now_s: float) -> float:
        return self.rows_per_s * math.exp(-max(0.0, now_s - self.counted_s) / RATE_OVER_S)


class Healths:
    """One health for each registered sensor; others are not followed."""

    def __init__(self, clocks: Clocks) -> None:
        self._clocks = clocks
        self._of: dict[str, _Health] = {}
        self._lives = Lives()

    def keep(self, sensors: Mapping[str, Sensor]) -> None:
        """These sensors from now on."""
        self._of = {name: self._of.get(name) or _Health() for name in sensors}

    def offered(
        self, rows: Detections, present: Mapping[str, int], heartbeats: Sequence[Heartbeat], now_s: float
    ) -> None:
        """What came, before any of it is refused: a closed sensor lives too. Nothing but times and counts is kept."""
        lived_s = self._lived_s(rows, present, now_s)
        for name, count in present.items():
            health = self._of.get(name)
            if health is not None:
                health.count(count, lived_s.get(name), now_s)
        for beat in heartbeats:
            health = self._of.get(beat.sensor)
            if health is not None:
                ahead_s = self._clocks.registered(beat.sensor).ahead_s
                behind_s = None if ahead_s is None else -ahead_s
                at_s = self._lives.lived_s(replace(beat, logged_s=now_s), behind_s)
                if at_s is not None:
                    health.beat(beat, at_s)

    def _lived_s(self, rows: Detections, present: Mapping[str, int], now_s: float) -> dict[str, float]:
        """When each sensor lived last, by its rows; nothing of one whose rows a broker kept."""
        kept: Booleans = (rows.flags & int(Flag.STALE)) != 0
        late: Booleans = now_s - rows.received_s > PRESENT_S
        if not kept.any() and not late.any():
            return dict.fromkeys(present, now_s)
        found = {}
        for name in present:
            mine = np.flatnonzero((rows.sensor == name) & ~kept)
            if len(mine):
                received_s, clock = rows.received_s[mine], self._clocks.of(name, now_s)
                is_now = ~late[mine] if clock is None else ~late[mine] | clock.explains(now_s - received_s)
                found[name] = now_s if is_now.any() else float(received_s.max())
        return found

    def refused(self, sensor: str | None, reason: RejectReason, count: int, now_s: float) -> None:
        """So many rows of it did not pass."""
        health = None if sensor is None else self._of.get(sensor)
        if health is not None:
            health.refused[reason] += count
            if reason is RejectReason.CLOCK_IMPLAUSIBLE:
                health.absurd_s = now_s

    def unread(self, told: Sequence[Unread]) -> None:
        """What registered sensors say and nobody reads: by name, for as many names as a person would look at."""
        for one in told:
            health = self._of.get(one.sensor)
            if health is not None:
                known = one.what in health.unread or len(health.unread) < MOST_UNREAD
                health.unread[one.what if known else OTHERS] += one.count

    def of(self, sensors: Mapping[str, Sensor], now_s: float) -> tuple[SensorHealth, ...]:
        """As anybody may see it."""
        return tuple(
            SensorHealth(
                sensor_id=name,
                heard_s=health.heard_s,
                heartbeat_s=health.heartbeat_s,
                rows_per_s=health.rate(now_s),
                noise_floor_dbm=health.noise_floor_dbm,
                says_gone=health.working in {Working.BLIND, Working.AWAY},
                says=health.says,
                detail=health.detail,
                not_understood=health.not_understood,
                skew_s=self._clocks.registered(name).skew_s,
                clock_ahead_s=self._clocks.registered(name).ahead_s,
                clock_absurd=now_s - health.absurd_s <= ABSURD_FOR_S,
                listens=sensors[name].listens(now_s),
                has_ended=sensors[name].has_ended(now_s),
                unread=dict(sorted(health.unread.items())),
                refused={reason.value: count for reason, count in sorted(health.refused.items())},
            )
            for name, health in self._of.items()
        )
