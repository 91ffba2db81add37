"""Everything in a commit but its detections, as JSON records named like the columns they go into."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from typing import Any, Final

import msgspec
import numpy as np

from airspace.model.alert import AlertState
from airspace.model.commit import Commit
from airspace.model.lines import alert_line
from airspace.model.lives import own_time_s
from airspace.model.log import Working
from airspace.model.message import MAX_QUARANTINE_BYTES, Reject, RejectReason
from airspace.model.privacy import Mode, Privacy
from airspace.model.text import safe_text
from airspace.model.units import rfc3339
from airspace.model.verdict import Verdict, VerdictValue
from airspace.store.cells import NO_CELL, area_of
from airspace.store.rows import microseconds

STRENGTH: Final = {VerdictValue.NOT_DECIDABLE: 1, VerdictValue.SUSPECTED: 2, VerdictValue.VIOLATION: 3}
_DETAIL_CAP: Final = 200
_NOT_COUNTED_BY_SENSOR: Final = frozenset({RejectReason.SENSOR_UNKNOWN})  # anybody can invent names
_ADDRESS: Final = re.compile(rb"(?:[0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}")
_NOT_KEPT: Final = frozenset(  # counted alone: not ours to keep, or one line of it says nothing
    {
        RejectReason.NOT_REMOTE_ID,
        RejectReason.SHUTTERED,
        RejectReason.OVER_BUDGET,
        RejectReason.CELL_OVER_BUDGET,
    }
)

Record = dict[str, Any]


def as_json(records: Iterable[Record]) -> str:
    """What ``json_populate_recordset`` reads; unknown numbers become null."""
    return msgspec.json.encode(list(records)).decode()


def flight_records(commit: Commit) -> list[Record]:
    """The latest state of each flight."""
    latest = {flight.flight_id: flight for flight in commit.flights}
    return [
        {
            "flight_id": flight.flight_id,
            "track_id": flight.track_id,
            "started": rfc3339(flight.started_s),
            "last": rfc3339(flight.last_s),
            "ended": flight.ended,
            "detections": flight.detections,
            "counted": flight.counted,
            "suspect": flight.suspect,
            "highest_m": flight.highest_m,
        }
        for flight in latest.values()
    ]


def joined_records(commit: Commit) -> list[Record]:
    """Detections stored before, by their key, and whose they are."""
    micros = microseconds(np.array([each.time_s for each in commit.joined]))
    return [
        {
            "microseconds": micro,
            "content_id": each.content_id.hex(),
            "track_id": each.track_id,
            "flight_id": each.flight_id,
        }
        for micro, each in zip(micros, commit.joined, strict=True)
    ]


def identity_records(commit: Commit, pseudonym: list[str | None], privacy: Privacy) -> list[Record]:
    """Under which pseudonyms, and in which area, each flight was first heard in this batch."""
    rows = commit.detections
    areas = area_of(rows.latitude_deg, rows.longitude_deg).tolist()
    heard: dict[str, Record] = {}
    for flight_id, name, operator_id, area in zip(
        commit.flight_id.tolist(), pseudonym, rows.operator_id.tolist(), areas, strict=True
    ):
        if flight_id is None:
            continue
        record = heard.setdefault(flight_id, {"flight_id": flight_id})
        if name is not None:
            record.setdefault("pseudonym", name)
        if area != NO_CELL:
            record.setdefault("area", area)
        if operator_id is not None and "operator_pseudonym" not in record:
            record["operator_pseudonym"] = privacy.pseudonym("operator", operator_id)
    return [record for record in heard.values() if len(record) > 1]


def violation_records(commit: Commit) -> list[Record]:
    """One for each flight, rule and group: the first of the strongest verdicts, over the time of all of them."""
    found: dict[tuple[str, str, str], Record] = {}
    for verdict in commit.verdicts:
        if verdict.track.flight_id is None or verdict.value not in STRENGTH:
            continue
        record = _violation(verdict, verdict.track.flight_id)
        key = (record["flight_id"], verdict.rule, verdict.group)
        held = found.get(key)
        if held is not None:
            record["first"] = min(held["first"], record["first"])
            last = max(held["last"], record["last"])
            record = {**(record if record["strength"] > held["strength"] else held), "first": record["first"]}
            record["last"] = last
        found[key] = record
    return list(found.values())


def _violation(verdict: Verdict, flight_id: str) -> Record:
    return {
        "flight_id": flight_id,
        "rule": verdict.rule,
        "group": verdict.group,
        "rule_version": verdict.rule_version,
        "kind": verdict.kind.value,
        "zone_id": verdict.zone_id,
        "zone_version": verdict.zone_version,
        "notice_id": verdict.notice_id,
        "verdict": verdict.value.value,
        "strength": STRENGTH[verdict.value],
        "reason": verdict.reason.value,
        "height_agl_m": verdict.height_agl_m,
        "first": rfc3339(verdict.logged_s),
        "last": rfc3339(verdict.logged_s),
    }


def alert_records(commit: Commit) -> list[Record]:
    """Each telling, in the order of the commit."""
    return [
        {
            "place": place,
            "alert_id": alert.alert_id,
            "episode": alert.episode,
            "revision": alert.revision,
            "state": alert.state.value,
            "priority": alert.priority,
            "opened": rfc3339(alert.opened_s),
            "closed": rfc3339(alert.time_s) if alert.state is AlertState.CLOSED else None,
            "created": rfc3339(alert.time_s),
            "line": alert_line(alert),
        }
        for place, alert in enumerate(commit.alerts)
    ]


def reject_records(rejects: Iterable[Reject], privacy: Privacy) -> list[Record]:
    """What is counted and kept of refusals: in statistics mode neither bytes nor words of theirs."""
    words = privacy.mode is Mode.ENFORCEMENT
    return [
        {
            "number": number,
            "n": reject.count,
            "received": rfc3339(reject.received_s),
            "sensor": None if reject.reason in _NOT_COUNTED_BY_SENSOR and not words else reject.sensor,
            "counted_sensor": "" if reject.reason in _NOT_COUNTED_BY_SENSOR else reject.sensor or "",
            "reason": reject.reason.value,
            "kept": reject.reason not in _NOT_KEPT,
            "detail": _without_addresses(reject.detail.encode()).decode() if words else None,
            "place": _without_addresses(reject.place.encode()).decode() if words else None,
            "payload": _without_addresses(reject.payload[:MAX_QUARANTINE_BYTES]).hex() if words else None,
        }
        for number, reject in enumerate(rejects)
    ]


def _without_addresses(text: bytes) -> bytes:
    """Transmitter addresses are never stored. A frame's binary ones only its format knows: it leaves the bytes out."""
    return _ADDRESS.sub(b"(address)", text)


def digest(rejects: Iterable[Reject], key: bytes) -> bytes:
    """The same for the same refusals, of no use to anybody without the key."""
    made = hashlib.blake2b(key=key[:64], digest_size=16)
    for reject in rejects:
        made.update(repr(reject).encode("utf-8", "backslashreplace"))
    return made.digest()


def heartbeat_records(commit: Commit) -> list[Record]:
    """The last sign of life of each sensor, at the time that it is of."""
    lives = [heartbeat for heartbeat in commit.heartbeats if heartbeat.working is not Working.AWAY]
    latest = {heartbeat.sensor: heartbeat for heartbeat in sorted(lives, key=own_time_s)}
    return [
        {"sensor": heartbeat.sensor, "last": rfc3339(own_time_s(heartbeat)), "detail": heartbeat.detail}
        for heartbeat in latest.values()
    ]


def refusal(commit: Commit, fault: Exception) -> Reject:
    """What stands for the one item of a commit that the database will not take. Itself always storable."""
    what, sensor, received_s = "row", None, 0.0
    if len(commit.detections):
        what, sensor = "detection", str(commit.detections.sensor[0])
        received_s = _storable(float(commit.detections.logged_s[0]))
    elif commit.flights:
        what, received_s = f"flight {commit.flights[0].flight_id}", _storable(commit.flights[0].last_s)
    elif commit.verdicts:
        what, received_s = f"verdict of {commit.verdicts[0].rule}", _storable(commit.verdicts[0].logged_s)
    elif commit.alerts:
        alert = commit.alerts[0]
        what, received_s = f"alert {alert.alert_id} revision {alert.revision}", _storable(alert.time_s)
    elif commit.rejects:
        what, sensor, received_s = "reject", commit.rejects[0].sensor, _storable(commit.rejects[0].received_s)
    elif commit.heartbeats:
        what, sensor = "heartbeat", commit.heartbeats[0].sensor
        received_s = _storable(commit.heartbeats[0].logged_s)
    detail = safe_text(f"{what}: {fault}", _DETAIL_CAP) or what
    clean = None if sensor is None else safe_text(sensor)
    return Reject(reason=RejectReason.WRONG_TYPE, detail=detail, place="store", received_s=received_s, sensor=clean)


def _storable(time_s: float) -> float:
    return time_s if 0.0 < time_s < 9e9 else 0.0  # noqa: PLR2004  the range of rows.py
