"""A detection is one observation by one sensor; a batch of n of them is one array a column.

Unknown is NaN in a number column, 0 in a code column and None in a text column. The invalid markers of the wire formats
(0/0, 255, 361, -1000, ...) are turned into these once, in ``receivers/formats``; nothing after it tests for a marker.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import IntEnum, IntFlag
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Sequence

Numbers = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int8]
Bits = npt.NDArray[np.int64]
Texts = npt.NDArray[np.object_]
Rows = npt.NDArray[np.intp]


class Source(IntEnum):
    """What kind of emission was observed."""

    UNKNOWN = 0
    REMOTE_ID = 1
    DJI = 2
    RF = 3
    ADSB = 4
    SAPIENT = 5


class Transport(IntEnum):
    """Over which radio, or wire, it was heard."""

    UNKNOWN = 0
    BLE4 = 1
    BLE5 = 2
    WIFI_BEACON = 3
    WIFI_NAN = 4
    OCUSYNC = 5
    NETWORK = 6
    WIFI_DJI = 7  # DJI DroneID in Wi-Fi beacons
    ADSB = 8  # 1090 MHz
    RF = 9  # any other radio: control link, video


class IdType(IntEnum):
    """Kind of UAS id, numbered as in the Basic ID message (ASTM F3411, byte 1 high nibble)."""

    UNKNOWN = 0
    SERIAL = 1
    CAA = 2
    UTM = 3
    SESSION = 4
    ICAO = 5  # 24-bit address of a manned aircraft, six hex digits: never an aircraft without a crew


class UaType(IntEnum):
    """Kind of aircraft, numbered as in the Basic ID message (ASTM F3411, byte 1 low nibble)."""

    UNKNOWN = 0
    AEROPLANE = 1
    MULTIROTOR = 2
    GYROPLANE = 3
    HYBRID_LIFT = 4
    ORNITHOPTER = 5
    GLIDER = 6
    KITE = 7
    FREE_BALLOON = 8
    CAPTIVE_BALLOON = 9
    AIRSHIP = 10
    PARACHUTE = 11
    ROCKET = 12
    TETHERED = 13
    GROUND_OBSTACLE = 14
    OTHER = 15


class Status(IntEnum):
    """Operational status, numbered as in the Location message (undeclared is unknown)."""

    UNKNOWN = 0
    GROUND = 1
    AIRBORNE = 2
    EMERGENCY = 3
    REMOTE_ID_FAILURE = 4


class HeightReference(IntEnum):
    """Above what ``height_m`` is measured."""

    UNKNOWN = 0
    TAKEOFF = 1
    GROUND = 2


class OperatorLocation(IntEnum):
    """What the operator position is: a take-off point is never shown as a pilot."""

    UNKNOWN = 0
    TAKEOFF = 1
    LIVE = 2
    FIXED = 3


class EuCategory(IntEnum):
    """Operation category as the drone itself says (System message, classification type EU)."""

    UNKNOWN = 0
    OPEN = 1
    SPECIFIC = 2
    CERTIFIED = 3


class EuClass(IntEnum):
    """Aircraft class mark as the drone itself says (System message, 1 = C0)."""

    UNKNOWN = 0
    C0 = 1
    C1 = 2
    C2 = 3
    C3 = 4
    C4 = 5
    C5 = 6
    C6 = 7


class Flag(IntFlag):
    """Quality remarks that a format makes about one detection."""

    VERSION_UNKNOWN = 1  # protocol version other than 0, 1, 2: decoded as best effort
    ID_TYPE_MISSING = 2  # text in a Basic ID whose type is 0
    SERIAL_INVALID = 4  # a serial number that is not of CTA-2063-A form
    OPERATOR_ID_LONG = 8  # more than the 16 public characters: the surplus was dropped
    TEXT_CLEANED = 16  # control, bidi or undecodable characters were taken out of a text
    POSITION_INVALID = 32  # latitude or longitude off the globe: made unknown
    TIME_INVALID = 64  # message time above one hour: made unknown
    SKEW = 128  # message time and receive time differ by more than 5 s
    PACK_COUNT = 256  # a pack whose count, size and length do not agree: what could be read was
    CRC_FAILED = 512  # the capture says that the radio checksum failed
    MESSAGE_INVALID = 1024  # a part of it was damaged or is not known here, and was passed over
    LOW_TRUST_ALTITUDE = 2048  # altitude in a unit that the sources of the format dispute
    TEST_TRANSMITTER = 4096  # a known test pattern, not a drone
    ADDRESS_INVENTED = 8192  # an aircraft address that is no ICAO address: anonymous, or made up by a receiver
    STALE = 16384  # older than it may be when it came: retained by a broker, or sent again after a break
    CLOCK_OF_SENSOR = 32768  # its receiver's clock is wrong: it was heard when it was logged
    ID_PLACEHOLDER = 65536  # a word, zeros or a few letters where an id should be (``model/placeholders.py``): unknown


_NUMBER: Final = "number"
_CODE: Final = "code"
_BITS: Final = "bits"
_TEXT: Final = "text"


@dataclass(frozen=True, slots=True, kw_only=True)
class Detections:
    """n detections, one array of shape (n,) a column, in the order they were logged.

    ``received_s`` is when the sensor heard it (its own statement, else the arrival here), ``logged_s`` when it entered
    the log: it never decreases and is the time that everything after the receivers goes by. ``time_s`` is the message's
    own time, NaN when it has none. ``content_id`` is 16 bytes made from sensor and payload, the same again when the
    same message is delivered again.
    """

    time_s: Numbers
    received_s: Numbers
    logged_s: Numbers
    source: Codes  # Source
    transport: Codes  # Transport
    sensor: Texts  # str
    sensor_latitude_deg: Numbers  # where a mobile sensor was when it measured; unknown: where the registry says
    sensor_longitude_deg: Numbers
    transmitter: Texts  # str | None, used in memory only, never stored
    content_id: Texts  # bytes, 16
    uas_id: Texts  # str | None; binary ids as lower-case hex
    uas_id_type: Codes  # IdType
    alias_id: Texts  # str | None: the second Basic ID of a pack, the same aircraft
    alias_id_type: Codes  # IdType
    ua_type: Codes  # UaType
    status: Codes  # Status
    latitude_deg: Numbers
    longitude_deg: Numbers
    altitude_wgs84_m: Numbers
    altitude_pressure_m: Numbers
    height_m: Numbers
    height_reference: Codes  # HeightReference
    speed_m_s: Numbers
    track_deg: Numbers  # clockwise from true north, 0 <= track < 360
    vertical_speed_m_s: Numbers  # up is positive
    horizontal_accuracy_m: Numbers  # 95 % bound, as the message says
    vertical_accuracy_m: Numbers  # 95 % bound, as the message says
    operator_latitude_deg: Numbers
    operator_longitude_deg: Numbers
    operator_altitude_wgs84_m: Numbers
    operator_location_type: Codes  # OperatorLocation
    operator_id: Texts  # str | None, public part only
    self_id: Texts  # str | None
    eu_category: Codes  # EuCategory
    eu_class: Codes  # EuClass
    rssi_dbm: Numbers
    frequency_hz: Numbers
    counter: Numbers  # message counter 0-255
    bearing_deg: Numbers
    bearing_accuracy_deg: Numbers  # one standard deviation
    protocol_version: Numbers
    bandwidth_hz: Numbers
    confidence: Numbers  # 0 to 1: how sure the sensor is that there is a drone
    ellipse_major_m: Numbers  # semi-axes of the position's 95 % ellipse
    ellipse_minor_m: Numbers
    ellipse_deg: Numbers  # of the major axis, clockwise from true north
    signal_class: Texts  # str | None: what an RF sensor takes it for, cleaned text
    authentication: Texts  # str | None: kind, time and data (hex) of reassembled Auth pages
    flags: Bits  # Flag

    def __len__(self) -> int:
        return len(self.received_s)

    @classmethod
    def build(cls, n: int, **columns: Any) -> Detections:
        """n rows from the columns that are known; every other column is filled with its unknown."""
        for name, kind in COLUMNS.items():
            if name not in columns:
                columns[name] = _unknown(kind, n)
        return cls(**columns)

    @classmethod
    def empty(cls) -> Detections:
        """No rows."""
        return cls.build(0)

    def take(self, rows: Rows | slice | npt.NDArray[np.bool_]) -> Detections:
        """The named rows, in that order (a slice makes views, anything else copies)."""
        return Detections(**{name: getattr(self, name)[rows] for name in COLUMNS})

    def replace(self, **columns: Any) -> Detections:
        """The same rows with other values in the named columns."""
        return Detections(**{name: columns.get(name, getattr(self, name)) for name in COLUMNS})

    @classmethod
    def concat(cls, parts: Sequence[Detections]) -> Detections:
        """The rows of all parts, one after the other."""
        if len(parts) == 1:
            return parts[0]
        if not parts:
            return cls.empty()
        return cls(**{name: np.concatenate([getattr(part, name) for part in parts]) for name in COLUMNS})


def _unknown(kind: str, n: int) -> npt.NDArray[Any]:
    if kind == _NUMBER:
        return np.full(n, np.nan)
    if kind == _TEXT:
        return np.full(n, None, dtype=object)
    return np.zeros(n, dtype=np.int8 if kind == _CODE else np.int64)


COLUMNS: Final[dict[str, str]] = {
    field.name: {"Numbers": _NUMBER, "Codes": _CODE, "Bits": _BITS, "Texts": _TEXT}[str(field.type)]
    for field in fields(Detections)
}


def texts(values: Sequence[str | bytes | None]) -> Texts:
    """A text column from any sequence (numpy would make fixed-width text of it)."""
    column = np.empty(len(values), dtype=object)
    column[:] = values
    return column
