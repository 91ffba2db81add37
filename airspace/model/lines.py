"""Output lines: the names and forms that others rely on (contracts: a detection line, an alert line).

Unknown is null, times are RFC 3339 UTC with milliseconds, numbers stay numbers.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from airspace.model.detection import (
    COLUMNS,
    EuCategory,
    EuClass,
    Flag,
    HeightReference,
    IdType,
    OperatorLocation,
    Source,
    Status,
    Transport,
    UaType,
)
from airspace.model.track import Remark, phase
from airspace.model.units import rfc3339

if TYPE_CHECKING:
    from enum import IntEnum

    from airspace.model.alert import Alert
    from airspace.model.detection import Detections
    from airspace.model.notice import Notice
    from airspace.model.track import TrackRow

_CODES: dict[str, type[IntEnum]] = {
    "source": Source,
    "transport": Transport,
    "uas_id_type": IdType,
    "alias_id_type": IdType,
    "ua_type": UaType,
    "status": Status,
    "height_reference": HeightReference,
    "operator_location_type": OperatorLocation,
    "eu_category": EuCategory,
}
_DECIMALS = dict.fromkeys(
    (f"{whose}{axis}_deg" for whose in ("", "operator_", "sensor_") for axis in ("latitude", "longitude")), 7
)
_WHOLE = frozenset({"counter", "protocol_version", "frequency_hz", "bandwidth_hz"})
_HIDDEN = frozenset({"logged_s", "content_id", "time_s", "received_s"})


def code_name(column: str, value: int) -> str | None:
    """The contract's word for a code, None for unknown."""
    if value == 0:
        return None
    if column == "eu_class":
        return EuClass(value).name
    return _CODES[column](value).name.lower()


def number(value: float | None, decimals: int = 3) -> float | None:
    """A number fit for JSON: unknown is None."""
    if value is None or math.isnan(value):
        return None
    return round(value, decimals)


def time_text(time_s: float | None) -> str | None:
    """RFC 3339, or None for unknown."""
    return None if time_s is None or math.isnan(time_s) else rfc3339(time_s)


def detection_lines(detections: Detections) -> list[dict[str, Any]]:
    """One JSON-ready line for each row."""
    columns = {name: getattr(detections, name).tolist() for name in COLUMNS}
    return [_detection_line(columns, index) for index in range(len(detections))]


def _detection_line(columns: dict[str, list[Any]], index: int) -> dict[str, Any]:
    row = {name: column[index] for name, column in columns.items()}
    received = rfc3339(row["received_s"])
    line: dict[str, Any] = {"time": time_text(row["time_s"]) or received, "received": received}
    for name, kind in COLUMNS.items():
        if name not in _HIDDEN:
            line[name] = _value(name, kind, row[name])
    return line


def _value(name: str, kind: str, value: Any) -> Any:
    if kind == "number":
        known = number(value, _DECIMALS.get(name, 3))
        return int(known) if known is not None and name in _WHOLE else known
    if kind == "code":
        return code_name(name, value)
    if kind == "bits":
        return [flag.name.lower() for flag in Flag if value & flag and flag.name]
    return value


def alert_line(alert: Alert) -> dict[str, Any]:
    """The JSON-ready line of one telling."""
    gap = alert.notice_gap
    pilot = alert.pilot
    return {
        "alert_id": alert.alert_id,
        "revision": alert.revision,
        "time": rfc3339(alert.time_s),
        "state": alert.state.value,
        "kind": alert.kind.value,
        "verdict": alert.verdict.value,
        "reason": alert.reason,
        "sentence_nl": alert.sentence_nl,
        "sentence_en": alert.sentence_en,
        "priority": alert.priority,
        "priority_factors": [{"name": factor.name, "points": factor.points} for factor in alert.priority_factors],
        "track_id": alert.track_id,
        "flight_id": alert.flight_id,
        "uas_id": alert.uas_id,
        "group": alert.group,
        "zone_id": alert.zone_id,
        "zone_name": alert.zone_name,
        "zone_version": alert.zone_version,
        "zone_role": alert.zone_role.value,
        "rule": alert.rule,
        "rule_version": alert.rule_version,
        "notice_id": alert.notice_id,
        "notice_gap": None
        if gap is None
        else {
            "metres": number(gap.metres, 1),
            "minutes": number(gap.minutes, 1),
            "identity": gap.identity,
            "state": gap.state,
        },
        "latitude_deg": number(alert.latitude_deg, 7),
        "longitude_deg": number(alert.longitude_deg, 7),
        "height_agl_m": number(alert.height_agl_m, 1),
        "height_sigma_m": number(alert.height_sigma_m, 1),
        "pilot": None
        if pilot is None
        else {
            "latitude_deg": number(pilot.latitude_deg, 7),
            "longitude_deg": number(pilot.longitude_deg, 7),
            "kind": pilot.kind.value,
            "accuracy_m": number(pilot.accuracy_m, 1),
        },
        "first_seen": time_text(alert.first_seen_s),
        "last_seen": time_text(alert.last_seen_s),
        "opened": rfc3339(alert.opened_s),
        "sensors": list(alert.sensors),
        "taken_by": alert.taken_by,
        "outcome": alert.outcome,
        "evidence": alert.evidence,
        **_life(alert),
    }


def _life(alert: Alert) -> dict[str, Any]:
    """The two dimensions of an alert's life, and who did what."""
    return {
        "record_id": alert.record_id,
        "episode": alert.episode,
        "condition": alert.condition.value,
        "acknowledgement": alert.acknowledgement.value,
        "matter_nl": alert.matter_nl,
        "matter_en": alert.matter_en,
        "part_of": alert.part_of,
        "count": alert.count,
        "taken_since": time_text(alert.taken_s),
        "handed_over_by": alert.handed_over_by,
        "handed_over_to": alert.handed_over_to,
        "closed_by": alert.closed_by,
        "closed": time_text(alert.closed_s),
        "ended": time_text(alert.ended_s),
        "note": alert.note,
    }


def track_line(track: TrackRow, sensors: tuple[str, ...]) -> dict[str, Any]:
    """The JSON-ready line of one track at one moment."""
    return {
        "track_id": track.track_id,
        "flight_id": track.flight_id,
        "state": ("tentative", "confirmed", "coasting", "ended")[track.state - 1],
        "first_seen": time_text(track.first_seen_s),
        "last_seen": time_text(track.last_seen_s),
        "airborne": track.airborne,
        "latitude_deg": number(track.latitude_deg, 7),
        "longitude_deg": number(track.longitude_deg, 7),
        "horizontal_accuracy_m": number(track.horizontal_accuracy_m, 1),
        "altitude_wgs84_m": number(track.altitude_wgs84_m, 1),
        "height_m": number(track.height_m, 1),
        "height_reference": code_name("height_reference", track.height_reference),
        "speed_m_s": number(track.speed_m_s, 2),
        "track_deg": number(track.track_deg, 1),
        "vertical_speed_m_s": number(track.vertical_speed_m_s, 2),
        "status": code_name("status", track.status),
        "ua_type": code_name("ua_type", track.ua_type),
        "eu_category": code_name("eu_category", track.eu_category),
        "eu_class": code_name("eu_class", track.eu_class),
        "source": code_name("source", track.source),
        "uas_id": track.uas_id,
        "uas_id_type": code_name("uas_id_type", track.uas_id_type),
        "operator_id": track.operator_id,
        "operator_latitude_deg": number(track.operator_latitude_deg, 7),
        "operator_longitude_deg": number(track.operator_longitude_deg, 7),
        "operator_location_type": code_name("operator_location_type", track.operator_location_type),
        "ellipse_major_m": number(track.ellipse_major_m, 1),
        "ellipse_minor_m": number(track.ellipse_minor_m, 1),
        "ellipse_deg": number(track.ellipse_deg, 1),
        "bearing_deg": number(track.bearing_deg, 1),
        "bearing_accuracy_deg": number(track.bearing_accuracy_deg, 1),
        "bearing_latitude_deg": number(track.bearing_latitude_deg, 7),
        "bearing_longitude_deg": number(track.bearing_longitude_deg, 7),
        "confidence": number(track.confidence, 2),
        "phase": phase(track).value,
        "sensors": list(sensors),
        "sightings": track.sightings,
        "fixes": track.fixes,
        "remarks": remark_names(track.remarks),
        "suspect": track.suspect,
        "skew_s": number(track.skew_s, 1),
    }


def notice_line(notice: Notice) -> dict[str, Any]:
    """The JSON-ready line of one notice; whose it is stays out of it."""
    return {
        "notice_id": notice.notice_id,
        "version": notice.version,
        "state": notice.state.value,
        "callsign": notice.callsign,
        "mission_type": notice.mission_type,
        "authority": notice.authority,
        "start": time_text(min((one.start_s for one in notice.volumes), default=None)),
        "end": time_text(max((one.end_s for one in notice.volumes), default=None)),
    }


def remark_names(remarks: int) -> list[str]:
    """The words for a set of spoof signs."""
    return [remark.name.lower() for remark in Remark if remarks & remark and remark.name]
