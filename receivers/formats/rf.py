"""Our own JSON for radio sensors and direction finders, since no open receiver's form carries a bearing.

One object a measurement (alone, glued, one a line, or in arrays), described by ``docs/inputs.md`` and, for machines, by
``docs/rf-detection.schema.json``, which is made from the types here. Four kinds of detections: ``bearing`` (with its
standard deviation, from true north: a finder that knows its own heading only must turn it itself), ``position`` (with a
95 % circle), ``ellipse`` (with a 95 % ellipse) and ``presence``; and ``heartbeat``, by which a sensor lives while it
hears nothing, with its noise floor, and says why where it cannot hear (``fault``). Sensors on vehicles add
``platform``: where they were when they measured is a heartbeat with a place. What the types do not name is refused: a
misspelt key is no silent loss.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import Meta

from airspace.model.detection import Flag, Source, Transport
from airspace.model.log import Heartbeat
from airspace.model.message import Decoded, RawMessage, RejectReason
from airspace.model.placeholders import is_nothing
from airspace.model.text import safe_text
from airspace.model.units import epoch_s
from receivers.formats.condition import UNSAID, WELL, Condition, blind
from receivers.formats.framing import Refusal
from receivers.formats.json_rows import Reading, decode_rows
from receivers.formats.rows import Row

FORMAT: Final = "airspace-rf-1"
DETAIL_LETTERS: Final = 200
_FAULT: Final = re.compile(r"\s*(fault|error|failure|failed|blind|deaf|offline)\b", re.IGNORECASE)

_Name = Annotated[str, Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:/-]{0,63}$")]
_Time = Annotated[
    str,
    Meta(
        pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]{1,9})?(Z|[+-][0-9]{2}:[0-9]{2})$",
        description="RFC 3339 with offset: when the sensor measured",
        extra_json_schema={"format": "date-time"},
    ),
]
_Class = Annotated[str, Meta(max_length=64, description="what the sensor takes it for")]
_Latitude = Annotated[float, Meta(ge=-90, le=90)]
_Longitude = Annotated[float, Meta(ge=-180, le=180)]
_Bearing = Annotated[float, Meta(ge=0, lt=360, description="clockwise from true north")]
_Metres = Annotated[float, Meta(gt=0, le=1_000_000)]
_Altitude = Annotated[float, Meta(ge=-1000, le=100_000, description="over the WGS 84 ellipsoid")]
_Hz = Annotated[float, Meta(gt=0, le=1e12)]


class Platform(msgspec.Struct, forbid_unknown_fields=True):
    """Where a mobile sensor was when it measured."""

    latitude_deg: _Latitude
    longitude_deg: _Longitude
    altitude_wgs84_m: _Altitude | None = None
    heading_deg: Annotated[float, Meta(ge=0, lt=360, description="kept out: the bearing is from true north")] | None = (
        None
    )


class _Said(msgspec.Struct, forbid_unknown_fields=True, kw_only=True, tag_field="kind"):
    """What every kind has."""

    format: Literal["airspace-rf-1"]
    sensor: _Name
    time: _Time
    platform: Platform | None = None


class _Measured(_Said, forbid_unknown_fields=True, kw_only=True, tag_field="kind"):
    """What every detection has."""

    frequency_hz: _Hz | None = None
    bandwidth_hz: _Hz | None = None
    rssi_dbm: Annotated[float, Meta(ge=-200, le=100)] | None = None
    signal_class: _Class | None = msgspec.field(default=None, name="class")
    confidence: Annotated[float, Meta(ge=0, le=1, description="how sure it is that this is a drone")] | None = None
    emitter: Annotated[_Name, Meta(description="the sensor's own name for one emitter over time")] | None = None


class Bearing(_Measured, tag="bearing"):
    """Whence it came."""

    bearing_deg: _Bearing
    bearing_sigma_deg: Annotated[float, Meta(gt=0, le=90, description="one standard deviation")]
    bearing_reference: Literal["true_north"]


class Position(_Measured, tag="position"):
    """Where it is, with a circle that holds it in 95 of 100 cases."""

    latitude_deg: _Latitude
    longitude_deg: _Longitude
    accuracy_m: _Metres
    altitude_wgs84_m: _Altitude | None = None


class Ellipse(_Measured, tag="ellipse"):
    """Where it is, with an ellipse that holds it in 95 of 100 cases."""

    latitude_deg: _Latitude
    longitude_deg: _Longitude
    major_m: Annotated[_Metres, Meta(description="semi-axis")]
    minor_m: Annotated[_Metres, Meta(description="the other semi-axis; the greater of both counts as major")]
    orientation_deg: Annotated[float, Meta(ge=0, lt=180, description="of the major axis, from true north")]
    altitude_wgs84_m: _Altitude | None = None


class Presence(_Measured, tag="presence"):
    """That it is there, and no more."""

    frequency_hz: _Hz


class Alive(_Said, tag="heartbeat"):
    """That the sensor lives, and how quiet it is where it stands."""

    noise_floor_dbm: Annotated[float, Meta(ge=-200, le=100, description="in the bandwidth it detects with")] | None = (
        None
    )
    detail: Annotated[str, Meta(max_length=200, description="what the sensor says of itself")] | None = None
    fault: (
        Annotated[str, Meta(max_length=100, description="why it hears nothing, or not as it should; none: it is well")]
        | None
    ) = None


Detection = Bearing | Position | Ellipse | Presence


def schema() -> dict[str, Any]:
    """The JSON Schema of one detection or heartbeat, as ``docs/rf-detection.schema.json`` has it."""
    made = msgspec.json.schema(Detection | Alive)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "RF detection",
        "description": "One measurement or heartbeat of a radio sensor or direction finder, format airspace-rf-1.",
        **made,
    }


def recognises(keys: AbstractSet[str]) -> bool:
    """Whether an object with these keys is one of ours."""
    return {"format", "kind", "sensor"} <= keys


def decode(messages: Sequence[RawMessage]) -> Decoded:
    """Every message ends in rows (and a heartbeat of a mobile sensor), heartbeats or rejects."""
    return decode_rows(messages, _read)


def _read(value: Any, _message: RawMessage) -> Iterator[Reading]:
    try:
        found = msgspec.convert(value, Detection | Alive)
        time_s = epoch_s(found.time)
    except msgspec.ValidationError as error:
        yield Refusal(reason=RejectReason.WRONG_TYPE, detail=str(error))
    except (ValueError, OverflowError) as error:
        yield Refusal(reason=RejectReason.VALUE_OUT_OF_RANGE, detail=f"time: {error}")
    else:
        if found.platform is not None or isinstance(found, Alive):
            yield _heartbeat(found, time_s)
        if not isinstance(found, Alive):
            yield _row(found, time_s)


def _row(found: Detection, time_s: float) -> Row:
    named = None if found.signal_class is None else safe_text(found.signal_class)
    row: Row = {
        "received_s": time_s,
        "source": Source.RF,
        "transport": Transport.RF,
        "sensor": found.sensor,
        "transmitter": None if found.emitter is None or is_nothing(found.emitter) else f"rf:{found.emitter}",
        "signal_class": named,
        "flags": Flag.TEXT_CLEANED if named != found.signal_class else 0,
    }
    numbers = {name: getattr(found, name) for name in ("frequency_hz", "bandwidth_hz", "rssi_dbm", "confidence")}
    if found.platform is not None:
        numbers |= {
            "sensor_latitude_deg": found.platform.latitude_deg,
            "sensor_longitude_deg": found.platform.longitude_deg,
        }
    return row | {name: value for name, value in (numbers | _where(found)).items() if value is not None}


def _where(found: Detection) -> dict[str, float | None]:
    match found:
        case Bearing():
            return {"bearing_deg": found.bearing_deg, "bearing_accuracy_deg": found.bearing_sigma_deg}
        case Position():
            circle = {"horizontal_accuracy_m": found.accuracy_m}
        case Ellipse():
            circle = _ellipse(found)
        case Presence():
            return {}
    place = {"latitude_deg": found.latitude_deg, "longitude_deg": found.longitude_deg}
    return place | {"altitude_wgs84_m": found.altitude_wgs84_m} | circle


def _ellipse(found: Ellipse) -> dict[str, float]:
    turned = found.major_m < found.minor_m
    return {
        "horizontal_accuracy_m": max(found.major_m, found.minor_m),
        "ellipse_major_m": max(found.major_m, found.minor_m),
        "ellipse_minor_m": min(found.major_m, found.minor_m),
        "ellipse_deg": (found.orientation_deg + 90.0 * turned) % 180.0,
    }


def _heartbeat(found: Detection | Alive, time_s: float) -> Heartbeat:
    is_alive, platform = isinstance(found, Alive), found.platform
    said = found.detail if isinstance(found, Alive) else None
    return Heartbeat(
        sensor=found.sensor,
        logged_s=time_s,
        said_s=time_s,
        latitude_deg=None if platform is None else platform.latitude_deg,
        longitude_deg=None if platform is None else platform.longitude_deg,
        detail=safe_text(said, DETAIL_LETTERS) if said else None if is_alive else "mobile",
        noise_floor_dbm=found.noise_floor_dbm if isinstance(found, Alive) else None,
        **(_condition(found) if isinstance(found, Alive) else UNSAID)._asdict(),
    )


def _condition(found: Alive) -> Condition:
    """By its ``fault``, or by a ``detail`` that begins with a word for one; else a heartbeat says that it is well."""
    if found.fault is not None and found.fault.strip():
        return blind(found.fault)
    return blind(found.detail) if found.detail and _FAULT.match(found.detail) else WELL
