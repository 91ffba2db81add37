"""Commits to store: invented, small, the same on every run."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Any

import numpy as np

from airspace.model.alert import Alert, AlertState, Pilot, PilotKind
from airspace.model.commit import Commit
from airspace.model.detection import Detections, Source, Status, Transport, texts
from airspace.model.message import Reject, RejectReason
from airspace.model.privacy import Mode, Privacy
from airspace.model.track import Flight, unknown_tracks
from airspace.model.units import epoch_s
from airspace.model.verdict import Kind, Reason, Verdict, VerdictValue
from airspace.model.zone import ZoneRole

START_S = epoch_s("2026-05-01T18:00:00Z")
STATISTICS = Privacy(mode=Mode.STATISTICS, key=b"a key of the tests, 32 bytes long")
ENFORCEMENT = replace(STATISTICS, mode=Mode.ENFORCEMENT)


def content_id(name: object) -> bytes:
    return hashlib.blake2b(str(name).encode(), digest_size=16).digest()


def detections(n: int, name: str = "a", start_s: float = START_S, **columns: Any) -> Detections:
    received_s = start_s + np.arange(n)
    known = {
        "received_s": received_s,
        "logged_s": received_s,
        "source": np.full(n, Source.REMOTE_ID, dtype=np.int8),
        "transport": np.full(n, Transport.BLE5, dtype=np.int8),
        "status": np.full(n, Status.AIRBORNE, dtype=np.int8),
        "sensor": texts(["north"] * n),
        "content_id": texts([content_id(f"{name} {row}") for row in range(n)]),
        "latitude_deg": 52.31 + 0.001 * np.arange(n),
        "longitude_deg": np.full(n, 4.94),
    }
    return Detections.build(n, **(known | columns))


def heard(rows: Detections, flight_id: str | None = None, **parts: Any) -> Commit:
    n = len(rows)
    return Commit(detections=rows, track_id=texts(["t1"] * n), flight_id=texts([flight_id] * n), **parts)


def flight(flight_id: str = "f1", start_s: float = START_S, **changes: Any) -> Flight:
    plain = Flight(
        flight_id=flight_id,
        track_id="t1",
        started_s=start_s,
        last_s=start_s + 60.0,
        ended=False,
        detections=60,
        counted=True,
        suspect=False,
        highest_m=float("nan"),
    )
    return replace(plain, **changes)


def verdict(
    value: VerdictValue = VerdictValue.VIOLATION,
    flight_id: str | None = "f1",
    logged_s: float = START_S,
    **changes: Any,
) -> Verdict:
    columns = {"track_id": texts(["t1"]), "flight_id": texts([flight_id])}
    plain = Verdict(
        seq=1,
        logged_s=logged_s,
        track=unknown_tracks(1, **columns).row(0),
        kind=Kind.ZONE,
        value=value,
        reason=Reason.NO_NOTICE,
        rule="ctr",
        rule_version="1",
        group="CTR SCHIPHOL",
        zone_id="EHAM-CTR",
        zone_version="0123456789ab",
    )
    return replace(plain, **changes)


def alert(revision: int = 1, alert_id: str = "a1", **changes: Any) -> Alert:
    plain = Alert(
        alert_id=alert_id,
        revision=revision,
        time_s=START_S + revision,
        state=AlertState.OPENED if revision == 1 else AlertState.UPDATED,
        kind=Kind.ZONE,
        verdict=VerdictValue.VIOLATION,
        reason="no_notice",
        sentence_nl=f"Melding {revision}",
        sentence_en=f"Telling {revision}",
        priority=70,
        priority_factors=(),
        track_id="t1",
        flight_id="f1",
        uas_id=None,
        group="CTR SCHIPHOL",
        zone_id="EHAM-CTR",
        zone_name="CTR Schiphol",
        zone_version="0123456789ab",
        zone_role=ZoneRole.NONE,
        rule="ctr",
        rule_version="1",
        notice_id=None,
        notice_gap=None,
        latitude_deg=52.31,
        longitude_deg=4.94,
        height_agl_m=60.0,
        height_sigma_m=5.0,
        pilot=Pilot(latitude_deg=52.3, longitude_deg=4.9, kind=PilotKind.LIVE),
        first_seen_s=START_S,
        last_seen_s=START_S,
        opened_s=START_S,
        sensors=("north",),
    )
    return replace(plain, **changes)


def reject(number: int = 0, **changes: Any) -> Reject:
    plain = Reject(
        reason=RejectReason.NOT_JSON,
        detail=f"line {number}",
        place=f"sensors/north {number}",
        received_s=START_S + number,
        sensor="north",
        payload=b"{",
    )
    return replace(plain, **changes)
