"""Where the sensors of a scene stand, and what their own errors are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from airspace.model.detection import Numbers
from airspace.model.sensor import Sensor
from airspace.simulation.frame import Frame, on_wire
from airspace.simulation.settings import Settings

RANGE_M: Final = 3000.0
FINDER_RANGE_M: Final = 4000.0
_RECEIVERS_AT: Final = 0.6  # of the radius
_FINDERS_AT: Final = 0.8
_LOCATORS_AT: Final = 0.3
_SHIFT_M: Final = 150.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Sites:
    """n sensors of one kind, one array a column."""

    names: tuple[str, ...]
    kind: str  # as in the registry
    latitude_deg: Numbers
    longitude_deg: Numbers
    east_m: Numbers
    north_m: Numbers
    ahead_s: Numbers  # its clock
    bias_deg: Numbers  # of a direction finder's north

    def __len__(self) -> int:
        return len(self.names)

    def registry(self) -> tuple[Sensor, ...]:
        """As the service's registry has them."""
        range_m = FINDER_RANGE_M if self.kind == "direction_finder" else RANGE_M
        return tuple(
            Sensor(
                sensor_id=name,
                name=name,
                kind=self.kind,
                latitude_deg=latitude_deg,
                longitude_deg=longitude_deg,
                range_m=range_m,
            )
            for name, latitude_deg, longitude_deg in zip(
                self.names, self.latitude_deg.tolist(), self.longitude_deg.tolist(), strict=True
            )
        )


def receivers(settings: Settings, frame: Frame, rng: np.random.Generator) -> Sites:
    """Of Remote ID."""
    return _ring("rx", "remote_id", settings.receivers, _RECEIVERS_AT, settings, frame, rng)


def finders(settings: Settings, frame: Frame, rng: np.random.Generator) -> Sites:
    """Of directions."""
    return _ring("df", "direction_finder", settings.finders, _FINDERS_AT, settings, frame, rng)


def locators(settings: Settings, frame: Frame, rng: np.random.Generator) -> Sites:
    """Of places; in the registry they count as direction finders, which such a network is made of."""
    return _ring("rf", "direction_finder", settings.locators, _LOCATORS_AT, settings, frame, rng)


def _ring(
    word: str, kind: str, count: int, share: float, settings: Settings, frame: Frame, rng: np.random.Generator
) -> Sites:
    """Evenly round the centre, from a chance direction, each shifted a little."""
    turn = rng.uniform(0.0, 2.0 * np.pi) + 2.0 * np.pi * np.arange(count) / max(1, count)
    away_m = share * settings.radius_m
    east_m = away_m * np.sin(turn) + rng.uniform(-_SHIFT_M, _SHIFT_M, count)
    north_m = away_m * np.cos(turn) + rng.uniform(-_SHIFT_M, _SHIFT_M, count)
    latitude_deg, longitude_deg = (on_wire(degrees) for degrees in frame.degrees(east_m, north_m))
    return Sites(
        names=tuple(f"{word}-{number + 1}" for number in range(count)),
        kind=kind,
        latitude_deg=latitude_deg,
        longitude_deg=longitude_deg,
        east_m=east_m,
        north_m=north_m,
        ahead_s=rng.normal(0.0, settings.receiver_skew_s, count),
        bias_deg=rng.normal(0.0, settings.bearing_bias_deg, count),
    )
