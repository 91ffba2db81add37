"""What real recordings must give (facts of the handbook, checked there against the bytes)."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from airspace.model.detection import IdType
from airspace.model.identity import is_serial
from airspace.model.track import Remark, TrackEventKind
from tests.replay.chain import replay

REAL = "remote-id/pcap/parrot_anafi4_real.odid-only.pcap"
SPOOFED = "remote-id/pcap/parrot_anafi4_spoofed.odid-only.pcap"
DRONESCOUT = "remote-id/dronescout-mqtt/BLE-legacy.json"
BEACONS = "remote-id/pcap/odid_wifi_bcn_sample.pcap"
BATCHES = (1, 7, 256, 4096)


def test_the_real_parrot_is_one_aircraft_and_one_flight_without_a_remark(real_data: Path) -> None:
    told = replay(real_data / REAL)
    assert told.rows == 1140
    assert told.aircraft == 1
    assert len(told.flights) == 1
    assert not told.flights[0].suspect
    (ended,) = told.of(TrackEventKind.ENDED)
    track = ended.track
    assert track.uas_id_type == IdType.SERIAL
    assert is_serial(track.uas_id)
    assert not math.isnan(track.operator_latitude_deg)
    assert math.isnan(track.altitude_wgs84_m)
    assert math.isnan(track.altitude_pressure_m)
    assert track.operator_id is None
    assert 0 <= told.flights[0].highest_m <= 11
    assert track.remarks == 0
    assert not told.of(TrackEventKind.REMARKED)
    assert not told.rejects


def test_its_spoofed_twin_is_remarked_upon_with_reasons(real_data: Path) -> None:
    told = replay(real_data / SPOOFED)
    assert told.rows == 26
    assert told.aircraft == 1
    last = told.of(TrackEventKind.ENDED)[0].track
    assert last.suspect
    assert Remark.SKEW | Remark.FROZEN_TIME | Remark.FROZEN_COUNTER | Remark.OPERATOR_FAR in Remark(last.remarks)
    (alert,) = [alert for alert in told.opened if alert.kind == "spoofing"]
    assert {"skew", "frozen_counter"} & set(alert.evidence["remarks"])


def test_the_dronescout_recording_is_one_aircraft(real_data: Path) -> None:
    told = replay(real_data / DRONESCOUT)
    assert (told.rows, told.aircraft) == (19, 1)
    assert not any(event.track.suspect for event in told.events)


def test_the_simulated_beacons_are_one_aircraft(real_data: Path) -> None:
    told = replay(real_data / BEACONS)
    assert (told.rows, told.aircraft) == (21, 1)


@pytest.mark.parametrize("file", [REAL, SPOOFED, DRONESCOUT])
def test_any_batch_size_gives_the_same_alerts(real_data: Path, file: str) -> None:
    zones = [real_data / "geofences" / "nl_uas-zones_ed269_rebuilt.json"]
    whole = replay(real_data / file, zones=zones, batch=BATCHES[-1])
    for batch in BATCHES[:-1]:
        told = replay(real_data / file, zones=zones, batch=batch)
        assert told.lines == whole.lines
        assert told.events == whole.events or repr(told.events) == repr(whole.events)
