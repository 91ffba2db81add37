"""The CSV that the OpenDroneID Android app records: each row's payload, read anew.

Source: receiver-android e51783e, ``LogEntry``, ``LogWriter`` and the scanners; the older form of its header. A row::

    session, timestamp (nanos), transportType, macAddress, msgVersion, rssi, payload, then what the app read (not used)
    session, timestamp (nanos), mac address, callbackType, rssi, payload, ...                             until 2021

The payload (hex with blanks) is the whole advertisement for Bluetooth (BT4, BT5), for Wi-Fi (Beacon, NAN) the message
counter and the pack. Nothing is quoted: ids and texts behind the payload may hold commas and line breaks, so columns
are found by their place in the header, none after the payload is read, and a line that is no row is refused alone.

A spreadsheet that opened such a file may have saved it with semicolons or tabs, a ``sep=`` line, other line ends or as
UTF-16: read all the same. A timestamp that it turned into 1.2E+14 is lost, and its row is refused alone.

The timestamp counts from the start of the phone. ``rows`` needs the time at which the first row was received and dates
the others by their distance to it. Its messages are the row cut off behind the payload, in the order above: that is
what ``frame`` reads, and what may be kept.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator, Sequence
from pathlib import PurePath
from typing import Final, NamedTuple

from airspace.model.detection import Transport
from airspace.model.message import Decoded, RawMessage, Reject, RejectReason
from airspace.model.text import safe_text
from receivers.formats import ble
from receivers.formats.framing import UNKNOWN, Framed, Refusal, Signal, cut_short, decode_framed
from receivers.formats.hexlines import from_hex

REBOOT_S: Final = 60.0  # a clock that goes back further than rows get out of order: the phone was started anew
MAX_ROW_BYTES: Final = 4096  # up to the payload's end: 255 bytes of advertisement take 765 letters

_NANOS: Final = "timestamp (nanos)"
_COLUMNS: Final = {  # here -> in the header, newest first
    "session": ("session",),
    "nanos": (_NANOS,),
    "transport": ("transportType",),
    "mac": ("macAddress", "mac address"),
    "version": ("msgVersion", "callbackType"),
    "rssi": ("rssi",),
    "payload": ("payload",),
}
_NEEDED: Final = ("nanos", "rssi", "payload")
_BLUETOOTH: Final = {
    b"BT4": Transport.BLE4,
    b"BT5": Transport.BLE5,
    b"": Transport.UNKNOWN,  # the older form does not say
}
_WIFI: Final = {b"Beacon": Transport.WIFI_BEACON, b"NAN": Transport.WIFI_NAN}
_ROW: Final = re.compile(
    rb"\d{0,9},\d{1,19},(BT4|BT5|Beacon|NAN|),([^,]{0,40}),-?\d{0,9},(-?\d{1,4}),([0-9A-Fa-f ]+)\Z"
)
_DELIMITERS: Final = (b",", b";", b"\t")
_SEPARATOR: Final = re.compile(rb'(?:\xef\xbb\xbf)?"?sep=', re.IGNORECASE)
_UTF_16: Final = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
_RSSI_DBM: Final = (-150, -1)  # 0 is what the app writes where it has none


class _Header(NamedTuple):
    """Place of each column, -1 for none."""

    session: int
    nanos: int
    transport: int
    mac: int
    version: int
    rssi: int
    payload: int


def is_android_csv(start: bytes) -> bool:
    """Whether the first line of a file, and the next one where a spreadsheet put one before, is such a header."""
    lines = plain(start).split(b"\n")
    first = 1 if _SEPARATOR.match(lines[0]) else 0
    return first < len(lines) and _form(lines[first])[1] is not None


def plain(data: bytes) -> bytes:
    """A recording that a spreadsheet opened and saved, with the letters and line ends that it had."""
    for mark, name in _UTF_16.items():
        if data.startswith(mark):
            data = data.removeprefix(mark).decode(name, "replace").encode()
    return data if b"\n" in data else data.replace(b"\r", b"\n")  # a text in a row may hold either


def rows(data: bytes, place: str, first_received_s: float) -> Iterator[RawMessage | Reject]:
    """The rows of a whole file; ``place`` names it, ``first_received_s`` is when its first row was received."""
    lines = plain(data).split(b"\n")
    first = 1 if _SEPARATOR.match(lines[0]) else 0
    delimiter, header = _form(lines[first]) if first < len(lines) else (b"", None)
    if header is None:
        yield _refused(place, 1, first_received_s, "not the header of an Android recording")
        return
    clock = _Clock(first_received_s)
    for number, line in enumerate(lines[first + 1 :], first + 2):
        fields = line.split(delimiter, header.payload + 1)
        nanos = fields[header.nanos] if len(fields) > header.payload else b""
        row = _row(fields, header) if nanos.isdigit() else None
        if row is not None and _ROW.match(row):
            yield RawMessage(
                payload=row,
                received_s=clock.time_s(int(nanos)),
                sensor=PurePath(place).stem or None,
                place=f"{place}:{number}",
            )
        elif line.strip():
            yield _refused(place, number, clock.latest_s, "not a row: part of a text of the row before, or damaged")


def decode(messages: Sequence[RawMessage]) -> Decoded:
    """Rows as ``rows`` gives them."""
    return decode_framed(messages, lambda message: frame(message.payload))


def is_row(data: bytes) -> bool:
    """Whether the bytes are such a row."""
    return len(data) <= MAX_ROW_BYTES and _ROW.match(data) is not None


def frame(data: bytes) -> Framed:
    """The signal in one row."""
    found = _ROW.match(data[:MAX_ROW_BYTES])
    if found is None:
        return Refusal(reason=RejectReason.UNKNOWN_FORMAT, detail="not a row of an Android recording")
    kind, mac, rssi, payload = found.groups()
    content = from_hex(payload) or b""
    transmitter = _transmitter(mac, kind)
    if kind in _WIFI:
        if len(content) < 2:  # noqa: PLR2004 - the counter and something to count
            return cut_short("the payload")
        framed: Framed = [
            Signal(payload=content[1:], transport=_WIFI[kind], transmitter=transmitter, counter=float(content[0]))
        ]
    else:
        framed = ble.advertisement(content, _BLUETOOTH[kind], transmitter)
    return ble.heard(framed, rssi_dbm=_rssi_dbm(int(rssi)), frequency_hz=UNKNOWN)


class _Clock:
    """From the phone's time since its start to the time of the world."""

    def __init__(self, first_received_s: float) -> None:
        self.latest_s = first_received_s
        self._offset_s: float | None = None

    def time_s(self, nanos: int) -> float:
        """When a row was received; after a new start of the phone time goes on from the latest."""
        up_s = nanos / 1e9
        if self._offset_s is None or up_s + self._offset_s < self.latest_s - REBOOT_S:
            self._offset_s = self.latest_s - up_s
        received_s = up_s + self._offset_s
        self.latest_s = max(self.latest_s, received_s)
        return received_s


def _form(line: bytes) -> tuple[bytes, _Header | None]:
    """What parts the columns, and where they are."""
    forms = ((delimiter, _header(line, delimiter.decode())) for delimiter in _DELIMITERS)
    return next(((delimiter, header) for delimiter, header in forms if header is not None), (b",", None))


def _header(line: bytes, delimiter: str) -> _Header | None:
    names = [name.strip(' "') for name in line.decode("utf-8-sig", "replace").strip().split(delimiter)]
    places = {here: _place(names, there) for here, there in _COLUMNS.items()}
    header = _Header(**places)
    wanted = all(places[name] >= 0 for name in _NEEDED)
    return header if wanted and header.payload == max(header) else None


def _place(names: list[str], wanted: Sequence[str]) -> int:
    """Of the first column so called: names come again further right."""
    return next((names.index(name) for name in wanted if name in names), -1)


def _row(fields: list[bytes], header: _Header) -> bytes:
    return b",".join(b"" if place < 0 else fields[place].strip() for place in header)


def _transmitter(mac: bytes, kind: bytes) -> str | None:
    text = safe_text(mac.decode("ascii", "replace"))
    if text is None:
        return None
    return f"NAN {text}" if kind == b"NAN" else text.upper()  # a NAN peer is numbered by the phone


def _rssi_dbm(rssi: int) -> float:
    return float(rssi) if _RSSI_DBM[0] <= rssi <= _RSSI_DBM[1] else UNKNOWN


def _refused(place: str, number: int, received_s: float, detail: str) -> Reject:
    """Nothing is kept of the line: it may hold what an operator keeps secret."""
    return Reject(reason=RejectReason.WRONG_TYPE, detail=detail, place=f"{place}:{number}", received_s=received_s)
