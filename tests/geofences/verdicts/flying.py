"""A case flown: its rows and ticks through the judge one after the other, as in a live service; its place asked."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from airspace.model.detection import EuCategory, EuClass, HeightReference, IdType, OperatorLocation, Texts, texts
from airspace.model.geodesy import WGS84
from airspace.model.track import TRACK_COLUMNS, Tracks
from airspace.model.verdict import Verdict
from airspace.model.zone import Datum
from geofences.catalogue import Catalogue
from geofences.explanation import at_point
from geofences.judging.judge import Judge
from geofences.notices.book import NoticeBook
from geofences.zone_set import ZoneSet
from tests.geofences import made
from tests.geofences.verdicts.table import Case, notice, zones

_HEIGHTS: dict[str, dict[str, Any]] = {  # column of the height, and its reference
    "agl": {"height_reference": HeightReference.GROUND, "column": "height_m"},
    "takeoff": {"height_reference": HeightReference.TAKEOFF, "column": "height_m"},
    "wgs84": {"height_reference": 0, "column": "altitude_wgs84_m"},
    "pressure": {"height_reference": 0, "column": "altitude_pressure_m"},
    "none": {"height_reference": 0, "column": None},
}
_DATUMS = {"agl": Datum.AGL, "wgs84": Datum.WGS84, "amsl": Datum.AMSL, "unknown": Datum.UNKNOWN}


def catalogue_of(case: Case) -> Catalogue:
    """The zones that the case names, or all of the table."""
    chosen = zones() if case.zones is None else {name: zones()[name] for name in case.zones}
    return Catalogue([ZoneSet(source="table", version="0123456789ab", zones=tuple(chosen.values()))])


def book_of(case: Case) -> NoticeBook:
    return NoticeBook([notice(number, values) for number, values in enumerate(case.notices)])


def rows_of(case: Case) -> Tracks:
    """The case's track, ``case.rows`` rows from ``case.time`` on."""
    n = case.rows
    points = [case.at] * n if case.way is None else [case.way[row % len(case.way)] for row in range(n)]
    height = _HEIGHTS[case.datum]
    columns: dict[str, Any] = {
        "logged_s": case.time.timestamp() + np.arange(n) * case.spacing,
        "first_seen_s": case.time.timestamp() - 60.0,
        "height_m": np.nan,
        "height_reference": height["height_reference"],
        "horizontal_accuracy_m": case.accuracy,
        "vertical_accuracy_m": case.vertical_accuracy,
        "uas_id": case.serial or None,
        "uas_id_type": IdType[case.id_type.upper()] if case.serial else 0,
        "eu_category": EuCategory[case.category.upper()],
        "eu_class": EuClass[case.eu_class.upper()],
    }
    columns["last_seen_s"] = columns["logged_s"]
    columns["fix_time_s"] = columns["logged_s"]
    if height["column"]:
        columns[height["column"]] = case.height
    if case.pilot_m is not None:
        columns |= _pilot(case, case.pilot_m)
    for name, value in case.columns.items():
        columns[name] = value
    for name, value in case.later.items():
        before = np.broadcast_to(np.array(columns.get(name, getattr(made.tracks(points), name))), (n,))
        columns[name] = [*before[: n // 2].tolist(), *([value] * (n - n // 2))]
    return made.tracks(points, **columns)


def _pilot(case: Case, metres: float) -> dict[str, Any]:
    longitude, latitude, _ = WGS84.fwd(case.at[1], case.at[0], 270.0, metres)
    return {
        "operator_latitude_deg": latitude,
        "operator_longitude_deg": longitude,
        "operator_location_type": OperatorLocation[case.pilot.upper()],
    }


def fly(case: Case, catalogue: Catalogue) -> list[Verdict]:
    """Every verdict that the case's rule tells, in its group if it names one."""
    room = case.room
    judge = Judge(catalogue, book_of(case), uspace=case.uspace, capacity=None if room is None else lambda *_: room)
    fleet = [rows_of(case), *(_beside(case, number, serial) for number, serial in enumerate(case.fleet, start=2))]
    told: list[Verdict] = []
    for row in range(case.rows):
        now = _together([rows.take(np.array([row])) for rows in fleet])
        told.extend(judge.judge(made.changes(now, live=now, tick_s=float(now.logged_s[0]))))
    return [each for each in told if each.rule == case.rule and case.group in {None, each.group}]


def _beside(case: Case, number: int, serial: str) -> Tracks:
    rows = rows_of(replace(case, serial=serial))
    named = {"number": np.full(len(rows), number), "track_id": _same(f"T{number}", rows)}
    return replace(rows, **named, flight_id=_same(f"F{number}", rows))


def _same(name: str, rows: Tracks) -> Texts:
    return texts([name] * len(rows))


def _together(parts: list[Tracks]) -> Tracks:
    return Tracks(**{name: np.concatenate([getattr(part, name) for part in parts]) for name in TRACK_COLUMNS})


def ask(case: Case, catalogue: Catalogue) -> dict[str, Any]:
    """What holds at the case's place and time."""
    height_m = None if case.datum == "none" else case.height
    return at_point(catalogue, *case.at, height_m, _DATUMS.get(case.datum, Datum.UNKNOWN), case.time.timestamp())
