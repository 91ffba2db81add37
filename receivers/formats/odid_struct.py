"""DroneScout's ``UASdata``: the ODID_UAS_Data structure of opendroneid-core-c as it lies in memory, little endian.

Source: libopendroneid/opendroneid.h (commit beb5639, two Basic IDs and 16 Auth pages) with the alignment of the C
compiler, checked against a real recording. 920 bytes, sent as 921::

      0 Basic ID x 2: ua type u32, id type u32, id char[21], 3 fill
     64 Location: status u32, direction, speed, vertical f32, lat, lon f64, baro, geo f32, height type u32, height f32,
                  horizontal, vertical, baro, speed, time accuracy u32, time after the hour f32
    136 Auth x 16: 40 bytes each
    776 Self-ID: type u32, text char[24]
    808 System: location type u32, classification u32, lat, lon f64, count, radius u16, ceiling, floor f32,
                category u32, class u32, altitude f32, time u32, 4 fill
    864 Operator ID: type u32, id char[21]
    892 valid flags: Basic ID x 2, Location, Auth x 16, Self-ID, System, Operator ID

The structure is merged over messages: its Location may be older than its envelope. The protocol version is not in it.
Enums are checked although C wrote them: core-c copies reserved codes off the air. Auth pages: page u8, type u32 at 4,
last page index u8 at 8, length u8, time u32 at 12, data[24]; they come one by one, so missing ones are no fault.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from airspace.model.detection import (
    Codes,
    Detections,
    EuCategory,
    EuClass,
    Flag,
    IdType,
    Numbers,
    OperatorLocation,
    Rows,
    Status,
    UaType,
)
from airspace.model.message import Reject
from receivers.formats import odid, odid_auth
from receivers.formats.odid_batch import (
    HEIGHT_REFERENCE,
    HORIZONTAL_ACCURACY_M,
    UNKNOWN_REFERENCE,
    VERTICAL_ACCURACY_M,
)
from receivers.formats.odid_text import OPERATOR_IDS, SELF_IDS, UAS_IDS, KnownTexts
from receivers.formats.sheet import OUT_OF_RANGE, TRUNCATED, Mask, Payloads, Sheet

STRUCT_BYTES: Final = 920
STRUCT_SIZES: Final = frozenset({STRUCT_BYTES, STRUCT_BYTES + 1})  # the device sends one byte more than the structure

MAX_SPEED_M_S: Final = 254.25  # 255 is the marker
MAX_TIME_S: Final = 3600.0
NO_TIME_S: Final = 65535.0
MIN_ALTITUDE_M: Final = -1000.0  # itself the marker
MAX_ALTITUDE_M: Final = 31767.5
MAX_DIRECTION_DEG: Final = 360.0  # 361 is the marker
NO_OPERATOR_PLACE: Final = 3  # reserved, as is everything above it
TEST_MARGIN_E7: Final = 1.5  # one step of the wire's coordinates, and rounding
MAX_LATITUDE_DEG: Final = 90.0
MAX_LONGITUDE_DEG: Final = 180.0
NO_POSITION_DEG: Final = odid.NO_POSITION / 1e7  # as the C library decodes the marker
HALF_A_STEP_DEG: Final = 5e-8  # of the wire's coordinates

_LAST_ID_TYPE: Final = int(IdType.SESSION)
_LAST_STATUS: Final = int(max(Status))
_BASIC_ID: Final = np.dtype(
    {"names": ["ua_type", "id_type", "id"], "formats": ["<u4", "<u4", "S20"], "offsets": [0, 4, 8], "itemsize": 32}
)
_WIRE_ID: Final = np.dtype([("type", "u1"), ("id", "S20")])  # as in a message
_AUTH: Final = np.dtype(
    {
        "names": ["page", "type", "last_page", "length", "seconds", "data"],
        "formats": ["u1", "<u4", "u1", "u1", "<u4", "V23"],
        "offsets": [0, 4, 8, 9, 12, 16],
        "itemsize": 40,
    }
)
_LAST_AUTH_TYPE: Final = 15
_LAYOUT: Final = np.dtype(
    {
        "names": [
            *("basic_ids", "status", "direction", "speed", "vertical", "lat", "lon", "pressure", "geodetic"),
            *("height_type", "height", "horizontal_accuracy", "vertical_accuracy", "time", "auth", "self_id"),
            *("operator_place", "classification", "operator_lat", "operator_lon", "category", "eu_class"),
            *("operator_altitude", "operator_id"),
            *("has_basic_ids", "has_location", "has_auth", "has_self_id", "has_system", "has_operator_id"),
        ],
        "formats": [
            *((_BASIC_ID, 2), "<u4", "<f4", "<f4", "<f4", "<f8", "<f8", "<f4", "<f4"),
            *("<u4", "<f4", "<u4", "<u4", "<f4", (_AUTH, odid_auth.MAX_PAGES), "S23"),
            *("<u4", "<u4", "<f8", "<f8", "<u4", "<u4"),
            *("<f4", "S20"),
            *(("u1", 2), "u1", ("u1", 16), "u1", "u1", "u1"),
        ],
        "offsets": [
            *(0, 64, 68, 72, 76, 80, 88, 96, 100),
            *(104, 108, 112, 116, 132, 136, 780),
            *(808, 812, 816, 824, 844, 848),
            *(852, 868),
            *(892, 894, 895, 911, 912, 913),
        ],
        "itemsize": STRUCT_BYTES,
    }
)


def decode_structs(payloads: Payloads) -> tuple[Detections, Rows, tuple[Reject, ...]]:
    """As ``odid_batch.decode_payloads``, for structures instead of messages."""
    sheet = Sheet(payloads)
    whole = np.fromiter(map(len, payloads.data), dtype=np.intp, count=len(payloads)) >= STRUCT_BYTES
    sheet.trouble[~whole] = TRUNCATED
    rows = sheet.rows(np.flatnonzero(whole))
    joined = b"".join([data[:STRUCT_BYTES] for data in payloads.data if len(data) >= STRUCT_BYTES])
    records = np.frombuffer(joined, dtype=_LAYOUT)
    with np.errstate(invalid="ignore", over="ignore"):  # any bits may stand where a float is expected
        held = [read(records, rows, sheet) for read in (_basic_ids, _locations, _systems)]
    held.extend(
        (
            _texts(records, rows, sheet, "self_id", SELF_IDS),
            _texts(records, rows, sheet, "operator_id", OPERATOR_IDS),
            _auth(records, rows, sheet),
        )
    )
    return sheet.finish(np.concatenate(held))


def _basic_ids(records: npt.NDArray[Any], rows: Rows, sheet: Sheet) -> Rows:
    has = records["has_basic_ids"] != 0
    owner: Rows = np.repeat(rows, 2)[has.ravel()]
    both = records["basic_ids"][has]
    valid = both["id_type"] <= _LAST_ID_TYPE
    if np.count_nonzero(valid) < len(valid):
        sheet.damaged(owner[~valid], OUT_OF_RANGE, Flag.MESSAGE_INVALID)
        owner, both = owner[valid], both[valid]
    id_types = both["id_type"].astype(np.uint8)
    wire = np.empty(len(both), dtype=_WIRE_ID)
    wire["type"], wire["id"] = id_types << 4, both["id"]
    names = sheet.read(owner, wire.view("S21").tolist(), UAS_IDS)
    sheet.put_ids(owner, id_types.view(np.int8), names, _code(both["ua_type"], UaType))
    return owner


def _locations(records: npt.NDArray[Any], rows: Rows, sheet: Sheet) -> Rows:
    records, rows = _having(records, rows, "has_location")
    lat, lon = records["lat"], records["lon"]
    on_globe = _on_globe(lat, lon)
    valid = on_globe & (records["status"] <= _LAST_STATUS)
    if np.count_nonzero(valid) < len(valid):
        lat, lon = _without_markers(lat, lon)
        on_globe = _on_globe(lat, lon)
        valid = on_globe & (records["status"] <= _LAST_STATUS)
        sheet.damaged(rows[~on_globe], OUT_OF_RANGE, Flag.POSITION_INVALID)
        sheet.damaged(rows[~valid], OUT_OF_RANGE, Flag.MESSAGE_INVALID)
        records, rows, lat, lon = records[valid], rows[valid], lat[valid], lon[valid]
    latitude_deg, longitude_deg = _position(lat, lon, rows, sheet)
    height_m = _altitude_m(records["height"])
    over = HEIGHT_REFERENCE[(records["height_type"] == 1).view(np.int8)]
    over[np.isnan(height_m) | (records["height_type"] > 1)] = UNKNOWN_REFERENCE
    vertical = records["vertical"]
    sheet.put(
        rows,
        {
            "status": records["status"].astype(np.int8),
            "track_deg": _within(records["direction"], 0.0, MAX_DIRECTION_DEG) % MAX_DIRECTION_DEG,
            "speed_m_s": _within(records["speed"], 0.0, MAX_SPEED_M_S),
            "vertical_speed_m_s": _within(vertical, -odid.MAX_VERTICAL_SPEED_M_S, odid.MAX_VERTICAL_SPEED_M_S),
            "latitude_deg": latitude_deg,
            "longitude_deg": longitude_deg,
            "altitude_pressure_m": _altitude_m(records["pressure"]),
            "altitude_wgs84_m": _altitude_m(records["geodetic"]),
            "height_m": height_m,
            "height_reference": over,
            "horizontal_accuracy_m": HORIZONTAL_ACCURACY_M[np.minimum(records["horizontal_accuracy"], 15)],
            "vertical_accuracy_m": VERTICAL_ACCURACY_M[np.minimum(records["vertical_accuracy"], 15)],
        },
    )
    time = records["time"]
    # the wire carries tenths: rounding takes away what f32 added
    time_of_hour_s = np.round(_within(time, 0.0, MAX_TIME_S), 1)
    sheet.flag(rows, np.isnan(time_of_hour_s) & (time != NO_TIME_S), Flag.TIME_INVALID)
    sheet.put_time(rows, time_of_hour_s)
    return rows


def _systems(records: npt.NDArray[Any], rows: Rows, sheet: Sheet) -> Rows:
    records, rows = _having(records, rows, "has_system")
    lat, lon = records["operator_lat"], records["operator_lon"]
    valid = _on_globe(lat, lon)
    if np.count_nonzero(valid) < len(valid):
        lat, lon = _without_markers(lat, lon)
        valid = _on_globe(lat, lon)
        sheet.damaged(rows[~valid], OUT_OF_RANGE, Flag.MESSAGE_INVALID | Flag.POSITION_INVALID)
        records, rows, lat, lon = records[valid], rows[valid], lat[valid], lon[valid]
    latitude_deg, longitude_deg = _position(lat, lon, rows, sheet)
    place = np.minimum(records["operator_place"], NO_OPERATOR_PLACE)
    is_eu = records["classification"] == odid.EU_CLASSIFICATION
    sheet.put(
        rows,
        {
            "operator_location_type": ((place + 1) % len(OperatorLocation)).astype(np.int8),
            "operator_latitude_deg": latitude_deg,
            "operator_longitude_deg": longitude_deg,
            "operator_altitude_wgs84_m": _altitude_m(records["operator_altitude"]),
            "eu_category": np.where(is_eu, _code(records["category"], EuCategory), np.int8(0)),
            "eu_class": np.where(is_eu, _code(records["eu_class"], EuClass), np.int8(0)),
        },
    )
    test_lat, test_lon = odid.TEST_POSITION_E7
    is_test = (np.abs(lat * 1e7 - test_lat) < TEST_MARGIN_E7) & (np.abs(lon * 1e7 - test_lon) < TEST_MARGIN_E7)
    sheet.flag(rows, is_test, Flag.TEST_TRANSMITTER)
    return rows


def _auth(records: npt.NDArray[Any], rows: Rows, sheet: Sheet) -> Rows:
    has = records["has_auth"] != 0
    if not has.any():
        return rows[:0]
    pages: dict[int, list[odid.Auth]] = {}
    for index, number in zip(*(where.tolist() for where in np.nonzero(has)), strict=True):
        page = _auth_page(records["auth"][index, number], number)
        pages.setdefault(int(rows[index]), []).append(page)
    sheet.put_pages(pages, packed=set())
    return np.array(list(pages), dtype=np.intp)


def _auth_page(record: npt.NDArray[Any], number: int) -> odid.Auth:
    """As off the air. A page that stands in another's place, or of a type beyond 15, contradicts all others."""
    first, seconds, data = number == 0, int(record["seconds"]), record["data"].tobytes()
    sound = record["page"] == number and record["type"] <= _LAST_AUTH_TYPE
    return odid.Auth(
        version=odid.NEWEST_VERSION,
        auth_type=int(record["type"]) if sound else -1 - number,
        page=number,
        last_page=int(record["last_page"]) if first else None,
        length=int(record["length"]) if first else None,
        time_s=odid.EPOCH_2019_S + seconds if first and seconds else None,
        data=data[: odid_auth.FIRST_PAGE_BYTES] if first else data,
    )


def _texts(records: npt.NDArray[Any], rows: Rows, sheet: Sheet, column: str, known: KnownTexts) -> Rows:
    records, rows = _having(records, rows, f"has_{column}")
    sheet.put(rows, {column: sheet.read(rows, records[column].tolist(), known)})
    return rows


def _having(records: npt.NDArray[Any], rows: Rows, flag: str) -> tuple[npt.NDArray[Any], Rows]:
    has = records[flag] != 0
    return (records, rows) if has.all() else (records[has], rows[has])


def _code(values: npt.NDArray[Any], codes: type[IntEnum]) -> Codes:
    """A code, 0 (unknown) where it is reserved."""
    return np.where(values <= int(max(codes)), values, 0).astype(np.int8)


def _within(values: npt.NDArray[Any], low: float, high: float) -> Numbers:
    """The values inside closed limits; markers, nonsense and NaN are unknown."""
    return np.where((values >= low) & (values <= high), values.astype(np.float64), np.nan)


def _altitude_m(values: npt.NDArray[Any]) -> Numbers:
    return np.where((values > MIN_ALTITUDE_M) & (values <= MAX_ALTITUDE_M), values.astype(np.float64), np.nan)


def _without_markers(lat_deg: npt.NDArray[Any], lon_deg: npt.NDArray[Any]) -> tuple[Numbers, Numbers]:
    """As in ``odid_batch``: zeros, which are no fix, for the marker for none."""
    no_lat, no_lon = (np.abs(one - NO_POSITION_DEG) < HALF_A_STEP_DEG for one in (lat_deg, lon_deg))
    unmarked = np.where(no_lat, 0.0, lat_deg), np.where(no_lon, 0.0, lon_deg)
    unknown = (no_lat | no_lon) & _on_globe(*unmarked)
    return np.where(unknown, 0.0, lat_deg), np.where(unknown, 0.0, lon_deg)


def _on_globe(lat_deg: npt.NDArray[Any], lon_deg: npt.NDArray[Any]) -> Mask:
    on_globe: Mask = (np.abs(lat_deg) <= MAX_LATITUDE_DEG) & (
        np.abs(lon_deg) <= MAX_LONGITUDE_DEG
    )  # NaN is on no globe
    return on_globe


def _position(
    lat_deg: npt.NDArray[Any], lon_deg: npt.NDArray[Any], rows: Rows, sheet: Sheet
) -> tuple[Numbers, Numbers]:
    north_deg, east_deg = np.abs(lat_deg), np.abs(lon_deg)
    unknown = (north_deg <= odid.NEAR_ZERO_DEG) & (east_deg <= odid.NEAR_ZERO_DEG)  # one of them alone may be 0
    unknown |= (north_deg == MAX_LATITUDE_DEG) & (east_deg == MAX_LONGITUDE_DEG)
    sheet.flag(rows, unknown & ((lat_deg != 0) | (lon_deg != 0)), Flag.POSITION_INVALID)
    known = ~unknown
    return np.where(known, lat_deg, np.nan), np.where(known, lon_deg, np.nan)
