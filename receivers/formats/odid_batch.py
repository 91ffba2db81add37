"""Open Drone ID payloads, a batch at a time, into columns: the checked fast path.

Same facts and same rules as ``odid.py``, which is its oracle. All payloads are joined into one buffer. Where every
payload has the same messages in the same places (drones of one kind, packs of one make) the records are read where they
lie; else each message type is gathered out of the buffer as records of 25 bytes. Its columns are worked out at once and
written to the rows of the payloads. One row a payload: in a pack the last message of a type wins, of several Basic IDs
a serial wins the id and another is its alias. A damaged message leaves its own fields unknown and a flag; the rest of
the pack stays.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from airspace.model.detection import (
    Detections,
    EuCategory,
    EuClass,
    Flag,
    HeightReference,
    IdType,
    Numbers,
    Rows,
    Status,
)
from airspace.model.message import Reject
from receivers.formats import odid
from receivers.formats.odid_text import OPERATOR_IDS, SELF_IDS, UAS_IDS
from receivers.formats.sheet import NO_DATA, OUT_OF_RANGE, TRUNCATED, UNKNOWN_MESSAGE, Mask, Payloads, Sheet

_HEAD: Final = np.dtype([("kind", "u1"), ("size", "u1"), ("count", "u1")])
_BASIC_ID: Final = np.dtype(
    {"names": ["head", "type", "id", "all"], "formats": ["u1", "u1", "S21", "S25"], "offsets": [0, 1, 1, 0]}
)  # the id with its type before it, as ``UAS_IDS`` has it
_LOCATION: Final = np.dtype(
    {
        "names": [
            *("head", "bits", "direction", "speed", "vertical", "lat", "lon", "pressure", "geodetic", "height"),
            *("accuracy", "tenths"),
        ],
        "formats": ["u1", "u1", "u1", "u1", "u1", "<i4", "<i4", "<u2", "<u2", "<u2", "u1", "<u2"],
        "offsets": [0, 1, 2, 3, 4, 5, 9, 13, 15, 17, 19, 21],
        "itemsize": 25,
    }
)
_AUTH: Final = np.dtype("V25")
_SELF_ID: Final = np.dtype({"names": ["text"], "formats": ["S23"], "offsets": [2], "itemsize": 25})
_SYSTEM: Final = np.dtype(
    {
        "names": ["bits", "lat", "lon", "category", "altitude"],
        "formats": ["u1", "<i4", "<i4", "u1", "<u2"],
        "offsets": [1, 2, 6, 17, 18],
        "itemsize": 25,
    }
)
_OPERATOR_ID: Final = np.dtype({"names": ["id"], "formats": ["S20"], "offsets": [2], "itemsize": 25})

HORIZONTAL_ACCURACY_M: Final = np.array(odid.HORIZONTAL_ACCURACY_M)
VERTICAL_ACCURACY_M: Final = np.array(odid.VERTICAL_ACCURACY_M)
HEIGHT_REFERENCE: Final = np.array([HeightReference.TAKEOFF, HeightReference.GROUND], dtype=np.int8)  # by its bit
UNKNOWN_REFERENCE: Final = int(HeightReference.UNKNOWN)
_BYTES: Final = np.arange(256)
_TRACK_DEG: Final = np.where(  # by east/west bit, then byte
    _BYTES > odid.MAX_DIRECTION, np.nan, (_BYTES + np.array([[0], [180]])) % 360.0
).ravel()
_SPEED_M_S: Final = np.concatenate(  # by multiplier bit, then byte
    [_BYTES * 0.25, np.where(_BYTES == odid.NO_SPEED, np.nan, _BYTES * 0.75 + 63.75)]
)
_VERTICAL_HALVES: Final = _BYTES.astype(np.uint8).view(np.int8) / 2.0
_VERTICAL_SPEED_M_S: Final = np.where(np.abs(_VERTICAL_HALVES) <= odid.MAX_VERTICAL_SPEED_M_S, _VERTICAL_HALVES, np.nan)
# plain numbers: numpy compares with them five times as fast as with an enum's members
_LAST_ID_TYPE: Final = int(IdType.SESSION)
_LAST_STATUS: Final = int(max(Status))
_LAST_CATEGORY: Final = int(max(EuCategory))
_LAST_CLASS: Final = int(max(EuClass))

Records = npt.NDArray[Any]


def decode_payloads(payloads: Payloads) -> tuple[Detections, Rows, tuple[Reject, ...]]:
    """Detections, for each of them the index of its payload, and the payloads that held nothing usable."""
    sheet = Sheet(payloads)
    lengths = np.fromiter(map(len, payloads.data), dtype=np.intp, count=sheet.size)
    joined = b"".join(payloads.data) + bytes(odid.MESSAGE_BYTES)  # so that any start may be read as a record
    starts = _shared_starts(joined, lengths)
    return sheet.finish(_in_place(joined, starts, sheet) if starts else _gathered(joined, lengths, sheet))


def _shared_starts(joined: bytes, lengths: Rows) -> Sequence[int]:
    """Where in every payload its messages start, none if that is not the same in all, or a type comes twice."""
    count = len(lengths)
    size = int(lengths[0]) if count else 0
    if size < odid.MESSAGE_BYTES or np.count_nonzero(lengths == size) < count:
        return ()
    starts: Sequence[int] = (0,)
    if joined[0] >> 4 == odid.PACK:
        used = min((size - odid.PACK_HEADER_BYTES) // odid.MESSAGE_BYTES, odid.MAX_PACK_MESSAGES)
        starts = range(odid.PACK_HEADER_BYTES, odid.PACK_HEADER_BYTES + used * odid.MESSAGE_BYTES, odid.MESSAGE_BYTES)
        if not used or joined[1] != odid.MESSAGE_BYTES or joined[2] != used:
            return ()
    kinds = {joined[start] >> 4 for start in starts}
    if len(kinds) < len(starts) or not kinds <= _READERS.keys():
        return ()
    same = {*starts, *range(min(starts))}
    return starts if all(joined[at : count * size : size].count(joined[at]) == count for at in same) else ()


def _in_place(joined: bytes, starts: Sequence[int], sheet: Sheet) -> Rows:
    """Read every message where it lies; the rows that own at least one."""
    size = (len(joined) - odid.MESSAGE_BYTES) // sheet.size
    usable = np.empty((len(starts), sheet.size), dtype=np.bool_)
    for held, start in zip(usable, starts, strict=True):
        layout, read = _READERS[joined[start] >> 4]
        held[:] = read(np.ndarray((sheet.size,), layout, joined, start, (size,)), sheet.every, sheet)
    versions = np.array([joined[start] & 15 for start in starts], dtype=np.float64)
    rows, first = sheet.every, np.zeros(sheet.size, dtype=np.intp)
    if not usable.all():
        rows = sheet.rows(np.flatnonzero(usable.any(axis=0)))
        first = usable.argmax(axis=0)[rows]
    sheet.put(rows, {"protocol_version": versions[first]})
    newer: Mask = np.logical_or.reduce(usable[versions > odid.NEWEST_VERSION], axis=0)
    sheet.flag(sheet.every, newer, Flag.VERSION_UNKNOWN)
    return rows


def _gathered(joined: bytes, lengths: Rows, sheet: Sheet) -> Rows:
    """Read the messages of one type after the other; the owners of all that could be read."""
    messages = _Messages(joined, lengths, sheet)
    head = messages.at(messages.start)
    version, kind = head & 15, head >> 4
    usable = np.zeros(len(kind), dtype=np.bool_)
    for number, (layout, read) in _READERS.items():
        chosen = np.flatnonzero(kind == number)
        if chosen.size:
            record = messages.records(messages.start[chosen], layout)
            usable[chosen] = read(record, sheet.rows(messages.owner[chosen]), sheet)
    sheet.damaged(messages.owner[kind > odid.OPERATOR_ID], UNKNOWN_MESSAGE, Flag.MESSAGE_INVALID)
    owners = messages.owner
    if np.count_nonzero(usable) < len(usable):
        version, owners = version[usable], owners[usable]
    sheet.flag(owners, version > odid.NEWEST_VERSION, Flag.VERSION_UNKNOWN)
    sheet.put(owners[::-1], {"protocol_version": version[::-1].astype(np.float64)})
    return owners


class _Messages:
    """Where in the joined payloads each message starts, and whose it is."""

    def __init__(self, joined: bytes, lengths: Rows, sheet: Sheet) -> None:
        n = len(lengths)
        self._joined = joined
        begin = np.cumsum(lengths) - lengths
        head = self.records(begin, _HEAD)
        pack = head["kind"] >> 4 == odid.PACK
        pack &= lengths > 0
        header = np.where(pack, odid.PACK_HEADER_BYTES, 0)
        available = np.maximum((lengths - header) // odid.MESSAGE_BYTES, 0)
        used = np.minimum(available, np.where(pack, np.minimum(head["count"], odid.MAX_PACK_MESSAGES), 1))
        empty = pack & (lengths >= odid.PACK_HEADER_BYTES) & (head["count"] == 0)
        sheet.trouble[available == 0] = TRUNCATED
        sheet.trouble[empty] = NO_DATA
        differs = pack & ((head["count"] != used) | (head["size"] != odid.MESSAGE_BYTES))
        sheet.flags[differs] |= int(Flag.PACK_COUNT)
        self.owner: Rows = np.repeat(np.arange(n), used)
        slot = np.arange(len(self.owner)) - np.repeat(np.cumsum(used) - used, used)
        self.start: Rows = np.repeat(begin + header, used) + slot * odid.MESSAGE_BYTES

    def at(self, start: Rows) -> npt.NDArray[np.uint8]:
        """One byte at each start."""
        return np.frombuffer(self._joined, dtype=np.uint8)[start]

    def records(self, start: Rows, layout: np.dtype[Any]) -> Records:
        """One record at each start."""
        count = len(self._joined) - layout.itemsize + 1
        plain = np.ndarray(shape=(count,), dtype=f"V{layout.itemsize}", buffer=self._joined, strides=(1,))
        return plain[start].view(layout)


def _basic_id(record: Records, rows: Rows, sheet: Sheet) -> Mask:
    filled: Mask = record["head"] != 0
    if np.count_nonzero(filled) < len(filled):
        filled = record["all"] != b""
    types = np.ascontiguousarray(record["type"])
    valid: Mask = filled & (types >> 4 <= _LAST_ID_TYPE)
    if np.count_nonzero(valid) < len(valid):
        valid |= filled & _newer(record)
        sheet.damaged(rows[filled & ~valid], OUT_OF_RANGE, Flag.MESSAGE_INVALID)
        record, types, rows = record[valid], types[valid], rows[valid]
    names = sheet.read(rows, record["id"].tolist(), UAS_IDS)
    sheet.put_ids(rows, (types >> 4).view(np.int8), names, (types & 15).view(np.int8))
    return valid


def _location(record: Records, rows: Rows, sheet: Sheet) -> Mask:
    lat, lon, bits = _columns(record, "lat", "lon", "bits")
    on_globe = _on_globe(lat, lon)
    valid = on_globe & (bits >> 4 <= _LAST_STATUS)
    if np.count_nonzero(valid) < len(valid):
        lat, lon = _without_markers(lat, lon)
        bits = np.where(_newer(record) & (bits >> 4 > _LAST_STATUS), bits & 15, bits)
        on_globe = _on_globe(lat, lon)
        valid = on_globe & (bits >> 4 <= _LAST_STATUS)
        sheet.damaged(rows[~on_globe], OUT_OF_RANGE, Flag.POSITION_INVALID)
        sheet.damaged(rows[~valid], OUT_OF_RANGE, Flag.MESSAGE_INVALID)
        record, rows, lat, lon, bits = record[valid], rows[valid], lat[valid], lon[valid], bits[valid]
    latitude_deg, longitude_deg = _position(lat, lon, rows, sheet)
    height_m = _altitude_m(record["height"])
    over = HEIGHT_REFERENCE.take((bits & 4) >> 2)
    over[np.isnan(height_m)] = UNKNOWN_REFERENCE
    codes, accuracy = bits.astype(np.intp), np.ascontiguousarray(record["accuracy"])
    sheet.put(
        rows,
        {
            "status": (bits >> 4).view(np.int8),
            "track_deg": _TRACK_DEG.take((codes & 2) << 7 | record["direction"]),
            "speed_m_s": _SPEED_M_S.take((codes & 1) << 8 | record["speed"]),
            "vertical_speed_m_s": _VERTICAL_SPEED_M_S.take(record["vertical"]),
            "latitude_deg": latitude_deg,
            "longitude_deg": longitude_deg,
            "altitude_pressure_m": _altitude_m(record["pressure"]),
            "altitude_wgs84_m": _altitude_m(record["geodetic"]),
            "height_m": height_m,
            "height_reference": over,
            "horizontal_accuracy_m": HORIZONTAL_ACCURACY_M.take(accuracy & 15),
            "vertical_accuracy_m": VERTICAL_ACCURACY_M.take(accuracy >> 4),
        },
    )
    (tenths,) = _columns(record, "tenths")
    time_of_hour_s = tenths / 10.0
    beyond: Mask = tenths > odid.MAX_TENTHS
    if np.count_nonzero(beyond):
        time_of_hour_s[beyond] = np.nan
        sheet.flag(rows, beyond & (tenths < odid.NO_TENTHS), Flag.TIME_INVALID)
    sheet.put_time(rows, time_of_hour_s)
    return valid


def _auth(record: Records, rows: Rows, sheet: Sheet) -> Mask:
    """Rare, and of several pages: by the plain reader."""
    data = sheet.payloads.data
    pages: dict[int, list[odid.Auth]] = {}
    for row, page in zip(rows.tolist(), record.tolist(), strict=True):
        pages.setdefault(row, []).append(odid.auth_page(page))
    sheet.put_pages(pages, packed={row for row in pages if data[row][0] >> 4 == odid.PACK})
    return np.ones(len(rows), dtype=np.bool_)


def _self_id(record: Records, rows: Rows, sheet: Sheet) -> Mask:
    sheet.put(rows, {"self_id": sheet.read(rows, record["text"].tolist(), SELF_IDS)})
    return np.ones(len(rows), dtype=np.bool_)


def _system(record: Records, rows: Rows, sheet: Sheet) -> Mask:
    lat, lon = _columns(record, "lat", "lon")
    valid = _on_globe(lat, lon)
    if np.count_nonzero(valid) < len(valid):
        lat, lon = _without_markers(lat, lon)
        valid = _on_globe(lat, lon)
        sheet.damaged(rows[~valid], OUT_OF_RANGE, Flag.MESSAGE_INVALID | Flag.POSITION_INVALID)
        record, rows, lat, lon = record[valid], rows[valid], lat[valid], lon[valid]
    bits, kinds = _columns(record, "bits", "category")
    latitude_deg, longitude_deg = _position(lat, lon, rows, sheet)
    is_eu = bits >> 2 & 7 == odid.EU_CLASSIFICATION
    category, eu_class = kinds >> 4, kinds & 15
    sheet.put(
        rows,
        {
            "operator_location_type": ((bits & 3) + 1 & 3).view(np.int8),  # 3 is reserved: unknown
            "operator_latitude_deg": latitude_deg,
            "operator_longitude_deg": longitude_deg,
            "operator_altitude_wgs84_m": _altitude_m(record["altitude"]),
            "eu_category": (category * (is_eu & (category <= _LAST_CATEGORY))).view(np.int8),
            "eu_class": (eu_class * (is_eu & (eu_class <= _LAST_CLASS))).view(np.int8),
        },
    )
    test_lat, test_lon = odid.TEST_POSITION_E7
    is_test = (np.abs(lat - test_lat) <= 1) & (np.abs(lon - test_lon) <= 1)
    sheet.flag(rows, is_test, Flag.TEST_TRANSMITTER)
    return valid


def _operator_id(record: Records, rows: Rows, sheet: Sheet) -> Mask:
    sheet.put(rows, {"operator_id": sheet.read(rows, record["id"].tolist(), OPERATOR_IDS)})
    return np.ones(len(rows), dtype=np.bool_)


_READERS: Final[dict[int, tuple[np.dtype[Any], Callable[[Records, Rows, Sheet], Mask]]]] = {
    odid.BASIC_ID: (_BASIC_ID, _basic_id),
    odid.LOCATION: (_LOCATION, _location),
    odid.AUTH: (_AUTH, _auth),
    odid.SELF_ID: (_SELF_ID, _self_id),
    odid.SYSTEM: (_SYSTEM, _system),
    odid.OPERATOR_ID: (_OPERATOR_ID, _operator_id),
}


def _columns(record: Records, *names: str) -> list[npt.NDArray[Any]]:
    """Fields on which several steps work, taken out of the records."""
    return [np.ascontiguousarray(record[name]) for name in names]


def _newer(record: Records) -> Mask:
    """Which messages are of a version that may have codes which are not known here."""
    newer: Mask = record["head"] & 15 > odid.NEWEST_VERSION
    return newer


def _without_markers(lat_e7: npt.NDArray[Any], lon_e7: npt.NDArray[Any]) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    """Zeros, which are no fix, where one coordinate is the marker for none and the other is it too, or on the globe."""
    no_lat, no_lon = lat_e7 == odid.NO_POSITION, lon_e7 == odid.NO_POSITION
    unmarked = np.where(no_lat, 0, lat_e7), np.where(no_lon, 0, lon_e7)
    unknown = (no_lat | no_lon) & _on_globe(*unmarked)
    return np.where(unknown, 0, lat_e7), np.where(unknown, 0, lon_e7)


def _on_globe(lat_e7: npt.NDArray[Any], lon_e7: npt.NDArray[Any]) -> Mask:
    on_latitude = (lat_e7 >= -odid.MAX_LATITUDE_E7) & (lat_e7 <= odid.MAX_LATITUDE_E7)
    on_globe: Mask = on_latitude & (lon_e7 >= -odid.MAX_LONGITUDE_E7) & (lon_e7 <= odid.MAX_LONGITUDE_E7)
    return on_globe


def _position(lat_e7: npt.NDArray[Any], lon_e7: npt.NDArray[Any], rows: Rows, sheet: Sheet) -> tuple[Numbers, Numbers]:
    latitude_deg, longitude_deg = lat_e7 / 1e7, lon_e7 / 1e7
    north_e7, east_e7 = np.abs(lat_e7), np.abs(lon_e7)
    unknown = (north_e7 <= odid.NEAR_ZERO_E7) & (east_e7 <= odid.NEAR_ZERO_E7)  # one of them alone may be 0
    unknown |= (north_e7 == odid.MAX_LATITUDE_E7) & (east_e7 == odid.MAX_LONGITUDE_E7)
    if np.count_nonzero(unknown):
        latitude_deg[unknown] = longitude_deg[unknown] = np.nan
        sheet.flag(rows, unknown & ((lat_e7 | lon_e7) != 0), Flag.POSITION_INVALID)
    return latitude_deg, longitude_deg


def _altitude_m(raw: npt.NDArray[Any]) -> Numbers:
    altitude_m: Numbers = raw * 0.5 - 1000.0
    unknown = raw == 0
    if np.count_nonzero(unknown):
        altitude_m[unknown] = np.nan
    return altitude_m
