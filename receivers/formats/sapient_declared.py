"""What a SAPIENT node says once and means with every report: units of speed, UTM zone, its own place, its north.

It stands in the registration and the status report, not in the detection report, and a decoder has no memory. So the
source that heard it writes it behind each report, as a last line of ``additional_information`` (field 13, the
protocol's "space for additional information")::

    [airspace] speed=kph up=ms zone=31U at=52.31,4.94 north=12.5

The report's own bytes stay in front as they came (a protobuf field that comes twice counts as its last), and a
recording holds all that is needed to read it again.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Any, Final

from airspace.model.text import safe_text
from receivers.formats.rows import position

MARK: Final = "[airspace]"
MAX_INFORMATION_LETTERS: Final = 4096
SPEEDS_M_S: Final = {"ms": 1.0, "kph": 1 / 3.6}  # SPEED_UNITS_MS, SPEED_UNITS_KPH
_SPEED_UNITS: Final = {1: "ms", 2: "kph"}  # enum SpeedUnits
_WORD: Final = re.compile(r"(speed|up|zone|at|north)=(\S{1,48})")
_FIELD_13: Final = b"\x6a"  # additional_information, length-delimited


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """What is known of a node beside its report; None is not said."""

    registered: bool = False
    speed: str | None = None  # a key of ``SPEEDS_M_S``, for east and north
    up: str | None = None
    utm_zone: str | None = None
    place: tuple[float, float] | None = None  # latitude and longitude of the node, degrees
    north_deg: float | None = None  # where its north points, clockwise from true north


def declared_by(registration: Any) -> Declared:
    """What a Registration message declares; where its modes disagree, nothing."""
    definitions = [one for mode in registration.mode_definition for one in mode.detection_definition]
    units = [one.velocity_type.enu_velocity_units for one in definitions if one.HasField("velocity_type")]
    return Declared(
        registered=True,
        speed=_agreed({_SPEED_UNITS.get(one.east_north_rate_units) for one in units}),
        up=_agreed({_SPEED_UNITS.get(one.up_rate_units) for one in units if one.HasField("up_rate_units")}),
        utm_zone=_agreed({one.location_type.zone for one in definitions if one.location_type.HasField("zone")}),
    )


def _agreed(said: set[Any]) -> Any:
    return said.pop() if len(said) == 1 else None


def annotated(payload: bytes, message: Any, declared: Declared) -> bytes:
    """The bytes of a report with what its node declared behind them; as they are where nothing was declared."""
    words = _words(declared)
    if not words:
        return payload
    said = message.additional_information[:MAX_INFORMATION_LETTERS]
    line = f"{MARK} {' '.join(words)}"
    text = (f"{said}\n{line}" if said else line).encode("utf-8", "replace")
    return payload + _FIELD_13 + _varint(len(text)) + text


def _words(declared: Declared) -> list[str]:
    place = None if declared.place is None else f"{declared.place[0]!r},{declared.place[1]!r}"
    zone = safe_text(declared.utm_zone or "", 3)
    north = None if declared.north_deg is None else repr(declared.north_deg)
    pairs = (("speed", declared.speed), ("up", declared.up), ("zone", zone), ("at", place), ("north", north))
    return [f"{name}={value}" for name, value in pairs if value and not value.isspace()]


def _varint(number: int) -> bytes:
    """As protobuf writes a length."""
    coded = bytearray()
    while number > 0x7F:  # noqa: PLR2004 - seven bits a byte
        coded.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*coded, number])


def declared_in(information: str) -> Declared:
    """What the last line of ``additional_information`` says, if it is one of ours."""
    line = information.rpartition("\n")[2]
    if not line.startswith(MARK):
        return Declared()
    words = dict(_WORD.findall(line))
    return Declared(
        speed=words.get("speed") if words.get("speed") in SPEEDS_M_S else None,
        up=words.get("up") if words.get("up") in SPEEDS_M_S else None,
        utm_zone=words.get("zone"),
        place=_place(words.get("at", "")),
        north_deg=_finite(words.get("north", "")),
    )


def _place(text: str) -> tuple[float, float] | None:
    latitude, _, longitude = text.partition(",")
    return position(_finite(latitude), _finite(longitude))


def _finite(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None
