"""Open Drone ID payloads, a batch at a time, into columns: the checked fast path.

Same facts and same rules as ``odid.py``, which is its oracle. All payloads are joined into one buffer; each message
type is gathered out of it as records of 25 bytes, its columns are worked out at once and written to the rows of the
payloads. One row a payload: in a pack the last message of a type wins, of several Basic IDs a serial wins the id and
another is its alias. A damaged message leaves its own fields unknown and a flag; the rest of the pack stays.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from airspace.model.detection import (
    COLUMNS,
    Bits,
    Codes,
    Detections,
    EuCategory,
    EuClass,
    Flag,
    HeightReference,
    IdType,
    Numbers,
    Rows,
    Source,
    Status,
    Texts,
    texts,
)
from airspace.model.message import MAX_QUARANTINE_BYTES, Reject, RejectReason
from receivers.formats import odid
from receivers.formats.odid_auth import joined
from receivers.formats.odid_text import read_operator_id, read_self_id, read_uas_id

Mask = npt.NDArray[np.bool_]
Columns = dict[str, npt.NDArray[Any]]
TextReader = Callable[[bytes], tuple[str | None, int]]

HOUR_S: Final = 3600.0
SKEW_LIMIT_S: Final = 5.0  # honest transmitters: 0.3 to 1.8 s; forged ones seen: 1858 s and more

_HEAD: Final = np.dtype([("kind", "u1"), ("size", "u1"), ("count", "u1")])
_BASIC_ID: Final = np.dtype(
    {"names": ["type", "id", "all"], "formats": ["u1", "S20", "S25"], "offsets": [1, 2, 0], "itemsize": 25}
)
_LOCATION: Final = np.dtype(
    {
        "names": ["bits", "direction", "speed", "vertical", "lat", "lon", "altitudes", "accuracy", "tenths"],
        "formats": ["u1", "u1", "u1", "u1", "<i4", "<i4", ("<u2", 3), "u1", "<u2"],
        "offsets": [1, 2, 3, 4, 5, 9, 13, 19, 21],
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

# why a payload gave no row, the more telling reason the greater number
NO_DATA, UNKNOWN_MESSAGE, OUT_OF_RANGE, TRUNCATED = 1, 2, 3, 4
_REASONS: Final = {
    0: (RejectReason.NO_DATA, "no message in it"),
    NO_DATA: (RejectReason.NO_DATA, "a pack of no messages"),
    UNKNOWN_MESSAGE: (RejectReason.UNKNOWN_MESSAGE, "no message of a known type"),
    OUT_OF_RANGE: (RejectReason.VALUE_OUT_OF_RANGE, "values that cannot be"),
    TRUNCATED: (RejectReason.TRUNCATED, "shorter than one message"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Payloads:
    """n payloads out of their framing: each one message or one pack, and what the framing says of it."""

    data: Sequence[bytes]
    received_s: Numbers
    sensor: Texts
    transmitter: Texts
    transport: Codes
    rssi_dbm: Numbers
    frequency_hz: Numbers
    counter: Numbers
    content_id: Texts
    place: Sequence[str]
    flags: Bits  # what the framing already knows, CRC_FAILED for one

    def __len__(self) -> int:
        return len(self.data)

    def take(self, rows: Rows) -> Payloads:
        """The named payloads, in that order."""
        return Payloads(
            data=[self.data[row] for row in rows.tolist()],
            received_s=self.received_s[rows],
            sensor=self.sensor[rows],
            transmitter=self.transmitter[rows],
            transport=self.transport[rows],
            rssi_dbm=self.rssi_dbm[rows],
            frequency_hz=self.frequency_hz[rows],
            counter=self.counter[rows],
            content_id=self.content_id[rows],
            place=[self.place[row] for row in rows.tolist()],
            flags=self.flags[rows],
        )


def decode_payloads(payloads: Payloads) -> tuple[Detections, Rows, tuple[Reject, ...]]:
    """Detections, for each of them the index of its payload, and the payloads that held nothing usable."""
    sheet = Sheet(payloads)
    messages = _Messages(payloads.data, sheet)
    head = messages.at(messages.start)
    version, kind = head & 15, head >> 4
    usable = np.zeros(len(kind), dtype=np.bool_)
    for number, read in _READERS.items():
        chosen = np.flatnonzero(kind == number)
        if chosen.size:
            usable[chosen] = read(messages, messages.start[chosen], sheet.rows(messages.owner[chosen]), sheet)
    sheet.damaged(messages.owner[kind > odid.OPERATOR_ID], UNKNOWN_MESSAGE, Flag.MESSAGE_INVALID)
    if np.count_nonzero(usable) < len(usable):
        version, messages.owner = version[usable], messages.owner[usable]
    sheet.flag(messages.owner, version > odid.NEWEST_VERSION, Flag.VERSION_UNKNOWN)
    sheet.put(messages.owner[::-1], {"protocol_version": version[::-1].astype(np.float64)})
    return sheet.finish(messages.owner)


class Sheet:
    """The columns of one batch while its messages are written into them, a row a payload."""

    def __init__(self, payloads: Payloads) -> None:
        self.payloads = payloads
        self.size = len(payloads)
        self.columns: Columns = {}
        self.flags: Bits = payloads.flags.astype(np.int64)
        self.trouble = np.zeros(self.size, dtype=np.int8)
        self.every: Rows = np.arange(self.size)

    def rows(self, rows: Rows) -> Rows:
        """The rows; ``every`` itself if they are all of them, in order, so that writing them is no copy."""
        return self.every if len(rows) == self.size and np.array_equal(rows, self.every) else rows

    def put(self, rows: Rows, values: Columns) -> None:
        """Write values into rows; where a row is named twice the last one stays."""
        if rows is self.every:
            self.columns.update(values)
            return
        for name, value in values.items():
            if name not in self.columns:
                self.columns[name] = _unknown(COLUMNS[name], self.size)
            self.columns[name][rows] = value

    def flag(self, rows: Rows, where: Mask, flag: Flag) -> None:
        """Add a flag to some of the rows."""
        if np.count_nonzero(where):
            np.bitwise_or.at(self.flags, rows[where], int(flag))

    def flag_each(self, rows: Rows, bits: list[int]) -> None:
        """Add to each row its own flags."""
        if any(bits):
            np.bitwise_or.at(self.flags, rows, np.array(bits, dtype=np.int64))

    def damaged(self, rows: Rows, trouble: int, flags: Flag) -> None:
        """Messages of these rows were passed over."""
        if rows.size:
            np.maximum.at(self.trouble, rows, np.int8(trouble))
            np.bitwise_or.at(self.flags, rows, int(flags))

    def put_ids(self, rows: Rows, id_types: npt.NDArray[Any], raw_ids: list[bytes], ua_types: npt.NDArray[Any]) -> None:
        """Basic IDs, in the order in which they were sent: a serial wins, the next other one is the alias."""
        found = list(map(read_uas_id, id_types.tolist(), raw_ids))
        read = [name for name, _ in found]
        names = texts(read)
        self.flag_each(rows, [bits for _, bits in found])
        if rows is self.every:
            self.put(rows, {"ua_type": ua_types.astype(np.int8)})
        else:
            typed = np.flatnonzero(ua_types)[::-1]  # so that the first of several stays
            self.put(rows[typed], {"ua_type": ua_types[typed].astype(np.int8)})
        if None in read:
            known = np.array([name is not None for name in read])
            rows, id_types, names = rows[known], id_types[known], names[known]
        self._put_named(rows, id_types.astype(np.int8), names)

    def _put_named(self, rows: Rows, id_types: Codes, names: Texts) -> None:
        if rows is self.every or np.all(rows[1:] > rows[:-1]):
            self.put(rows, {"uas_id": names, "uas_id_type": id_types})
            return
        order = np.lexsort((id_types != int(IdType.SERIAL), rows))
        rows, id_types, names = rows[order], id_types[order], names[order]
        first = np.append(True, rows[1:] != rows[:-1])
        self.put(rows[first], {"uas_id": names[first], "uas_id_type": id_types[first]})
        leader = np.maximum.accumulate(np.where(first, np.arange(len(rows)), 0))
        (other,) = np.nonzero(np.not_equal(names, names[leader]))
        other = other[::-1]  # so that the first of several stays
        self.put(rows[other], {"alias_id": names[other], "alias_id_type": id_types[other]})

    def put_texts(self, rows: Rows, column: str, raw: list[bytes], read: TextReader) -> None:
        """Read one text a message into a column."""
        found = [read(text) for text in raw]
        self.put(rows, {column: texts([text for text, _ in found])})
        self.flag_each(rows, [bits for _, bits in found])

    def put_pages(self, pages: dict[int, list[odid.Auth]], packed: set[int]) -> None:
        """Authentication, by row. Pages that contradict each other, or are missing in a pack, leave a flag."""
        found = {row: joined(held) for row, held in pages.items()}
        rows: Rows = np.array(list(found), dtype=np.intp)
        self.put(rows, {"authentication": texts([text for text, _ in found.values()])})
        wrong = [row for row, (text, sound) in found.items() if not sound or (text is None and row in packed)]
        self.flags[np.array(wrong, dtype=np.intp)] |= int(Flag.MESSAGE_INVALID)

    def put_time(self, rows: Rows, time_of_hour_s: Numbers) -> None:
        """Fold the time after the hour into the UTC hour closest to the receive time."""
        received_s = self.payloads.received_s if rows is self.every else self.payloads.received_s[rows]
        with np.errstate(invalid="ignore", over="ignore"):
            time_s = np.rint((received_s - time_of_hour_s) / HOUR_S) * HOUR_S + time_of_hour_s
            time_s[~np.isfinite(time_s)] = np.nan
        self.put(rows, {"time_s": time_s})

    def finish(self, owners: Rows) -> tuple[Detections, Rows, tuple[Reject, ...]]:
        """The rows that own at least one message, and a reject for each of the others."""
        given = self.payloads
        if "time_s" in self.columns:
            late = np.abs(self.columns["time_s"] - given.received_s) > SKEW_LIMIT_S
            self.flag(self.every, late, Flag.SKEW)
        detections = Detections.build(
            self.size,
            received_s=given.received_s,
            logged_s=given.received_s,
            source=np.full(self.size, int(Source.REMOTE_ID), dtype=np.int8),
            transport=given.transport,
            sensor=given.sensor,
            transmitter=given.transmitter,
            content_id=given.content_id,
            rssi_dbm=given.rssi_dbm,
            frequency_hz=given.frequency_hz,
            counter=given.counter,
            flags=self.flags,
            **self.columns,
        )
        held = np.zeros(self.size, dtype=np.bool_)
        held[owners] = True
        if np.count_nonzero(held) == self.size:
            return detections, self.every, ()
        rows = np.flatnonzero(held)
        return detections.take(rows), rows, tuple(self._reject(index) for index in np.flatnonzero(~held).tolist())

    def _reject(self, index: int) -> Reject:
        given = self.payloads
        reason, detail = _REASONS[int(self.trouble[index])]
        return Reject(
            reason=reason,
            detail=detail,
            place=given.place[index],
            received_s=float(given.received_s[index]),
            sensor=given.sensor[index],
            payload=given.data[index][:MAX_QUARANTINE_BYTES],
        )


class _Messages:
    """Where in the joined payloads each message starts, and whose it is."""

    def __init__(self, data: Sequence[bytes], sheet: Sheet) -> None:
        n = len(data)
        length = np.fromiter(map(len, data), dtype=np.intp, count=n)
        self._joined = b"".join(data) + bytes(odid.MESSAGE_BYTES)  # so that any start may be read as a record
        begin = np.cumsum(length) - length
        head = self.records(begin, _HEAD)
        pack = head["kind"] >> 4 == odid.PACK
        pack &= length > 0
        header = np.where(pack, odid.PACK_HEADER_BYTES, 0)
        available = np.maximum((length - header) // odid.MESSAGE_BYTES, 0)
        used = np.minimum(available, np.where(pack, np.minimum(head["count"], odid.MAX_PACK_MESSAGES), 1))
        empty = pack & (length >= odid.PACK_HEADER_BYTES) & (head["count"] == 0)
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

    def records(self, start: Rows, layout: np.dtype[Any]) -> npt.NDArray[Any]:
        """One record at each start."""
        count = len(self._joined) - layout.itemsize + 1
        plain = np.ndarray(shape=(count,), dtype=f"V{layout.itemsize}", buffer=self._joined, strides=(1,))
        return plain[start].view(layout)


def _basic_id(messages: _Messages, start: Rows, rows: Rows, sheet: Sheet) -> Mask:
    record = messages.records(start, _BASIC_ID)
    filled: Mask = record["all"] != b""
    valid: Mask = filled & (record["type"] >> 4 <= _LAST_ID_TYPE)
    sheet.damaged(rows[filled & ~valid], OUT_OF_RANGE, Flag.MESSAGE_INVALID)
    if np.count_nonzero(valid) < len(valid):
        record, rows = record[valid], rows[valid]
    sheet.put_ids(rows, record["type"] >> 4, record["id"].tolist(), record["type"] & 15)
    return valid


def _location(messages: _Messages, start: Rows, rows: Rows, sheet: Sheet) -> Mask:
    record = messages.records(start, _LOCATION)
    on_globe = _on_globe(record["lat"], record["lon"])
    valid = on_globe & (record["bits"] >> 4 <= _LAST_STATUS)
    if np.count_nonzero(valid) < len(valid):
        sheet.damaged(rows[~on_globe], OUT_OF_RANGE, Flag.POSITION_INVALID)
        sheet.damaged(rows[~valid], OUT_OF_RANGE, Flag.MESSAGE_INVALID)
        record, rows = record[valid], rows[valid]
    bits = record["bits"].astype(np.intp)
    tenths = record["tenths"]
    altitudes = _altitudes_m(np.ascontiguousarray(record["altitudes"].T))  # columns that go on as rows of memory
    latitude_deg, longitude_deg = _position(record["lat"], record["lon"])
    over = HEIGHT_REFERENCE[(bits & 4) >> 2]
    over[np.isnan(altitudes[2])] = UNKNOWN_REFERENCE
    sheet.put(
        rows,
        {
            "status": (bits >> 4).astype(np.int8),
            "track_deg": _TRACK_DEG[(bits & 2) << 7 | record["direction"]],
            "speed_m_s": _SPEED_M_S[(bits & 1) << 8 | record["speed"]],
            "vertical_speed_m_s": _VERTICAL_SPEED_M_S[record["vertical"]],
            "latitude_deg": latitude_deg,
            "longitude_deg": longitude_deg,
            "altitude_pressure_m": altitudes[0],
            "altitude_wgs84_m": altitudes[1],
            "height_m": altitudes[2],
            "height_reference": over,
            "horizontal_accuracy_m": HORIZONTAL_ACCURACY_M[record["accuracy"] & 15],
            "vertical_accuracy_m": VERTICAL_ACCURACY_M[record["accuracy"] >> 4],
        },
    )
    sheet.flag(rows, (tenths > odid.MAX_TENTHS) & (tenths < odid.NO_TENTHS), Flag.TIME_INVALID)
    sheet.put_time(rows, np.where(tenths > odid.MAX_TENTHS, np.nan, tenths / 10.0))
    return valid


def _auth(messages: _Messages, start: Rows, rows: Rows, sheet: Sheet) -> Mask:
    """Rare, and of several pages: by the plain reader."""
    data = sheet.payloads.data
    pages: dict[int, list[odid.Auth]] = {}
    for row, record in zip(rows.tolist(), messages.records(start, _AUTH).tolist(), strict=True):
        pages.setdefault(row, []).append(odid.auth_page(record))
    sheet.put_pages(pages, packed={row for row in pages if data[row][0] >> 4 == odid.PACK})
    return np.ones(len(rows), dtype=np.bool_)


def _self_id(messages: _Messages, start: Rows, rows: Rows, sheet: Sheet) -> Mask:
    sheet.put_texts(rows, "self_id", messages.records(start, _SELF_ID)["text"].tolist(), read_self_id)
    return np.ones(len(rows), dtype=np.bool_)


def _system(messages: _Messages, start: Rows, rows: Rows, sheet: Sheet) -> Mask:
    record = messages.records(start, _SYSTEM)
    valid = _on_globe(record["lat"], record["lon"])
    if np.count_nonzero(valid) < len(valid):
        sheet.damaged(rows[~valid], OUT_OF_RANGE, Flag.MESSAGE_INVALID | Flag.POSITION_INVALID)
        record, rows = record[valid], rows[valid]
    lat, lon, bits = record["lat"], record["lon"], record["bits"]
    latitude_deg, longitude_deg = _position(lat, lon)
    is_eu = bits >> 2 & 7 == odid.EU_CLASSIFICATION
    category, eu_class = record["category"] >> 4, record["category"] & 15
    sheet.put(
        rows,
        {
            "operator_location_type": ((bits.astype(np.intp) + 1) & 3).astype(np.int8),  # 3 is reserved: unknown
            "operator_latitude_deg": latitude_deg,
            "operator_longitude_deg": longitude_deg,
            "operator_altitude_wgs84_m": _altitudes_m(record["altitude"]),
            "eu_category": np.where(is_eu & (category <= _LAST_CATEGORY), category, 0).astype(np.int8),
            "eu_class": np.where(is_eu & (eu_class <= _LAST_CLASS), eu_class, 0).astype(np.int8),
        },
    )
    test_lat, test_lon = odid.TEST_POSITION_E7
    is_test = (np.abs(lat - test_lat) <= 1) & (np.abs(lon - test_lon) <= 1)
    sheet.flag(rows, is_test, Flag.TEST_TRANSMITTER)
    return valid


def _operator_id(messages: _Messages, start: Rows, rows: Rows, sheet: Sheet) -> Mask:
    sheet.put_texts(rows, "operator_id", messages.records(start, _OPERATOR_ID)["id"].tolist(), read_operator_id)
    return np.ones(len(rows), dtype=np.bool_)


# plain numbers: numpy compares with them five times as fast as with an enum's members
_LAST_ID_TYPE: Final = int(IdType.SESSION)
_LAST_STATUS: Final = int(max(Status))
_LAST_CATEGORY: Final = int(max(EuCategory))
_LAST_CLASS: Final = int(max(EuClass))
_READERS: Final[dict[int, Callable[[_Messages, Rows, Rows, Sheet], Mask]]] = {
    odid.BASIC_ID: _basic_id,
    odid.LOCATION: _location,
    odid.AUTH: _auth,
    odid.SELF_ID: _self_id,
    odid.SYSTEM: _system,
    odid.OPERATOR_ID: _operator_id,
}


def _on_globe(lat_e7: npt.NDArray[Any], lon_e7: npt.NDArray[Any]) -> Mask:
    on_latitude = (lat_e7 >= -odid.MAX_LATITUDE_E7) & (lat_e7 <= odid.MAX_LATITUDE_E7)
    on_globe: Mask = on_latitude & (lon_e7 >= -odid.MAX_LONGITUDE_E7) & (lon_e7 <= odid.MAX_LONGITUDE_E7)
    return on_globe


def _position(lat_e7: npt.NDArray[Any], lon_e7: npt.NDArray[Any]) -> tuple[Numbers, Numbers]:
    known = (lat_e7 | lon_e7) != 0  # one of them alone may be 0
    return np.where(known, lat_e7 / 1e7, np.nan), np.where(known, lon_e7 / 1e7, np.nan)


def _altitudes_m(raw: npt.NDArray[Any]) -> Numbers:
    return np.where(raw == 0, np.nan, raw * 0.5 - 1000.0)


def _unknown(kind: str, size: int) -> npt.NDArray[Any]:
    if kind == "number":
        return np.full(size, np.nan)
    return np.zeros(size, dtype=np.int8) if kind == "code" else np.full(size, None, dtype=object)
