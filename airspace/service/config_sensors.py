"""Configuration: the registry of sensors, with what an operator says of each."""

from __future__ import annotations

from datetime import time
from typing import Annotated, Final, Literal, get_args

import msgspec

from airspace.model.sensor import ALL_DAYS, Hours, Pause, Sensor
from airspace.model.text import safe_text
from airspace.model.units import epoch_s
from airspace.service.config_sources import Positive, Section, Sha256, Text

Latitude = Annotated[float, msgspec.Meta(ge=-90, le=90)]
Longitude = Annotated[float, msgspec.Meta(ge=-180, le=180)]
Day = Literal["MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN"]
DAYS: Final = get_args(Day)
NOTE_LETTERS: Final = 280
HOURS: Final = r"^([01]\d|2[0-3]):[0-5]\d-(([01]\d|2[0-3]):[0-5]\d|24:00)$"


class ShutterHours(Section, frozen=True, kw_only=True):
    """Days and hours at which a sensor may be listened to."""

    hours: Annotated[str, msgspec.Meta(pattern=HOURS)] = "00:00-24:00"  # may run over midnight
    days: tuple[Day, ...] = ()  # on which they start; none named: all
    zone: str = "Europe/Amsterdam"

    def window(self) -> Hours:
        """As the registry has it."""
        start, end = (time.fromisoformat(one.replace("24:00", "00:00")) for one in self.hours.split("-"))
        days = frozenset(DAYS.index(day) for day in self.days) or ALL_DAYS
        return Hours(days=days, start=start, end=end, zone=self.zone)


class ShutterPause(Section, frozen=True, kw_only=True):
    """A time in which a sensor is not listened to, and who wants that."""

    since: str = msgspec.field(name="from")  # RFC 3339
    until: str = msgspec.field(name="to")
    by: Text
    why: str | None = None

    def pause(self) -> Pause:
        """As the registry has it."""
        return Pause(
            start_s=epoch_s(self.since),
            end_s=epoch_s(self.until),
            by=safe_text(self.by) or "unnamed",
            why=safe_text(self.why or "", NOTE_LETTERS),
        )


class SensorSettings(Section, frozen=True):
    """A sensor of the registry."""

    id: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    name: str | None = None
    kind: Literal["remote_id", "direction_finder", "adsb"] = "remote_id"
    latitude_deg: Latitude | None = None
    longitude_deg: Longitude | None = None
    silent_after_s: Positive = 180.0
    range_m: Positive = 3000.0
    token_file: str | None = None  # its secret for pushing over HTTP
    token_sha256: Sha256 | None = None  # or the SHA-256 of the secret, so that no one here knows it
    owner: str | None = None
    purpose: str | None = None
    until: str | None = None  # RFC 3339; after it the sensor is as good as unknown
    hours: tuple[ShutterHours, ...] = ()  # when it may be listened to; none: always
    pauses: tuple[ShutterPause, ...] = ()

    def sensor(self) -> Sensor:
        """The registry's entry."""
        return Sensor(
            owner=self.owner,
            purpose=self.purpose,
            until_s=None if self.until is None else epoch_s(self.until),
            hours=tuple(one.window() for one in self.hours),
            pauses=tuple(one.pause() for one in self.pauses),
            sensor_id=self.id,
            name=self.name or self.id,
            kind=self.kind,
            latitude_deg=self.latitude_deg,
            longitude_deg=self.longitude_deg,
            silent_after_s=self.silent_after_s,
            range_m=self.range_m,
        )
