"""What goes out over the air, and when: each Remote ID message of each radio of everybody.

Bluetooth 5 and Wi-Fi send packs, Bluetooth 4 single messages: the position each second, and in turn the id, the
operator's place and the operator's number. Some are sent once more, unchanged. A forger's messages come from a roof.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import IntEnum
from typing import Final

import numpy as np

from airspace.model.detection import Bits, Codes, Numbers, Rows
from airspace.model.track import Booleans
from airspace.simulation.fleet import ROOF_M, Fleet
from airspace.simulation.paths import STEP_S, Paths
from airspace.simulation.radio import Radio
from airspace.simulation.settings import Settings

RADIOS: Final = tuple(Radio)
ON_AFTER_S: Final = 5.0  # switched off so long after the landing
COUNTS: Final = 256  # then a counter begins again
_BLE4: Final = RADIOS.index(Radio.BLE4)
_OFFSETS_S: Final = np.array([radio.offset_s for radio in RADIOS])
_PHASE_S: Final = 0.05
_GAP_S: Final = 0.05  # between two single messages
_AGAIN_S: Final = 0.2  # until a repeat


class Message(IntEnum):
    """What one transmission holds."""

    PACK = 0
    LOCATION = 1
    BASIC_ID = 2
    SYSTEM = 3
    OPERATOR_ID = 4


_STATICS: Final = (Message.BASIC_ID, Message.SYSTEM, Message.OPERATOR_ID)


@dataclass(frozen=True, slots=True, kw_only=True)
class Messages:
    """m transmissions, one array a column."""

    aircraft: Rows
    radio: Rows  # index into RADIOS
    message: Codes  # Message
    sent_s: Numbers  # seconds of the scene
    made_s: Numbers  # when it was sent first
    flies: Booleans
    locates: Booleans  # it holds a position
    counter: Bits
    epoch: Bits  # how many addresses this radio had before
    east_m: Numbers  # of the aerial
    north_m: Numbers
    height_m: Numbers

    def __len__(self) -> int:
        return len(self.aircraft)

    def take(self, rows: Rows) -> Messages:
        """The named ones, in that order."""
        return Messages(**{name: getattr(self, name)[rows] for name in self.__slots__})


def window(fleet: Fleet, paths: Paths) -> tuple[Numbers, Numbers]:
    """From when to when everybody has anything switched on: seconds of the scene, the end exclusive."""
    steps = paths.airborne.shape[1]
    last = steps - 1 - np.argmax(paths.airborne[:, ::-1], axis=1)
    landed_s = np.where(last < steps - 1, last * STEP_S + ON_AFTER_S, np.inf)
    off_s = np.minimum(np.where(np.isfinite(fleet.landing_s), landed_s, np.inf), fleet.ends_s)
    clones = fleet.original >= 0  # end with their original, if not before
    return fleet.on_s, np.where(clones, np.minimum(off_s, off_s[fleet.original]), off_s)


def send(fleet: Fleet, paths: Paths, settings: Settings, rng: np.random.Generator) -> Messages:
    """Everything that everybody sends."""
    aircraft, radio, second, message = _turns(fleet, settings)
    phase_s = rng.uniform(0.0, _PHASE_S, len(fleet))
    sent_s = second + _OFFSETS_S[radio] + phase_s[aircraft] + _GAP_S * (message == Message.LOCATION)
    on_s, off_s = window(fleet, paths)
    flies = paths.flies(aircraft, sent_s)
    may_locate = (message == Message.PACK) | (message == Message.LOCATION)
    locates = may_locate & (flies | fleet.announces[aircraft])
    counted = np.where(may_locate, second, second // len(_STATICS)) * fleet.counts[aircraft]
    east_m, north_m, height_m = _aerials(fleet, paths, aircraft, sent_s)
    made = Messages(
        aircraft=aircraft,
        radio=radio,
        message=message,
        sent_s=sent_s,
        made_s=sent_s,
        flies=flies,
        locates=locates,
        counter=(fleet.first_counter[aircraft] + counted) % COUNTS,
        epoch=_epochs(fleet, aircraft, sent_s),
        east_m=east_m,
        north_m=north_m,
        height_m=height_m,
    )
    on = (sent_s >= on_s[aircraft]) & (sent_s < off_s[aircraft])
    return _repeated(made.take(np.flatnonzero(on & (locates | (message != Message.LOCATION)))), settings, rng)


def _turns(fleet: Fleet, settings: Settings) -> tuple[Rows, Rows, Bits, Codes]:
    """Aircraft, radio, second and kind: each radio sends once a second, Bluetooth 4 two messages."""
    aircraft, radio = np.nonzero(fleet.radios)
    seconds = np.arange(settings.length_s)
    aircraft, radio = np.repeat(aircraft, len(seconds)), np.repeat(radio, len(seconds))
    second = np.tile(seconds, len(aircraft) // max(1, len(seconds)))
    static = np.array(_STATICS, dtype=np.int8)[(second + aircraft) % len(_STATICS)]
    single = radio == _BLE4
    message = np.where(single, static, np.int8(Message.PACK))
    places = np.full(np.count_nonzero(single), Message.LOCATION, dtype=np.int8)
    return (
        np.concatenate([aircraft, aircraft[single]]),
        np.concatenate([radio, radio[single]]),
        np.concatenate([second, second[single]]),
        np.concatenate([message, places]),
    )


def _aerials(fleet: Fleet, paths: Paths, aircraft: Rows, sent_s: Numbers) -> tuple[Numbers, Numbers, Numbers]:
    """Of a real drone where it is, of a forged one on its roof."""
    east_m, north_m, height_m = paths.at(aircraft, sent_s)
    roof_east_m, roof_north_m = fleet.roof_east_m[aircraft], fleet.roof_north_m[aircraft]
    on_roof = ~np.isnan(roof_east_m)
    return (
        np.where(on_roof, roof_east_m, east_m),
        np.where(on_roof, roof_north_m, north_m),
        np.where(on_roof, ROOF_M, height_m),
    )


def _epochs(fleet: Fleet, aircraft: Rows, sent_s: Numbers) -> Bits:
    turned = (sent_s + fleet.rotation_phase_s[aircraft]) / fleet.rotation_s[aircraft]
    return turned.astype(np.int64)


def _repeated(made: Messages, settings: Settings, rng: np.random.Generator) -> Messages:
    again = rng.random(len(made)) < settings.repeat_share
    times = 1 + again.astype(np.intp)
    rows = np.repeat(np.arange(len(made)), times)
    second = np.append(False, rows[1:] == rows[:-1])
    all_of_them = made.take(rows)
    return replace(all_of_them, sent_s=all_of_them.sent_s + _AGAIN_S * second)
