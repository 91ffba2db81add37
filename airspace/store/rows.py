"""Detections as rows for a binary COPY: which columns go over the wire, as what, in which mode.

Unknown numbers go as NaN and become NULL in the server (``nullif``), and times as the integers that PostgreSQL's binary
form consists of: both are one numpy operation a column instead of one Python object a value.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from airspace.model.clocks import KEPT_S, put_right
from airspace.model.commit import Commit
from airspace.model.detection import (
    Codes,
    Detections,
    EuCategory,
    EuClass,
    Flag,
    Numbers,
    Source,
    Status,
    Texts,
    Transport,
    UaType,
    texts,
)
from airspace.model.lines import code_name
from airspace.model.privacy import Mode, Privacy
from airspace.store.cells import NO_CELL, cell_of

_INFINITY: Final = 2**63 - 1  # PostgreSQL's own form of it
_POSTGRES_EPOCH_S: Final = 946_684_800.0  # 2000-01-01T00:00:00Z
_EARLIEST_S: Final = 0.0
_LATEST_S: Final = 9_000_000_000.0  # year 2255: far inside what a timestamptz holds


@dataclass(frozen=True, slots=True)
class _Column:
    """``wire`` is the type sent; ``unknown`` is the value that means NULL."""

    name: str
    wire: str
    table: str
    unknown: str | None = None
    personal: bool = False


def _number(name: str, *, personal: bool = False) -> _Column:
    return _Column(name, "float8", "float8", "'NaN'", personal)


def _text(name: str, *, personal: bool = False) -> _Column:
    return _Column(name, "text", "text", None, personal)


_COLUMNS: Final = (
    _Column("time", "int8", "timestamptz"),
    _Column("content_id", "bytea", "bytea"),
    _Column("received", "int8", "timestamptz"),
    _text("sensor"),
    _text("source"),
    _text("transport"),
    _text("track_id"),
    _text("flight_id"),
    _text("pseudonym"),
    _Column("cell", "int8", "int8", str(NO_CELL)),
    _text("uas_id", personal=True),
    _text("operator_id", personal=True),
    _number("latitude_deg", personal=True),
    _number("longitude_deg", personal=True),
    _number("altitude_wgs84_m", personal=True),
    _number("operator_latitude_deg", personal=True),
    _number("operator_longitude_deg", personal=True),
    _number("sensor_latitude_deg", personal=True),
    _number("sensor_longitude_deg", personal=True),
    _number("bearing_deg", personal=True),
    _number("bearing_accuracy_deg", personal=True),
    _number("height_m"),
    _number("speed_m_s"),
    _number("track_deg"),
    _text("status"),
    _text("ua_type"),
    _text("eu_category"),
    _text("eu_class"),
    _number("rssi_dbm"),
    _Column("flags", "int8", "int8"),
    _Column("of_the_past", "bool", "bool"),
    _Column("logged", "int8", "timestamptz"),
    _Column("counted_at", "int8", "timestamptz", "'infinity'"),
)
PAST_S: Final = 5.0  # stale rows that are younger when they come were told again, or kept by a broker, and say no time


def _words(column: str, codes: type[IntEnum]) -> Texts:
    return texts([code_name(column, code) for code in range(max(codes) + 1)])


_WORDS: Final = {
    "source": _words("source", Source),
    "transport": _words("transport", Transport),
    "status": _words("status", Status),
    "ua_type": _words("ua_type", UaType),
    "eu_category": _words("eu_category", EuCategory),
    "eu_class": _words("eu_class", EuClass),
}


class RowShape:
    """The columns that one mode stores, and the statements that go with them."""

    def __init__(self, mode: Mode) -> None:
        self._columns = [column for column in _COLUMNS if mode is Mode.ENFORCEMENT or not column.personal]
        self.types = [column.wire for column in self._columns]
        names = ", ".join(column.name for column in self._columns)
        kinds = ", ".join(f"{column.name} {column.table}" for column in self._columns)
        values = ", ".join(
            f"nullif({column.name}, {column.unknown})" if column.unknown else column.name for column in self._columns
        )
        self.create = f"create temporary table incoming ({kinds}) on commit delete rows"
        self.copy = f"copy incoming ({names}) from stdin (format binary)"
        self.insert = (
            f"insert into detection ({names}) select {values} from incoming on conflict (time, content_id) do nothing"
            " returning counted_at, cell, sensor, logged"
        )

    def rows(self, commit: Commit, pseudonym: list[str | None]) -> Iterator[tuple[Any, ...]]:
        """The commit's detections, ready for COPY. Raises ValueError for a time that is none."""
        values = _values(commit)
        values["pseudonym"] = pseudonym
        return zip(*(values[column.name] for column in self._columns), strict=True)


def _values(commit: Commit) -> dict[str, list[Any]]:
    rows = commit.detections
    values: dict[str, list[Any]] = {
        column.name: getattr(rows, column.name).tolist() for column in _COLUMNS if hasattr(rows, column.name)
    }
    for name, words in _WORDS.items():
        values[name] = _named(words, getattr(rows, name)).tolist()
    values["time"] = microseconds(np.where(np.isnan(rows.time_s), rows.received_s, rows.time_s))
    values["received"] = microseconds(rows.received_s)
    values["of_the_past"] = of_the_past(rows).tolist()
    values["logged"] = microseconds(rows.logged_s)
    values["counted_at"] = _counted_at(rows)
    values["track_id"] = commit.track_id.tolist()
    values["flight_id"] = commit.flight_id.tolist()
    values["cell"] = cell_of(rows.latitude_deg, rows.longitude_deg).tolist()
    return values


def _named(words: Texts, codes: Codes) -> Texts:
    if len(codes) and (codes.min() < 0 or codes.max() >= len(words)):
        raise ValueError("a code that its enumeration does not have")
    named: Texts = words[codes]
    return named


def microseconds(time_s: Numbers) -> list[int]:
    """PostgreSQL's own form of a time: microseconds since 2000."""
    if not bool(np.all((time_s > _EARLIEST_S) & (time_s < _LATEST_S))):
        raise ValueError("a time that is none")
    micros: list[int] = np.rint((time_s - _POSTGRES_EPOCH_S) * 1e6).astype(np.int64).tolist()
    return micros


def of_the_past(rows: Detections) -> npt.NDArray[np.bool_]:
    """Rows that are evidence of their own time, and of no track. One of a wrong clock says nothing of its time."""
    stale = (rows.flags & int(Flag.STALE)) != 0
    past: npt.NDArray[np.bool_] = stale & ~_wrong(rows) & (rows.logged_s - rows.received_s > PAST_S) & ~_too_old(rows)
    return past


def _wrong(rows: Detections) -> npt.NDArray[np.bool_]:
    wrong: npt.NDArray[np.bool_] = (rows.flags & int(Flag.CLOCK_OF_SENSOR)) != 0
    return wrong


def _too_old(rows: Detections) -> npt.NDArray[np.bool_]:
    """Older than anything that waited for us can be: else one sensor could change the figures of any closed day."""
    old: npt.NDArray[np.bool_] = ~_wrong(rows) & (rows.logged_s - rows.received_s > KEPT_S)
    return old


def _counted_at(rows: Detections) -> list[int]:
    """When each was heard, by our clock at the latest: of that day it is; never, of what is too old for any."""
    right_s = put_right(rows.received_s, rows.time_s, rows.logged_s)[0]
    heard = microseconds(np.where(_wrong(rows), right_s, np.minimum(rows.received_s, rows.logged_s)))
    return [_INFINITY if old else at for at, old in zip(heard, _too_old(rows).tolist(), strict=True)]


def pseudonyms(rows: Detections, privacy: Privacy) -> list[str | None]:
    """One for each row; each identity is hashed once."""
    known: dict[str | None, str | None] = {}
    for uas_id in rows.uas_id:
        if uas_id not in known:
            known[uas_id] = privacy.pseudonym("uas", uas_id)
    return [known[uas_id] for uas_id in rows.uas_id]
