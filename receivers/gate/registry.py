"""Who may be listened to now: known sensors within their time, their shutter open."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import repeat
from typing import TYPE_CHECKING, Final

import numpy as np

from airspace.model.message import RejectReason

if TYPE_CHECKING:
    from airspace.model.detection import Numbers, Rows
    from airspace.model.sensor import Sensor
    from airspace.model.track import Booleans

UNREGISTERED: Final = 0  # the number that all unknown sensors share: invented names gain nothing and take no memory


class Registry:
    """The sensors, each with a number from 1."""

    def __init__(self, sensors: Mapping[str, Sensor], *, accept_unknown: bool) -> None:
        self.sensors = dict(sensors)
        self.names: list[str | None] = [None, *self.sensors]  # by number
        self._numbers = {sensor_id: number for number, sensor_id in enumerate(self.sensors, start=UNREGISTERED + 1)}
        self._accept_unknown = accept_unknown
        self._shuttered = {name for name, sensor in self.sensors.items() if sensor.hours or sensor.pauses}

    def number(self, names: list[str]) -> Rows:
        """The number of each of these sensors."""
        return np.fromiter(map(self._numbers.get, names, repeat(UNREGISTERED)), np.intp, len(names))

    def refusal(self, name: str, now_s: float) -> RejectReason | None:
        """Why nothing of this sensor may pass now."""
        sensor = self.sensors.get(name)
        if sensor is None:
            return None if self._accept_unknown else RejectReason.SENSOR_UNKNOWN
        if sensor.has_ended(now_s):
            return RejectReason.SENSOR_ENDED
        return RejectReason.SHUTTERED if name in self._shuttered and not sensor.listens(now_s) else None

    def has_shutter(self, name: str) -> bool:
        """Whether this sensor may be closed at all."""
        return name in self._shuttered

    def any_closed(self, now_s: float) -> bool:
        """Whether the shutter of some sensor is closed."""
        return any(not self.sensors[name].listens(now_s) for name in self._shuttered)

    def heard_open(self, name: str, received_s: Numbers) -> Booleans:
        """Which of these times, at which the sensor heard something, lie where it may listen.

        Hours have whole minutes, so one look a second is exact for them; pauses are asked to the instant.
        """
        sensor = self.sensors[name]
        second = np.floor(received_s)
        known = {one: sensor.within_hours(one) for one in set(second.tolist())}
        opened = np.array([known[one] for one in second.tolist()], dtype=np.bool_)
        for pause in sensor.pauses:
            opened &= ~((received_s >= pause.start_s) & (received_s < pause.end_s))
        return opened
