"""Payloads out of their framing, and the sheet on which a batch of them becomes columns.

Shared by the two forms of Open Drone ID, messages (``odid_batch``) and the C structure (``odid_struct``). One row a
payload. What a message says is written for all rows at once; where every row has it, in order, the values become the
column itself and nothing is copied.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from airspace.model.detection import COLUMNS, Bits, Codes, Detections, Flag, IdType, Numbers, Rows, Source, Texts, texts
from airspace.model.message import MAX_QUARANTINE_BYTES, Reject, RejectReason
from receivers.formats import odid
from receivers.formats.odid_auth import joined
from receivers.formats.odid_text import KnownTexts

Mask = npt.NDArray[np.bool_]
Columns = dict[str, npt.NDArray[Any]]

HOUR_S: Final = 3600.0
SKEW_LIMIT_S: Final = 5.0  # honest transmitters: 0.3 to 1.8 s; forged ones seen: 1858 s and more

# why a payload gave no row, the more telling reason the greater number
NO_DATA, UNKNOWN_MESSAGE, OUT_OF_RANGE, TRUNCATED = 1, 2, 3, 4
_REASONS: Final = {
    0: (RejectReason.NO_DATA, "no message in it"),
    NO_DATA: (RejectReason.NO_DATA, "a pack of no messages"),
    UNKNOWN_MESSAGE: (RejectReason.UNKNOWN_MESSAGE, "no message of a known type"),
    OUT_OF_RANGE: (RejectReason.VALUE_OUT_OF_RANGE, "values that cannot be"),
    TRUNCATED: (RejectReason.TRUNCATED, "shorter than one message"),
}
_SERIAL: Final = int(IdType.SERIAL)
_REMOTE_ID: Final = int(Source.REMOTE_ID)


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

    def damaged(self, rows: Rows, trouble: int, flags: Flag) -> None:
        """Messages of these rows were passed over."""
        if rows.size:
            np.maximum.at(self.trouble, rows, np.int8(trouble))
            np.bitwise_or.at(self.flags, rows, int(flags))

    def put_ids(self, rows: Rows, id_types: Codes, names: Texts, ua_types: Codes) -> None:
        """Basic IDs, in the order in which they were sent: a serial wins, the next other one is the alias."""
        if rows is self.every:
            self.put(rows, {"ua_type": ua_types})
        else:
            typed = np.flatnonzero(ua_types)[::-1]  # so that the first of several stays
            self.put(rows[typed], {"ua_type": ua_types[typed]})
        if np.count_nonzero(names) < len(names):  # no text is empty
            known = names.astype(np.bool_)
            rows, id_types, names = rows[known], id_types[known], names[known]
        self._put_named(rows, id_types, names)

    def _put_named(self, rows: Rows, id_types: Codes, names: Texts) -> None:
        if rows is self.every or np.all(rows[1:] > rows[:-1]):
            self.put(rows, {"uas_id": names, "uas_id_type": id_types})
            return
        order = np.lexsort((id_types != _SERIAL, rows))
        rows, id_types, names = rows[order], id_types[order], names[order]
        first = np.append(True, rows[1:] != rows[:-1])
        self.put(rows[first], {"uas_id": names[first], "uas_id_type": id_types[first]})
        leader = np.maximum.accumulate(np.where(first, np.arange(len(rows)), 0))
        (other,) = np.nonzero(np.not_equal(names, names[leader]))
        other = other[::-1]  # so that the first of several stays
        self.put(rows[other], {"alias_id": names[other], "alias_id_type": id_types[other]})

    def read(self, rows: Rows, raw: list[bytes], known: KnownTexts) -> Texts:
        """One text a message; what had to be done to it is flagged in its row."""
        found, remarked, flags = known.column(raw)
        if remarked:
            np.bitwise_or.at(self.flags, rows[remarked], flags)
        return found

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
            source=np.full(self.size, _REMOTE_ID, dtype=np.int8),
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
        if owners is self.every:
            return detections, owners, ()
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


def _unknown(kind: str, size: int) -> npt.NDArray[Any]:
    if kind == "number":
        return np.full(size, np.nan)
    return np.zeros(size, dtype=np.int8) if kind == "code" else np.full(size, None, dtype=object)
