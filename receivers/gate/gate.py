"""What may pass into the log: rows of known sensors, at a plausible time, within the budgets of sensor and place.

What may not pass becomes a counted reject without its payload. Everything runs on the log time it is given, so the same
deliveries always pass the same rows. Under a flood the known and the confirmed go first (``shedding.py``).

What passes and is no news is marked ``Flag.STALE``, never dropped: it was heard, so it is evidence and is stored, but
it says nothing about now. That is a row that is older than a track lives, by its sensor's statement (a broker's memory,
a backlog after a long break; no drone's own clock makes that new), and an identity's own past told again beside its
present (``repeats.py``). Rows of a sensor whose clock is wrong are marked ``CLOCK_OF_SENSOR`` (``times.py``) and are
news, but for those that a broken link brings late. No time is ever changed.

Authentication that comes a page a message is put together from what passes (``receivers/authentication.py``).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

import numpy as np

from airspace.model.detection import Detections, Flag, Rows
from airspace.model.log import Heartbeat
from airspace.model.message import Decoded, Reject, RejectReason
from airspace.model.placeholders import doubtful
from airspace.model.sensor import Sensor, SensorHealth
from airspace.model.track import Booleans
from receivers.authentication import Authentications
from receivers.gate.budget import STALE_AFTER_S, Budget, Offered
from receivers.gate.clocks import Clocks
from receivers.gate.health import Healths
from receivers.gate.identities import STRANGER, Identities
from receivers.gate.registry import UNREGISTERED, Registry
from receivers.gate.repeats import Told, fingerprints
from receivers.gate.tally import Tally
from receivers.gate.times import Heard, times_of

ROWS_PER_SECOND: Final = 2000.0  # a busy match day is some hundred rows a second and sensor
BURST_S: Final = 5.0  # what a sensor may bring at once after a broken link, in seconds of its budget
EARLIEST_S: Final = 946_684_800.0  # 2000-01-01: before it a receiver's clock was never set
LATEST_AHEAD_S: Final = 86_400.0


class Gate:
    """Admits rows. Its memory is bounded: buckets, identities, and a health for each registered sensor."""

    def __init__(
        self,
        sensors: Mapping[str, Sensor],
        *,
        accept_unknown_sensors: bool,
        rows_per_second: float = ROWS_PER_SECOND,
        burst_s: float = BURST_S,
        cell_rows_per_second: float | None = None,
    ) -> None:
        self._accept_unknown = accept_unknown_sensors
        self._budget = Budget(rows_per_second, burst_s, cell_rows_per_second)
        self._clocks = Clocks()
        self._identities = Identities()
        self._healths = Healths(self._clocks)
        self._authentications = Authentications()
        self.refused: Counter[RejectReason] = Counter()
        self.know(sensors)

    def know(self, sensors: Mapping[str, Sensor]) -> None:
        """The registry from now on: other hours, a pause, a new sensor. Sensors begin with a full budget."""
        self._registry = Registry(sensors, accept_unknown=self._accept_unknown)
        self._budget.know(len(sensors))
        self._healths.keep(self._registry.sensors)
        self._clocks.keep(self._registry.sensors)

    def health(self, now_s: float) -> tuple[SensorHealth, ...]:
        """How each registered sensor does."""
        return self._healths.of(self._registry.sensors, now_s)

    @property
    def stages(self) -> tuple[object, ...]:
        """What of it goes on after a restart of the service."""
        return (self._clocks,)

    def admit(self, decoded: Decoded, now_s: float) -> Decoded:
        """What may pass of it at log time ``now_s``; what may not is among the rejects."""
        tally = Tally()
        rows = decoded.detections
        numbers = self._registry.number(rows.sensor.tolist())
        present = self._present(rows, numbers)
        self._healths.offered(rows, present, decoded.heartbeats, now_s)
        passes = self._from_open_sensors(rows, present, now_s, tally)
        if not passes.all():
            rows, numbers = rows.take(passes), numbers[passes]
        if len(rows):
            keys = _identities(rows)
            slots = self._recognise(rows, keys, now_s)
            heard = self._heard(rows, present, keys, now_s)
            rows = self._marked(rows, heard, slots)
            rows = self._within_budget(rows, heard, numbers, keys, slots, tally)
            rows = self._authentications.join(rows, np.full(len(rows), now_s))
        if decoded.unread:
            self._healths.unread([one for one in decoded.unread if self._registry.refusal(one.sensor, now_s) is None])
        beats = self._beats(decoded.heartbeats, now_s, tally)
        rejects = self._rejects(decoded.rejects, now_s, tally)
        if tally:
            for reason, sensor, count in tally.items():
                self.refused[reason] += count
                self._healths.refused(sensor, reason, count, now_s)
            rejects += tally.rejects(now_s)
        if rows is decoded.detections and rejects is decoded.rejects and len(beats) == len(decoded.heartbeats):
            return decoded
        return replace(decoded, detections=rows, heartbeats=beats, rejects=rejects)

    # who may speak

    def _present(self, rows: Detections, numbers: Rows) -> dict[str, int]:
        """How many rows there are of each sensor."""
        counts = np.bincount(numbers, minlength=1)
        if counts[UNREGISTERED]:
            return Counter(rows.sensor.tolist())
        names = self._registry.names
        return {str(names[number]): int(counts[number]) for number in np.flatnonzero(counts).tolist()}

    def _from_open_sensors(self, rows: Detections, present: Mapping[str, int], now_s: float, tally: Tally) -> Booleans:
        """Which rows may pass as to sensor and time."""
        passes: Booleans = (rows.received_s >= EARLIEST_S) & (rows.received_s <= now_s + LATEST_AHEAD_S)
        closed = {name: why for name in present if (why := self._registry.refusal(name, now_s)) is not None}
        if closed:
            names = rows.sensor.tolist()
            for name in names:
                if name in closed:
                    tally.add(closed[name], name)
            passes &= np.fromiter((name not in closed for name in names), np.bool_, len(names))
        if not passes.all():
            for name in rows.sensor[~passes].tolist():
                if name not in closed:
                    tally.add(RejectReason.CLOCK_IMPLAUSIBLE, name)
        for name in present:
            if name not in closed and self._registry.has_shutter(name):
                mine = np.flatnonzero(passes & (rows.sensor == name))
                late = mine[~self._registry.heard_open(name, rows.received_s[mine])]
                passes[late] = False
                if len(late):
                    tally.add(RejectReason.SHUTTERED, name, len(late))
        return passes

    def _beats(self, beats: tuple[Heartbeat, ...], now_s: float, tally: Tally) -> tuple[Heartbeat, ...]:
        """Those of open sensors, also of those that say that they go or are blind."""
        passed = []
        for beat in beats:
            why = self._registry.refusal(beat.sensor, now_s)
            if why is None:
                passed.append(beat)
            else:
                tally.add(why, beat.sensor)
        return tuple(passed)

    def _rejects(self, rejects: tuple[Reject, ...], now_s: float, tally: Tally) -> tuple[Reject, ...]:
        """Nothing of a closed sensor is kept, what could not be read of it least of all.

        While any shutter is closed, a reject that names no sensor may be from behind it: its bytes go.
        """
        if not rejects:
            return rejects
        kept = []
        any_closed = self._registry.any_closed(now_s)
        for reject in rejects:
            why = None if reject.sensor is None else self._registry.refusal(reject.sensor, now_s)
            if why is RejectReason.SHUTTERED or why is RejectReason.SENSOR_ENDED:
                tally.add(why, reject.sensor, reject.count)
            elif any_closed and reject.sensor not in self._registry.sensors:
                kept.append(replace(reject, payload=b"", detail=reject.reason.value))
            else:
                kept.append(reject)
        return tuple(kept)

    # what is heard

    def _recognise(self, rows: Detections, keys: list[str | None], now_s: float) -> Rows:
        """The slot of each row's identity, met on the way."""
        identities = self._identities
        identities.turn(now_s)
        slots = identities.slots(keys)
        unknown = np.flatnonzero(slots == STRANGER)
        if len(unknown):
            columns = zip(
                unknown.tolist(),
                rows.latitude_deg[unknown].tolist(),
                rows.longitude_deg[unknown].tolist(),
                rows.received_s[unknown].tolist(),
                strict=True,
            )
            for row, latitude_deg, longitude_deg, received_s in columns:
                key = keys[row]
                if key is not None:
                    slots[row] = identities.meet(key, latitude_deg, longitude_deg, received_s, now_s)
        identities.heard_s[slots if not len(unknown) else slots[slots >= 0]] = now_s
        return slots

    def _heard(self, rows: Detections, present: Mapping[str, int], keys: list[str | None], now_s: float) -> Heard:
        """The times of the rows, by the clocks that heard them too."""
        found_s = np.zeros(len(rows))
        for name in present:
            clock = self._clocks.of(name, now_s)
            mine = np.flatnonzero(rows.sensor == name) if len(present) > 1 else np.arange(len(rows))
            if clock is None or not len(mine):
                continue
            received_s = rows.received_s[mine]
            clock.hear(received_s, now_s)
            clock.compare([keys[row] for row in mine.tolist()], received_s, rows.time_s[mine], now_s)
            if clock.ahead_s is not None:
                found_s[mine] = np.where(clock.explains(now_s - received_s), -clock.ahead_s, 0.0)
        return times_of(rows, found_s, now_s)

    def _marked(self, rows: Detections, heard: Heard, slots: Rows) -> Detections:
        """The same rows, with what their times show."""
        sayings = self._identities.sayings
        stale = (heard.age_s > STALE_AFTER_S) | heard.is_late
        told = Told(slots, fingerprints(rows, slots), heard.said_s, heard.heard_s)
        stale |= sayings.again(told)
        sayings.remember(told, ~stale)
        if not heard.wrong.any() and not stale.any():
            return rows
        marks = np.where(stale, int(Flag.STALE), 0) | np.where(heard.wrong, int(Flag.CLOCK_OF_SENSOR), 0)
        return rows.replace(flags=rows.flags | marks)

    # how much

    def _within_budget(
        self, rows: Detections, heard: Heard, numbers: Rows, keys: list[str | None], slots: Rows, tally: Tally
    ) -> Detections:
        offered = Offered(rows, numbers, keys, slots, heard.age_s)
        passes, evidence = self._budget.grant(offered, self._identities.granted, self._registry, heard.now_s, tally)
        if evidence.any():
            rows = rows.replace(flags=rows.flags | np.where(evidence, int(Flag.STALE), 0))
        return rows if passes.all() else rows.take(passes)


def _identities(rows: Detections) -> list[str | None]:
    """UAS id, else transmitter, else none; an id that tells nobody apart comes last."""
    named: list[str | None] = rows.uas_id.tolist()
    types = rows.uas_id_type.tolist()
    nobodys = doubtful(types, named)
    if not nobodys and None not in named:
        return named
    addresses: list[str | None] = rows.transmitter.tolist()
    if not nobodys:
        return [uas_id or address for uas_id, address in zip(named, addresses, strict=True)]
    return [
        (address or uas_id) if (kind, uas_id) in nobodys else (uas_id or address)
        for kind, uas_id, address in zip(types, named, addresses, strict=True)
    ]
