"""Radio, as far as it decides who hears what and how loud.

Received power falls with distance as in built-up areas, a few decibels of chance come on top, and low behind the houses
there is more loss. A message is heard with a chance that grows with its power over the receiver's sensitivity. Left
out: interference, aerial patterns, walls.
"""

from __future__ import annotations

from enum import Enum
from typing import Final

import numpy as np
import numpy.typing as npt

from airspace.model.detection import Numbers, Transport

LOSS_AT_1_KM_DBM: Final = -82.0  # received power at 1 km: 18 dBm sent, free space, a rod aerial
LOSS_EXPONENT: Final = 2.7  # of path loss over roofs
FADING_DB: Final = 3.0
LOW_M: Final = 15.0
LOW_LOSS_DB: Final = 6.0
DELAY_S: Final = (0.02, 0.12)  # from the air to the report
NEAREST_M: Final = 10.0  # nearer than this the receiver hears no louder
_SOFTNESS_DB: Final = 2.0  # how gently hearing ends round the sensitivity
_SURE: Final = 60.0  # where the exponential would run over


class Radio(Enum):
    """(transport, word of a DroneScout report, channel, sensitivity in dBm, offset in the second)."""

    BLE4 = (Transport.BLE4, "BLE legacy", 0, -95.0, 0.1)
    BLE5 = (Transport.BLE5, "BLE long range", 0, -104.0, 0.4)
    WIFI = (Transport.WIFI_BEACON, "WiFi beacon", 6, -93.0, 0.7)
    NAN = (Transport.WIFI_NAN, "WiFi NaN", 6, -93.0, 0.85)

    @property
    def transport(self) -> Transport:
        """As a detection names it."""
        return self.value[0]

    @property
    def word(self) -> str:
        """As the report names it."""
        return self.value[1]

    @property
    def channel(self) -> int:
        """Wi-Fi channel, 0 for Bluetooth."""
        return self.value[2]

    @property
    def sensitivity_dbm(self) -> float:
        """Power at which every second message is heard."""
        return self.value[3]

    @property
    def offset_s(self) -> float:
        """When in each second it sends."""
        return self.value[4]


def received_dbm(distance_m: npt.ArrayLike, height_m: npt.ArrayLike) -> Numbers:
    """Received power without fading, at a distance over the ground and a height above it."""
    height = np.asarray(height_m, dtype=np.float64)
    slant_km = np.maximum(NEAREST_M, np.hypot(distance_m, height)) / 1000.0
    low_db = np.where(height < LOW_M, LOW_LOSS_DB, 0.0)
    return np.asarray(LOSS_AT_1_KM_DBM - 10.0 * LOSS_EXPONENT * np.log10(slant_km) - low_db)


def chance_to_hear(power_dbm: npt.ArrayLike, sensitivity_dbm: npt.ArrayLike) -> Numbers:
    """0 to 1; one half at the sensitivity."""
    missing_db = np.asarray(sensitivity_dbm, dtype=np.float64) - np.asarray(power_dbm, dtype=np.float64)
    return np.asarray(1.0 / (1.0 + np.exp(np.minimum(_SURE, missing_db / _SOFTNESS_DB))))
